"""What did the prior and the warnings say of looks at accounts, and how good was a risk?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from common.columns import read_columns
from health.models import WarningRule
from health.queries.snapshots import LEVELS, Snapshots, terms_are_agreed
from health.queries.warnings import warnings_on
from health.rules.churn import PER_POINT, Prior, Risk, prior_risk
from health.rules.evaluation import (
    Auc,
    Flagged,
    Flags,
    Floats,
    Ints,
    average_precision,
    calibration,
    log_loss,
    roc_auc,
    top_lift,
)
from health.rules.features import is_agreed_term
from revenue.models import ContractLine
from revenue.rules.movements import day_of

# What looks at the end of a contract, which a book may have learnt of only when it came.
OF_ENDS = "renewal_quiet"


def fired(snaps: Snapshots, *, looking_back: bool = True) -> tuple[tuple[str, ...], Flags]:
    """Which rules warned at each look (rows × rules in use), judged from what was known on its day.

    Looking back, the end of a contract counts as known before only where it was agreed from the start: many books
    write an end down when it comes, and a warning of such an end would know the future.
    """
    keys: tuple[str, ...] = ()
    said: Flags | None = None
    of_ends = {
        rule.key
        for rule in WarningRule.objects.all()
        if any(test.get("measure") == OF_ENDS for test in rule.definition.get("tests", []))
    }
    for day in np.unique(snaps.days).tolist():
        here = np.flatnonzero(snaps.days == day)
        found = warnings_on(day_of(day), None, snaps.accounts[here].tolist())
        if looking_back and of_ends:
            agreed = np.isin(found.accounts, _with_agreed_end(day_of(day)))
            for number, key in enumerate(found.rules):
                if key in of_ends:
                    found.fires[:, number] &= agreed
        if said is None:
            keys, said = found.rules, np.zeros((len(snaps.days), len(found.rules)), dtype=bool)
        if found.rules and len(found.accounts):
            place = np.minimum(np.searchsorted(found.accounts, snaps.accounts[here]), len(found.accounts) - 1)
            known = found.accounts[place] == snaps.accounts[here]
            said[here[known]] = found.fires[place[known]]
    return keys, said if said is not None else np.zeros((0, 0), dtype=bool)


def _with_agreed_end(on: dt.date) -> Ints:
    """The accounts with a contract line in force whose end was agreed from its start."""
    if not terms_are_agreed(on):
        return np.empty(0, dtype=np.int64)
    lines = ContractLine.objects.active_on(on).filter(ends_on__isnull=False).order_by()
    found = read_columns(lines, account_id="int", starts_on="day", ends_on="day")
    return np.unique(found["account_id"][is_agreed_term(found["starts_on"], found["ends_on"])])


def prior_of(
    prior: Prior, snaps: Snapshots, horizons: Sequence[int], said: tuple[tuple[str, ...], Flags] | None = None
) -> list[Risk]:
    """What the prior says of looks at accounts, for each of some numbers of days: its signs are the warnings."""
    keys, fires = said or fired(snaps)
    signs = np.zeros((len(snaps.days), len(prior.effects)))
    for place, effect in enumerate(prior.effects):
        if effect.key in keys:
            signs[:, place] = fires[:, keys.index(effect.key)]
            if effect.kind == PER_POINT and "nps_fall" in snaps.names:
                points = np.nan_to_num(snaps.figures[:, snaps.names.index("nps_fall")].astype(np.float64))
                signs[:, place] *= np.maximum(points, 1)
    levels = [LEVELS[level] for level in snaps.levels.tolist()]
    return [prior_risk(prior, levels, signs, days) for days in horizons]


def measures_of(risk: Floats, left: Flags, accounts: Ints) -> dict[str, Any]:
    """Everything that the track record shows of a risk, as plain numbers."""
    return {
        **ranking_of(risk, left, accounts),
        "log_loss": round(log_loss(risk, left), 5),
        "calibration": [[round(part.said, 4), round(part.came, 4), part.rows] for part in calibration(risk, left)],
    }


def ranking_of(risk: Floats, left: Flags, accounts: Ints) -> dict[str, Any]:
    """What can be said of any figure that should be higher for those who leave."""
    auc = roc_auc(risk, left, accounts)
    return {
        "auc": area_of(auc),
        "average_precision": rounded(average_precision(risk, left)),
        "lift": rounded(top_lift(risk, left), 2),
        "base_rate": round(float(left.mean()), 5) if len(left) else None,
    }


def flags_of(found: Flagged, lead: Ints) -> dict[str, Any]:
    """What can be said of what was flagged, as plain numbers."""
    return {
        "flagged": found.flagged,
        "right": found.right,
        "precision": rounded(found.precision),
        "recall": rounded(found.recall),
        "lift": rounded(found.lift, 2),
        "lead_days": int(np.median(lead)) if len(lead) else None,
        "told": len(lead),
    }


def area_of(auc: Auc | None) -> list[float] | None:
    """An area with its interval, as it is stored."""
    return [round(value, 4) for value in (auc.value, auc.low, auc.high)] if auc else None


def rounded(value: float | None, places: int = 4) -> float | None:
    """A figure as it is stored."""
    return None if value is None else round(value, places)
