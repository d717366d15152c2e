"""Who uses the core and the retention features, who stopped, who came back, and does it go with renewal?

A few queries over all accounts that return columns; the rest is masks over accounts × features. The figures of "any of
them" are a feature of their own, so an account that uses two features counts once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account
from common.columns import NO_DAY, read_columns
from health.queries.indicators.book import Ints, day_number
from health.rules.monitor import MONTH_DAYS, WEEK_DAYS, Flags, Span, growth, rate, wilson_interval
from revenue.models import ContractLine
from revenue.queries.renewals import chains
from usage.models import AccountFeatureUse, Feature, FeatureUsageDay

KINDS = (Feature.Kind.CORE, Feature.Kind.RETENTION)
WEEKS = 12
# A use so long before the end of a contract goes with its renewal; ends of the last year are looked at.
BEFORE_DAYS, DUE_DAYS = 90, 365
# A rate over fewer ends of contract says nothing.
ENOUGH = 10
FIGURES = (
    "entitled", "using", "weekly", "weekly_before", "monthly", "monthly_before",
    "lost_week", "won_back_week", "lost_month", "won_back_month",
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """The use of one feature, or of any of a kind (without a feature): a mask over the accounts behind each figure."""

    feature: Feature | None
    masks: dict[str, Flags] = field(repr=False)
    weekly_people: int
    weekly_people_before: int
    monthly_people: int
    monthly_people_before: int

    def count(self, figure: str) -> int:
        """How many accounts stand behind a figure."""
        return int(self.masks[figure].sum())

    @property
    def usage_rate(self) -> float | None:
        """Entitled accounts that used it in 30 days / entitled accounts."""
        return rate(self.count("using"), self.count("entitled"))

    @property
    def weekly_growth(self) -> float | None:
        """Weekly active accounts against the week before."""
        return growth(self.count("weekly"), self.count("weekly_before"))

    @property
    def monthly_growth(self) -> float | None:
        """Monthly active accounts against the 30 days before."""
        return growth(self.count("monthly"), self.count("monthly_before"))

    @property
    def weekly_people_growth(self) -> float | None:
        """Weekly active people against the week before."""
        return growth(self.weekly_people, self.weekly_people_before)

    @property
    def monthly_people_growth(self) -> float | None:
        """Monthly active people against the 30 days before."""
        return growth(self.monthly_people, self.monthly_people_before)


@dataclass(frozen=True)
class Outcome:
    """How many ends of contract there were, and how many were renewed."""

    due: int
    renewed: int

    @property
    def rate(self) -> float | None:
        """The renewal rate."""
        return rate(self.renewed, self.due)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval."""
        return wilson_interval(self.renewed, self.due)

    @property
    def is_too_few(self) -> bool:
        """Whether it rests on too few to say anything."""
        return self.due < ENOUGH


@dataclass(frozen=True)
class Renewed:
    """Ends of contract of accounts that used a feature in the 90 days before, and of those that did not."""

    feature: Feature | None
    used: Outcome
    unused: Outcome

    @property
    def difference(self) -> float | None:
        """How much higher the renewal rate is with use; None where either rests on too few."""
        if self.used.is_too_few or self.unused.is_too_few or self.used.rate is None or self.unused.rate is None:
            return None
        return self.used.rate - self.unused.rate


@dataclass(frozen=True)
class Monitor:
    """The use of the features of one kind by some accounts on a day."""

    on: dt.date
    kind: str
    accounts: Ints = field(repr=False)
    total: Figures
    features: tuple[Figures, ...]
    weeks: tuple[tuple[dt.date, int], ...]
    renewals: tuple[Renewed, ...]

    def figures_of(self, feature_id: int | None) -> Figures | None:
        """The figures of a feature, or of any."""
        if feature_id is None:
            return self.total
        return next((one for one in self.features if one.feature and one.feature.pk == feature_id), None)


