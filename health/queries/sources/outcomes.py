"""What has the customer reached, connected and attended, and what do own fields say?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.db.models import Count, Q

from accounts.models import Account, BusinessGoal, CustomField, GoalMeasurement
from common.columns import TenThousandths
from health.queries.indicators import outcomes
from health.queries.indicators.book import Book, Measure, day_number
from health.queries.sources.columns import counts, nothing, said_of_anybody
from health.rules.formulas import Term
from health.rules.score import Floats
from health.rules.scorecard import Indicator, Line
from usage.models import Attendance, Integration, Milestone, MilestoneReached


def milestones(book: Book, term: Term) -> Measure:
    """Milestones reached by the day: of all how many, of one whether (1 or 0)."""
    rows, known = MilestoneReached.objects.filter(on__lte=book.on), Milestone.objects.order_by()
    name = term.filter("milestone")
    if name:
        rows, known = rows.filter(milestone__external_id=name), known.filter(external_id=name)
    if not book.once(("milestone", name), known.exists):
        return nothing(book)
    return Measure(counts(book, book.only(rows), Count("pk"), np.ones(len(book.ids), dtype=bool)))


def goals(book: Book, term: Term) -> Measure:
    """How far the goals are reached on average, 0 where nothing moved and 1 where all is reached; never beyond."""
    rows = book.only(BusinessGoal.objects.order_by()).annotate(
        start=TenThousandths("baseline"), end=TenThousandths("target")
    )
    found = book.columns(rows, pk="int", start="int", end="int")
    measured = _latest_measurements(book)
    share, account = [], []
    for at, goal, start, end in zip(found["at"], found["pk"], found["start"], found["end"], strict=True):
        if int(goal) in measured:
            share.append(min(max((measured[int(goal)] - start) / (end - start), 0.0), 1.0))
            account.append(at)
    total, count = np.zeros(len(book.ids)), np.zeros(len(book.ids))
    np.add.at(total, np.array(account, dtype=np.int64), np.array(share, dtype=np.float64))
    np.add.at(count, np.array(account, dtype=np.int64), 1)
    return Measure(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _latest_measurements(book: Book) -> dict[int, int]:
    """The newest value of each goal by the day, in ten-thousandths."""
    rows = book.only(GoalMeasurement.objects.filter(on__lte=book.on), "goal__account_id").order_by("on", "pk")
    return dict(rows.annotate(figure=TenThousandths("value")).values_list("goal_id", "figure"))


def integrations(book: Book, term: Term) -> Measure:
    """Systems connected on the day."""
    there = Q(disconnected_on=None) | Q(disconnected_on__gt=book.on)
    rows = book.only(Integration.objects.filter(there, connected_on__lte=book.on))
    return Measure(counts(book, rows, Count("pk"), said_of_anybody(book, Integration.objects.all())))


def attendances(book: Book, term: Term) -> Measure:
    """Campaigns and sharing sessions attended in the window."""
    first, last = book.window(term.days)
    rows = book.only(Attendance.objects.filter(on__gte=first, on__lte=last))
    return Measure(counts(book, rows, Count("pk"), said_of_anybody(book, Attendance.objects.all())))


def field(book: Book, term: Term) -> Measure:
    """The number in one of the organisation's own fields; yes is 1 and no is 0."""
    if not _has_field(book, term):
        return nothing(book)
    asked = Indicator("field", "", "custom_field", 0, Line(0, 1), term.days, params={"key": term.filter("field")})
    return outcomes.custom_field(book, asked)


def days_since_field(book: Book, term: Term) -> Measure:
    """Days since the date in one of the organisation's own fields; below 0 where it lies ahead."""
    if not _has_field(book, term):
        return nothing(book)
    key = term.filter("field")
    rows = book.only(Account.objects.filter(custom__has_key=key), "pk").order_by()
    pairs = list(rows.values_list("pk", "custom").iterator(chunk_size=2000))
    values: Floats = np.full(len(book.ids), np.nan)
    at, here = book.positions(np.array([account for account, _custom in pairs], dtype=np.int64))
    days = np.array([_days_before(book, custom.get(key)) for _account, custom in pairs], dtype=np.float64)
    values[at[here]] = days[here]
    return Measure(values)


def _has_field(book: Book, term: Term) -> bool:
    key = term.filter("field")
    return book.once(("own field", key), lambda: CustomField.objects.filter(key=key).exists())


def _days_before(book: Book, value: Any) -> float:
    try:
        return float(book.day - day_number(dt.date.fromisoformat(str(value)[:10])))
    except ValueError:
        return np.nan
