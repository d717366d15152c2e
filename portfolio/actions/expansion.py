"""How is it worked out every night which accounts look like those that expanded?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from accounts.models import Organisation
from health.queries.indicators.book import Catalogue
from portfolio.models import ExpansionFit, ExpansionTrait
from portfolio.queries.expansion_traits import Snapshot, expanded_after, snapshot
from revenue.models import ExpansionSettings
from revenue.rules.expansion import Flags, TraitLift, fit_points, look_back, trait_lift, trait_weight

BATCH = 1_000


@dataclass(frozen=True)
class Profiled:
    """What was written: traits, and accounts with their points."""

    traits: int
    accounts: int


def profile_expansion(*, on: dt.date) -> Profiled:
    """Count what went with expansion in the spans that are over, and give today's accounts their points."""
    settings, organisation = ExpansionSettings.load(), Organisation.load()
    catalogue = Catalogue.load()
    past = [
        (found, expanded_after(found, settings.horizon_days))
        for found in (
            snapshot(day, settings, organisation.zone, catalogue)
            for day in look_back(on, settings.horizon_days, settings.windows)
        )
    ]
    now = snapshot(on, settings, organisation.zone, catalogue)
    counted = {key: _counts(key, past) for key in now.traits}
    return _write(now, counted, settings.least_accounts)


def _counts(key: str, past: list[tuple[Snapshot, Flags]]) -> TraitLift:
    """Add up a trait's counts over all spans."""
    sums: Counter[str] = Counter()
    for found, expanded in past:
        if key in found.traits:
            one = trait_lift(found.traits[key].known, found.traits[key].present, expanded)
            sums.update(vars(one))
    return TraitLift(*(sums[name] for name in ("having", "having_expanded", "lacking", "lacking_expanded")))


@transaction.atomic
def _write(now: Snapshot, counted: dict[str, TraitLift], least: int) -> Profiled:
    """Replace yesterday's profile."""
    weights = np.array([trait_weight(counts, least) for counts in counted.values()], dtype=np.float64)
    ExpansionTrait.objects.all().delete()
    traits = [
        ExpansionTrait(
            key=key[:120],
            position=position,
            weight=round(float(weight), 4),
            is_few=counts.is_few(least),
            on=now.on,
            **vars(counts),
        )
        for position, ((key, counts), weight) in enumerate(zip(counted.items(), weights, strict=True))
    ]
    ExpansionTrait.objects.bulk_create(traits, batch_size=BATCH)
    present = np.array([trait.present & trait.known for trait in now.traits.values()], dtype=bool)
    points = fit_points(present.T, weights) if len(weights) else np.zeros(len(now.ids))
    ExpansionFit.objects.all().delete()
    keys = list(now.traits)
    fits = [
        ExpansionFit(
            account_id=int(account),
            points=round(float(points[at]), 2),
            traits=[[keys[n], *now.traits[keys[n]].evidence(at)] for n in np.flatnonzero(present[:, at])],
            on=now.on,
        )
        for at, account in enumerate(now.ids)
    ]
    ExpansionFit.objects.bulk_create(fits, batch_size=BATCH)
    return Profiled(len(traits), len(fits))
