"""Did whoever asked hear in time, and do they use what they asked for?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction

# A customer hears of a decision within so many days.
TOLD_WITHIN = 14
# After so many days since shipping it is looked how many have used it.
LOOKS = (30, 60, 90)


def answer_due_on(since: dt.date, days: int = TOLD_WITHIN) -> dt.date:
    """The last day on which an answer is in time.

    >>> answer_due_on(dt.date(2026, 3, 1))
    datetime.date(2026, 3, 15)
    """
    return since + dt.timedelta(days=days)


def is_told_in_time(due_on: dt.date, told_on: dt.date | None, on: dt.date) -> bool | None:
    """Say whether a customer heard in time; None while there is still time to tell.

    >>> due = dt.date(2026, 3, 15)
    >>> is_told_in_time(due, dt.date(2026, 3, 15), due), is_told_in_time(due, dt.date(2026, 3, 16), due)
    (True, False)
    >>> is_told_in_time(due, None, due), is_told_in_time(due, None, dt.date(2026, 3, 16))
    (None, False)
    """
    if told_on is not None:
        return told_on <= due_on
    return False if on > due_on else None


def told_rate(verdicts: Iterable[bool | None]) -> Fraction | None:
    """The share told in time of those whose time is over or who were told; None without any.

    >>> told_rate([True, False, None, True]), told_rate([None]), told_rate([False])
    (Fraction(2, 3), None, Fraction(0, 1))
    """
    settled = [verdict for verdict in verdicts if verdict is not None]
    return Fraction(sum(settled), len(settled)) if settled else None


def used_within(shipped_on: dt.date, first_use: Sequence[dt.date | None], days: int, on: dt.date) -> Fraction | None:
    """The share of who asked that has used it so many days after shipping; None while these days are not over.

    A use before shipping, by who tried it early, counts from the first day.

    >>> shipped, uses = dt.date(2026, 1, 1), [dt.date(2025, 12, 30), dt.date(2026, 2, 15), None, None]
    >>> used_within(shipped, uses, 30, dt.date(2026, 3, 1)), used_within(shipped, uses, 60, dt.date(2026, 3, 5))
    (Fraction(1, 4), Fraction(1, 2))
    >>> used_within(shipped, uses, 90, dt.date(2026, 3, 5)) is None, used_within(shipped, [], 30, dt.date(2026, 3, 5))
    (True, None)
    """
    until = shipped_on + dt.timedelta(days=days)
    if not first_use or on < until:
        return None
    return Fraction(sum(day is not None and day <= until for day in first_use), len(first_use))


def use_verdict(used: int, asked: int, goal_percent: int | None, goal_on: dt.date | None, on: dt.date) -> str:
    """Hold the use of what was shipped against what was expected: reached, missed, open, or none where nothing was.

    Without a day it stays open until it is reached.

    >>> use_verdict(6, 10, 60, dt.date(2026, 6, 30), dt.date(2026, 5, 1))
    'reached'
    >>> use_verdict(5, 10, 60, dt.date(2026, 6, 30), dt.date(2026, 7, 1)), use_verdict(5, 10, 60, None, dt.date.max)
    ('missed', 'open')
    >>> use_verdict(5, 10, None, None, dt.date.max), use_verdict(0, 0, 60, None, dt.date.max)
    ('none', 'none')
    """
    if goal_percent is None or not asked:
        return "none"
    if used * 100 >= goal_percent * asked:
        return "reached"
    return "missed" if goal_on is not None and on > goal_on else "open"


def days_late(promised_on: dt.date | None, shipped_on: dt.date | None, on: dt.date) -> int | None:
    """Days by which a promised day was missed, so far if it is not shipped; 0 in time, None without a promise.

    >>> day = dt.date(2026, 6, 30)
    >>> days_late(day, dt.date(2026, 7, 3), dt.date(2026, 8, 1)), days_late(day, None, dt.date(2026, 7, 1))
    (3, 1)
    >>> days_late(day, dt.date(2026, 6, 1), dt.date(2026, 8, 1)), days_late(None, day, day)
    (0, None)
    """
    if promised_on is None:
        return None
    return max(0, ((shipped_on or on) - promised_on).days)
