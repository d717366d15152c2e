"""How much is the product used: by feature, module or kind, over a window?"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.models import Account
from health.queries.indicators.book import Book, Measure
from health.queries.indicators.usage import people_of
from health.queries.sources.columns import counts, days_since, nothing, sum_of
from health.rules.formulas import Term
from health.rules.score import Flags
from usage.models import AccountUsageDay, Feature, FeatureUsageDay


def events(book: Book, term: Term) -> Measure:
    """Events in the window."""
    return _counted(book, term, sum_of("events"))


def active_days(book: Book, term: Term) -> Measure:
    """Days of the window with any use."""
    return _counted(book, term, Count("day", distinct=True))


def active_users(book: Book, term: Term) -> Measure:
    """Named people who used it in the window; missing where the product never says who acts."""
    rows = _days(book, term, by_feature=True)
    if rows is None:
        return nothing(book)
    named = _known(book, Q(people__gt=0))
    if not term.where:
        everybody = people_of(book, term.days).everybody
        return Measure(np.where(named | (everybody > 0), everybody, np.nan).astype(np.float64), book.feed_age)
    return Measure(counts(book, rows.exclude(person=""), Count("person", distinct=True), named), book.feed_age)


def features_used(book: Book, term: Term) -> Measure:
    """Different features used in the window."""
    return _counted(book, term, Count("feature_id", distinct=True), by_feature=True)


def modules_used(book: Book, term: Term) -> Measure:
    """Different modules used in the window."""
    return _counted(book, term, Count("feature__module_id", distinct=True), by_feature=True)


def days_since_use(book: Book, term: Term) -> Measure:
    """Days since the last use."""
    rows = _rows(book, term)
    if rows is None:
        return nothing(book)
    return Measure(days_since(book, rows.filter(day__lte=book.on), "day"), book.feed_age)


def _counted(book: Book, term: Term, how: Any, *, by_feature: bool = False) -> Measure:
    rows = _days(book, term, by_feature=by_feature)
    if rows is None:
        return nothing(book)
    return Measure(counts(book, rows, how, _known(book, Q())), book.feed_age)


def _days(book: Book, term: Term, *, by_feature: bool = False) -> QuerySet[Any] | None:
    first, last = book.window(term.days)
    rows = _rows(book, term, by_feature=by_feature)
    return None if rows is None else rows.filter(day__gte=first, day__lte=last)


def _rows(book: Book, term: Term, *, by_feature: bool = False) -> QuerySet[Any] | None:
    """The days of use that a term is about; None where what it names is gone."""
    if not term.where:
        rows: QuerySet[Any] = FeatureUsageDay.objects.all() if by_feature else AccountUsageDay.objects.all()
        return book.only(rows.filter(events__gt=0))
    names = {"feature": "external_id", "module": "module__external_id", "kind": "kind"}
    wanted = Feature.objects.filter(**{names[name]: value for name, value in term.where})
    ids = book.once(("features", term.where), lambda: list(wanted.order_by("pk").values_list("pk", flat=True)))
    return book.only(FeatureUsageDay.objects.filter(feature_id__in=ids)) if ids else None


def _known(book: Book, having: Q) -> Flags:
    """Which accounts sent usage by the day at all: their silence is 0."""

    def read() -> Flags:
        day = AccountUsageDay.objects.filter(having, account_id=OuterRef("pk"), day__lte=book.on, events__gt=0)
        rows = book.only(Account.objects.filter(Exists(day)), "pk").values(account_id=F("pk"))
        return np.asarray(book.per_account(rows)["known"].astype(bool))

    return book.once(("sent usage", str(having)), read)