def usage_monitor(
    accounts: QuerySet[Account], on: dt.date, kind: str, *, module: int | None = None, with_renewals: bool = True
) -> Monitor:
    """Count the use of the features of a kind (core, retention) by these accounts as of a day."""
    features = _features(kind, on, module)
    members = np.array([feature.pk for feature in features], dtype=np.int64)
    ids = np.array(sorted(accounts.values_list("pk", flat=True)), dtype=np.int64)
    uses = FeatureUsageDay.objects.filter(feature__in=members.tolist())
    days = uses.filter(account__in=accounts.order_by().values("pk"))
    entitled = _entitled(ids, features, on)
    each = _activity(days, on, ids, members)
    first = _first_use(ids, members)
    total = _activity(days, on, ids, None)
    return Monitor(
        on=on,
        kind=kind,
        accounts=ids,
        total=_figures(None, total, 0, np.asarray(entitled.any(axis=1)), first.min(axis=1, initial=NO_DAY), on),
        features=tuple(
            _figures(feature, each, column, entitled[:, column], first[:, column], on)
            for column, feature in enumerate(features)
        ),
        weeks=_weeks(uses, accounts, on),
        renewals=_renewals(accounts, on, features) if with_renewals else (),
    )


def _features(kind: str, on: dt.date, module: int | None) -> list[Feature]:
    rows = Feature.objects.filter(Q(retired_on=None) | Q(retired_on__gt=on), kind=kind).select_related("module")
    return list((rows.filter(module=module) if module else rows).order_by("module__name", "name", "pk"))


def _between(first_ago: int, last_ago: int, on: dt.date) -> Q:
    """From so many days before a day to so many days before it, both included."""
    return Q(day__gte=on - dt.timedelta(days=first_ago), day__lte=on - dt.timedelta(days=last_ago))


def _windows(on: dt.date) -> dict[str, Q]:
    week, month = WEEK_DAYS, MONTH_DAYS
    return {
        "weekly": _between(week - 1, 0, on),
        "weekly_before": _between(2 * week - 1, week, on),
        "monthly": _between(month - 1, 0, on),
        "monthly_before": _between(2 * month - 1, month, on),
    }


def _activity(days: QuerySet[FeatureUsageDay], on: dt.date, ids: Ints, members: Ints | None) -> dict[str, Any]:
    """Days of use and people in each window: accounts × features, or × 1 for any of the features."""
    by = ["account_id"] if members is None else ["account_id", "feature_id"]
    windows = _windows(on)
    counts: dict[str, Any] = {name: Count("pk", filter=window) for name, window in windows.items()}
    named = ~Q(person="")
    counts |= {
        f"{name}_people": Count("person", filter=window & named, distinct=True) for name, window in windows.items()
    }
    rows = days.filter(_between(2 * MONTH_DAYS - 1, 0, on)).order_by().values(*by).annotate(**counts)
    found = read_columns(rows, **dict.fromkeys([*by, *counts], "int"))
    at = np.searchsorted(ids, found.pop("account_id"))
    feature = found.pop("feature_id", None)
    column = np.zeros(len(at), dtype=np.int64)
    if members is not None and feature is not None:
        order = np.argsort(members)
        column = order[np.searchsorted(members[order], feature)]
    shape = (len(ids), 1 if members is None else len(members))
    full = {name: np.zeros(shape, dtype=np.int64) for name in counts}
    for name, values in found.items():
        full[name][at, column] = values
    return full


def _first_use(ids: Ints, members: Ints) -> Ints:
    """The day of the first use, accounts × features; `NO_DAY` for none."""
    uses = AccountFeatureUse.objects.filter(feature__in=members.tolist()).order_by()
    rows = uses.values("account_id", "feature_id").annotate(first=Min("first_on"))
    found = read_columns(rows, account_id="int", feature_id="int", first="day")
    full = np.full((len(ids), len(members)), NO_DAY, dtype=np.int64)
    if len(ids) and len(found["account_id"]):
        at = np.minimum(np.searchsorted(ids, found["account_id"]), len(ids) - 1)
        mine = ids[at] == found["account_id"]
        order = np.argsort(members)
        column = order[np.searchsorted(members[order], found["feature_id"])]
        full[at[mine], column[mine]] = found["first"][mine]
    return full


