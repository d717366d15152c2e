"""Is work done in time, how much does a person carry, and what if accounts change hands?"""

from __future__ import annotations

from collections.abc import Mapping


def share_on_time(on_time: int, due: int) -> float | None:
    """On time / due; none due has no value.

    >>> share_on_time(9, 12), share_on_time(0, 4), share_on_time(0, 0)
    (0.75, 0.0, None)
    """
    return on_time / due if due else None


def weighted_load(accounts: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """Σ accounts of a tier × the weight of the tier; a tier without a weight weighs 1.

    >>> weighted_load({"elephant": 2, "rabbit": 10}, {"elephant": 5, "rabbit": 0.5})
    15.0
    """
    return float(sum(count * weights.get(tier, 1) for tier, count in accounts.items()))


def used_share(load: float, capacity: float) -> float | None:
    """Load / what one person can carry; without a capacity there is no share.

    >>> used_share(30, 40), used_share(30, 0)
    (0.75, None)
    """
    return load / capacity if capacity > 0 else None


def shared_out(load: Mapping[int, float], pieces: Mapping[int, float]) -> dict[int, int]:
    """Give each piece of work to whoever carries least by then, the heaviest piece first; piece → person.

    >>> shared_out({1: 10, 2: 14}, {7: 5, 8: 3, 9: 1})
    {7: 1, 8: 2, 9: 1}
    >>> shared_out({}, {7: 5})
    {}
    """
    carried, given = dict(load), {}
    if not carried:
        return {}
    for piece, weight in sorted(pieces.items(), key=lambda item: (-item[1], item[0])):
        person = min(carried, key=lambda one: (carried[one], one))
        given[piece] = person
        carried[person] += weight
    return given
