"""Is the pipeline enough for the target, and what had customers in common before they bought more?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
QUARTER_MONTHS = 3


def quarter_start(day: dt.date, quarters: int = 0) -> dt.date:
    """The first day of a day's quarter, or of one some quarters on.

    >>> quarter_start(dt.date(2026, 11, 23)), quarter_start(dt.date(2026, 11, 23), 1)
    (datetime.date(2026, 10, 1), datetime.date(2027, 1, 1))
    """
    number = (day.year * 12 + day.month - 1) // QUARTER_MONTHS + quarters
    year, month = divmod(number * QUARTER_MONTHS, 12)
    return dt.date(year, month + 1, 1)


def weighted_arr(cents: Ints, percent: Ints) -> Ints:
    """Amounts times how likely they are, each rounded half up to the whole cent.

    >>> weighted_arr(np.array([1000, 333]), np.array([30, 50])).tolist()
    [300, 167]
    """
    result: Ints = (2 * cents * percent + 100) // 200
    return result


def target_rate(credited: Decimal, target: Decimal | None) -> Decimal | None:
    """What was brought in / what was to be brought in; without a target there is no value.

    >>> target_rate(Decimal(30), Decimal(120)), target_rate(Decimal(30), None) is None
    (Decimal('0.25'), True)
    """
    return credited / target if target else None


def pipeline_coverage(weighted: Decimal, credited: Decimal, target: Decimal | None) -> Decimal | None:
    """Weighted open pipeline / what is still missing; no value without a target, or once it is reached.

    >>> pipeline_coverage(Decimal(60), Decimal(80), Decimal(120))
    Decimal('1.5')
    >>> pipeline_coverage(Decimal(60), Decimal(120), Decimal(120)) is None
    True
    """
    if target is None or credited >= target:
        return None
    return weighted / (target - credited)


@dataclass(frozen=True)
class TraitLift:
    """How many customers had a trait and how many lacked it, and how many of each expanded afterwards."""

    having: int
    having_expanded: int
    lacking: int
    lacking_expanded: int

    @property
    def rate_with(self) -> float | None:
        """The share that expanded among those with the trait."""
        return self.having_expanded / self.having if self.having else None

    @property
    def rate_without(self) -> float | None:
        """The share that expanded among those without it."""
        return self.lacking_expanded / self.lacking if self.lacking else None

    @property
    def lift(self) -> float | None:
        """How many times as often those with the trait expanded; no value where nobody without it did."""
        if self.rate_with is None or not self.rate_without:
            return None
        return self.rate_with / self.rate_without

    def is_few(self, least: int) -> bool:
        """Whether either side is too small to say anything."""
        return min(self.having, self.lacking) < least or self.having_expanded + self.lacking_expanded == 0


def trait_lift(known: Flags, present: Flags, expanded: Flags) -> TraitLift:
    """Count who expanded with a trait and without; where the trait was not known on its day, the case is left out.

    >>> trait_lift(np.array([1, 1, 1, 0]) > 0, np.array([1, 1, 0, 1]) > 0, np.array([1, 0, 0, 1]) > 0)
    TraitLift(having=2, having_expanded=1, lacking=1, lacking_expanded=0)
    """
    having, lacking = known & present, known & ~present
    return TraitLift(
        int(having.sum()), int((having & expanded).sum()), int(lacking.sum()), int((lacking & expanded).sum())
    )


def trait_weight(counts: TraitLift, least: int) -> float:
    """The natural logarithm of the lift; 0 where there are too few cases to tell.

    Half a case is added to each count, and one to each whole, so that a share of 0 does not weigh without bounds.

    >>> round(trait_weight(TraitLift(40, 20, 160, 20), 10), 3), trait_weight(TraitLift(4, 4, 160, 20), 10)
    (1.368, 0.0)
    """
    if counts.is_few(least):
        return 0.0
    rate_with = (counts.having_expanded + 0.5) / (counts.having + 1)
    rate_without = (counts.lacking_expanded + 0.5) / (counts.lacking + 1)
    return float(np.log(rate_with / rate_without))


def fit_points(present: Flags, weights: Floats) -> Floats:
    """How much an account looks like those that expanded: 100 × the sum of the weights of its traits.

    0 is neither here nor there; every 69 points mean twice as often, if the traits told independent stories.

    >>> fit_points(np.array([[True, True], [False, True]]), np.array([0.5, -0.2])).round(6).tolist()
    [30.0, -20.0]
    """
    points: Floats = 100 * (present.astype(np.float64) @ weights)
    return points


def look_back(on: dt.date, horizon_days: int, windows: int) -> list[dt.date]:
    """The days looked back upon, newest first: each a whole span after the next, so that no expansion counts twice.

    >>> look_back(dt.date(2026, 11, 23), 182, 2)
    [datetime.date(2026, 5, 25), datetime.date(2025, 11, 24)]
    """
    return [on - dt.timedelta(days=horizon_days * (number + 1)) for number in range(windows)]


def median_cents(cents: Sequence[int]) -> int | None:
    """The middle amount; of an even number the mean of the two in the middle, rounded half up; none of none.

    >>> median_cents([300, 100, 200]), median_cents([100, 201]), median_cents([]) is None
    (200, 151, True)
    """
    if not cents:
        return None
    ordered = sorted(cents)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle] + 1) // 2
