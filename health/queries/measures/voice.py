"""Do customers complain, and do they speak less well of us?"""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.db.models import Count, Q

from health.queries.indicators import voice
from health.queries.indicators.book import Book
from health.queries.measures.measured import Measured
from health.queries.measures.usage import at_day
from health.rules.score import Floats
from health.rules.scorecard import Indicator, Line
from health.rules.warnings import Test
from usage.models import Ticket

# An answer counts for so long, as in the scorecard that comes with Mainstay.
ANSWER_DAYS = 180
NPS = Indicator("nps", "", "nps", 0, Line(-100, 100), ANSWER_DAYS)


def tickets(book: Book, test: Test) -> Measured:
    """Tickets opened in the window; complaints are among them."""
    start, end = book.instants(test.days or 30)
    rows = book.only(Ticket.objects.filter(opened_at__gte=start, opened_at__lt=end)).values("account_id")
    counts = rows.annotate(all=Count("pk"), complaints=Count("pk", filter=Q(is_complaint=True)))
    found = book.per_account(counts, all="int", complaints="int")
    return Measured(found["all"].astype(float), {"complaints": found["complaints"]})


def complaints(book: Book, test: Test) -> Measured:
    """Complaints opened in the window."""
    return Measured(np.asarray(tickets(book, test).counts["complaints"], dtype=float))


def open_tickets(book: Book, test: Test) -> Measured:
    """Tickets open at the end of the day."""
    return Measured(_open(book, Q()))


def critical_tickets(book: Book, test: Test) -> Measured:
    """Tickets of the highest severity open at the end of the day."""
    return Measured(_open(book, Q(severity=Ticket.Severity.CRITICAL)))


def _open(book: Book, which: Q) -> Floats:
    _start, end = book.instants(1)
    still = Q(resolved_at=None) | Q(resolved_at__gte=end)
    rows = book.only(Ticket.objects.filter(which, still, opened_at__lt=end)).values("account_id")
    return np.asarray(book.per_account(rows.annotate(all=Count("pk")), all="int")["all"], dtype=float)


def nps(book: Book, test: Test) -> Measured:
    """Net promoters among the latest answer of each contact."""
    return Measured(voice.nps(book, NPS).values)


def nps_change(book: Book, test: Test) -> Measured:
    """NPS now less NPS some days before; not known unless somebody answered in between."""
    days = test.days or 90
    now = voice.nps(book, NPS)
    before = voice.nps(at_day(book, book.on - dt.timedelta(days=days)), NPS)
    is_new = np.zeros(len(book.ids), dtype=bool) if now.age is None else now.age < days
    values = np.where(is_new, now.values - before.values, np.nan)
    return Measured(values, {"now": now.values, "before": before.values})
