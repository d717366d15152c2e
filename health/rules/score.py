"""What score do measured values give, and what is it made of?

One definition on whole columns (accounts × indicators) that also serves one account. Scores, weights and contributions
are whole hundredths of a point, so what is stored adds up exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from health.rules.scorecard import WHOLE, Line, Scorecard, Steps

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.str_]

# Values are rounded before they are scored, so a score follows exactly from what is stored.
VALUE_DECIMALS = 8
# Far below a hundredth, far above the noise of floating point: an exact half stays a half.
SNAP_DECIMALS = 6
RED, YELLOW, GREEN, UNKNOWN, ONBOARDING = "red", "yellow", "green", "unknown", "onboarding"
COLOURS = np.array([RED, YELLOW, GREEN])


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of n accounts by k indicators, in the scorecard's order."""

    values: Floats  # n × k, rounded; nan where missing
    scores: Floats  # n × k, 0 to 100; nan where missing or expired
    weights: Whole  # n × k, hundredths, after redistribution; rows add up to 10,000 (or 0)
    contributions: Whole  # n × k, hundredths; rows add up to `score`
    score: Whole  # n, hundredths; 0 where nothing is measured
    measured: Whole  # n, hundredths of the weight that was measured

    @property
    def coverage(self) -> Floats:
        """The share of the weight that was measured, 0 to 1."""
        return self.measured / WHOLE


@dataclass(frozen=True, slots=True)
class Component:
    """What one indicator gave to one score."""

    key: str
    value: float | None
    score: Decimal | None
    weight: Decimal
    contribution: Decimal
    # It counts, but is so old that it is marked.
    is_stale: bool = False

    @property
    def is_missing(self) -> bool:
        """Say whether the indicator had no value at all."""
        return self.value is None

    @property
    def is_expired(self) -> bool:
        """Say whether the indicator had a value too old to count."""
        return self.value is not None and self.score is None

    @property
    def lost(self) -> Decimal:
        """The points that this indicator costs."""
        return self.weight - self.contribution


@dataclass(frozen=True, slots=True)
class OneScore:
    """The score of one account: None where nothing is measured."""

    score: Decimal | None
    coverage: Decimal
    components: tuple[Component, ...]


def interpolate(values: Floats, scale: Line | Steps) -> Floats:
    """Read values on a scale: 0 at the red point, 100 at the green one, straight between; or by steps.

    >>> interpolate(np.array([0.0, 0.3, 0.9, np.nan]), Line(0.1, 0.5))
    array([  0.,  50., 100.,  nan])
    >>> interpolate(np.array([12.0, 6.0, 1.0]), Line(10, 2))
    array([  0.,  50., 100.])
    >>> interpolate(np.array([-1.0, 0.0, 2.0, 7.0]), Steps((0, 2, 5), (0, 60, 100)))
    array([  0.,   0.,  60., 100.])
    """
    if isinstance(scale, Line):
        return np.clip((values - scale.red) / (scale.green - scale.red), 0, 1) * 100 + 0.0
    step = np.searchsorted(np.array(scale.froms), values, side="right") - 1
    return np.where(np.isnan(values), np.nan, np.array(scale.scores)[np.maximum(step, 0)])


def apportion(shares: Floats, totals: Whole) -> Whole:
    """Round the shares of each row to whole numbers that add up to the row's total (largest remainder).

    >>> apportion(np.array([[33.3, 33.3, 33.4], [0.5, 0.5, 0.0]]), np.array([100, 1]))
    array([[33, 33, 34],
           [ 1,  0,  0]])
    """
    shares = np.round(shares, SNAP_DECIMALS)
    floors = np.floor(shares)
    order = np.argsort(floors - shares, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(shares.shape[1]), shares.shape).copy(), axis=1)
    missing = totals - floors.sum(axis=1).astype(np.int64)
    return np.asarray(floors.astype(np.int64) + (ranks < missing[:, None]))


def score_columns(card: Scorecard, values: Floats, expired: Flags | None = None) -> Scored:
    """Score n accounts (rows) by the indicators of a scorecard (columns, in its order).

    A missing (nan) or expired value is left out, never 0: its weight goes proportionally to the others of its group,
    and the weight of a group with none left to the other groups. An indicator of weight w in a group of weight G, of
    which M is measured, weighs w · G / M, divided by the sum of the weights of the groups that have something.

    >>> from health.rules.scorecard import Group, Indicator
    >>> def one(key, weight): return Indicator(key, "", key, weight * 100, Line(0, 100), 30)
    >>> card = Scorecard((Group("p", "", (one("a", 30), one("b", 20))), Group("r", "", (one("c", 50),))))
    >>> done = score_columns(card, np.array([[np.nan, 100.0, 0.0]]))
    >>> done.score, done.coverage, done.contributions
    (array([5000]), array([0.7]), array([[   0, 5000,    0]]))
    """
    # Sums run in the order of the keys, so the order in which a scorecard lists them never moves a hundredth.
    order = np.argsort([indicator.key for indicator in card.indicators], kind="stable")
    values = np.round(np.where(np.isfinite(values), values, np.nan), VALUE_DECIMALS).astype(np.float64)
    scores = np.column_stack([interpolate(values[:, n], row.scale) for n, row in enumerate(card.indicators)])
    if expired is not None:
        scores = np.where(expired, np.nan, scores)
    shares, measured = _shares(card, np.isfinite(scores))
    raw = (shares * np.nan_to_num(scores) * 100)[:, order]
    raw = np.round(raw, SNAP_DECIMALS).astype(np.float64)
    score = np.minimum(np.floor(np.round(raw.sum(axis=1), SNAP_DECIMALS) + 0.5), WHOLE).astype(np.int64)
    contributions = np.empty(raw.shape, dtype=np.int64)
    contributions[:, order] = apportion(raw, score)
    weights = np.empty(raw.shape, dtype=np.int64)
    weights[:, order] = apportion(shares[:, order] * WHOLE, np.where(measured > 0, WHOLE, 0))
    return Scored(values, scores, weights, contributions, score, measured)


