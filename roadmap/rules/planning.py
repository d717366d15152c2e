"""What fits a quarter: which requests serve the most customers within a capacity, and what would each choice add?

Efforts and capacity are whole tenths of a person-week. A choice brings what it needs along. Customers are counted once
for each need of theirs that is served (`once_per_need`), or once whatever is served of theirs; each counts 1, or what
the account is worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from roadmap.rules.support import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Problem:
    """One quarter: the requests' efforts, who asks for which (pairs of places), what each customer counts.

    `needs` holds (a, b) where a cannot be built without b; `may` says which requests may be chosen at all.
    """

    effort: Ints
    may: Flags
    must: Flags
    capacity: int
    request: Ints
    customer: Ints
    worth: Ints
    needs: tuple[tuple[int, int], ...] = ()
    once_per_need: bool = True

    @property
    def requests(self) -> int:
        """How many requests there are to choose from."""
        return int(self.effort.size)


def served_value(problem: Problem, chosen: Flags) -> int:
    """What a set of requests serves.

    >>> two = Problem(np.array([10, 10]), np.array([True] * 2), np.array([False] * 2), 20,
    ...               np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1, 1]))
    >>> served_value(two, np.array([True, True]))
    3
    >>> from dataclasses import replace
    >>> served_value(replace(two, once_per_need=False), np.array([True, True]))
    2
    """
    who = problem.customer[chosen[problem.request]]
    if problem.once_per_need:
        return int(problem.worth[who].sum())
    served = np.zeros(problem.worth.size, dtype=bool)
    served[who] = True
    return int(problem.worth[served].sum())


def with_needs(problem: Problem, chosen: Flags) -> Flags:
    """A set of requests and everything that they cannot be built without.

    >>> chain = Problem(np.array([1, 1, 1]), np.array([True] * 3), np.array([False] * 3), 9, *[np.empty(0, int)] * 3,
    ...                 needs=((0, 1), (1, 2)))
    >>> with_needs(chain, np.array([True, False, False])).tolist()
    [True, True, True]
    """
    found = chosen.copy()
    for _ in range(problem.requests):
        more = [b for a, b in problem.needs if found[a] and not found[b]]
        if not more:
            break
        found[more] = True
    return found


def without(problem: Problem, chosen: Flags, request: int) -> Flags:
    """A set without one request and without what cannot be built without it.

    >>> chain = Problem(np.array([1, 1, 1]), np.array([True] * 3), np.array([False] * 3), 9, *[np.empty(0, int)] * 3,
    ...                 needs=((0, 1), (1, 2)))
    >>> without(chain, np.array([True, True, True]), 1).tolist()
    [False, False, True]
    """
    found = chosen.copy()
    found[request] = False
    for _ in range(problem.requests):
        lost = [a for a, b in problem.needs if found[a] and not found[b]]
        if not lost:
            break
        found[lost] = False
    return found


def has_circle(needs: tuple[tuple[int, int], ...]) -> bool:
    """Say whether requests need each other in a circle, so that none could be first.

    >>> has_circle(((1, 2), (2, 3))), has_circle(((1, 2), (2, 3), (3, 1))), has_circle(((4, 4),))
    (False, True, True)
    """
    after: dict[int, set[int]] = {}
    for a, b in needs:
        after.setdefault(a, set()).add(b)
    left = set(after)
    while left:
        free = {a for a in left if not after[a] & left}
        if not free:
            return True
        left -= free
    return False


def effort_of(problem: Problem, chosen: Flags) -> int:
    """The effort of a set.

    >>> both = np.array([True, True])
    >>> effort_of(Problem(np.array([10, 5]), both, both, 9, *[np.empty(0, int)] * 3), both)
    15
    """
    return int(problem.effort[chosen].sum())


def obstacle(problem: Problem) -> str:
    """Why the must-haves cannot be planned: one may not be chosen, or they and their needs exceed the capacity; or "".

    >>> tight = Problem(np.array([30, 20]), np.array([True] * 2), np.array([True, False]), 40, *[np.empty(0, int)] * 3,
    ...                 needs=((0, 1),))
    >>> obstacle(tight)
    'too_much'
    >>> from dataclasses import replace
    >>> obstacle(replace(tight, capacity=50)), obstacle(replace(tight, may=np.array([True, False])))
    ('', 'not_allowed')
    """
    wanted = with_needs(problem, problem.must)
    if (wanted & ~problem.may).any():
        return "not_allowed"
    return "too_much" if effort_of(problem, wanted) > problem.capacity else ""


def fits(problem: Problem, chosen: Flags) -> bool:
    """Say whether a set may be built: allowed, with all that it needs and all must-haves, within the capacity.

    >>> one = Problem(np.array([30, 20]), np.array([True] * 2), np.array([True, False]), 40, *[np.empty(0, int)] * 3)
    >>> fits(one, np.array([True, False])), fits(one, np.array([False, True])), fits(one, np.array([True, True]))
    (True, False, False)
    """
    whole = not (with_needs(problem, chosen) & ~chosen).any() and not (problem.must & ~chosen).any()
    return bool(whole and not (chosen & ~problem.may).any() and effort_of(problem, chosen) <= problem.capacity)


def top_by_rank(problem: Problem, rank: Ints) -> Flags:
    """The plain alternative: must-haves, then down the ranking whatever still fits with what it needs.

    >>> may, must = np.array([True] * 3), np.array([False] * 3)
    >>> three = Problem(np.array([30, 20, 10]), may, must, 40, *[np.empty(0, int)] * 3)
    >>> top_by_rank(three, np.array([2, 1, 3])).tolist()
    [False, True, True]
    """
    chosen = with_needs(problem, problem.must)
    for request in np.argsort(rank, kind="stable").tolist():
        tried = chosen.copy()
        tried[request] = True
        tried = with_needs(problem, tried)
        if fits(problem, tried):
            chosen = tried
    return chosen


def greedy(problem: Problem) -> Flags:
    """The quick alternative: must-haves, then again and again what adds most for its effort and still fits.

    >>> crowd = Problem(np.array([10, 30]), np.array([True] * 2), np.array([False] * 2), 30,
    ...                 np.array([0, 0, 1, 1, 1, 1]), np.array([0, 1, 2, 3, 4, 5]), np.ones(6, int))
    >>> greedy(crowd).tolist()
    [True, False]
    """
    chosen = with_needs(problem, problem.must)
    while True:
        best, best_rate = None, 0.0
        for added in _additions(problem, chosen):
            gain = served_value(problem, added) - served_value(problem, chosen)
            rate = gain / max(effort_of(problem, added & ~chosen), 1)
            if rate > best_rate:
                best, best_rate = added, rate
        if best is None:
            return chosen
        chosen = best


def _additions(problem: Problem, chosen: Flags) -> Iterator[Flags]:
    """What could be added to a set: for each number of needed others the promising one, as gains alone can tell."""
    gains = _single_gains(problem, chosen)
    needing = {a for a, _b in problem.needs}
    room = problem.capacity - effort_of(problem, chosen)
    plain = problem.may & ~chosen & (problem.effort <= room) & (gains > 0)
    plain[list(needing)] = False
    if plain.any():
        rates = np.where(plain, gains / np.maximum(problem.effort, 1), -1.0)
        added = chosen.copy()
        added[int(np.argmax(rates))] = True
        yield added
    for request in sorted(needing):
        if not chosen[request]:
            added = chosen.copy()
            added[request] = True
            added = with_needs(problem, added)
            if fits(problem, added):
                yield added


def _single_gains(problem: Problem, chosen: Flags) -> Floats:
    """What each request would add by itself to a set; 0 for those in it."""
    worth = problem.worth[problem.customer].astype(np.float64)
    if not problem.once_per_need:
        served = np.zeros(problem.worth.size, dtype=bool)
        served[problem.customer[chosen[problem.request]]] = True
        worth = np.where(served[problem.customer], 0.0, worth)
    return np.where(chosen, 0.0, np.bincount(problem.request, weights=worth, minlength=problem.requests))


def marginal_gains(problem: Problem, chosen: Flags) -> Ints:
    """What each request adds: for a chosen one what would be lost without it and those that need it, for another what
    would be won with it and what it needs, whatever the capacity.

    >>> two = Problem(np.array([10, 10]), np.array([True] * 2), np.array([False] * 2), 10,
    ...               np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1, 1]), once_per_need=False)
    >>> marginal_gains(two, np.array([False, True])).tolist()
    [0, 2]
    """
    whole = served_value(problem, chosen)
    found = []
    for request in range(problem.requests):
        if chosen[request]:
            found.append(whole - served_value(problem, without(problem, chosen, request)))
        else:
            added = chosen.copy()
            added[request] = True
            found.append(served_value(problem, with_needs(problem, added)) - whole)
    return np.array(found, dtype=np.int64)


def why_left_out(problem: Problem, chosen: Flags, request: int, gain: int, is_estimated: bool) -> str:
    """Why a request is not in the set: no effort known, not allowed, too big, adds nothing, or no room for it.

    >>> two = Problem(np.array([10, 90]), np.array([True] * 2), np.array([False] * 2), 20, *[np.empty(0, int)] * 3)
    >>> none = np.array([False, False])
    >>> why_left_out(two, none, 1, 5, True), why_left_out(two, none, 0, 0, True), why_left_out(two, none, 0, 5, False)
    ('too_big', 'no_gain', 'no_effort')
    """
    alone = np.zeros(problem.requests, dtype=bool)
    alone[request] = True
    alone = with_needs(problem, alone)
    if not is_estimated:
        return "no_effort"
    if (alone & ~problem.may).any():
        return "not_allowed"
    if effort_of(problem, alone) > problem.capacity:
        return "too_big"
    if gain <= 0:
        return "no_gain"
    return "no_room"


def unserved(problem: Problem, chosen: Flags) -> Ints:
    """The customers who asked for something and get none of it, ascending.

    >>> two = Problem(np.array([10, 10]), np.array([True] * 2), np.array([False] * 2), 10,
    ...               np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1, 1]))
    >>> unserved(two, np.array([True, False])).tolist()
    [1]
    """
    return np.setdiff1d(problem.customer, problem.customer[chosen[problem.request]])


def alike_customers(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Put customers who want exactly the same together: pairs of (request, group), and what each group counts.

    >>> same = Problem(np.array([1, 1]), *[np.array([True] * 2)] * 2, 1, np.array([0, 0, 1]), np.array([0, 1, 1]),
    ...                np.array([5, 7]))
    >>> [part.tolist() for part in alike_customers(same)]
    [[0, 0, 1], [0, 1, 1], [5, 7]]
    """
    draw = np.random.default_rng(7)
    # Two sums of random 63-bit numbers, one per wish, tell sets apart: equal sums of unequal sets do not occur.
    marks = draw.integers(1, 2**62, (2, max(problem.requests, 1)), dtype=np.int64).astype(np.uint64)
    sums = np.zeros((2, problem.worth.size), dtype=np.uint64)
    for row in range(2):
        np.add.at(sums[row], problem.customer, marks[row][problem.request])
    asking = np.unique(problem.customer)
    _kinds, group = np.unique(sums[:, asking], axis=1, return_inverse=True)
    group = group.reshape(-1)
    of_customer = np.zeros(problem.worth.size, dtype=np.int64)
    of_customer[asking] = group
    worth = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(worth, group, problem.worth[asking])
    pairs = np.unique(np.column_stack([problem.request, of_customer[problem.customer]]), axis=0)
    order = np.lexsort((pairs[:, 0], pairs[:, 1]))
    renumbered = _by_first_use(pairs[order, 1])
    return pairs[order, 0], renumbered[pairs[order, 1]], worth[np.argsort(renumbered)]


def _by_first_use(groups: Ints) -> Ints:
    """Number groups in the order in which they appear."""
    kinds, first = np.unique(groups, return_index=True)
    found = np.empty(kinds.size, dtype=np.int64)
    found[np.argsort(first)] = np.arange(kinds.size)
    return found
