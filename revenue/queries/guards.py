"""Does an overall rate hide a segment, or move against all of them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from accounts.models import Account
from common.periods import previous_span
from revenue.models import RevenueSettings
from revenue.queries.rates import RateMissing
from revenue.queries.retention import Accounts, retention
from revenue.rules import guards
from revenue.rules.guards import Effect, Masked, Number, Part, Parts, Reversal
from revenue.rules.rates import to_cents
from revenue.rules.retention import POINT_TO_POINT, Retention, Segment

# The rates that are guarded against a reversal, each with what stood at the opening and what was left of it.
PARTS: Mapping[str, Callable[[Retention], Part]] = {
    "nrr": lambda found: _money(found, found.opening - found.contraction - found.churn + found.expansion),
    "grr_revenue": lambda found: _money(found, found.opening - found.contraction - found.churn),
    "grr_logo": lambda found: Part(found.accounts, found.accounts - found.accounts_lost),
}


@dataclass(frozen=True)
class MaskedSegment:
    """A segment that does badly behind an overall rate in its healthy band."""

    rate: str
    overall: Fraction
    segment: Segment
    found: Masked


@dataclass(frozen=True)
class RateReversal:
    """A rate that moved one way overall since the period before, and the other way in every segment."""

    rate: str
    dimension: str
    # The period before: as long, and ending where the other starts.
    start: dt.date
    end: dt.date
    labels: Mapping[str, str]
    found: Reversal

    def label_of(self, effect: Effect) -> str:
        """The words for a segment."""
        return self.labels[effect.segment]


@dataclass(frozen=True)
class Warnings:
    """What the guards have to say about a period."""

    masking: Sequence[MaskedSegment] = field(default_factory=list)
    reversal: Sequence[RateReversal] = field(default_factory=list)


def retention_warnings(
    start: dt.date, end: dt.date, *, by: str | None, accounts: Accounts = None, found: Retention | None = None
) -> Warnings:
    """Both guards over the segments of a dimension, point to point; without a dimension there is nothing to guard.

    `found` saves reading the period again, where it was read by this dimension already.
    """
    if by is None:
        return Warnings()
    if found is None or found.reading != POINT_TO_POINT:
        found = retention(start, end, by=by, accounts=accounts)
    first, last = previous_span(start, end)
    try:
        before: Retention | None = retention(first, last, by=by, accounts=accounts)
    except RateMissing:
        # Rates that begin with this period are enough for it; there is only nothing to compare it with.
        before = None
    return warnings_of(found, before)


def warnings_of(found: Retention, before: Retention | None) -> Warnings:
    """Both guards over a point-to-point period by segment, beside the period before where there is one."""
    return Warnings(masked_segments(found), rate_reversals(before, found) if before else [])


def masked_segments(found: Retention) -> list[MaskedSegment]:
    """The segments that a healthy NRR, or a healthy share of kept accounts, hides.

    Each purchase level has its own benchmark for kept accounts; every other segment has the overall one.
    """
    marks = RevenueSettings.load()
    by_value = {segment.value: segment for segment in found.segments}
    levels: Mapping[str, Number] = {}
    if any(segment.dimension == "purchase_level" for segment in found.segments):
        levels = {str(Account.PurchaseLevel(level)): mark for level, mark in marks.logo_benchmarks().items()}
    hidden = []
    asked: list[tuple[str, Number, Mapping[str, Number]]] = [
        ("nrr", marks.nrr_healthy, {}),
        ("grr_logo", marks.logo_grr_healthy, levels),
    ]
    for rate, healthy, benchmarks in asked:
        overall: Fraction | None = getattr(found, rate)
        if overall is None:
            continue
        hidden += [
            MaskedSegment(rate, overall, by_value[masked.segment], masked)
            for masked in guards.masking(
                overall,
                {
                    value: (getattr(segment.retention, rate), segment.retention.accounts)
                    for value, segment in by_value.items()
                },
                healthy=healthy,
                benchmarks=benchmarks,
                min_accounts=marks.masking_min_accounts,
                points=marks.masking_points,
            )
        ]
    return hidden


def rate_reversals(before: Retention, after: Retention) -> list[RateReversal]:
    """The rates that moved against all of their segments between two periods."""
    labels = {segment.value: segment.label for segment in [*before.segments, *after.segments]}
    turned = []
    for rate in PARTS:
        found = guards.reversal(parts_of(before, rate), parts_of(after, rate))
        if found is not None:
            dimension = after.segments[0].dimension
            turned.append(RateReversal(rate, dimension, before.start, before.end, labels, found))
    return turned


def parts_of(found: Retention, rate: str) -> Parts:
    """The segments of a point-to-point period as the guards take them."""
    return {segment.value: PARTS[rate](segment.retention) for segment in found.segments}


def _money(found: Retention, kept: Decimal) -> Part:
    return Part(to_cents(found.opening), to_cents(kept))
