"""Who uses what, how much, and is that normal for this customer?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Sum

from accounts.models import Account
from common.columns import masked, only_ids, read_columns
from usage.models import AccountFeatureUse, AccountUsageDay, Feature, FeatureUsageDay
from usage.rules.days import NormalRange, normal_range, week_of, weeks_up_to


@dataclass(frozen=True)
class Day:
    """One day, or the week that starts on it, of an account's use; people are named people."""

    on: dt.date
    events: int = 0
    core_events: int = 0
    people: int = 0


@dataclass(frozen=True)
class UsageLine:
    """An account's weeks, what is normal for it, and where its last whole week lies."""

    weeks: Sequence[Day]
    normal: NormalRange | None
    last_whole_week: Day | None
    # below, within, above; None while too little is known to say.
    verdict: str | None


@dataclass(frozen=True)
class HeatRow:
    """One feature, and how often it was used in each week."""

    feature: Feature
    counts: Sequence[int]


@dataclass(frozen=True)
class HeatMap:
    """Features by weeks; the features in use most come first."""

    weeks: Sequence[dt.date]
    rows: Sequence[HeatRow]
    largest: int


@dataclass(frozen=True)
class FeatureReach:
    """One feature: how many people use it, and how often in all."""

    feature: Feature
    people: int
    events: int


@dataclass(frozen=True)
class FeatureState:
    """One feature of the catalogue, and whether an account uses it."""

    feature: Feature
    first_on: dt.date | None
    last_on: dt.date | None
    is_used: bool


def usage_by_day(account: Account, first: dt.date, last: dt.date) -> list[Day]:
    """An account's days from one to another, both included; a day without use is 0."""
    rows = AccountUsageDay.objects.filter(account=account, day__range=(first, last))
    used = {row.day: Day(row.day, row.events, row.core_events, row.people) for row in rows}
    days = (first + dt.timedelta(days=step) for step in range((last - first).days + 1))
    return [used.get(day, Day(day)) for day in days]


def volume_line(account: Account, on: dt.date, *, weeks: int = 12) -> UsageLine:
    """The same as `usage_line` without the people, which take a second reading."""
    events = _events_by_week(account, on, weeks)
    return _against_normal([Day(monday, *counted) for monday, counted in events.items()], on)


def _events_by_week(account: Account, on: dt.date, weeks: int) -> dict[dt.date, list[int]]:
    """Events and core events of each of the last weeks."""
    mondays = weeks_up_to(on, weeks)
    events: dict[dt.date, list[int]] = {monday: [0, 0] for monday in mondays}
    for day in usage_by_day(account, mondays[0], on):
        events[week_of(day.on)][0] += day.events
        events[week_of(day.on)][1] += day.core_events
    return events


def usage_line(account: Account, on: dt.date, *, weeks: int = 12) -> UsageLine:
    """An account's last weeks up to a day, against the range of its own weeks before the last whole one."""
    mondays = weeks_up_to(on, weeks)
    events = _events_by_week(account, on, weeks)
    people: dict[dt.date, set[str]] = {monday: set() for monday in mondays}
    rows = FeatureUsageDay.objects.filter(account=account, day__range=(mondays[0], on)).exclude(person="").order_by()
    for on_day, person in rows.values_list("day", "person").distinct():
        people[week_of(on_day)].add(person)
    line = [Day(monday, events[monday][0], events[monday][1], len(people[monday])) for monday in mondays]
    return _against_normal(line, on)


def _against_normal(line: Sequence[Day], on: dt.date) -> UsageLine:
    """Judge the last whole week by the weeks before it, from the first with any use on."""
    whole = list(line) if on.weekday() == 6 else list(line[:-1])
    used = next((number for number, week in enumerate(whole) if week.events), len(whole))
    normal = normal_range([week.events for week in whole[used:-1]])
    last = whole[-1] if whole else None
    return UsageLine(line, normal, last, normal.verdict(last.events) if normal and last else None)


