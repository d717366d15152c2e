"""What do readings, tickets and answers say?"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import Count, F, Max, Q, QuerySet

from common.columns import TenThousandths
from health.queries.indicators import voice
from health.queries.indicators.book import Book, Measure
from health.queries.sources.columns import (
    TEN_THOUSANDTHS,
    counts,
    days_since,
    latest_of,
    nothing,
    said_of_anybody,
    sum_of,
)
from health.rules import indicators as shares
from health.rules.formulas import Term
from health.rules.scorecard import Indicator, Line
from usage.models import Metric, Reading, SurveyAnswer, Ticket


def reading(book: Book, term: Term) -> Measure:
    """A metric's readings in the window: the latest, their mean, their sum, or how many there are."""
    metric = _metric(book, term)
    if metric is None:
        return nothing(book)
    first, last = book.window(term.days)
    rows = book.only(Reading.objects.filter(metric=metric, on__gte=first, on__lte=last))
    each = rows.annotate(figure=TenThousandths("value"))
    if term.how == "latest":
        found = book.columns(each.values("account_id", "on", "figure").order_by("on", "pk"), on="day", figure="int")
        newest = latest_of(book, found, "figure", "on")
        return Measure(newest.values / TEN_THOUSANDTHS, newest.age)
    sums = book.per_account(
        each.values("account_id").order_by().annotate(total=sum_of("figure"), count=Count("pk"), newest=Max("on")),
        total="int", count="int", newest="day",
    )  # fmt: skip
    known = sums["known"] > 0
    age = np.where(known, book.day - sums["newest"], np.inf)
    if term.how == "count":
        return Measure(np.where(known, sums["count"], np.nan), age)
    by = np.maximum(sums["count"], 1) if term.how == "mean" else 1
    return Measure(np.where(known, sums["total"] / TEN_THOUSANDTHS / by, np.nan), age)


def days_since_reading(book: Book, term: Term) -> Measure:
    """Days since a metric was last read."""
    metric = _metric(book, term)
    if metric is None:
        return nothing(book)
    return Measure(days_since(book, book.only(Reading.objects.filter(metric=metric, on__lte=book.on)), "on"))


def _metric(book: Book, term: Term) -> int | None:
    name = term.filter("metric")
    return book.once(
        ("metric", name), lambda: Metric.objects.filter(external_id=name).values_list("pk", flat=True).first()
    )


def tickets_opened(book: Book, term: Term) -> Measure:
    """Tickets opened in the window."""
    start, end = book.instants(term.days)
    rows = _tickets(book, term).filter(opened_at__gte=start, opened_at__lt=end)
    return Measure(counts(book, rows, Count("pk"), _any_ticket(book)))


def tickets_open(book: Book, term: Term) -> Measure:
    """Tickets open at the end of the day."""
    end = book.instants(1)[1]
    rows = _tickets(book, term).filter(Q(resolved_at=None) | Q(resolved_at__gte=end), opened_at__lt=end)
    return Measure(counts(book, rows, Count("pk"), _any_ticket(book)))


def tickets_in_time(book: Book, term: Term) -> Measure:
    """Tickets of the window resolved within their target / tickets due or resolved."""
    start, end = book.instants(term.days)
    found = book.per_account(
        _tickets(book, term)
        .filter(opened_at__gte=start, opened_at__lt=end)
        .values("account_id")
        .annotate(
            due=Count("pk", filter=Q(target_at__lt=end) | Q(resolved_at__lt=end)),
            in_time=Count("pk", filter=Q(resolved_at__lt=end, resolved_at__lte=F("target_at"))),
        ),
        due="int",
        in_time="int",
    )
    return Measure(shares.share(found["in_time"], found["due"]))


def ticket_satisfaction(book: Book, term: Term) -> Measure:
    """The mean satisfaction (1 to 5) with the tickets opened in the window."""
    start, end = book.instants(term.days)
    rows = _tickets(book, term).filter(opened_at__gte=start, opened_at__lt=end, satisfaction__isnull=False)
    sums = rows.values("account_id").annotate(total=sum_of("satisfaction"), count=Count("pk"))
    found = book.per_account(sums, total="int", count="int")
    return Measure(np.where(found["known"] > 0, found["total"] / np.maximum(found["count"], 1), np.nan))


def _tickets(book: Book, term: Term) -> QuerySet[Any]:
    names = {"severity": "severity", "complaint": "is_complaint", "escalated": "is_escalated"}
    rows = book.only(Ticket.objects.order_by())
    for name, value in term.where:
        rows = rows.filter(**{names[name]: value if name == "severity" else value == "yes"})
    return rows


def _any_ticket(book: Book) -> Any:
    return said_of_anybody(book, Ticket.objects.filter(opened_at__lt=book.instants(1)[1]))


def survey(book: Book, term: Term) -> Measure:
    """Answers to a survey in the window: the latest, their mean, how many there are, or the net promoter score."""
    if term.how == "nps":
        return voice.nps(book, Indicator("nps", "", "nps", 0, Line(0, 1), term.days))
    first, last = book.window(term.days)
    rows = _answers(book, term).filter(answered_on__gte=first, answered_on__lte=last)
    if term.how == "latest":
        found = book.columns(rows.order_by("answered_on", "pk"), answered_on="day", score="int")
        return latest_of(book, found, "score", "answered_on")
    sums = book.per_account(
        rows.values("account_id").annotate(total=sum_of("score"), count=Count("pk"), newest=Max("answered_on")),
        total="int", count="int", newest="day",
    )  # fmt: skip
    known = sums["known"] > 0
    age = np.where(known, book.day - sums["newest"], np.inf)
    if term.how == "count":
        asked = said_of_anybody(book, SurveyAnswer.objects.filter(kind=term.filter("survey"), answered_on__lte=book.on))
        return Measure(np.where(asked, sums["count"], np.nan).astype(np.float64))
    return Measure(np.where(known, sums["total"] / np.maximum(sums["count"], 1), np.nan), age)


def days_since_answer(book: Book, term: Term) -> Measure:
    """Days since the last answer."""
    return Measure(days_since(book, _answers(book, term).filter(answered_on__lte=book.on), "answered_on"))


def _answers(book: Book, term: Term) -> QuerySet[Any]:
    rows = book.only(SurveyAnswer.objects.order_by())
    return rows.filter(kind=term.filter("survey")) if term.filter("survey") else rows
