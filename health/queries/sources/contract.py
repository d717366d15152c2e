"""What do contract and renewal say?"""

from __future__ import annotations

import numpy as np
from django.db.models import Case, IntegerField, Max, Min, Q, Value, When

from common.columns import NO_DAY
from common.errors import Refused
from health.queries.indicators.book import Book, Ints, Measure
from health.queries.indicators.commercial import STAGES
from health.queries.sources.columns import sum_of
from health.rules.default import RENEWAL_STAGE_PROGRESS
from health.rules.formulas import Term
from revenue.models import ContractLine, Renewal
from revenue.queries import arr_columns


def seats(book: Book, term: Term) -> Measure:
    """Seats paid for; missing where no line in force names seats."""
    lines = book.only(ContractLine.objects.active_on(book.on).filter(seats__isnull=False)).order_by()
    found = book.per_account(lines.values("account_id").annotate(paid=sum_of("seats")), paid="int")
    return Measure(np.where(found["known"] > 0, found["paid"], np.nan))


def arr(book: Book, term: Term) -> Measure:
    """What the account pays in a year, in the reporting currency; missing while an exchange rate is."""
    try:
        accounts, cents = book.once("arr", lambda: arr_columns(book.on, book.ids.tolist()))
    except Refused:
        return Measure(np.full(len(book.ids), np.nan))
    at, here = book.positions(accounts)
    values = np.where(_ever_paid(book), 0.0, np.nan)
    values[at[here]] = cents[here] / 100
    return Measure(values)


def _ever_paid(book: Book) -> np.ndarray:
    rows = book.only(ContractLine.objects.filter(starts_on__lte=book.on)).order_by().values("account_id")
    return book.per_account(rows.annotate(first=Min("starts_on")), first="day")["known"] > 0


def tenure(book: Book, term: Term) -> Measure:
    """Days since the account signed."""
    signed = (book.signed != NO_DAY) & (book.signed <= book.day)
    return Measure(np.where(signed, book.day - book.signed, np.nan))


def days_to_renewal(book: Book, term: Term) -> Measure:
    """Days to the next renewal that is not settled, or else to the end of what is paid for."""
    due, _stage = _next_renewal(book)
    ends = np.minimum(due, _contract_end(book))
    return Measure(np.where(ends == NO_DAY, np.nan, ends - book.day))


def renewal_stage(book: Book, term: Term) -> Measure:
    """How far the talks on the next renewal are, from 0 (not started) to 1 (won)."""
    due, stage = _next_renewal(book)
    progress = np.array([float(RENEWAL_STAGE_PROGRESS[name]) for name in STAGES])
    return Measure(np.where(due == NO_DAY, np.nan, progress[stage]))


def _next_renewal(book: Book) -> tuple[Ints, Ints]:
    """The day and the stage of each account's next open renewal. A stage entered after the day is not known on it."""

    def read() -> tuple[Ints, Ints]:
        number = Case(*(When(stage=name, then=Value(n)) for n, name in enumerate(STAGES)), output_field=IntegerField())
        known = Q(stage_changed_on=None) | Q(stage_changed_on__lte=book.on)
        rows = Renewal.objects.filter(known, due_on__gte=book.on, stage__in=Renewal.OPEN).annotate(number=number)
        found = book.columns(book.only(rows), due_on="day", number="int")
        due, stage = np.full(len(book.ids), NO_DAY), np.zeros(len(book.ids), dtype=np.int64)
        order = np.argsort(-found["due_on"], kind="stable")
        at = found["at"][order]
        due[at], stage[at] = found["due_on"][order], found["number"][order]
        return due, stage

    return book.once("next renewal", read)


def _contract_end(book: Book) -> Ints:
    """The day on which all that is paid for ends, as known on the day."""
    unknown = Q(ends_on=None) | Q(notice_on__gt=book.on)
    lines = book.only(ContractLine.objects.active_on(book.on)).order_by().values("account_id")
    found = book.per_account(
        lines.annotate(last=Max("ends_on"), without=Max(Case(When(unknown, then=Value(1)), default=Value(0)))),
        empty=NO_DAY,
        last="day",
        without="int",
    )
    return np.where((found["known"] > 0) & (found["without"] == 0), found["last"], NO_DAY)