def feature_heat_map(account: Account, on: dt.date, *, weeks: int = 12) -> HeatMap:
    """How often an account used each feature in each of the last weeks; features without use are left out."""
    mondays = weeks_up_to(on, weeks)
    rows = FeatureUsageDay.objects.filter(account=account, day__range=(mondays[0], on)).order_by()
    counts: dict[int, dict[dt.date, int]] = {}
    for feature, day, events in rows.values_list("feature", "day").annotate(total=Sum("events")):
        in_week = counts.setdefault(feature, dict.fromkeys(mondays, 0))
        in_week[week_of(day)] += events
    features = Feature.objects.select_related("module").in_bulk(list(counts))
    found = [HeatRow(features[number], list(in_week.values())) for number, in_week in counts.items()]
    found.sort(key=lambda row: (-sum(row.counts), row.feature.name))
    return HeatMap(mondays, found, max((max(row.counts) for row in found), default=0))


def features_of(
    account: Account, on: dt.date, *, product_ids: Iterable[int] | None = None, days: int = 30
) -> list[FeatureState]:
    """The catalogue, or the part of it that an account pays for, with what the account used in the last days.

    What an account pays for is known to revenue; the caller names the products.
    """
    catalogue = Feature.objects.select_related("module__product").exclude(retired_on__lte=on)
    if product_ids is not None:
        catalogue = catalogue.filter(module__product__in=list(product_ids))
    use = {row.feature_id: row for row in AccountFeatureUse.objects.filter(account=account)}
    since = on - dt.timedelta(days=days)
    found = []
    for feature in catalogue.order_by("module__name", "name", "pk"):
        row = use.get(feature.pk)
        is_used = row is not None and row.last_on > since
        found.append(FeatureState(feature, row.first_on if row else None, row.last_on if row else None, is_used))
    return found


def feature_reach(account: Account, on: dt.date, *, days: int = 30) -> list[FeatureReach]:
    """How many named people used each feature in the last days, and how often in all; the widest first."""
    first = on - dt.timedelta(days=days - 1)
    rows = FeatureUsageDay.objects.filter(account=account, day__range=(first, on)).exclude(person="").order_by()
    counted = list(rows.values_list("feature").annotate(people=Count("person", distinct=True), events=Sum("events")))
    features = Feature.objects.select_related("module").in_bulk([feature for feature, *_counts in counted])
    found = [FeatureReach(features[feature], people, events) for feature, people, events in counted]
    return sorted(found, key=lambda one: (-one.people, -one.events, one.feature.name))


def active_people(account: Account, on: dt.date, *, days: int = 30) -> int:
    """How many named people used the product in the last days, the day itself included."""
    first = on - dt.timedelta(days=days - 1)
    rows = FeatureUsageDay.objects.filter(account=account, day__range=(first, on)).exclude(person="")
    return rows.order_by().values("person").distinct().count()


def last_use_by_account(on: dt.date, account_ids: Iterable[int] | None = None) -> dict[int, dt.date]:
    """The last day of use of each account up to a day."""
    ids = None if account_ids is None else list(account_ids)
    rows = only_ids(AccountUsageDay.objects.filter(day__lte=on), "account_id", ids).order_by()
    wanted = None if ids is None else set(ids)
    found = rows.values_list("account_id").annotate(last=Max("day"))
    return {account: last for account, last in found if wanted is None or account in wanted}


def usage_columns(first: dt.date, last: dt.date, account_ids: Sequence[int] | None = None) -> dict[str, Any]:
    """Days of use of all accounts or some, from one day to another (both included), as columns."""
    rows = only_ids(AccountUsageDay.objects.filter(day__range=(first, last)), "account_id", account_ids)
    columns = read_columns(
        rows.order_by("account_id", "day"), account_id="int", day="day", events="int", core_events="int", people="int"
    )
    return masked(columns, "account_id", account_ids)
