"""How much of what customers paid is still there, in which segments, and which accounts are behind each figure?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, ChurnRecord, Organisation, ServiceAssignment, User
from common.columns import codes, masked, only_ids, read_columns
from common.errors import Refused
from common.periods import add_months, month_end, month_start, previous_span
from revenue.models import ContractLine, Movement
from revenue.queries.arr import added, read_moved
from revenue.queries.dimensions import DATED, Segments, check_dimension, segments
from revenue.queries.ledger import months_between, opening_and_movements
from revenue.queries.rates import RateMissing, load_rates, refuse_missing_rate
from revenue.rules.credit import NOBODY, Credit, Spans, credits_of, spans_of
from revenue.rules.ledger import Balances
from revenue.rules.months import MonthMatrix, month_matrix, window_figures
from revenue.rules.movements import SPAN, Movements, day_number
from revenue.rules.periods import Period, month_bounds, periods_of
from revenue.rules.rates import MissingRate, Rates, from_cents
from revenue.rules.retention import (
    CHAINED,
    COUNTS,
    POINT_TO_POINT,
    READINGS,
    Figures,
    Retention,
    Segment,
    components,
    retentions,
)
from revenue.rules.retention import retention as whole

Ints = npt.NDArray[np.int64]
Accounts = QuerySet[Account] | Iterable[int] | None
MAX_CHAINED_MONTHS = 120


@dataclass(frozen=True)
class RetentionRows:
    """What each account adds to the figures of a period: a column in cents (or a count) for each of them."""

    start: dt.date
    end: dt.date
    reading: str
    account: Ints
    columns: Mapping[str, Ints]
    # The segments of the accounts, if a dimension was asked for.
    segments: Segments | None

    def behind(self, figure: str, segment: str | None = None) -> list[tuple[int, Decimal]]:
        """The accounts behind a figure, of all or of one segment: ids and amounts (or counts), the largest first."""
        column = self.columns[figure]
        keep = column != 0
        if segment is not None and self.segments is not None:
            values = list(self.segments.values)
            keep &= self.segments.code == (values.index(segment) if segment in values else -1)
        amounts = sorted(zip(self.account[keep].tolist(), column[keep].tolist(), strict=True), key=_by_size)
        return [(account, Decimal(cents) if figure in COUNTS else from_cents(cents)) for account, cents in amounts]


def _by_size(row: tuple[int, int]) -> tuple[int, int]:
    return -abs(row[1]), row[0]


@dataclass(frozen=True)
class RetentionMonth:
    """The figures of a calendar month, and those of the twelve months that end with it."""

    month: Figures
    trailing: Figures


@dataclass(frozen=True)
class RetentionReport:
    """A period in every reading and by some dimensions, beside the one before it, from one reading of the ledger.

    Of the period before there is nothing where an exchange rate that it needs is missing.
    """

    readings: Mapping[str, Retention]
    split: Mapping[str, Retention]
    before: Retention | None
    split_before: Mapping[str, Retention]


@dataclass(frozen=True)
class _Asked:
    """A period as it was read, with its months where the reading needs them."""

    period: Period
    months: list[Period]
    segments: Segments | None


@dataclass(frozen=True)
class _Book:
    """What is needed of some accounts to make the periods between some bounds, read once."""

    bounds: Sequence[dt.date]
    opening: Balances
    movements: Movements
    failed: Ints
    # What is paid under notice at the end of each of the periods.
    notices: Sequence[Balances]
    rates: Rates
    reporting: str

    def periods(self, *bounds: dt.date) -> list[Period]:
        """The periods between bounds that are the last of the book's own."""
        return self._between(bounds, self.notices[len(self.bounds) - len(bounds) :])

    def months(self, start: dt.date, end: dt.date) -> list[Period]:
        """A period month by month; none where it is too long to be chained."""
        bounds = month_bounds(start, end)
        return [] if len(bounds) > MAX_CHAINED_MONTHS + 1 else self._between(bounds)

    def _between(self, bounds: Sequence[dt.date], notices: Sequence[Balances] = ()) -> list[Period]:
        fixed = (self.rates, self.reporting)
        return periods_of(self.opening, self.movements, bounds, *fixed, failed=self.failed, notices=notices)


