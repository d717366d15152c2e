"""By when should a ticket be resolved, and was it?"""

from __future__ import annotations

import datetime as dt


def target_of(opened_at: dt.datetime, hours: int) -> dt.datetime:
    """When a ticket should be resolved: so many hours after it was opened, by the clock.

    >>> target_of(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), 8).isoformat()
    '2026-03-01T20:00:00+00:00'
    """
    return opened_at + dt.timedelta(hours=hours)


def is_met(target_at: dt.datetime, resolved_at: dt.datetime | None, at: dt.datetime) -> bool | None:
    """Whether a ticket met its target; None while it is open and still has time.

    >>> due = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    >>> is_met(due, due, due), is_met(due, None, due), is_met(due, None, due + dt.timedelta(hours=1))
    (True, None, False)
    """
    if resolved_at is not None:
        return resolved_at <= target_at
    return False if at > target_at else None
