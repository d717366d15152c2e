"""On which days is a draft tried on customers who left, and how well would it have warned?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

# At most so many days are scored; with more departures the days are put together, always to an earlier one.
MOST_DAYS = 26
STEPS = (1, 7, 14, 28)


@dataclass(frozen=True, slots=True)
class Warned:
    """Of some customers who left (or stayed), how many were red, by the scorecards in force and with the draft."""

    days: int
    accounts: int
    red_now: int
    red_draft: int

    @property
    def missed_now(self) -> int:
        """Those who were not red, by the scorecards in force."""
        return self.accounts - self.red_now

    @property
    def missed_draft(self) -> int:
        """Those who were not red, with the draft."""
        return self.accounts - self.red_draft


def trial_days(left_on: Sequence[dt.date], horizons: Sequence[int]) -> list[list[dt.date]]:
    """The day on which each departure is tried, per horizon: at least so many days before it.

    >>> left = [dt.date(2026, 3, 10), dt.date(2026, 3, 11)]
    >>> [str(day) for day in trial_days(left, [30])[0]]
    ['2026-02-08', '2026-02-09']
    >>> many = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(300)]
    >>> days = trial_days(many, [30, 60])
    >>> early = all(left - day >= dt.timedelta(30) for left, day in zip(many, days[0]))
    >>> early, len({day for row in days for day in row}) <= 26
    (True, True)
    """
    days = [[left - dt.timedelta(days=horizon) for left in left_on] for horizon in horizons]
    for step in STEPS:
        put_together = [[_down_to(day, step) for day in row] for row in days]
        if len({day for row in put_together for day in row}) <= MOST_DAYS:
            break
    return put_together


def _down_to(day: dt.date, step: int) -> dt.date:
    return day - dt.timedelta(days=day.toordinal() % step)
