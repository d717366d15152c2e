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
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Value

from accounts.models import Account
from common.columns import NO_DAY, DayNumber, DaysLater, codes, read_columns
from health.queries.indicators.book import Ints, day_number
from health.rules.monitor import MONTH_DAYS, WEEK_DAYS, Flags, Span, growth, rate, wilson_interval
from revenue.models import ContractLine
from revenue.queries.renewals import chains
from usage.models import AccountFeatureUse, Feature, FeatureUsageDay

KINDS = (Feature.Kind.CORE, Feature.Kind.RETENTION)
WEEKS = 12
# A use so long before the end of a contract goes with its renewal; ends of the last year are looked at.
BEFORE_DAYS, DUE_DAYS = 90, 365
# Room for a feature's id, and for the days of two months, beside an account's id.
IDS, DAYS = 1 << 32, 1 << 6
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
    used = _read_uses(days, on, ids, members)
    activity = _activity(used)
    first, last = _edges(ids, members)
    return Monitor(
        on=on,
        kind=kind,
        accounts=ids,
        total=_figures(
            None, activity, len(features), np.asarray(entitled.any(axis=1)), first.min(axis=1, initial=NO_DAY), on
        ),
        features=tuple(
            _figures(feature, activity, column, entitled[:, column], first[:, column], on)
            for column, feature in enumerate(features)
        ),
        weeks=_weeks(used, uses, accounts, on),
        renewals=_renewals(accounts, on, features, ids, first, last) if with_renewals else (),
    )


def _features(kind: str, on: dt.date, module: int | None) -> list[Feature]:
    rows = Feature.objects.filter(Q(retired_on=None) | Q(retired_on__gt=on), kind=kind).select_related("module")
    return list((rows.filter(module=module) if module else rows).order_by("module__name", "name", "pk"))


def _between(first_ago: int, last_ago: int, on: dt.date) -> Q:
    """From so many days before a day to so many days before it, both included."""
    return Q(day__gte=on - dt.timedelta(days=first_ago), day__lte=on - dt.timedelta(days=last_ago))


def _windows() -> dict[str, tuple[int, int]]:
    """Each window as the first and the last of its days, counted back from the day."""
    week, month = WEEK_DAYS, MONTH_DAYS
    return {
        "weekly": (0, week - 1),
        "weekly_before": (week, 2 * week - 1),
        "monthly": (0, month - 1),
        "monthly_before": (month, 2 * month - 1),
    }


@dataclass(frozen=True)
class _Uses:
    """Single uses as columns: the account's place, the feature's place, days ago, and the named person or -1.

    People are numbered within their account, so that two of one name are two.
    """

    account: Ints
    feature: Ints
    ago: Ints
    person: Ints
    shape: tuple[int, int]

    def within(self, first: int, last: int) -> Flags:
        """Those from so many days ago to so many days ago, both included."""
        return np.asarray((self.ago >= first) & (self.ago <= last))