def accounts_shown_to(user: Any) -> list[int] | None:
    """The ids of the accounts that a person sees; None for all, when the person sees all."""
    if isinstance(user, User) and user.is_active and user.visibility == User.Visibility.ALL:
        return None
    return list(Account.objects.visible_to(user).order_by().values_list("pk", flat=True))


def retention(
    start: dt.date,
    end: dt.date,
    *,
    accounts: Accounts = None,
    by: str | None = None,
    reading: str = POINT_TO_POINT,
) -> Retention:
    """The figures of a period (end exclusive) of all accounts or some, and of each segment of a dimension."""
    asked = _asked(start, end, accounts, by, reading)
    return _told(asked, reading, asked.segments)


def retention_since(starts: Sequence[dt.date], end: dt.date, *, accounts: Accounts = None) -> list[Retention]:
    """The figures of several periods with one end (exclusive), in their order, from one reading of the ledger."""
    for start in starts:
        _check(start, end, POINT_TO_POINT)
    book = _read_book([*sorted({*starts}), end], _ids(accounts))
    with refuse_missing_rate():
        return [whole(book.periods(start, end)[0], POINT_TO_POINT, []) for start in starts]


def retention_report(
    start: dt.date,
    end: dt.date,
    *,
    by: Iterable[str] = (),
    accounts: Accounts = None,
    reading: str = POINT_TO_POINT,
    readings: Iterable[str] = READINGS,
) -> RetentionReport:
    """A period as a page shows it: side by side in several readings, by each dimension, beside the period before."""
    side_by_side = list(readings)
    _check(start, end, POINT_TO_POINT)
    before = previous_span(start, end)
    book = _read_book([before[0], start, end], _ids(accounts))
    was: _Asked | None = None
    try:
        earlier, period = book.periods(*book.bounds)
        was = _Asked(earlier, book.months(*before) if reading == CHAINED else [], None)
    except MissingRate:
        # Rates that begin with this period are enough for it; there is only nothing to compare it with.
        with refuse_missing_rate():
            period = book.periods(start, end)[0]
    with refuse_missing_rate():
        now = _Asked(period, book.months(start, end) if CHAINED in side_by_side else [], None)
    names, names_before = {key: segments(key, period) for key in by}, {}
    try:
        if was:
            names_before = {key: segments(key, was.period) if key in DATED else found for key, found in names.items()}
    except RateMissing:
        was = None
    return RetentionReport(
        {name: _told(now, name, None) for name in side_by_side if name != CHAINED or now.months},
        {key: _told(now, POINT_TO_POINT, found) for key, found in names.items()},
        _told(was, reading, None) if was and (reading != CHAINED or was.months) else None,
        {key: _told(was, POINT_TO_POINT, found) for key, found in names_before.items() if was},
    )


def _told(asked: _Asked, reading: str, names: Segments | None) -> Retention:
    """The figures of what was read, whole and by segment."""
    total = whole(asked.period, reading, asked.months)
    if names is None:
        return total
    parts = retentions(asked.period, reading, names.code, len(names.values), asked.months)
    held = set(np.unique(names.code[asked.period.present]).tolist())
    found = enumerate(zip(names.values, names.labels, parts, strict=True))
    return replace(total, segments=[Segment(names.dimension, *part) for number, part in found if number in held])


def retention_accounts(
    start: dt.date,
    end: dt.date,
    *,
    accounts: Accounts = None,
    by: str | None = None,
    reading: str = POINT_TO_POINT,
) -> RetentionRows:
    """The same account by account: each column adds up to its figure in `retention`."""
    asked = _asked(start, end, accounts, by, reading)
    columns = components(asked.period, reading, asked.months)
    return RetentionRows(start, end, reading, asked.period.account, columns, asked.segments)


