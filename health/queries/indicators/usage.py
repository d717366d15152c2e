"""How much, how broadly and how deeply do customers use the product?"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
from django.db.models import BigIntegerField, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from accounts.models import Account
from health.queries.indicators.book import Book, Ints, Measure
from health.rules import indicators as rules
from health.rules.score import Flags
from health.rules.scorecard import Indicator
from revenue.models import ContractLine
from usage.models import AccountFeatureUse, AccountPersonUse, AccountUsageDay, Feature, FeatureUsageDay

# So many accounts without use in a window are asked for by name whether they were ever heard.
SILENT = 5_000


class Days(NamedTuple):
    """What the account's days of a window add up to."""

    active: Ints
    core_events: Ints
    people: Ints


class People(NamedTuple):
    """How many named people used anything in a window, and how many an advanced feature."""

    everybody: Ints
    deep: Ints


class FeatureUse(NamedTuple):
    """Which features each account used in a window and may use (accounts × features), and who ever used any."""

    used: Flags
    entitled: Flags
    ever: Flags


def login_frequency(book: Book, indicator: Indicator) -> Measure:
    """Active days / days."""
    days = _days(book, indicator.days)
    values = rules.login_frequency(days.active, indicator.days, _heard_before(book, days.active > 0))
    return Measure(values, book.feed_age)


def core_intensity(book: Book, indicator: Indicator) -> Measure:
    """Core-feature events per active user-day."""
    days = _days(book, indicator.days)
    before = _people_before(book, days.people > 0)
    return Measure(rules.use_rate(days.core_events, days.people, before), book.feed_age)


def advanced_penetration(book: Book, indicator: Indicator) -> Measure:
    """Active users with an advanced feature / active users; no value where there is no advanced feature."""
    advanced = book.catalogue.features[book.catalogue.kinds == Feature.Kind.ADVANCED]
    if not len(advanced):
        return Measure(np.full(len(book.ids), np.nan))
    people = people_of(book, indicator.days)
    before = _people_before(book, people.everybody > 0)
    return Measure(rules.use_rate(people.deep, people.everybody, before), book.feed_age)


def feature_coverage(book: Book, indicator: Indicator) -> Measure:
    """Features used / features entitled: those not retired, of products on contract lines in force."""
    used, entitled, ever = feature_numbers(book, indicator.days)
    return Measure(rules.share(used, entitled, ever), book.feed_age)


def feature_numbers(book: Book, days: int) -> tuple[Ints, Ints, Flags]:
    """How many features each account used in the window, of how many that its contract gives, and who ever used any."""
    use = _feature_use(book, days)
    return (use.used & use.entitled).sum(axis=1), use.entitled.sum(axis=1), use.ever


def scenario_coverage(book: Book, indicator: Indicator) -> Measure:
    """Scenarios with use / scenarios entitled; `needs` says whether all features of a scenario count, or any."""
    use = _feature_use(book, indicator.days)
    needs = str(indicator.params.get("needs", "all"))
    covered, entitled = rules.scenario_coverage(use.used, use.entitled, book.catalogue.scenarios, needs)
    return Measure(rules.share(covered, entitled, use.ever), book.feed_age)


def _days(book: Book, days: int) -> Days:
    """Add the days of the window up, per account."""

    def read() -> Days:
        first, last = book.window(days)
        window = Q(active_days__day__gte=first, active_days__day__lte=last, active_days__events__gt=0)
        found = book.per_account(
            _each(book)
            .annotate(use=FilteredRelation("active_days", condition=window))
            .values(account_id=F("pk"))
            .annotate(
                active=Count("use__day"),
                core=Cast(Coalesce(Sum("use__core_events"), 0), BigIntegerField()),
                users=Cast(Coalesce(Sum("use__people"), 0), BigIntegerField()),
            ),
            active="int",
            core="int",
            users="int",
        )
        return Days(found["active"], found["core"], found["users"])

    return book.once(("days", days), read)