def _shares(card: Scorecard, present: Flags) -> tuple[Floats, Whole]:
    """Redistribute the weights of what is missing: shares that add up to 1, and the weight that was measured."""
    weights = np.where(present, np.array([indicator.weight for indicator in card.indicators]), 0)
    shares = np.zeros(weights.shape)
    standing = np.zeros(len(weights))
    spans, begin = [], 0
    for group in card.groups:
        spans.append((slice(begin, begin + len(group.indicators)), group.weight))
        begin += len(group.indicators)
    for span, whole in spans:
        found = weights[:, span].sum(axis=1)
        standing += np.where(found > 0, whole, 0)
        shares[:, span] = weights[:, span] * whole / np.maximum(found, 1)[:, None]
    return shares / np.maximum(standing, 1)[:, None], weights.sum(axis=1)


def settle_bands(
    card: Scorecard,
    done: Scored,
    *,
    previous_bands: Words | None = None,
    previous_scores: Floats | None = None,
    in_grace: Flags | None = None,
) -> Words:
    """Name the band of each score, given the band and the score (in points) of the reading before.

    An edge counts as crossed when the score is `clear_points` past it or was beyond it at the reading before too, so
    a score that trembles on an edge keeps its band. Less coverage than the floor is unknown, a new customer onboarding.

    >>> from health.rules.scorecard import Group, Indicator
    >>> card = Scorecard((Group("g", "", (Indicator("a", "", "a", WHOLE, Line(0, 100), 30),)),))
    >>> done = score_columns(card, np.array([[74.0], [74.0], [72.0]]))
    >>> before, last = np.array(["green"] * 3), np.array([76.0, 74.0, 76.0])
    >>> settle_bands(card, done, previous_bands=before, previous_scores=last).tolist()
    ['green', 'yellow', 'yellow']
    """
    points = done.score / 100
    before = np.full(len(points), "", dtype="U10") if previous_bands is None else previous_bands
    last = np.full(len(points), np.nan) if previous_scores is None else previous_scores
    settled = np.isin(before, COLOURS)
    above_all = np.zeros(len(points), dtype=np.int64)
    for edge, colours in ((card.yellow, (YELLOW, GREEN)), (card.green, (GREEN,))):
        now, was = points >= edge, np.isin(before, colours)
        clear = np.where(now, points >= edge + card.clear_points, points <= edge - card.clear_points)
        repeated = np.isfinite(last) & ((last >= edge) == now)
        crossed = clear | repeated if card.readings == 2 else np.ones_like(now)
        above_all += np.where(settled & (now != was) & ~crossed, was, now)
    for rule in card.knock_outs:
        column = [indicator.key for indicator in card.indicators].index(rule.indicator)
        out = np.nan_to_num(done.scores[:, column], nan=100.0) < rule.below
        above_all = np.where(out, np.minimum(above_all, int(np.flatnonzero(rule.band == COLOURS)[0])), above_all)
    bands = COLOURS[above_all].astype("U10")
    bands[(done.coverage < card.coverage_floor) | (done.measured == 0)] = UNKNOWN
    if in_grace is not None:
        bands[in_grace] = ONBOARDING
    return bands


def score_one(card: Scorecard, values: Mapping[str, float | None], expired: Collection[str] = ()) -> OneScore:
    """Score one account by the same rule.

    >>> from health.rules.scorecard import Group, Indicator
    >>> def one(key, weight): return Indicator(key, "", key, weight * 100, Line(0, 100), 30)
    >>> group = Group("all", "", (one("a", 50), one("b", 25), one("c", 10), one("d", 5), one("e", 10)))
    >>> result = score_one(Scorecard((group,)), {"a": None, "b": 40, "c": 80, "d": 100, "e": 60})
    >>> result.score, result.coverage, [str(part.contribution) for part in result.components]
    (Decimal('58.00'), Decimal('0.5000'), ['0.00', '20.00', '16.00', '10.00', '12.00'])
    """
    keys = [indicator.key for indicator in card.indicators]
    row = [np.nan if (found := values.get(key)) is None else float(found) for key in keys]
    done = score_columns(card, np.array([row]), np.array([[key in expired for key in keys]]))
    return OneScore(
        score=points(done.score[0]) if done.measured[0] else None,
        coverage=Decimal(int(done.measured[0])).scaleb(-4),
        components=tuple(
            Component(
                key=key,
                value=None if np.isnan(done.values[0, n]) else float(done.values[0, n]),
                score=None if np.isnan(done.scores[0, n]) else Decimal(f"{done.scores[0, n]:.2f}"),
                weight=points(done.weights[0, n]),
                contribution=points(done.contributions[0, n]),
            )
            for n, key in enumerate(keys)
        ),
    )


def points(hundredths: Any) -> Decimal:
    """Turn whole hundredths into points with two decimals.

    >>> points(5833)
    Decimal('58.33')
    """
    return Decimal(int(hundredths)).scaleb(-2)
