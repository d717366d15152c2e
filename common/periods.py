"""Which day is it where, when does a month end, and how long is it in working time?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from common.errors import Refused
from common.workdays import MONDAY_TO_FRIDAY as MONDAY_TO_FRIDAY
from common.workdays import add_months as add_months
from common.workdays import add_working_days as add_working_days
from common.workdays import is_working_day as is_working_day

YEARS = (2000, 2100)
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)


def day_of(at: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The local day on which an instant falls.

    >>> day_of(dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC), ZoneInfo("Europe/Berlin"))
    datetime.date(2026, 3, 29)
    """
    return at.astimezone(zone).date()


def start_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first instant of a local day, in UTC. Where the clock skips midnight, that is the end of the gap.

    >>> start_of_day(dt.date(2026, 3, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T22:00:00+00:00'
    """
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    if not is_in_gap(midnight.replace(tzinfo=None), zone):
        return midnight.astimezone(dt.UTC)
    # In a gap the two folds read the same wall time with the offset before and after; the change lies between them.
    early, late = midnight.replace(fold=1).astimezone(dt.UTC), midnight.astimezone(dt.UTC)
    while late - early > dt.timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (early, middle) if day_of(middle, zone) >= day else (middle, late)
    return late.replace(microsecond=0)


def bounds_of_day(day: dt.date, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """The instants between which a local day lies, the end exclusive; 23 or 25 hours where the clock changes."""
    return start_of_day(day, zone), start_of_day(day + dt.timedelta(days=1), zone)


def is_in_gap(naive: dt.datetime, zone: ZoneInfo) -> bool:
    """Say whether a wall-clock time never comes, because the clock is set forward over it.

    >>> is_in_gap(dt.datetime(2026, 3, 29, 2, 30), ZoneInfo("Europe/Berlin"))
    True
    """
    there_and_back = naive.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) != naive


def month_start(day: dt.date) -> dt.date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_end(day: dt.date) -> dt.date:
    """The first day of the next month: ends are exclusive.

    >>> month_end(dt.date(2026, 12, 5))
    datetime.date(2027, 1, 1)
    """
    return add_months(month_start(day), 1)


def last_day_of_month(day: dt.date) -> dt.date:
    """The last day of a day's month, for stating a stock at the month's end."""
    return month_end(day) - dt.timedelta(days=1)


def previous_span(start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """The span as long as another that ends where that one starts: in whole months where it is made of them.

    >>> [str(day) for day in previous_span(dt.date(2026, 3, 1), dt.date(2026, 4, 1))]
    ['2026-02-01', '2026-03-01']
    >>> [str(day) for day in previous_span(dt.date(2026, 3, 1), dt.date(2026, 3, 11))]
    ['2026-02-19', '2026-03-01']
    """
    count = (end.year - start.year) * 12 + end.month - start.month
    if count > 0 and add_months(start, count) == end:
        return add_months(start, -count), start
    return start - (end - start), start


def months(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """The first days of the months that begin in [start's month, end).

    >>> [str(month) for month in months(dt.date(2026, 11, 20), dt.date(2027, 1, 2))]
    ['2026-11-01', '2026-12-01', '2027-01-01']
    """
    month = month_start(start)
    while month < end:
        yield month
        month = month_end(month)


def days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """The days in [start, end)."""
    for number in range((end - start).days):
        yield start + dt.timedelta(days=number)


def working_days_between(
    start: dt.date,
    end: dt.date,
    working_days: Collection[int] = MONDAY_TO_FRIDAY,
    holidays: Collection[dt.date] = (),
) -> int:
    """Count the working days in [start, end); negative if the end is before the start.

    >>> working_days_between(dt.date(2026, 1, 2), dt.date(2026, 1, 12), holidays=[dt.date(2026, 1, 6)])
    5
    """
    if end < start:
        return -working_days_between(end, start, working_days, holidays)
    weeks, rest = divmod((end - start).days, 7)
    count = weeks * len(set(working_days))
    count += sum(day.weekday() in working_days for day in days(end - dt.timedelta(days=rest), end))
    return count - sum(start <= day < end and day.weekday() in working_days for day in set(holidays))


def working_time_between(
    start: dt.datetime,
    end: dt.datetime,
    zone: ZoneInfo,
    *,
    opens: dt.time = dt.time(9),
    closes: dt.time = dt.time(18),
    working_days: Collection[int] = MONDAY_TO_FRIDAY,
    holidays: Collection[dt.date] = (),
) -> dt.timedelta:
    """The working time between two instants, in a zone with its days off; nothing if the end is before the start.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> friday, monday = (dt.datetime(2026, 1, day, 17, tzinfo=berlin) for day in (2, 5))
    >>> working_time_between(friday, monday, berlin)  # an hour on Friday, eight on Monday
    datetime.timedelta(seconds=32400)
    """
    if end <= start:
        return dt.timedelta()
    first, last = day_of(start, zone), day_of(end, zone)
    full = working_days_between(first, last + dt.timedelta(days=1), working_days, holidays)
    day_length = dt.datetime.combine(first, closes) - dt.datetime.combine(first, opens)
    total = full * day_length
    for day, missing in ((first, _before(start, zone, opens, closes)), (last, _after(end, zone, opens, closes))):
        if is_working_day(day, working_days, holidays):
            total -= missing
    return max(total, dt.timedelta())


def _before(at: dt.datetime, zone: ZoneInfo, opens: dt.time, closes: dt.time) -> dt.timedelta:
    """The part of an instant's working day that is over."""
    local = at.astimezone(zone).replace(tzinfo=None, fold=0)
    first, last = (dt.datetime.combine(local.date(), time) for time in (opens, closes))
    return min(max(local, first), last) - first


def _after(at: dt.datetime, zone: ZoneInfo, opens: dt.time, closes: dt.time) -> dt.timedelta:
    """The part of an instant's working day that is still to come."""
    local = at.astimezone(zone).replace(tzinfo=None, fold=0)
    first, last = (dt.datetime.combine(local.date(), time) for time in (opens, closes))
    return last - min(max(local, first), last)


def parse_day(value: str, label: str, years: tuple[int, int] = YEARS) -> dt.date:
    """Read a date like 2026-03-31; refuse one that is not in the calendar, or far out of this century."""
    text = value.strip()
    found = DAY.fullmatch(text)
    if not found:
        raise Refused(_("%(label)s must be a date like 2026-03-31.") % {"label": label}, code="not_a_date")
    year, month, day = map(int, found.groups())
    _check_year(year, label, years)
    try:
        return dt.date(year, month, day)
    except ValueError:
        if not 1 <= month <= 12 or not 1 <= day <= 31:
            raise Refused(
                _("%(label)s must be a date like 2026-03-31.") % {"label": label}, code="not_a_date"
            ) from None
        written = {"day": day, "month": MONTHS[month], "year": year}
        raise Refused(_("%(day)s %(month)s %(year)s is not a date.") % written, code="not_a_date") from None


def parse_instant(value: str, label: str, years: tuple[int, int] = YEARS) -> dt.datetime:
    """Read a time with its offset, in UTC; a time without one is refused, for it may not exist or come twice."""
    text = value.strip()
    found = INSTANT.fullmatch(text)
    if not found:
        message = _("%(label)s must be a time like 2026-03-29T02:30:00+01:00.")
        raise Refused(message % {"label": label}, code="not_a_time")
    if not found["offset"]:
        raise Refused(_("Give the time with an offset, like 2026-03-29T02:30:00+01:00."), code="no_offset")
    _check_year(int(text[:4]), label, years)
    try:
        return dt.datetime.fromisoformat(text.upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        message = _("%(label)s must be a time like 2026-03-29T02:30:00+01:00.")
        raise Refused(message % {"label": label}, code="not_a_time") from None


def _check_year(year: int, label: str, years: tuple[int, int]) -> None:
    """Refuse a year that is surely a slip."""
    if not years[0] <= year <= years[1]:
        message = _("%(label)s must be between %(first)s and %(last)s.")
        raise Refused(message % {"label": label, "first": years[0], "last": years[1]}, code="out_of_range")
