"""What is the value of each indicator, given what was counted? On whole columns; nan where there is no value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from health.rules.score import Flags, Floats

Counts = NDArray[np.int64]


def share(part: Counts | Floats, whole: Counts | Floats, known: Flags | None = None) -> Floats:
    """Divide; nothing to divide by, or nothing known, is no value and not 0.

    >>> share(np.array([3, 1, 2]), np.array([4, 0, 2]), np.array([True, True, False]))
    array([0.75,  nan,  nan])
    """
    usable = whole > 0 if known is None else (whole > 0) & known
    return np.where(usable, part / np.where(whole > 0, whole, 1), np.nan)


def use_rate(part: Counts, whole: Counts, known_before: Flags) -> Floats:
    """Divide what was done by who did it; a customer who was active before and is silent now does 0, not nothing.

    Core events per active user-day, advanced users per active user.

    >>> use_rate(np.array([12, 0, 0]), np.array([4, 0, 0]), np.array([True, True, False]))
    array([ 3.,  0., nan])
    """
    return np.where(whole > 0, part / np.maximum(whole, 1), np.where(known_before, 0.0, np.nan))


def login_frequency(active_days: Counts, window_days: int, known_before: Flags) -> Floats:
    """Active days / days of the window; no value for an account that never sent any usage.

    >>> login_frequency(np.array([15, 0, 0]), 30, np.array([True, True, False]))
    array([0.5, 0. , nan])
    """
    return np.where((active_days > 0) | known_before, active_days / window_days, np.nan)


def scenario_coverage(used: Flags, entitled: Flags, scenarios: Sequence[Flags], needs: str) -> tuple[Counts, Counts]:
    """Count scenarios with use and scenarios entitled, per account.

    A scenario is a job for which features are used together, so by default (`all`) an account is entitled to it when it
    may use all its features, and has use of it when it used all of them in the window. With `any`, one is enough.
    `used` and `entitled` are accounts × features, a scenario says which features it has.

    >>> used, entitled = np.array([[True, False, True]]), np.array([[True, True, True]])
    >>> jobs = [np.array([True, True, False]), np.array([False, False, True])]
    >>> [count.tolist() for count in scenario_coverage(used, entitled, jobs, "all")]
    [[1], [2]]
    >>> [count.tolist() for count in scenario_coverage(used, entitled, jobs, "any")]
    [[2], [2]]
    """
    enough = np.any if needs == "any" else np.all
    covered = np.zeros(len(used), dtype=np.int64)
    open_to = np.zeros(len(used), dtype=np.int64)
    for features in scenarios:
        if features.any():
            may = enough(entitled[:, features], axis=1)
            open_to += may
            covered += may & enough((used & entitled)[:, features], axis=1)
    return covered, open_to


def net_promoter_score(promoters: Counts, detractors: Counts, answers: Counts) -> Floats:
    """(promoters − detractors) / answers × 100, over the latest answer of each contact.

    >>> net_promoter_score(np.array([3, 0]), np.array([1, 0]), np.array([5, 0]))
    array([40., nan])
    """
    return 100 * share(promoters - detractors, answers)


def renewal_progress(days_left: Counts, progress: Floats, expected: Sequence[Sequence[float]]) -> Floats:
    """1 minus what is missing from the progress expected so many days before the end; 1 when nothing is missing.

    `expected` lists [days left, progress] for the days on which more is expected; before the first nothing is.

    >>> table = [[180, 0], [120, 0.25], [90, 0.5], [60, 0.65], [30, 0.8], [0, 1]]
    >>> renewal_progress(np.array([150, 100, 45, 45, -3]), np.array([0, 0, 0.5, 0.8, 0.8]), table)
    array([1.  , 0.75, 0.85, 1.  , 0.8 ])
    """
    wanted = np.zeros(len(days_left))
    for days, least in sorted(expected, key=lambda row: -row[0]):
        wanted = np.where(days_left <= days, np.maximum(wanted, least), wanted)
    return np.round(1 - np.maximum(wanted - progress, 0), 8)


def expansion_density(expansions: Counts, window_days: int, known: Flags) -> Floats:
    """Expansion events in the window, per year of 365 days.

    >>> expansion_density(np.array([2, 0, 0]), 365, np.array([True, True, False]))
    array([ 2.,  0., nan])
    """
    return np.where(known, expansions * 365 / window_days, np.nan)
