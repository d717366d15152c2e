"""Which quarter is a day in, and which follow?"""

from __future__ import annotations

import datetime as dt


def quarter_of(day: dt.date) -> dt.date:
    """The first day of the quarter of a day.

    >>> quarter_of(dt.date(2026, 11, 30))
    datetime.date(2026, 10, 1)
    """
    return dt.date(day.year, day.month - (day.month - 1) % 3, 1)


def quarter_after(quarter: dt.date, steps: int = 1) -> dt.date:
    """The first day of the quarter so many quarters later, or earlier.

    >>> quarter_after(dt.date(2026, 10, 1)), quarter_after(dt.date(2026, 1, 1), -1)
    (datetime.date(2027, 1, 1), datetime.date(2025, 10, 1))
    """
    months = quarter.year * 12 + quarter.month - 1 + 3 * steps
    return dt.date(months // 12, months % 12 + 1, 1)


def quarter_name(quarter: dt.date) -> str:
    """Name a quarter as people of every language read it.

    >>> quarter_name(dt.date(2026, 10, 1))
    '2026 Q4'
    """
    return f"{quarter.year} Q{(quarter.month + 2) // 3}"


def column_of(quarter: dt.date | None, now: dt.date, ahead: int) -> int:
    """The column of a quarter on the board: 0 for none, 1 for past ones, 2 for the present one, the last for later.

    >>> now = dt.date(2026, 10, 1)
    >>> [column_of(day, now, 3) for day in (None, dt.date(2026, 7, 1), now, dt.date(2027, 1, 1), dt.date(2029, 1, 1))]
    [0, 1, 2, 3, 6]
    """
    if quarter is None:
        return 0
    if quarter < now:
        return 1
    steps = (quarter.year - now.year) * 4 + (quarter.month - now.month) // 3
    return 2 + min(steps, ahead + 1)
