"""Which accounts look like those that expanded, and by which traits?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Organisation
from common.formats import number
from health.models import HealthScore
from portfolio.models import AccountRow, ExpansionFit, ExpansionTrait
from portfolio.queries.expansion.ground import Ground
from revenue.models import ExpansionSettings
from revenue.queries import (
    accounts_with_notice,
    accounts_with_open_opportunity,
)

LEFT_OUT = ("red", "notice", "open")


def trait_label(key: str, settings: ExpansionSettings, tiers: Mapping[str, str]) -> str:
    """Say in words what a trait is."""
    kind, _colon, value = key.partition(":")
    if kind == "tier":
        return tiers.get(value) or str(dict(Account.Tier.choices).get(value, value))
    words = {
        "seats_full": _("Seats full: at least %(percent)s%% of them in use") % {"percent": settings.seats_full_percent},
        "features_full": _("Features at their limit: at least %(percent)s%% of them in use")
        % {"percent": settings.features_full_percent},
        "goal_attained": _("A goal of theirs is attained"),
        "long_tenure": _("Customer for at least %(days)s days") % {"days": number(settings.tenure_days)},
        "band": _("Health is green"),
        "industry": _("Industry: %(name)s") % {"name": value},
    }
    return words.get(kind, key)


def evidence_text(key: str, part: int | None, whole: int | None) -> str:
    """Say on what an account's trait rests."""
    if part is None or whole is None:
        return ""
    words = {"part": number(part), "whole": number(whole)}
    if key == "seats_full":
        return _("%(part)s of %(whole)s seats") % words
    if key == "features_full":
        return _("%(part)s of %(whole)s features") % words
    if key == "goal_attained":
        return ngettext("%(part)s of %(whole)s goal", "%(part)s of %(whole)s goals", whole) % words
    return ngettext("%(part)s day", "%(part)s days", part) % words


@dataclass(frozen=True)
class TraitView:
    """One trait in words, with its counts and what it weighs in points."""

    trait: ExpansionTrait
    label: str

    @property
    def points(self) -> Decimal:
        """What an account gets for having it."""
        return 100 * self.trait.weight


@dataclass(frozen=True)
class FitView:
    """One account that looks like those that expanded, and why: (trait in words, evidence, points)."""

    row: AccountRow
    points: Decimal
    why: Sequence[tuple[str, str, Decimal]]
    left_out: str = ""


def traits_in_words(settings: ExpansionSettings) -> list[TraitView]:
    """All traits, those that speak most for expansion first, those with too few cases last."""
    tiers = Organisation.load().tier_labels()
    views = [TraitView(trait, trait_label(trait.key, settings, tiers)) for trait in ExpansionTrait.objects.all()]
    return sorted(views, key=lambda view: (view.trait.is_few, -view.trait.weight, view.trait.position))


def fits(ground: Ground, left_out: str = "") -> QuerySet[ExpansionFit]:
    """Accounts by their points: those to talk to, or those left out for one reason."""
    rows: QuerySet[ExpansionFit] = ExpansionFit.objects.visible_to(ground.user)
    red = Q(account__row__band=HealthScore.Band.RED)
    notice = Q(account__in=accounts_with_notice(ground.on))
    talking = Q(account__in=accounts_with_open_opportunity())
    reasons = {"red": red, "notice": notice & ~red, "open": talking & ~red & ~notice}
    if left_out in reasons:
        return rows.filter(reasons[left_out])
    return rows.filter(points__gt=0).exclude(red).exclude(notice).exclude(talking)


@dataclass(frozen=True)
class LeftOut:
    """Why accounts are not among those to talk to, and how many: (key, words, accounts); `now` is the one shown."""

    now: str
    counts: Sequence[tuple[str, str, int]]

    @property
    def words(self) -> str:
        """The reason that is shown."""
        return next((words for key, words, _count in self.counts if key == self.now), "")


def left_out(ground: Ground, asked: str) -> LeftOut:
    """Count the accounts that are left out, by reason."""
    words = {
        "red": _("at risk: health is red"),
        "notice": _("notice given"),
        "open": _("an opportunity is open already"),
    }
    counts = [(key, words[key], fits(ground, key).count()) for key in LEFT_OUT]
    return LeftOut(asked if asked in words else "", counts)


def fits_in_words(rows: Sequence[ExpansionFit], traits: Sequence[TraitView]) -> list[FitView]:
    """Say of each account why it is there."""
    known = {view.trait.key: view for view in traits}
    of_account = AccountRow.objects.in_bulk([row.pk for row in rows])
    made = []
    for fit in rows:
        if fit.pk not in of_account:
            continue
        why = [
            (known[key].label, evidence_text(key, part, whole), known[key].points)
            for key, part, whole in fit.traits
            if key in known and known[key].trait.weight
        ]
        made.append(FitView(of_account[fit.pk], fit.points, sorted(why, key=lambda one: -one[2])))
    return made