def retention_months(first: dt.date, last: dt.date, *, accounts: Accounts = None) -> list[RetentionMonth]:
    """Point-to-point figures of each calendar month from one day's to another's, and of the twelve months up to it:
    one fetch of movements, one matrix of months.
    """
    count = len(months_between(first, last)) - 1
    matrix = _matrix(add_months(month_start(first), -11), last, _ids(accounts))
    reporting = Organisation.load().reporting_currency
    with refuse_missing_rate():
        rates = load_rates(matrix.names, reporting)
        return [
            RetentionMonth(
                window_figures(matrix, number + 11, number + 12, rates, reporting),
                window_figures(matrix, number, number + 12, rates, reporting),
            )
            for number in range(count)
        ]


@dataclass(frozen=True)
class Hands:
    """Who had which accounts on which days of a period, and what each of them kept and won."""

    period: Period
    spans: Spans

    @property
    def credits(self) -> dict[int, Credit]:
        """By owner; what nobody owned is under `NOBODY`."""
        spans = self.spans
        found = credits_of(self.period, self.period.account[spans.account], spans.owner, spans.start, spans.end)
        return {credit.owner: credit for credit in found}

    def owner_on(self, account: Ints, day: Ints) -> Ints:
        """Who had accounts on days of the period; `NOBODY` for accounts that do not pay in it."""
        known = np.isin(account, self.period.account)
        keys = self.spans.account * SPAN + self.spans.start
        if not keys.size:
            return np.full(account.size, NOBODY)
        place = np.searchsorted(self.period.account, np.where(known, account, self.period.account[0])) * SPAN
        at = np.maximum(np.searchsorted(keys, place + day, side="right") - 1, 0)
        found: Ints = np.where(known, self.spans.owner[at], NOBODY)
        return found


def retention_credits(start: dt.date, end: dt.date, *, accounts: Accounts = None) -> list[Credit]:
    """What each CSM kept and won of the accounts in their hands, credited by owner on the movement's date."""
    ids = _ids(accounts)
    period = _asked(start, end, ids, None, POINT_TO_POINT).period
    return credits_of(period, *_ownership(start, end, ids))


def hands_between(start: dt.date, end: dt.date) -> Hands:
    """The same of all accounts with the days on which nobody owned them, so that the sums are the whole book's."""
    period = _asked(start, end, None, None, POINT_TO_POINT).period
    return Hands(period, spans_of(period, *_ownership(start, end, None)))


def _ownership(start: dt.date, end: dt.date, ids: Sequence[int] | None) -> list[Ints]:
    """Accounts, their owners, first day and first day after, as columns."""
    spans = ServiceAssignment.objects.owners().filter(
        Q(started_on__lt=end), Q(ended_on__isnull=True) | Q(ended_on__gt=start)
    )
    kinds = {"account_id": "int", "user_id": "int", "started_on": "day", "ended_on": "day"}
    columns = masked(read_columns(only_ids(spans.order_by(), "account_id", ids), **kinds), "account_id", ids)
    return [columns[name] for name in kinds]


def periods_between(bounds: Sequence[dt.date]) -> list[Period]:
    """All accounts in the period between each two days, from one reading of the ledger."""
    opening, movements = opening_and_movements(bounds[0], bounds[-1], None)
    reporting = Organisation.load().reporting_currency
    with refuse_missing_rate():
        return periods_of(opening, movements, bounds, load_rates(movements.currencies, reporting), reporting)


def _asked(start: dt.date, end: dt.date, accounts: Accounts, by: str | None, reading: str) -> _Asked:
    """Check what is asked for, and read it."""
    _check(start, end, reading)
    if by is not None:
        check_dimension(by)
    book = _read_book([start, end], _ids(accounts))
    with refuse_missing_rate():
        period = book.periods(start, end)[0]
        months = book.months(start, end) if reading == CHAINED else []
    return _Asked(period, months, None if by is None else segments(by, period))


