"""How are days counted, in months and in days on which people work? Plain dates, without a framework."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months on, or the last day of a shorter month.

    >>> add_months(dt.date(2028, 2, 29), 12), add_months(dt.date(2026, 3, 31), -1)
    (datetime.date(2029, 2, 28), datetime.date(2026, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_working_day(
    day: dt.date, working_days: Collection[int] = MONDAY_TO_FRIDAY, holidays: Collection[dt.date] = ()
) -> bool:
    """Say whether people work on a day; `working_days` counts Monday as 0."""
    return day.weekday() in working_days and day not in holidays


def add_working_days(
    day: dt.date,
    count: int,
    working_days: Collection[int] = MONDAY_TO_FRIDAY,
    holidays: Collection[dt.date] = (),
) -> dt.date:
    """The day some working days after a day, or before it; with 0 the day itself or the next working day.

    >>> add_working_days(dt.date(2026, 1, 2), 1), add_working_days(dt.date(2026, 1, 3), 0)
    (datetime.date(2026, 1, 5), datetime.date(2026, 1, 5))
    """
    _check(working_days)
    step = dt.timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left or not is_working_day(day, working_days, holidays):
        day += step
        if left and is_working_day(day, working_days, holidays):
            left -= 1
    return day


def _check(working_days: Collection[int]) -> None:
    """Refuse a week without working days, in which no search would end."""
    if not set(working_days) & set(range(7)):
        raise ValueError("a week needs at least one working day")
