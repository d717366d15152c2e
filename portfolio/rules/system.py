"""How is an installation judged: which source is late, how much work waits, when was the last backup?"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence


def source_state(age: int | None, expected: int) -> str:
    """Judge a source by the days since its newest fact, and by how many are usual; late beyond three times as many.

    >>> source_state(1, 2), source_state(5, 2), source_state(9, 2), source_state(None, 2)
    ('fresh', 'old', 'late', 'none')
    """
    if age is None:
        return "none"
    return "fresh" if age <= expected else "old" if age <= 3 * expected else "late"


def waiting_at(spans: Iterable[tuple[dt.datetime, dt.datetime | None]], times: Sequence[dt.datetime]) -> list[int]:
    """Count the pieces of work that waited or ran at each of some times, from when each could begin and was over.

    >>> hours = [dt.datetime(2026, 3, 1, hour) for hour in (1, 2, 3)]
    >>> waiting_at([(hours[0], hours[1]), (hours[1], None)], hours)
    [1, 1, 1]
    """
    begun, over = [], []
    for start, end in spans:
        begun.append(start)
        if end is not None:
            over.append(end)
    begun.sort()
    over.sort()
    return [bisect_right(begun, at) - bisect_right(over, at) for at in times]
