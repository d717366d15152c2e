"""How much money hangs on a need, each account counted once?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# A renewal due within so many days is at risk through an open need.
RENEWAL_DAYS = 180
# Why an account that asks is at risk, the gravest first.
REASONS = ("promise", "gap", "red", "renewal", "warning")


def at_risk_by_request(request: Ints, account: Ints, cents: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """ARR at risk because of each need: cents and accounts, an account with several voices or links counted once.

    request, account: pairs, one per voice or link, in any order. cents: what the accounts at risk pay; who is left out
    is not at risk.

    >>> pairs = np.array([1, 1, 1, 2]), np.array([10, 10, 11, 10])
    >>> at_risk_by_request(*pairs, {10: 5_000, 11: 70})
    {1: (5070, 2), 2: (5000, 1)}
    >>> at_risk_by_request(*pairs, {})
    {}
    """
    if not len(request) or not cents:
        return {}
    ids = np.array(sorted(cents), dtype=np.int64)
    money = np.array([cents[int(one)] for one in ids], dtype=np.int64)
    kept = np.isin(account, ids)
    pairs = np.unique(np.stack([request[kept], account[kept]]), axis=1)
    worth = money[np.searchsorted(ids, pairs[1])]
    found: dict[int, tuple[int, int]] = {}
    numbers, first, counts = np.unique(pairs[0], return_index=True, return_counts=True)
    for number, start, count in zip(numbers, first, counts, strict=True):
        found[int(number)] = int(worth[start : start + count].sum()), int(count)
    return found


def at_risk_in_all(account: Iterable[int], cents: Mapping[int, int]) -> tuple[int, int]:
    """ARR at risk because of any need: cents and accounts, each account once however many needs it has.

    >>> at_risk_in_all([10, 10, 11, 12], {10: 5_000, 11: 70})
    (5070, 2)
    """
    at_risk = set(account) & cents.keys()
    return sum(cents[one] for one in at_risk), len(at_risk)


def lost_once(losses: Sequence[tuple[int, str, int]]) -> tuple[int, int]:
    """ARR of lost customers that a need would have kept: of each account only what it lost last.

    losses: account, day on which it left, cents lost.

    >>> lost_once([(1, "2026-01-01", 500), (1, "2026-05-01", 300), (2, "2025-12-01", 10)])
    (310, 2)
    """
    last: dict[int, tuple[str, int]] = {}
    for account, day, cents in losses:
        if account not in last or day > last[account][0]:
            last[account] = day, cents
    return sum(cents for _day, cents in last.values()), len(last)
