"""How long may a person's word stand in for the computed band, and when is it time to say that it ends?"""

from __future__ import annotations

import datetime as dt


def override_fault(starts_on: dt.date, ends_on: dt.date, most_days: int) -> str | None:
    """Say why an override cannot run between two days (the end exclusive): `past`, `too_long`, or None.

    >>> day = dt.date(2026, 3, 1)
    >>> override_fault(day, day, 90), override_fault(day, dt.date(2026, 5, 31), 90)
    ('past', 'too_long')
    >>> override_fault(day, dt.date(2026, 5, 30), 90) is None
    True
    """
    if ends_on <= starts_on:
        return "past"
    return "too_long" if (ends_on - starts_on).days > most_days else None


def is_ending(ends_on: dt.date, on: dt.date, notice_days: int) -> bool:
    """Say whether an override is so near its end that its owner is told: `notice_days` before, or less.

    >>> end = dt.date(2026, 3, 31)
    >>> [is_ending(end, dt.date(2026, 3, day), 3) for day in (27, 28, 30, 31)]
    [False, True, True, False]
    """
    return 0 < (ends_on - on).days <= notice_days
