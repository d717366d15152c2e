"""Which traits did accounts have on a day, as they were known on it?

Every trait but tier and industry is read as of its day from dated facts; these two are kept as they stand today alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Max, Q

from accounts.models import Account, BusinessGoal, GoalMeasurement
from accounts.rules.goals import attainment
from common.columns import read_columns
from health.models import HealthScore
from health.queries.indicators.book import Book, Catalogue
from health.queries.indicators.usage import feature_numbers
from revenue.models import ExpansionSettings
from revenue.queries import arr_columns, expanded_between, seats_on
from revenue.rules.expansion import Flags, Ints
from usage.models import FeatureUsageDay

USE_DAYS = 30
# A score older than this says nothing of its day.
SCORE_DAYS = 14
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trait:
    """One trait of all accounts on a day: for whom it is known, who has it, and what that rests on."""

    known: Flags
    present: Flags
    part: Ints | None = None
    whole: Ints | None = None

    def evidence(self, at: int) -> tuple[int | None, int | None]:
        """The numbers that a trait of an account rests on, such as 12 of 14 seats."""
        if self.part is None or self.whole is None:
            return None, None
        return int(self.part[at]), int(self.whole[at])


@dataclass(frozen=True)
class Snapshot:
    """The paying accounts of a day (ascending ids) and their traits."""

    on: dt.date
    ids: Ints
    traits: Mapping[str, Trait] = field(default_factory=dict)


def snapshot(on: dt.date, settings: ExpansionSettings, zone: ZoneInfo, catalogue: Catalogue) -> Snapshot:
    """Read the traits of all accounts that pay on a day, in some queries over the whole book."""
    ids, _arr = arr_columns(on)
    book = Book(on=on, zone=zone, catalogue=catalogue).of(ids)
    if not len(ids):
        return Snapshot(on, ids)
    facts = _facts(ids)
    return Snapshot(
        on,
        ids,
        {
            "seats_full": _seats_full(book, settings.seats_full_percent),
            "features_full": _features_full(book, settings.features_full_percent),
            "goal_attained": _goal_attained(book),
            "long_tenure": _long_tenure(book, settings.tenure_days),
            "band:green": _green(book),
            **{f"tier:{name}": _has(facts["tier"], name) for name in Account.Tier.values},
            **{f"industry:{name}": _has(facts["industry"], name) for name in sorted(set(facts["industry"]) - {""})},
        },
    )


def expanded_after(found: Snapshot, days: int) -> Flags:
    """Which accounts of a snapshot expanded in the days that followed it."""
    start = found.on + dt.timedelta(days=1)
    after = expanded_between(start, start + dt.timedelta(days=days))
    flags: Flags = np.isin(found.ids, np.fromiter(after, dtype=np.int64, count=len(after)))
    return flags


def _share(part: Ints, whole: Ints, percent: int, known: Flags) -> Trait:
    return Trait(known & (whole > 0), known & (whole > 0) & (100 * part >= percent * whole), part, whole)


def _seats_full(book: Book, percent: int) -> Trait:
    """Named people active in 30 days / seats."""
    seats = seats_on(book.on)
    whole = np.array([seats.get(int(pk), 0) for pk in book.ids], dtype=np.int64)
    first, last = book.window(USE_DAYS)
    used = FeatureUsageDay.objects.filter(day__gte=first, day__lte=last).exclude(person="").order_by()
    people = book.per_account(
        book.only(used).values("account_id").annotate(people=Count("person", distinct=True)), people="int"
    )["people"]
    return _share(people, whole, percent, people > 0)


def _features_full(book: Book, percent: int) -> Trait:
    """Features used in 30 days / features that the contract gives."""
    used, entitled, ever = feature_numbers(book, USE_DAYS)
    return _share(used, entitled, percent, ever)


def _goal_attained(book: Book) -> Trait:
    """Goals reached / goals measured; an account without a measured goal has nothing to show and lacks the trait."""
    measured = GoalMeasurement.objects.filter(on__lte=book.on).order_by()
    newest = dict(measured.values_list("goal").annotate(last=Max("on")))
    latest = {
        goal: value
        for goal, on, value in book.only(measured, "goal__account_id").values_list("goal", "on", "value")
        if newest[goal] == on
    }
    reached, whole = np.zeros(len(book.ids), dtype=np.int64), np.zeros(len(book.ids), dtype=np.int64)
    goals = BusinessGoal.objects.filter(pk__in=latest).order_by() if len(latest) < 500 else BusinessGoal.objects.all()
    rows = [row for row in book.only(goals).values_list("account_id", "pk", "baseline", "target") if row[1] in latest]
    at, known = book.positions(np.array([row[0] for row in rows], dtype=np.int64))
    for place, is_known, (_account, goal, baseline, target) in zip(at, known, rows, strict=True):
        if is_known:
            share = attainment(baseline, latest[goal], target)
            whole[place] += 1
            reached[place] += share is not None and share >= Decimal(1)
    return Trait(np.ones(len(book.ids), dtype=bool), reached > 0, reached, whole)


def _long_tenure(book: Book, days: int) -> Trait:
    """Days since signing."""
    age = book.day - book.signed
    known = age >= 0
    return Trait(known, known & (age >= days), np.maximum(age, 0), np.full(len(age), days, dtype=np.int64))


def _green(book: Book) -> Trait:
    """Whether the last score of the fortnight before was green; an account without one is not known."""
    window = Q(on__gt=book.on - dt.timedelta(days=SCORE_DAYS), on__lte=book.on)
    scores = HealthScore.objects.filter(window, band__in=["green", "yellow", "red"]).order_by("account_id", "on")
    columns = read_columns(book.only(scores), account_id="int", on="day", band="text")
    at, here = book.positions(columns["account_id"])
    known, present = np.zeros(len(book.ids), dtype=bool), np.zeros(len(book.ids), dtype=bool)
    for place, is_here, band in zip(at, here, columns["band"], strict=True):
        if is_here:
            known[place], present[place] = True, band == "green"
    return Trait(known, present)


def _facts(ids: Ints) -> dict[str, list[str]]:
    columns = read_columns(Account.objects.order_by("pk"), id="int", tier="text", industry="text")
    at = np.searchsorted(columns["id"], ids)
    return {name: [columns[name][place] for place in at] for name in ("tier", "industry")}


def _has(values: list[str], wanted: str) -> Trait:
    known = np.array([value != "" for value in values], dtype=bool)
    return Trait(known, np.array([value == wanted for value in values], dtype=bool))
