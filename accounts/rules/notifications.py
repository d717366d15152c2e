"""How does a person hear of something, and when is their daily mail due?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

# By what a kind that nobody has described is heard of.
USUAL = "app"


def way_of(kind: str, chosen: Mapping[str, str], usual: Mapping[str, str]) -> str:
    """Say how a person hears of a kind of thing: as they chose, else as is usual for it, else in the app.

    >>> way_of("job_parked", {"job_parked": "off"}, {"job_parked": "at_once"}), way_of("news", {}, {})
    ('off', 'app')
    """
    return chosen.get(kind) or usual.get(kind) or USUAL


def digest_day(local: dt.datetime, digest_at: dt.time) -> dt.date:
    """Name the day whose mail is due, in the organisation's own time: today from the hour on, before it yesterday.

    A night in which the clocks change has one such hour or none of it twice: the day counts, not the hour.

    >>> digest_day(dt.datetime(2026, 11, 30, 6, 59), dt.time(7)), digest_day(dt.datetime(2026, 11, 30, 7), dt.time(7))
    (datetime.date(2026, 11, 29), datetime.date(2026, 11, 30))
    """
    return local.date() if local.time() >= digest_at else local.date() - dt.timedelta(days=1)
