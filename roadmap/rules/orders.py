"""In which order would others build: by RICE, by WSJF, by plain ARR; and where do they disagree with ours?

nan is a value that is not known: such a request has no place in that order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from roadmap.rules.support import Flags, Floats, Ints

# The impact per customer that RICE knows, from minimal to massive, by the mean importance 0 to 3 rounded.
IMPACT_OF_IMPORTANCE = (0.5, 1.0, 2.0, 3.0)
# Confidence in per cent by how many of those who ask really use the module: half, four fifths, all but a few.
CONFIDENCE_STEPS = ((0.8, 100.0), (0.5, 80.0), (0.0, 50.0))
ORDERS = ("arr", "rice", "wsjf")
# A part whose percentile lies so far from another order's is named as the reason.
APART = 0.15


def default_impact(importance: Floats) -> Floats:
    """RICE's impact where nobody estimated it: the supporters' mean importance, rounded, 0.5 to 3.

    >>> default_impact(np.array([0.2, 1.0, 1.5, 3.0])).tolist()
    [0.5, 1.0, 2.0, 3.0]
    """
    steps = np.clip(np.floor(importance + 0.5), 0, 3).astype(np.int64)
    return np.array(IMPACT_OF_IMPORTANCE)[steps]


def default_confidence(validation: Floats) -> Floats:
    """RICE's confidence in per cent where nobody estimated it: 100 from A = 0.8, 80 from 0.5, else 50.

    >>> default_confidence(np.array([0.9, 0.5, 0.1])).tolist()
    [100.0, 80.0, 50.0]
    """
    found = np.full(validation.shape, CONFIDENCE_STEPS[-1][1])
    for least, confidence in reversed(CONFIDENCE_STEPS):
        found = np.where(validation >= least, confidence, found)
    return found


def rice(reach: Floats, impact: Floats, confidence: Floats, effort: Floats) -> Floats:
    """Reach × impact × confidence / effort; no value without an effort above 0.

    >>> rice(np.array([30.0, 30.0]), np.array([2.0, 2.0]), np.array([80.0, 80.0]), np.array([4.0, np.nan])).tolist()
    [12.0, nan]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(effort > 0, reach * impact * (confidence / 100) / effort, np.nan)


def wsjf(value: Floats, urgency: Floats, opportunity: Floats, effort: Floats) -> Floats:
    """(Business value + time criticality + opportunity) / effort, each 1 to 20; no value while one is missing.

    >>> wsjf(np.array([8.0, 8.0]), np.array([5.0, 5.0]), np.array([3.0, np.nan]), np.array([4.0, 4.0])).tolist()
    [4.0, nan]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(effort > 0, (value + urgency + opportunity) / effort, np.nan)


def places_by(values: Floats, tie: Ints, counted: Flags) -> Ints:
    """Places from 1 by a value, the largest first, equals by their number; 0 where there is no place.

    >>> places_by(np.array([5.0, np.nan, 9.0, 9.0]), np.array([1, 2, 4, 3]), np.array([True] * 4)).tolist()
    [3, 0, 2, 1]
    """
    found = np.zeros(values.size, dtype=np.int64)
    has = np.flatnonzero(counted & ~np.isnan(values))
    found[has[np.lexsort((tie[has], -values[has]))]] = np.arange(1, has.size + 1)
    return found


def disagreement(rank: Ints, other: Ints) -> Floats:
    """How far two orders put a request apart, as a share of the requests that both place: 0 agree, 1 opposite ends.

    Positive: ours puts it higher. nan where one of the two has no place for it.

    >>> disagreement(np.array([1, 2, 3, 4]), np.array([3, 1, 0, 2])).tolist()
    [1.0, -0.5, nan, -0.5]
    """
    both = (rank > 0) & (other > 0)
    found = np.full(rank.size, np.nan)
    if both.sum() > 1:
        ours, theirs = _among(rank[both]), _among(other[both])
        found[both] = (theirs - ours) / (both.sum() - 1)
    return found


def rank_agreement(rank: Ints, other: Ints) -> float:
    """Spearman's correlation of two orders over the requests that both place: 1 the same, 0 unrelated, −1 reversed.

    >>> up = np.array([1, 2, 3])
    >>> rank_agreement(up, up), rank_agreement(up, up[::-1])
    (1.0, -1.0)
    >>> rank_agreement(np.array([1]), np.array([1]))
    nan
    """
    both = (rank > 0) & (other > 0)
    count = int(both.sum())
    if count < 2:
        return float("nan")
    apart = _among(rank[both]) - _among(other[both])
    return float(1 - 6 * (apart * apart).sum() / (count * (count * count - 1)))


def _among(places: Ints) -> Ints:
    """The same order counted from 0 without gaps."""
    found = np.empty(places.size, dtype=np.int64)
    found[np.argsort(places)] = np.arange(places.size)
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one request when two orders disagree on it; percentiles are 0 to 1."""

    is_common: bool
    accounts: int
    threshold: int
    largest_share: float
    guard: float
    validation: float
    percentiles: Mapping[str, float]
    paid_percentile: float
    effort_percentile: float | None = None
    confidence: float | None = None
    impact: float | None = None
    urgency: float | None = None


def disagreement_reasons(case: Case, order: str, apart: float) -> list[str]:
    """Why ours and another order put a request apart, the weightiest reason first; at least one.

    >>> shouted = Case(False, 2, 10, 0.7, 0.8, 0.5, {"accounts": 0.2, "spread": 0.3, "weighted": 0.5}, 0.95)
    >>> disagreement_reasons(shouted, "arr", -0.8)
    ['below_band', 'concentrated', 'large_accounts']
    >>> shared = Case(True, 14, 10, 0.1, 1.0, 1.0, {"accounts": 0.9, "spread": 0.9, "weighted": 0.5}, 0.2)
    >>> disagreement_reasons(shared, "arr", 0.6)
    ['in_band', 'small_accounts', 'widespread']
    """
    found = _ours_higher(case, order) if apart > 0 else _ours_lower(case, order)
    return found or ["mixed"]


def _ours_higher(case: Case, order: str) -> list[str]:
    asked = case.percentiles.get("accounts", 0.0)
    claims = [
        ("in_band", case.is_common),
        ("costly", order != "arr" and case.effort_percentile is not None and case.effort_percentile > 0.5 + APART),
        ("doubted", order == "rice" and case.confidence is not None and case.confidence <= 50),
        ("little_impact", order == "rice" and case.impact is not None and case.impact <= 0.5),
        ("not_urgent", order == "wsjf" and case.urgency is not None and case.urgency <= 3),
        ("small_accounts", order == "arr" and asked - case.paid_percentile > APART),
        ("widespread", case.percentiles.get("spread", 0.0) > 0.5 + APART),
    ]
    return [key for key, holds in claims if holds]


def _ours_lower(case: Case, order: str) -> list[str]:
    asked = case.percentiles.get("accounts", 0.0)
    claims = [
        ("below_band", not case.is_common),
        ("concentrated", case.guard < 1),
        ("cheap", order != "arr" and case.effort_percentile is not None and case.effort_percentile < 0.5 - APART),
        ("urgent", order == "wsjf" and case.urgency is not None and case.urgency >= 13),
        ("massive_impact", order == "rice" and case.impact is not None and case.impact >= 2),
        ("large_accounts", order == "arr" and case.paid_percentile - asked > APART),
        ("unvalidated", case.validation < 0.5),
    ]
    return [key for key, holds in claims if holds]
