"""Where is a score heading, and how does a whole family of accounts fare?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from health.rules.score import Floats


@dataclass(frozen=True, slots=True)
class Family:
    """The health of a parent with its children: the worst of them, and the figure weighted by contract."""

    worst: Decimal | None
    weighted: Decimal | None


def trend_slopes(days: Floats, scores: Floats) -> Floats:
    """Fit a straight line through each row of scores: points per week, nan with fewer than two scores.

    Ordinary least squares; `days` are the columns' days in any order (m), `scores` is n × m with nan for gaps.

    >>> trend_slopes(np.array([0.0, 7.0, 14.0]), np.array([[60.0, 62.0, 64.0], [70.0, np.nan, np.nan]]))
    array([ 2., nan])
    >>> trend_slopes(np.array([0.0, 7.0, 14.0, 21.0]), np.array([[50.0, np.nan, 40.0, 35.0]]))
    array([-5.])
    """
    known = np.isfinite(scores)
    count = known.sum(axis=1)
    weeks = np.where(known, days / 7, 0.0)
    filled = np.where(known, scores, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        off_weeks = np.where(known, weeks - (weeks.sum(axis=1) / count)[:, None], 0.0)
        off_scores = np.where(known, filled - (filled.sum(axis=1) / count)[:, None], 0.0)
        spread = (off_weeks**2).sum(axis=1)
        slopes = (off_weeks * off_scores).sum(axis=1) / spread
    return np.asarray(np.where((count >= 2) & (spread > 0), np.round(slopes, 4) + 0.0, np.nan))


def trend_slope(days: Iterable[float], scores: Iterable[float | None]) -> float | None:
    """Fit the line for one account.

    >>> trend_slope([0, 7, 14], [60, 62, 64]), trend_slope([0], [60])
    (2.0, None)
    """
    row = np.array([[np.nan if score is None else float(score) for score in scores]])
    slope = trend_slopes(np.array([float(day) for day in days]), row)[0]
    return None if np.isnan(slope) else float(slope)


def family_health(members: Iterable[tuple[Decimal | None, Decimal]]) -> Family:
    """Roll (score, ARR) of a parent's accounts up: the worst, and the mean weighted by ARR of those that have a score.

    >>> family_health([(Decimal(80), Decimal(300)), (Decimal(40), Decimal(100)), (None, Decimal(50))])
    Family(worst=Decimal('40'), weighted=Decimal('70.00'))
    >>> family_health([(Decimal(80), Decimal(0))])
    Family(worst=Decimal('80'), weighted=None)
    """
    scored = [(score, arr) for score, arr in members if score is not None]
    total = sum((arr for _, arr in scored), Decimal(0))
    return Family(
        worst=min((score for score, _ in scored), default=None),
        weighted=(sum((score * arr for score, arr in scored), Decimal(0)) / total).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )
        if total > 0
        else None,
    )
