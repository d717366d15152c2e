"""Did a playbook change anything, against customers who were alike on the day and did not get it?

Everything works on columns. A playbook is started because somebody fares badly, and who fares badly does better by
himself afterwards as often as not: so each account that got it is set beside accounts of the same day that did not,
alike in what was known that day, and only the difference between the two counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.intervals import student_quantile

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Fewer pairs than this say nothing.
FEWEST = 20
# How many untreated accounts stand beside one treated at most.
MOST_PARTNERS = 3
# The range that is shown leaves out the truth once in twenty times. Every night several playbooks are judged by three
# measures each, so that one of them "works" is only said when a range that errs once in a hundred leaves out zero.
SHOWN, SAID = 0.95, 0.99


@dataclass(frozen=True, slots=True)
class Calipers:
    """How far two accounts may differ and still be called alike."""

    # ARR at most so many times the other's.
    times_as_large: float = 2.5
    # Tenure at most so many times the other's, with half a year's grace for the young.
    times_as_long: float = 2.5
    # Points of health, and points a week over four weeks.
    score: float = 8.0
    trend: float = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What was known of accounts on a day: rows are accounts; nan where it was not known."""

    account: Ints
    tier: Ints
    band: Ints
    arr: Floats
    tenure: Floats
    score: Floats
    trend: Floats

    def __len__(self) -> int:
        return len(self.account)

    def at(self, rows: Ints) -> Standing:
        """Some of the rows."""
        return Standing(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Estimate:
    """The difference that a playbook made by one measure, with its range; nothing is said of too few pairs."""

    pairs: int
    partners: int
    treated: float | None = None
    untreated: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = "too_few"


def match_untreated(
    treated: Standing, pool: Standing, calipers: Calipers = Calipers(), most: int = MOST_PARTNERS
) -> tuple[Ints, Ints]:
    """Set untreated accounts of the same day beside treated ones: the same tier and band, near in all else.

    Nobody is partner twice. Everybody gets a first partner before anybody gets a second, the nearest first. Returns
    pairs of places (in `treated`, in `pool`).

    >>> def rows(*accounts, arr, score):
    ...     n, like = len(accounts), np.ones(len(accounts))
    ...     return Standing(np.array(accounts), like, like, np.array(arr), like * 400, np.array(score), like * -1)
    >>> treated = rows(1, arr=[10e3], score=[48.0])
    >>> pool = rows(7, 8, 9, arr=[11e3, 90e3, 9e3], score=[55.0, 48.0, 47.0])
    >>> [part.tolist() for part in match_untreated(treated, pool)]
    [[0, 0], [2, 0]]
    """
    ours, theirs = _coordinates(treated, calipers), _coordinates(pool, calipers)
    kinds = _kinds(treated), _kinds(pool)
    free = ~np.isin(pool.account, treated.account)
    places = {kind: np.flatnonzero(kinds[1] == kind) for kind in np.unique(kinds[0]).tolist()}
    found: list[tuple[int, int]] = []
    for _ in range(most):
        for row in range(len(treated)):
            near = places[int(kinds[0][row])]
            near = near[free[near]]
            if not len(near):
                continue
            off = np.abs(theirs[near] - ours[row])
            distance = np.where((off <= 1).all(axis=1), (off**2).sum(axis=1), np.inf)
            best = int(np.argmin(distance))
            if np.isfinite(distance[best]):
                free[near[best]] = False
                found.append((row, int(near[best])))
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _coordinates(rows: Standing, calipers: Calipers) -> Floats:
    """What must be near, in units of its caliper; what is not known is alike among those of whom it is not known."""
    columns = (
        np.log(np.maximum(rows.arr, 1)) / math.log(calipers.times_as_large),
        np.log(np.maximum(rows.tenure, 0) + 182) / math.log(calipers.times_as_long),
        np.nan_to_num(rows.score) / calipers.score,
        np.nan_to_num(rows.trend) / calipers.trend,
    )
    return np.stack(columns, axis=1)


def _kinds(rows: Standing) -> Ints:
    """What must be the same: tier, band, and whether score and trend are known at all."""
    known = np.isfinite(rows.score) * 2 + np.isfinite(rows.trend)
    return np.asarray((rows.tier * 100 + rows.band) * 4 + known, dtype=np.int64)


def differences(pair: Ints, treated: Floats, untreated: Floats, partner_of: Ints) -> tuple[Ints, Floats, Floats]:
    """Take the mean of its partners from each treated account, where both are known.

    `treated` has one row a pair (numbered by `pair`), `untreated` one a partner, who belongs to the pair `partner_of`.
    Returns the pairs that count, and of each the value of the treated and the mean of the partners.

    >>> said = differences(np.array([1, 2]), np.array([5.0, 1.0]), np.array([1.0, 2.0, np.nan]), np.array([1, 1, 2]))
    >>> [part.tolist() for part in said]
    [[1], [5.0], [1.5]]
    """
    known = np.isfinite(untreated)
    at = np.searchsorted(pair, partner_of[known])
    count = np.bincount(at, minlength=len(pair))
    total = np.bincount(at, weights=untreated[known], minlength=len(pair))
    kept = np.isfinite(treated) & (count > 0)
    return pair[kept], treated[kept], total[kept] / count[kept]


def mean_effect(
    treated: Floats, untreated: Floats, off: Floats | None = None, partners: int = 0, fewest: int = FEWEST
) -> Estimate:
    """Estimate the mean difference within pairs, with what is left of unlikeness taken out of it.

    The differences are regressed on how far the two still differ in what was known at the start (`off`, pairs × k); the
    line's height where they differ in nothing is the effect (Rubin 1973). Its error is White's, with the small-sample
    weights HC3, and its range Student's, so that it holds for twenty pairs as for two thousand.

    >>> rng = np.random.default_rng(1)
    >>> untreated = rng.normal(0, 4, 60)
    >>> found = mean_effect(untreated + 5 + rng.normal(0, 4, 60), untreated)
    >>> found.verdict, found.low < 5 < found.high
    ('better', True)
    >>> mean_effect(np.zeros(19), np.zeros(19)).verdict
    'too_few'
    """
    return _estimate(treated, untreated, off, partners, max(fewest, FEWEST), np.empty(0))


def kept_effect(
    treated: Floats, untreated: Floats, off: Floats | None = None, partners: int = 0, fewest: int = FEWEST
) -> Estimate:
    """Estimate the difference in the share that stayed, from 1 for stayed and 0 for left.

    As `mean_effect`, but for its range one more pair is thought for each side, as Bonett and Price (2012) do for pairs,
    so that it stays honest where nearly all, or all, have stayed.

    >>> all_stayed = kept_effect(np.ones(40), np.ones(40))
    >>> all_stayed.effect, round(all_stayed.low, 2), round(all_stayed.high, 2), all_stayed.verdict
    (0.0, -0.07, 0.07, 'no_sign')
    """
    return _estimate(treated, untreated, off, partners, max(fewest, FEWEST), np.array([1.0, -1.0]))


def _estimate(
    treated: Floats, untreated: Floats, off: Floats | None, partners: int, fewest: int, thought: Floats
) -> Estimate:
    count = len(treated)
    if count < fewest:
        return Estimate(count, partners)
    apart = np.empty((count, 0)) if off is None else _told_apart(off)
    effect = float(_fit(treated - untreated, apart)[0])
    apart = np.concatenate([apart, np.zeros((len(thought), apart.shape[1]))])
    middle, error = _fit(np.concatenate([treated - untreated, thought]), apart)
    freedom = count - 1 - apart.shape[1]
    reach, claim = (student_quantile(0.5 + level / 2, freedom) * error for level in (SHOWN, SAID))
    verdict = "better" if middle > claim > 0 else "worse" if middle < -claim < 0 else "no_sign"
    return Estimate(
        pairs=count,
        partners=partners,
        treated=float(treated.mean()),
        untreated=float(treated.mean()) - effect,
        effect=effect,
        low=min(middle - reach, effect),
        high=max(middle + reach, effect),
        verdict=verdict,
    )


def _fit(gained: Floats, apart: Floats) -> tuple[float, float]:
    """The height of the line where nothing differs, and its standard error (HC3)."""
    design = np.column_stack([np.ones(len(gained)), apart])
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ gained
    weight = np.einsum("ij,jk,ik->i", design, inverse, design)
    left = (gained - design @ fitted) / np.maximum(1 - weight, 1e-6)
    spread = inverse @ (design.T * left**2) @ design @ inverse
    return float(fitted[0]), math.sqrt(max(float(spread[0, 0]), 0.0))


def _told_apart(off: Floats) -> Floats:
    """The columns in which pairs differ at all, in like units."""
    spread = off.std(axis=0)
    kept = spread > 1e-9
    return np.asarray(off[:, kept] / spread[kept])


def half_saved(lost: float, saved: float = 0.5) -> float:
    """What the published figure would predict: of those who would have left, this share stays.

    >>> half_saved(0.12)
    0.06
    """
    return lost * saved
