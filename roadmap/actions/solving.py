"""Which set serves the most: solved exactly by a solver library, within a time limit?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from roadmap.rules.planning import Problem, alike_customers, fits, greedy, served_value, top_by_rank, with_needs
from roadmap.rules.support import Flags, Ints


@dataclass(frozen=True, slots=True)
class Solution:
    """The best set found, the two plain ones beside it, and whether it is proved that none is better."""

    chosen: Flags
    top: Flags
    greedy: Flags
    is_proved: bool
    # No set serves more than this; equal to what the best one serves when that is proved.
    bound: int


def solve(problem: Problem, rank: Ints, *, seconds: float) -> Solution:
    """Find the set that serves the most. What the solver gives is checked in whole numbers before it is believed.

    When time runs out the best set known is given, which is never worse than the plain ones.
    """
    if not problem.requests:
        nothing = np.zeros(0, dtype=bool)
        return Solution(nothing, nothing, nothing, True, 0)
    top, quick = top_by_rank(problem, rank), greedy(problem)
    everything = served_value(problem, with_needs(problem, problem.may))
    answer = _solver_answer(problem, seconds)
    found, bound, is_optimal = answer if answer else (None, float(everything), False)
    best = max(
        [one for one in (found, quick, top) if one is not None and fits(problem, one)],
        key=lambda one: served_value(problem, one),
    )
    value = served_value(problem, best)
    # The bound is a floating number; sets serve whole numbers.
    bound_in_whole = min(int(np.floor(bound * (1 + 1e-9) + 1e-6)), everything)
    is_proved = is_optimal or bound_in_whole <= value
    return Solution(best, top, quick, is_proved, value if is_proved else max(bound_in_whole, value))


def _solver_answer(problem: Problem, seconds: float) -> tuple[Flags, float, bool] | None:
    """Ask the solver: one yes or no per request and, if customers count once, a share served per kind of customer."""
    # Loaded where it is used: it takes a while, and no page needs it.
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    gains, rows, least = _model(problem)
    count, extra = problem.requests, gains.size - problem.requests
    upper = np.concatenate([problem.may.astype(float), np.ones(extra)])
    lower = np.concatenate([(problem.must & problem.may).astype(float), np.zeros(extra)])
    result = milp(
        c=-gains,
        constraints=[LinearConstraint(rows, lb=least, ub=np.inf)],
        integrality=np.concatenate([np.ones(count), np.zeros(extra)]),
        bounds=Bounds(lower, upper),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    scale = _scale(problem)
    best = -float(result.mip_dual_bound if result.mip_dual_bound is not None else result.fun)
    return np.asarray(result.x[:count] > 0.5), best * scale, result.status == 0


def _scale(problem: Problem) -> float:
    """What the solver counts in: so that ten millions of it are all there is, and its tolerance is below a cent."""
    return max(1.0, float(problem.worth[problem.customer].sum()) / 1e7)


def _model(problem: Problem) -> tuple[Any, Any, Any]:
    """What each unknown is worth, and the rows that have to be at least so much: capacity, needs, customers."""
    from scipy.sparse import coo_array  # noqa: PLC0415  as above

    count = problem.requests
    worth = problem.worth / _scale(problem)
    triples: list[tuple[Any, Any, Any]] = [
        (np.zeros(count, dtype=int), np.arange(count), -problem.effort.astype(float))
    ]
    least = [-float(problem.capacity)]
    for number, (a, b) in enumerate(problem.needs, start=1):
        triples.append((np.array([number, number]), np.array([b, a]), np.array([1.0, -1.0])))
        least.append(0.0)
    if problem.once_per_need:
        gains = np.bincount(problem.request, weights=worth[problem.customer], minlength=count)
    else:
        request, group, counts = alike_customers(problem)
        size = np.bincount(group, minlength=counts.size)
        # Who wants one thing alone is served with it, and needs no unknown of their own.
        lone = size[group] == 1
        gains = np.bincount(request[lone], weights=counts[group[lone]] / _scale(problem), minlength=count)
        several = np.flatnonzero(size > 1)
        place = np.full(counts.size, -1)
        place[several] = np.arange(several.size)
        row = place[group[~lone]] + len(least)
        triples.append((row, request[~lone], np.ones(row.size)))
        triples.append((np.arange(several.size) + len(least), count + np.arange(several.size), -np.ones(several.size)))
        least += [0.0] * several.size
        gains = np.concatenate([gains, counts[several] / _scale(problem)])
    row, column, value = (np.concatenate(parts) for parts in zip(*triples, strict=True))
    return gains, coo_array((value, (row, column)), shape=(len(least), gains.size)).tocsr(), np.array(least)
