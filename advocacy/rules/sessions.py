"""Did use change after a sharing session, by more than chance and by more than among those who did not come?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from common.intervals import student_quantile

# Days of use that are compared, before a session and after it; the day itself belongs to neither.
EFFECT_DAYS = 30
# With fewer accounts than this nothing is said.
FEWEST = 20


class EffectVerdict(StrEnum):
    """What may be said of a change."""

    TOO_FEW = "too_few"
    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Change:
    """A mean change with the interval in which it lies in 95 of 100 cases, of so many accounts; none with too few."""

    count: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> EffectVerdict:
        """Whether the interval lies above nothing, below it, or around it."""
        return effect_verdict(self.low, self.high)


def effect_verdict(low: float | None, high: float | None) -> EffectVerdict:
    """Say up or down only where the whole interval says so.

    >>> str(effect_verdict(0.4, 3.1)), str(effect_verdict(-1.0, 2.0)), str(effect_verdict(None, None))
    ('up', 'unclear', 'too_few')
    """
    if low is None or high is None:
        return EffectVerdict.TOO_FEW
    if low > 0:
        return EffectVerdict.UP
    return EffectVerdict.DOWN if high < 0 else EffectVerdict.UNCLEAR


def mean_change(changes: Sequence[float]) -> Change:
    """Give the mean of changes, one an account, with its 95 % interval (Student); with fewer than 20, only the count.

    >>> mean_change([1.0] * 19)
    Change(count=19, mean=None, low=None, high=None)
    >>> found = mean_change([0.0, 2.0] * 10)
    >>> found.count, found.mean, round(found.low, 2), round(found.high, 2)
    (20, 1.0, 0.52, 1.48)
    """
    values = np.asarray(changes, dtype=float)
    count = len(values)
    if count < FEWEST:
        return Change(count)
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(count)
    reach = student_quantile(0.975, count - 1) * error
    return Change(count, mean, mean - reach, mean + reach)


def difference_of_changes(came: Sequence[float], stayed: Sequence[float]) -> Change:
    """Give how much more use changed among those who came than among those who did not, with Welch's 95 % interval.

    With fewer than 20 on either side there is only the smaller count. It is no proof: who comes may differ anyway.

    >>> difference_of_changes([1.0] * 30, [0.0] * 19)
    Change(count=19, mean=None, low=None, high=None)
    >>> found = difference_of_changes([2.0, 4.0] * 10, [0.0, 2.0] * 10)
    >>> found.mean, round(found.low, 2), round(found.high, 2)
    (2.0, 1.34, 2.66)
    """
    one, other = np.asarray(came, dtype=float), np.asarray(stayed, dtype=float)
    count = min(len(one), len(other))
    if count < FEWEST:
        return Change(count)
    parts = [float(values.var(ddof=1)) / len(values) for values in (one, other)]
    mean, spread = float(one.mean() - other.mean()), sum(parts)
    if not spread:
        return Change(count, mean, mean, mean)
    degrees = spread**2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (one, other), strict=True))
    reach = student_quantile(0.975, degrees) * math.sqrt(spread)
    return Change(count, mean, mean - reach, mean + reach)