def _entitled(ids: Ints, features: Sequence[Feature], on: dt.date) -> Flags:
    """Which features each account pays for on the day (accounts × features)."""
    lines = ContractLine.objects.active_on(on).order_by().values("account_id", "product_id").distinct()
    found = read_columns(lines, account_id="int", product_id="int")
    entitled = np.zeros((len(ids), len(features)), dtype=bool)
    if not len(ids) or not len(found["account_id"]):
        return entitled
    at = np.minimum(np.searchsorted(ids, found["account_id"]), len(ids) - 1)
    mine = ids[at] == found["account_id"]
    for column, feature in enumerate(features):
        entitled[at[mine & (found["product_id"] == feature.module.product_id)], column] = True
    return entitled


def _figures(
    feature: Feature | None, activity: dict[str, Any], column: int, entitled: Flags, first: Ints, on: dt.date
) -> Figures:
    used = {name: activity[name][:, column] > 0 for name in _windows(on)}
    people = {name: int(activity[f"{name}_people"][:, column].sum()) for name in used}
    today = day_number(on)
    week = Span(used["weekly"], used["weekly_before"], first <= today - 2 * WEEK_DAYS)
    month = Span(used["monthly"], used["monthly_before"], first <= today - 2 * MONTH_DAYS)
    return Figures(
        feature=feature,
        masks={
            **used,
            "entitled": entitled,
            "using": used["monthly"] & entitled,
            "lost_week": week.lost,
            "won_back_week": week.won_back,
            "lost_month": month.lost,
            "won_back_month": month.won_back,
        },
        weekly_people=people["weekly"],
        weekly_people_before=people["weekly_before"],
        monthly_people=people["monthly"],
        monthly_people_before=people["monthly_before"],
    )


def _weeks(
    days: QuerySet[FeatureUsageDay], accounts: QuerySet[Account], on: dt.date
) -> tuple[tuple[dt.date, int], ...]:
    """Active accounts of each of the weeks that end on the day, oldest first, by their last days.

    Each account is asked whether there is any use in the week, which ends with the first that is found.
    """
    ends = [on - dt.timedelta(days=WEEK_DAYS * back) for back in range(WEEKS - 1, -1, -1)]
    mine = days.filter(account_id=OuterRef("pk")).order_by()
    active = {f"week{n}": Exists(mine.filter(_between(WEEK_DAYS - 1, 0, end))) for n, end in enumerate(ends)}
    counts = {name: Count("pk", filter=Q(**{name: True})) for name in active}
    found = accounts.order_by().annotate(**active).aggregate(**{f"{name}_count": one for name, one in counts.items()})
    return tuple((end, found[f"week{n}_count"]) for n, end in enumerate(ends))


def _renewals(accounts: QuerySet[Account], on: dt.date, features: Sequence[Feature]) -> tuple[Renewed, ...]:
    """Ends of contract of the last year: renewed when the account went on paying (a pause that is bridged included)."""
    if not features:
        return ()
    ended = ContractLine.objects.filter(
        account__in=accounts.order_by().values("pk"), ends_on__gt=on - dt.timedelta(days=DUE_DAYS), ends_on__lte=on
    )
    use = FeatureUsageDay.objects.filter(
        account_id=OuterRef("account_id"),
        day__lt=OuterRef("ends_on"),
        day__gte=on - dt.timedelta(DUE_DAYS + BEFORE_DAYS),
    ).order_by("-day")
    last = {f"last{n}": Subquery(use.filter(feature=one).values("day")[:1]) for n, one in enumerate(features)}
    rows = ended.order_by().values("account_id", "ends_on").distinct().annotate(**last)
    found = read_columns(rows, account_id="int", ends_on="day", **dict.fromkeys(last, "day"))
    renewed, _ = chains().around(found["account_id"], found["ends_on"])
    lately = [(found[name] < NO_DAY) & (found["ends_on"] - found[name] <= BEFORE_DAYS) for name in last]
    used = np.array(lately).reshape(len(last), len(renewed))
    lines = [(None, used.any(axis=0)), *zip(features, used, strict=True)]
    return tuple(
        Renewed(feature, Outcome(int(mine.sum()), int((mine & renewed).sum())),
                Outcome(int((~mine).sum()), int((~mine & renewed).sum())))
        for feature, mine in lines
    )  # fmt: skip