def people_of(book: Book, days: int) -> People:
    """Count the named people who were active in a window, from the last day of each.

    Where somebody was active after the day too, only the days themselves know who was active in the window.
    """

    def read() -> People:
        if book.from_days:
            return _people_by_day(book, days)
        first, last = book.window(days)
        rows = book.only(AccountPersonUse.objects.filter(last_on__gte=first)).values("account_id")
        found = book.per_account(
            rows.annotate(
                everybody=Count("pk"),
                deep=Count("pk", filter=Q(last_advanced_on__gte=first)),
                later=Count("pk", filter=Q(last_on__gt=last)),
            ),
            everybody="int",
            deep="int",
            later="int",
        )
        later = found["later"] > 0
        people = People(found["everybody"], found["deep"])
        if later.any():
            people.everybody[later], people.deep[later] = _people_by_day(book.of(book.ids[later]), days)
        return people

    return book.once(("people of", days), read)


def _people_by_day(book: Book, days: int) -> People:
    """Count the same from every single use in the window."""
    first, last = book.window(days)
    window = Q(usage_days__day__gte=first, usage_days__day__lte=last) & ~Q(usage_days__person="")
    advanced = book.catalogue.features[book.catalogue.kinds == Feature.Kind.ADVANCED]
    found = book.per_account(
        _each(book)
        .annotate(use=FilteredRelation("usage_days", condition=window))
        .values(account_id=F("pk"))
        .annotate(
            everybody=Count("use__person", distinct=True),
            deep=Count("use__person", distinct=True, filter=Q(use__feature_id__in=advanced.tolist())),
        ),
        everybody="int",
        deep="int",
    )
    return People(found["everybody"], found["deep"])


def _each(book: Book) -> QuerySet[Account]:
    """The accounts, to which the days of a window are joined one account after the other.

    So the cost follows the window, not the length of the history, and no sort is needed to group.
    """
    return book.only(Account.objects.all(), "pk")


def _heard_before(book: Book, known: Flags) -> Flags:
    """Which accounts sent usage by the day at all; only those not known yet are asked for."""
    return book.once("heard", lambda: _seen(book, known, Q()))


def _people_before(book: Book, known: Flags) -> Flags:
    """Which accounts have ever named the people who act."""
    return book.once("people", lambda: _seen(book, known, Q(people__gt=0)))


def _seen(book: Book, known: Flags, having: Q) -> Flags:
    if known.all():
        return known
    rest = book.of(book.ids[~known])
    day = AccountUsageDay.objects.filter(having, account_id=OuterRef("pk"), day__lte=book.on, events__gt=0)
    # A history is longer than a window: better to name the silent ones than to look through that of the others.
    rows = rest.only(Account.objects.filter(Exists(day)), "pk", named=SILENT).values(account_id=F("pk"))
    seen = known.copy()
    seen[~known] = rest.per_account(rows)["known"].astype(bool)
    return seen


def _feature_use(book: Book, days: int) -> FeatureUse:
    """Read the features that each account used in the window, and those that its contract gives it."""

    def read() -> FeatureUse:
        first, last = book.window(days)
        rows = book.only(AccountFeatureUse.objects.filter(first_on__lte=last))
        used, ever = book.flags(rows, "feature_id", book.catalogue.features, _used_between(book, first, last))
        return FeatureUse(used, entitled_features(book), ever)

    return book.once(("features", days), read)


def _used_between(book: Book, first: dt.date, last: dt.date) -> Q:
    """Say whether a feature was used in the window: seen from its first and last use where these tell."""
    told = Q(last_on__gte=first, last_on__lte=last) | Q(first_on__gte=first)
    newest = book.newest_usage[1]
    if newest is None or newest <= book.day:
        return told
    # On a past day the last use may lie later: then only the days themselves know.
    within = FeatureUsageDay.objects.filter(
        account_id=OuterRef("account_id"), feature_id=OuterRef("feature_id"), day__gte=first, day__lte=last
    )
    return told | (Q(last_on__gt=last) & Q(Exists(within)))


def entitled_features(book: Book) -> Flags:
    """Which features each account may use on the day (accounts × features)."""
    catalogue = book.catalogue
    lines = book.only(ContractLine.objects.active_on(book.on)).values("account_id", "product_id").distinct()
    found = book.columns(lines, product_id="int")
    products, of_feature = np.unique(catalogue.product_of, return_inverse=True)
    owned = np.zeros((len(book.ids), len(products)), dtype=bool)
    if len(products):
        at = np.minimum(np.searchsorted(products, found["product_id"]), len(products) - 1)
        sold = products[at] == found["product_id"]
        owned[found["at"][sold], at[sold]] = True
    entitled: Flags = owned[:, of_feature] & (catalogue.retired > book.day)
    return entitled
