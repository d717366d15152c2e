"""Is this much use normal for this customer?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Fewer weeks than this say nothing about what is normal.
ENOUGH_WEEKS = 4


@dataclass(frozen=True)
class NormalRange:
    """Between what and what a customer's weekly use usually lies."""

    low: float
    high: float

    def verdict(self, value: float) -> str:
        """Say where a value lies.

        >>> NormalRange(10, 20).verdict(9), NormalRange(10, 20).verdict(20), NormalRange(10, 20).verdict(21)
        ('below', 'within', 'above')
        """
        if value < self.low:
            return "below"
        return "above" if value > self.high else "within"


def normal_range(weeks: Sequence[int]) -> NormalRange | None:
    """The range from the 10th to the 90th percentile of earlier whole weeks; None with fewer than four.

    Percentiles are interpolated linearly, so one freak week does not widen the range to itself.

    >>> normal_range([10, 20, 30, 40, 50])
    NormalRange(low=14.0, high=46.0)
    >>> normal_range([10, 20, 30]) is None
    True
    """
    if len(weeks) < ENOUGH_WEEKS:
        return None
    low, high = np.percentile(np.asarray(weeks, dtype=float), [10, 90])
    return NormalRange(round(float(low), 1), round(float(high), 1))


def week_of(day: dt.date) -> dt.date:
    """The Monday of a day's week.

    >>> week_of(dt.date(2026, 3, 1))
    datetime.date(2026, 2, 23)
    """
    return day - dt.timedelta(days=day.weekday())


def weeks_up_to(on: dt.date, count: int) -> list[dt.date]:
    """The Mondays of the last weeks, oldest first, the one of `on` included.

    >>> [day.isoformat() for day in weeks_up_to(dt.date(2026, 3, 4), 2)]
    ['2026-02-23', '2026-03-02']
    """
    last = week_of(on)
    return [last - dt.timedelta(weeks=back) for back in range(count - 1, -1, -1)]