def _read_uses(days: QuerySet[FeatureUsageDay], on: dt.date, ids: Ints, members: Ints) -> _Uses:
    """Read the uses of the two months up to a day once: counting people in the database took several times as long.

    Account, feature and days ago travel in one number.
    """
    ago = Value(day_number(on), output_field=BigIntegerField()) - DayNumber("day")
    rows = days.filter(_between(2 * MONTH_DAYS - 1, 0, on)).order_by()
    used = (F("account_id") * Value(IDS, output_field=BigIntegerField()) + F("feature_id")) * DAYS + ago
    found = read_columns(rows.annotate(used=used), used="int", person="text")
    person, names = codes(found["person"], [""])
    account = np.searchsorted(ids, found["used"] // (IDS * DAYS))
    return _Uses(
        account=account,
        feature=_column(members, found["used"] // DAYS % IDS),
        ago=found["used"] % DAYS,
        person=np.where(person > 0, account * len(names) + person, -1),
        shape=(len(ids), len(members)),
    )


def _activity(uses: _Uses) -> dict[str, Any]:
    """Which account used which feature in each window, and how many people did; the last column is any of them."""
    accounts, features = uses.shape
    named = uses.person >= 0
    everybody, person = np.unique(uses.person[named], return_inverse=True)
    found: dict[str, Any] = {}
    for name, (first, last) in _windows().items():
        here = uses.within(first, last)
        found[name] = _marked(uses.account[here], uses.feature[here], accounts, features)
        people = _marked(person[here[named]], uses.feature[named & here], len(everybody), features)
        found[f"{name}_people"] = people.sum(axis=0)
    return found


def _marked(row: Ints, column: Ints, rows: int, columns: int) -> Flags:
    """A table with some places set, and whether any of a row is, as its last column."""
    table = np.zeros((rows, columns + 1), dtype=bool)
    table[row, column] = True
    table[:, columns] = table.any(axis=1)
    return table


def _column(members: Ints, feature: Ints) -> Ints:
    """The places of features among those that are looked at."""
    order = np.argsort(members)
    found: Ints = order[np.searchsorted(members[order], feature)]
    return found


def _edges(ids: Ints, members: Ints) -> tuple[Ints, Ints]:
    """The days of the first and the last use, accounts × features; `NO_DAY` and -1 for none."""
    uses = AccountFeatureUse.objects.filter(feature__in=members.tolist()).order_by()
    found = read_columns(uses, account_id="int", feature_id="int", first_on="day", last_on="day")
    first = np.full((len(ids), len(members)), NO_DAY, dtype=np.int64)
    last = np.full_like(first, -1)
    if len(ids) and len(found["account_id"]):
        at = np.minimum(np.searchsorted(ids, found["account_id"]), len(ids) - 1)
        mine = ids[at] == found["account_id"]
        place = at[mine], _column(members, found["feature_id"])[mine]
        first[place], last[place] = found["first_on"][mine], found["last_on"][mine]
    return first, last


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
    used = {name: activity[name][:, column] for name in _windows()}
    people = {name: int(activity[f"{name}_people"][column]) for name in used}
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
    uses: _Uses, days: QuerySet[FeatureUsageDay], accounts: QuerySet[Account], on: dt.date
) -> tuple[tuple[dt.date, int], ...]:
    """Active accounts of each of the weeks that end on the day, oldest first, by their last days.

    The later weeks are in what was read. In the earlier ones each account is asked whether there is any use, which ends
    with the first that is found.
    """
    ends = [on - dt.timedelta(days=WEEK_DAYS * back) for back in range(WEEKS)]
    read = 2 * MONTH_DAYS // WEEK_DAYS
    counts = [
        len(np.unique(uses.account[uses.within(WEEK_DAYS * back, WEEK_DAYS * (back + 1) - 1)])) for back in range(read)
    ]
    mine = days.filter(account_id=OuterRef("pk")).order_by()
    active = {f"week{n}": Exists(mine.filter(_between(WEEK_DAYS - 1, 0, ends[n]))) for n in range(read, WEEKS)}
    asked = {f"{name}_count": Count("pk", filter=Q(**{name: True})) for name in active}
    found = accounts.order_by().annotate(**active).aggregate(**asked)
    counts += [found[f"{name}_count"] for name in active]
    return tuple(reversed(list(zip(ends, counts, strict=True))))


def _idle(ended: QuerySet[ContractLine], members: Ints) -> dict[str, Any]:
    """Ends of contract and features that were used before the last days ahead of it and after it, but not in them."""
    days = (DaysLater(OuterRef("ends_on"), -BEFORE_DAYS), OuterRef("ends_on"))
    single = FeatureUsageDay.objects.filter(
        account_id=OuterRef("account_id"), feature_id=OuterRef("account__feature_use__feature_id"),
        day__gte=days[0], day__lt=days[1],
    )  # fmt: skip
    # All in one filter, so that every condition is about the same use.
    rows = ended.filter(
        ~Exists(single.order_by()), account__feature_use__feature__in=members.tolist(),
        account__feature_use__first_on__lt=DaysLater("ends_on", -BEFORE_DAYS),
        account__feature_use__last_on__gte=F("ends_on"),
    )  # fmt: skip
    return read_columns(
        rows.annotate(used=F("account__feature_use__feature_id")), account_id="int", ends_on="day", used="int"
    )


def _used_before(
    ended: QuerySet[ContractLine], ends: dict[str, Any], ids: Ints, members: Ints, edges: tuple[Ints, Ints]
) -> Flags:
    """Whether each feature was used in the days before each end of contract (ends × features).

    Mostly its first and last use say so; where both lie on either side of those days, almost always it was, and only
    what was not is asked for.
    """
    account, end = np.searchsorted(ids, ends["account_id"]), ends["ends_on"]
    first, last = (edge[account] for edge in edges)
    used: Flags = (first < end[:, None]) & (last >= end[:, None] - BEFORE_DAYS)
    idle = _idle(ended, members)
    known = ends["account_id"] * (NO_DAY + 1) + end
    order = np.argsort(known)
    at = order[np.searchsorted(known[order], idle["account_id"] * (NO_DAY + 1) + idle["ends_on"])]
    used[at, _column(members, idle["used"])] = False
    return used


def _renewals(
    accounts: QuerySet[Account], on: dt.date, features: Sequence[Feature], ids: Ints, *edges: Ints
) -> tuple[Renewed, ...]:
    """Ends of contract of the last year: renewed when the account went on paying (a pause that is bridged included)."""
    if not features:
        return ()
    ended = ContractLine.objects.filter(
        account__in=accounts.order_by().values("pk"), ends_on__gt=on - dt.timedelta(days=DUE_DAYS), ends_on__lte=on
    ).order_by()
    ends = read_columns(ended.values("account_id", "ends_on").distinct(), account_id="int", ends_on="day")
    renewed, _ = chains().around(ends["account_id"], ends["ends_on"])
    members = np.array([feature.pk for feature in features], dtype=np.int64)
    used = _used_before(ended, ends, ids, members, (edges[0], edges[1])).T
    lines = [(None, used.any(axis=0)), *zip(features, used, strict=True)]
    return tuple(
        Renewed(feature, Outcome(int(mine.sum()), int((mine & renewed).sum())),
                Outcome(int((~mine).sum()), int((~mine & renewed).sum())))
        for feature, mine in lines
    )  # fmt: skip