def _read_book(bounds: Sequence[dt.date], ids: Sequence[int] | None) -> _Book:
    """Read what was before the first bound and what came up to the last."""
    opening, movements = opening_and_movements(bounds[0], bounds[-1], ids)
    failed, notices = _failed_and_noticed(bounds, ids, movements)
    reporting = Organisation.load().reporting_currency
    return _Book(bounds, opening, movements, failed, notices, load_rates(movements.currencies, reporting), reporting)


def _check(start: dt.date, end: dt.date, reading: str) -> None:
    """Refuse a period or a reading that means nothing."""
    if reading not in READINGS:
        message = _("%(reading)s is no reading. Choose one of %(readings)s.")
        words = {"reading": reading[:80], "readings": ", ".join(READINGS)}
        raise Refused(message % words, field="reading", code="unknown_reading")
    if start >= end:
        message = _("The end must be after the start; it is the first day that no longer counts.")
        raise Refused(message, field="to", code="empty_period")
    if reading == CHAINED and len(month_bounds(start, end)) > MAX_CHAINED_MONTHS + 1:
        message = _("Months are chained over %(count)s months at most.")
        raise Refused(message % {"count": MAX_CHAINED_MONTHS}, field="to", code="too_long")


def _ids(accounts: Accounts) -> list[int] | None:
    """Ids of accounts, however they were given."""
    if isinstance(accounts, QuerySet):
        return list(accounts.order_by().values_list("pk", flat=True))
    return None if accounts is None else list(accounts)


def _failed_and_noticed(
    bounds: Sequence[dt.date], ids: Sequence[int] | None, movements: Movements
) -> tuple[Ints, list[Balances]]:
    """Which ends between the bounds a failed payment caused, and what is paid under notice as each period ends."""
    first, *closes = bounds
    wanted = Q(is_payment_failed=True, ends_on__gte=first, ends_on__lt=closes[-1])
    for close in closes:
        wanted |= Q(notice_on__lt=close, starts_on__lt=close, ends_on__gte=close)
    lines = only_ids(ContractLine.objects.filter(wanted, arr__gt=0).order_by(), "account_id", ids)
    kinds = {"account_id": "int", "currency": "text", "starts_on": "day", "ends_on": "day", "notice_on": "day"}
    columns = masked(read_columns(lines, **kinds, is_payment_failed="int", arr="cents"), "account_id", ids)
    starts, ends = columns["starts_on"], columns["ends_on"]
    over = (columns["is_payment_failed"] == 1) & (ends >= day_number(first)) & (ends < day_number(closes[-1]))
    failed = columns["account_id"][over] * SPAN + ends[over]
    records = ChurnRecord.objects.filter(is_failed_payment=True, on__gte=first, on__lt=closes[-1]).order_by()
    told = masked(read_columns(only_ids(records, "account_id", ids), account_id="int", on="day"), "account_id", ids)
    numbers, names = codes(columns["currency"], list(movements.currencies))
    notices = []
    for number in [day_number(close) for close in closes]:
        paid = (columns["notice_on"] < number) & (starts < number) & (ends >= number) & (ends < day_number(None))
        notices.append(added(columns["account_id"][paid], numbers[paid], columns["arr"][paid], len(names)))
    return np.concatenate([failed, told["account_id"] * SPAN + told["on"]]), notices


def _matrix(first: dt.date, last: dt.date, ids: Sequence[int] | None) -> MonthMatrix:
    """Read every movement up to a month's end once."""
    bounds = months_between(first, last)
    moved = Movement.objects.filter(on__lt=month_end(last))
    columns, held = read_moved(moved, ids, on="day", amount="cents")
    order = ("account_id", "on", "currency", "amount")
    parts: tuple[Any, ...] = (*(columns[name] for name in order), held, bounds)
    return month_matrix(*parts)
