"""How much does a customer help us to win and keep others: spread, dependence, feedback?

On whole columns, one entry per customer; nan is what is not known and is left out, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts, and the first of its two measures within it (per cent); each a setting."""

    spread: float = 40
    dependence: float = 30
    feedback: float = 30
    referred: float = 60
    core: float = 60
    adopted: float = 50


@dataclass(frozen=True, slots=True)
class Measures:
    """What the score is made of, a column each.

    referred: customers brought. mentions: times they spoke of us in public. core_days: days with use of a core feature
    in 30. integrations: systems connected now. adopted: share of their requests that were built (nan without any).
    answers: survey answers in a year.
    """

    referred: Ints
    mentions: Ints
    core_days: Ints
    integrations: Ints
    adopted: Floats
    answers: Ints


@dataclass(frozen=True, slots=True)
class Scores:
    """The three parts and what they come to, 0 to 100, and the place of each customer, 1 for the best."""

    spread: Floats
    dependence: Floats
    feedback: Floats
    score: Floats
    rank: Ints


def percentile_scores(values: Floats) -> Floats:
    """Say what share of the portfolio lies below each value, 0 to 100; equal values share the middle of their places.

    (below + half of those equal, itself among them) / all that are known × 100. Nothing at all is 0 whoever else has
    nothing, so a portfolio without use scores 0; one customer alone has nobody to be compared with and stands at 50.

    >>> percentile_scores(np.array([0.0, 4.0, 4.0, 9.0, np.nan])).tolist()
    [0.0, 50.0, 50.0, 87.5, nan]
    >>> percentile_scores(np.array([7.0])).tolist(), percentile_scores(np.zeros(3)).tolist()
    ([50.0], [0.0, 0.0, 0.0])
    """
    known = ~np.isnan(values)
    ordered = np.sort(values[known])
    scores = np.full(len(values), np.nan)
    if len(ordered):
        below = np.searchsorted(ordered, values[known], side="left")
        upto = np.searchsorted(ordered, values[known], side="right")
        places = (below + upto) / 2 / len(ordered) * 100
        scores[known] = np.where(values[known] <= 0, 0.0, places)
    return scores


def weighted_mean(columns: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Average columns by weight; what is not known gives its weight to the others; nothing known is no value.

    >>> weighted_mean([np.array([80.0, np.nan]), np.array([40.0, 40.0])], [60, 40]).tolist()
    [64.0, 40.0]
    """
    table = np.stack(columns)
    shares = np.where(np.isnan(table), 0.0, np.asarray(weights, dtype=float)[:, None])
    total = shares.sum(axis=0)
    summed = (np.nan_to_num(table) * shares).sum(axis=0)
    return np.where(total > 0, summed / np.where(total > 0, total, 1), np.nan)


def advocate_score(measures: Measures, weights: Weights) -> Scores:
    """Score every customer by percentile within the portfolio, and rank them.

    spread = customers referred, public mentions; dependence = days in core features, connected systems; feedback =
    share of their requests adopted, survey answers. The score is the weighted mean of the three parts; equal scores
    share the better place.

    >>> of = lambda *values: np.array(values)
    >>> none, some = of(0, 0, 0), of(0, 3, 9)
    >>> found = advocate_score(Measures(none, some, some, none, of(np.nan, 0.5, 1.0), some), Weights())
    >>> found.spread.round(1).tolist(), found.score.round(1).tolist(), found.rank.tolist()
    ([0.0, 20.0, 33.3], [0.0, 28.2, 52.1], [3, 2, 1])
    """
    spread = _part(measures.referred, measures.mentions, weights.referred)
    dependence = _part(measures.core_days, measures.integrations, weights.core)
    feedback = _part(measures.adopted, measures.answers, weights.adopted)
    score = weighted_mean([spread, dependence, feedback], [weights.spread, weights.dependence, weights.feedback])
    return Scores(spread, dependence, feedback, score, ranks(score))


def ranks(scores: Floats) -> Ints:
    """Give each its place, 1 for the highest; equal ones share the better place, and what is not known stands last.

    >>> ranks(np.array([10.0, 30.0, 30.0, np.nan])).tolist()
    [3, 1, 1, 4]
    """
    filled = np.where(np.isnan(scores), -np.inf, scores)
    ordered = np.sort(-filled)
    return np.searchsorted(ordered, -filled, side="left").astype(np.int64) + 1


def shares_adopted(asked: Ints, adopted: Ints) -> Floats:
    """Requests that were built / requests; without a request there is no value.

    >>> shares_adopted(np.array([4, 0]), np.array([1, 0])).tolist()
    [0.25, nan]
    """
    return np.where(asked > 0, adopted / np.maximum(asked, 1), np.nan)


def _part(first: Ints | Floats, second: Ints | Floats, share: float) -> Floats:
    columns = [percentile_scores(np.asarray(values, dtype=float)) for values in (first, second)]
    return weighted_mean(columns, [share, 100 - share])
