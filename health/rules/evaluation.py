"""Did a score, a warning or a model tell who would leave?

Risk is any figure that should be higher for those who leave; `left` says who left within the horizon. An account comes
once for every day on which it was looked at, so intervals draw whole accounts again, never single rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DRAWS, SEED = 200, 20_240_131
LEAST, MOST = 1e-6, 1 - 1e-6
# From these areas on, words get stronger.
FAIR, GOOD = 0.7, 0.8
FAIR_LIFT, GOOD_LIFT = 2.0, 4.0
TOO_FEW, NEVER, CHANCE, WORSE, WEAK, FAIRLY, WELL = "too_few", "never", "chance", "worse", "weak", "fair", "good"


@dataclass(frozen=True, slots=True)
class Auc:
    """The area under the ROC curve with its 95 % interval; None where one of the two sides is empty."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like risk: what was said on average, what came, how many rows."""

    said: float
    came: float
    rows: int


@dataclass(frozen=True, slots=True)
class Flagged:
    """What came of what was flagged: precision, recall and how much likelier a flagged row was to leave."""

    flagged: int
    right: int
    events: int
    rows: int

    @property
    def precision(self) -> float | None:
        """Of those flagged, the share that left."""
        return self.right / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Of those who left, the share that was flagged."""
        return self.right / self.events if self.events else None

    @property
    def lift(self) -> float | None:
        """Precision against the share that left of all."""
        return self.right * self.rows / (self.flagged * self.events) if self.flagged and self.events else None


def roc_auc(risk: Floats, left: Flags, accounts: Ints | None = None) -> Auc | None:
    """How often one who left had the higher risk than one who stayed (ties count half), with its 95 % interval.

    The interval is the middle 95 % over 200 draws of whole accounts, with a fixed seed.

    >>> found = roc_auc(np.array([0.9, 0.8, 0.3, 0.2]), np.array([True, False, True, False]))
    >>> found.value
    0.75
    >>> roc_auc(np.array([0.9]), np.array([True])) is None
    True
    """
    if not left.any() or left.all():
        return None
    ranks = np.unique(risk, return_inverse=True)[1].astype(np.int64)
    weights = np.ones(len(risk))
    value = _area(ranks, left, weights)
    owners = np.arange(len(risk)) if accounts is None else np.unique(accounts, return_inverse=True)[1]
    rng, count = np.random.default_rng(SEED), int(owners.max()) + 1
    drawn = []
    for _ in range(DRAWS):
        area = _area(ranks, left, np.bincount(rng.integers(0, count, count), minlength=count)[owners].astype(float))
        if np.isfinite(area):
            drawn.append(area)
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (0.0, 1.0)
    return Auc(float(value), float(min(low, value)), float(max(high, value)))


def _area(ranks: Ints, left: Flags, weights: Floats) -> float:
    gone = np.bincount(ranks[left], weights=weights[left], minlength=int(ranks.max()) + 1)
    stay = np.bincount(ranks[~left], weights=weights[~left], minlength=len(gone))
    below = np.cumsum(stay) - stay
    pairs = gone.sum() * stay.sum()
    return float((gone * (below + stay / 2)).sum() / pairs) if pairs else float("nan")


def average_precision(risk: Floats, left: Flags) -> float | None:
    """Precision averaged over the recalls that each threshold adds; equal risks are one threshold.

    >>> round(average_precision(np.array([0.9, 0.8, 0.3]), np.array([True, False, True])), 4)
    0.8333
    """
    if not left.any():
        return None
    order = np.argsort(-risk, kind="stable")
    hits = np.cumsum(left[order])
    last = np.append(np.flatnonzero(np.diff(risk[order])), len(risk) - 1)
    recall = hits[last] / hits[-1]
    return float((np.diff(np.append(0.0, recall)) * hits[last] / (last + 1)).sum())


def calibration(risk: Floats, left: Flags, bins: int = 10) -> tuple[Bin, ...]:
    """What was said against what came, in bins of equally many rows, lowest risk first.

    >>> calibration(np.array([0.1, 0.1, 0.6, 0.8]), np.array([False, False, True, False]), bins=2)
    (Bin(said=0.1, came=0.0, rows=2), Bin(said=0.7, came=0.5, rows=2))
    """
    order = np.argsort(risk, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return tuple(Bin(float(risk[part].mean()), float(left[part].mean()), len(part)) for part in parts)


def top_lift(risk: Floats, left: Flags, share: float = 0.1) -> float | None:
    """How much more often those of the highest tenth left than all did.

    >>> top_lift(np.arange(10.0), np.arange(10) >= 8)
    5.0
    """
    if not left.any():
        return None
    count = max(1, round(len(risk) * share))
    top = np.argsort(-risk, kind="stable")[:count]
    return float(left[top].mean() / left.mean())


def log_loss(risk: Floats, left: Flags) -> float:
    """The mean surprise at what came; lower is better, and a sure error costs most.

    >>> round(log_loss(np.array([0.5, 0.5]), np.array([True, False])), 4)
    0.6931
    """
    sure = np.clip(risk, LEAST, MOST)
    return float(-np.where(left, np.log(sure), np.log1p(-sure)).mean())


def flagged(flags: Flags, left: Flags) -> Flagged:
    """Count what was flagged, and how much of it left.

    >>> found = flagged(np.array([True, True, False, False]), np.array([True, False, True, False]))
    >>> found.precision, found.recall, found.lift
    (0.5, 0.5, 1.0)
    """
    return Flagged(int(flags.sum()), int((flags & left).sum()), int(left.sum()), len(left))


def lead_days(days: Ints, accounts: Ints, flags: Flags, left_on: Ints) -> Ints:
    """For each account that left after being flagged: days from the start of its last unbroken run of flags.

    The rows are looks at accounts on days; `left_on` is the day on which the row's account left next (or later than any
    day, if never). A flag that went out again is not counted as the warning of the loss.

    >>> days, accounts = np.array([10, 40, 70]), np.array([1, 1, 1])
    >>> lead_days(days, accounts, np.array([True, False, True]), np.array([90, 90, 90])).tolist()
    [20]
    >>> lead_days(days, accounts, np.array([False, True, True]), np.array([90, 90, 90])).tolist()
    [50]
    """
    order = np.lexsort((days, left_on, accounts))
    days, accounts, flags, left_on = days[order], accounts[order], flags[order], left_on[order]
    found = []
    ends = np.append((np.diff(accounts) != 0) | (np.diff(left_on) != 0), True) if len(days) else np.empty(0, bool)
    begin = 0
    for end in (np.flatnonzero(ends) + 1).tolist():
        run = flags[begin:end]
        if run[-1]:
            quiet = np.flatnonzero(~run)
            found.append(left_on[begin] - days[begin + (quiet[-1] + 1 if len(quiet) else 0)])
        begin = end
    return np.array(found, dtype=np.int64)


def verdict(auc: Auc | None, events: int, least_events: int) -> str:
    """Say in one word whether a figure predicts: too_few, chance, worse, weak, fair or good.

    Chance is when the interval holds 0.5; worse, when it lies below it.

    >>> verdict(Auc(0.51, 0.44, 0.58), 60, 20), verdict(Auc(0.9, 0.85, 0.95), 60, 20), verdict(Auc(0.9, 0.6, 1), 3, 20)
    ('chance', 'good', 'too_few')
    """
    if auc is None or events < least_events:
        return TOO_FEW
    if auc.low <= 0.5 <= auc.high:
        return CHANCE
    if auc.high < 0.5:
        return WORSE
    return WELL if auc.value >= GOOD else FAIRLY if auc.value >= FAIR else WEAK


def flag_verdict(auc: Auc | None, found: Flagged, least_events: int) -> str:
    """The same for a warning, which says yes or no: what counts is how much likelier a flagged account was to leave.

    >>> flag_verdict(Auc(0.65, 0.6, 0.7), Flagged(100, 65, 200, 2000), 20)
    'good'
    >>> flag_verdict(Auc(0.5, 0.5, 0.5), Flagged(0, 0, 200, 2000), 20)
    'never'
    """
    if not found.flagged:
        return NEVER
    word = verdict(auc, found.events, least_events)
    if word not in (WEAK, FAIRLY, WELL) or found.lift is None:
        return word
    return WELL if found.lift >= GOOD_LIFT else FAIRLY if found.lift >= FAIR_LIFT else WEAK


def is_better(model: tuple[float, float], prior: tuple[float, float]) -> bool:
    """Whether a model, by its (ROC AUC, log loss), is better than what it would replace: in both.

    >>> is_better((0.8, 0.2), (0.7, 0.3)), is_better((0.8, 0.4), (0.7, 0.3))
    (True, False)
    """
    return model[0] > prior[0] and model[1] < prior[1]


def separation(columns: dict[str, Floats], left: Flags, least: int = 30) -> list[tuple[str, float, int]]:
    """Each figure alone: its name, its ROC AUC for leaving when low (as indicators are meant), and rows with a value.

    Strongest first, whichever way it points; a figure with too few values of either kind is left out.

    >>> separation({"a": np.array([9.0, 1.0]), "b": np.array([1.0, np.nan])}, np.array([False, True]), least=1)
    [('a', 1.0, 2)]
    """
    found = []
    for name, values in columns.items():
        known = np.isfinite(values)
        gone = int(left[known].sum())
        if known.sum() >= least and 0 < gone < known.sum():
            ranks = np.unique(-values[known], return_inverse=True)[1].astype(np.int64)
            found.append((name, _area(ranks, left[known], np.ones(int(known.sum()))), int(known.sum())))
    return sorted(found, key=lambda row: -abs(row[1] - 0.5))


def weights_by_separation(areas: Sequence[float]) -> list[int]:
    """Weights of 100 in proportion to how far each indicator's area lies above chance; those at or below get 0.

    >>> weights_by_separation([0.7, 0.6, 0.45])
    [67, 33, 0]
    """
    above = np.maximum(np.array(areas, dtype=np.float64) - 0.5, 0)
    if not above.sum():
        return [0] * len(areas)
    exact = above / above.sum() * 100
    whole = np.floor(exact).astype(np.int64)
    for position in np.argsort(whole - exact, kind="stable")[: 100 - int(whole.sum())]:
        whole[position] += 1
    return [int(weight) for weight in whole]
