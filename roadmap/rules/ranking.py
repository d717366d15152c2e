"""Which request comes before which, by how much, and what moved it?

The greatest-common-divisor principle (`PRODUCT.md` §7): first what at least so many customers share, then the rest;
within a band by the weighted geometric mean of percentile ranks, times validation, times a guard against concentration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from roadmap.rules.support import Flags, Floats, Ints, Parts

# The parts of which percentile ranks are taken, in the order in which they are shown: F, C, D, U, V.
PARTS = ("asks", "accounts", "spread", "users", "weighted")
DEFAULT_WEIGHTS = {"asks": 15, "accounts": 30, "spread": 20, "users": 15, "weighted": 20}
# Scores have so many decimals; what is equal to that is ordered by accounts, then by value.
PLACES = 4
# What of a score an unvalidated request keeps.
UNVALIDATED = 0.5


@dataclass(frozen=True, slots=True)
class Weighing:
    """How a ranking weighs: the weight of each part, the common band's threshold, from which share the guard acts."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    threshold: int = 10
    guard_from: float = 0.5


@dataclass(frozen=True, slots=True)
class Ranked:
    """The outcome for each request, in the order of the requests; percentile ranks as requests × parts."""

    rank: Ints
    is_common: Flags
    score: Floats
    percentiles: Floats
    guard: Floats
    best: Ints
    worst: Ints


def percentile_ranks(values: Floats | Ints, counted: Flags) -> Floats:
    """(how many lie below + half of those equal, itself included) / all, among those counted; 0 for the others.

    >>> percentile_ranks(np.array([5, 1, 5, 9, 0]), np.array([True] * 4 + [False])).tolist()
    [0.5, 0.125, 0.5, 0.875, 0.0]
    """
    held = np.sort(values[counted])
    if not held.size:
        return np.zeros(values.size)
    below = np.searchsorted(held, values, side="left")
    upto = np.searchsorted(held, values, side="right")
    return np.where(counted, (below + upto) / (2 * held.size), 0.0)


def concentration_guard(largest_share: Floats, guard_from: float = 0.5) -> Floats:
    """1 − max(0, the largest supporter's share of V − 0.5).

    >>> concentration_guard(np.array([0.2, 0.5, 0.8, 1.0])).round(2).tolist()
    [1.0, 1.0, 0.7, 0.5]
    """
    return np.asarray(1 - np.maximum(0.0, largest_share - guard_from))


def validation_factor(validation: Floats) -> Floats:
    """0.5 + 0.5 A: wishes for a part that nobody uses count for half.

    >>> validation_factor(np.array([0.0, 0.5, 1.0])).tolist()
    [0.5, 0.75, 1.0]
    """
    return np.asarray(UNVALIDATED + (1 - UNVALIDATED) * validation)


def geometric_mean(percentiles: Floats, weights: Sequence[float]) -> Floats:
    """Π pᵢ ^ (wᵢ / Σ w) of each row; 0 where a part is 0 that weighs anything.

    >>> geometric_mean(np.array([[0.25, 1.0], [0.0, 1.0]]), [1, 1]).tolist()
    [0.5, 0.0]
    """
    total = float(sum(weights))
    # Column by column and not as a product of matrices, so that the order of the rows changes no last digit.
    summed = np.zeros(percentiles.shape[0])
    with np.errstate(divide="ignore"):
        for column, weight in zip(percentiles.T, weights, strict=True):
            if weight:
                summed = summed + np.log(column) * (weight / total)
    return np.asarray(np.exp(summed))


def request_scores(parts: Parts, percentiles: Floats, weights: Sequence[float], guard: Floats) -> Floats:
    """100 × geometric mean × (0.5 + 0.5 A) × guard, to four decimals; 0 for what no customer asks for.

    >>> from roadmap.rules.support import Customers, Support, measure_support
    >>> two = Customers(*map(np.array, ([1, 2], [5, 5], [0, 0], [5, 5], [1, 1], [0, 0], [True, True])))
    >>> said = Support(*map(np.array, ([0, 0], [0, 1], [1, 1], [1, 1], [False, False])))
    >>> parts = measure_support(said, two, 2, np.array([True, False]), 1)
    >>> request_scores(parts, np.array([[0.5] * 5, [0.0] * 5]), [1] * 5, np.array([1.0, 1.0])).tolist()
    [37.5, 0.0]
    """
    raw = 100 * geometric_mean(percentiles, weights) * validation_factor(parts.validation) * guard
    return np.asarray(np.round(np.where(parts.accounts > 0, raw, 0.0), PLACES), dtype=np.float64)


def order_of(is_common: Flags, score: Floats, parts: Parts, request: Ints) -> Ints:
    """Places from 1: the common band first, then by score; equals by accounts, then value, then the older request.

    >>> from roadmap.rules.support import Parts
    >>> none = np.zeros(3, dtype=np.int64)
    >>> parts = Parts(*[none] * 14)
    >>> order_of(np.array([False, True, False]), np.array([90.0, 1.0, 95.0]), parts, np.array([1, 2, 3])).tolist()
    [3, 1, 2]
    """
    order = np.lexsort((request, -parts.weighted, -parts.accounts, -score, ~is_common))
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(1, order.size + 1)
    return rank


