"""Whom do we know at the customer, how do they feel, and when did we last speak?"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Case, Count, Max, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from accounts.models import Contact, TimelineEntry
from health.queries.indicators.book import Book, Measure
from health.queries.sources.columns import counts, said_of_anybody
from health.rules.formulas import Term

FEELINGS = {Contact.Sentiment.POSITIVE: 1, Contact.Sentiment.NEUTRAL: 0, Contact.Sentiment.NEGATIVE: -1}


def contacts(book: Book, term: Term) -> Measure:
    """Contacts who are still there: with a role such as the champion, with a sentiment, or all."""
    return Measure(counts(book, _contacts(book, term), Count("pk"), said_of_anybody(book, Contact.objects.all())))


def sentiment(book: Book, term: Term) -> Measure:
    """The mean sentiment of the contacts, from −1 (negative) to 1; its age is that of the last touch."""
    feeling = Case(*(When(sentiment=name, then=Value(n)) for name, n in FEELINGS.items()))
    rows = _contacts(book, term).filter(sentiment__in=list(FEELINGS))
    found = book.per_account(
        rows.values("account_id").annotate(
            total=Cast(Sum(feeling), BigIntegerField()), count=Count("pk"), touched=Max("touched_on")
        ),
        total="int",
        count="int",
        touched="day",
    )
    known = found["known"] > 0
    values = np.where(known, found["total"] / np.maximum(found["count"], 1), np.nan)
    # A contact that nobody ever touched is as old as can be.
    return Measure(values, np.where(known, book.day - np.minimum(found["touched"], book.day), np.inf))


def _contacts(book: Book, term: Term) -> QuerySet[Any]:
    rows = book.only(Contact.objects.present_on(book.on)).order_by()
    for name, value in term.where:
        rows = rows.filter(**{name: value})
    return rows


def touches(book: Book, term: Term) -> Measure:
    """Calls, meetings and other touches in the window."""
    start, end = book.instants(term.days)
    rows = _touches(book, term).filter(at__gte=start, at__lt=end)
    return Measure(counts(book, rows, Count("pk"), said_of_anybody(book, _all_touches())))


def days_since_touch(book: Book, term: Term) -> Measure:
    """Whole days since the last touch, in the organisation's time zone."""
    end = book.instants(1)[1]
    rows = _touches(book, term).filter(at__lt=end).values("account_id").annotate(last=Max("at"))
    values = np.full(len(book.ids), np.nan)
    pairs = [(account, last) for account, last in rows.values_list("account_id", "last").iterator(chunk_size=2000)]
    at, here = book.positions(np.array([account for account, _last in pairs], dtype=np.int64))
    days = np.array([(book.on - last.astimezone(book.zone).date()).days for _account, last in pairs], dtype=np.float64)
    values[at[here]] = days[here]
    return Measure(values)


def _all_touches() -> QuerySet[Any]:
    return TimelineEntry.objects.filter(kind__in=TimelineEntry.TOUCHES)


def _touches(book: Book, term: Term) -> QuerySet[Any]:
    rows = _all_touches() if not term.filter("touch") else TimelineEntry.objects.filter(kind=term.filter("touch"))
    return book.only(rows).order_by()