def rank_requests(parts: Parts, request: Ints, weighing: Weighing, swing: float = 0.2) -> Ranked:
    """Rank requests, and say how far each would move if one weight were a fifth more or less.

    Twelve customers of 600k in all come before two of 1,010k, whatever else is equal:

    >>> from roadmap.rules.support import Customers, Support, measure_support
    >>> arr = np.array([50_000] * 12 + [505_000] * 2)
    >>> all14 = Customers(np.arange(14), arr, arr * 0, arr, arr * 0 + 3, arr * 0, arr > 0)
    >>> said = Support(np.array([1] * 12 + [0] * 2), np.arange(14), *[np.ones(14, int)] * 3)
    >>> parts = measure_support(said, all14, 2, arr > 0, 1)
    >>> parts.arr.tolist(), rank_requests(parts, np.array([1, 2]), Weighing()).rank.tolist()
    ([1010000, 600000], [2, 1])
    """
    counted = parts.accounts > 0
    percentiles = np.column_stack([percentile_ranks(getattr(parts, name), counted) for name in PARTS])
    guard = concentration_guard(parts.largest_share, weighing.guard_from)
    is_common = counted & (parts.accounts >= weighing.threshold)

    def placed(weights: Sequence[float]) -> tuple[Ints, Floats]:
        score = request_scores(parts, percentiles, weights, guard)
        return order_of(is_common, score, parts, request), score

    weights = [float(weighing.weights[name]) for name in PARTS]
    rank, score = placed(weights)
    best, worst = rank.copy(), rank.copy()
    for varied in varied_weights(weights, swing):
        other, _score = placed(varied)
        best, worst = np.minimum(best, other), np.maximum(worst, other)
    return Ranked(rank, is_common, score, percentiles, guard, best, worst)


def varied_weights(weights: Sequence[float], swing: float) -> list[list[float]]:
    """The same weights with one of them less, then more, by a share; the others as they are.

    >>> varied_weights([10, 20], 0.5)
    [[5.0, 20], [15.0, 20], [10, 10.0], [10, 30.0]]
    """
    return [
        [*weights[:place], weights[place] * factor, *weights[place + 1 :]]
        for place in range(len(weights))
        for factor in (1 - swing, 1 + swing)
    ]


def ranks_when_varied(
    parts: Parts, request: Ints, weighing: Weighing, place: int, swing: float
) -> dict[str, list[int]]:
    """The place of one request with each weight a share less, and a share more.

    >>> from roadmap.rules.support import Parts
    >>> none = np.zeros(2, dtype=np.int64)
    >>> ranks_when_varied(Parts(*[none] * 14), np.array([1, 2]), Weighing(), 1, 0.2)["asks"]
    [2, 2]
    """
    counted = parts.accounts > 0
    percentiles = np.column_stack([percentile_ranks(getattr(parts, name), counted) for name in PARTS])
    guard = concentration_guard(parts.largest_share, weighing.guard_from)
    is_common = counted & (parts.accounts >= weighing.threshold)
    found = [
        int(order_of(is_common, request_scores(parts, percentiles, varied, guard), parts, request)[place])
        for varied in varied_weights([float(weighing.weights[name]) for name in PARTS], swing)
    ]
    return {name: found[2 * number : 2 * number + 2] for number, name in enumerate(PARTS)}


@dataclass(frozen=True, slots=True)
class Standing:
    """What made a request's score on one day: percentile ranks and weights by part, validation, guard, the score."""

    score: float
    percentiles: Mapping[str, float]
    weights: Mapping[str, float]
    validation: float
    guard: float


def score_drivers(before: Standing, now: Standing) -> dict[str, float]:
    """Split the change of a score into its parts, validation, guard and changed weights; they add up to it exactly.

    Each factor's share is the logarithmic mean of both scores × the change of the factor's logarithm. A score that
    comes from 0 or goes to 0 is one part by itself: whether any customer asks at all.

    >>> old = Standing(20.0, dict.fromkeys(PARTS, 0.4), dict.fromkeys(PARTS, 1), 0.0, 1.0)
    >>> new = Standing(40.0, dict.fromkeys(PARTS, 0.4), dict.fromkeys(PARTS, 1), 1.0, 1.0)
    >>> {name: round(points, 6) for name, points in score_drivers(old, new).items() if points}
    {'validation': 20.0}
    >>> score_drivers(Standing(0.0, {}, {}, 0.0, 1.0), new)
    {'support': 40.0}
    """
    if before.score <= 0 or now.score <= 0:
        return {"support": now.score - before.score}
    logs = _log_changes(before, now)
    change, total = now.score - before.score, sum(logs.values())
    # The stored scores are rounded: what that leaves over is spread with the rest.
    scale = change / total if abs(total) > 1e-12 else 0.0
    return {name: scale * value for name, value in logs.items()}


def _log_changes(before: Standing, now: Standing) -> dict[str, float]:
    """How much each factor of the score changed, as differences of logarithms."""
    shares = [_normal(one.weights) for one in (before, now)]
    found: dict[str, float] = {}
    weights = 0.0
    for name in PARTS:
        first, last = (np.log(one.percentiles[name]) for one in (before, now))
        found[name] = float((shares[0][name] + shares[1][name]) / 2 * (last - first))
        weights += float((shares[1][name] - shares[0][name]) * (first + last) / 2)
    found["validation"] = float(
        np.log(UNVALIDATED + (1 - UNVALIDATED) * now.validation)
        - np.log(UNVALIDATED + (1 - UNVALIDATED) * before.validation)
    )
    found["guard"] = float(np.log(now.guard) - np.log(before.guard))
    found["weights"] = weights
    return found


def _normal(weights: Mapping[str, float]) -> dict[str, float]:
    total = float(sum(weights[name] for name in PARTS))
    return {name: float(weights[name]) / total for name in PARTS}
