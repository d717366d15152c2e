"""On which requests do our order and the others disagree most, and why?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from accounts.models import User
from roadmap.models import RankingSettings, RequestEstimate, RequestRank
from roadmap.queries.ranking_page import Segment, attach_requests, bare_ranks
from roadmap.rules.orders import (
    ORDERS,
    Case,
    default_confidence,
    default_impact,
    disagreement,
    disagreement_reasons,
    rank_agreement,
)
from roadmap.rules.ranking import percentile_ranks

SHOWN = 10
# So many requests, the first in our order that anybody asks for, are placed in the picture of values.
CHARTED = 60
# Closer than this share of all requests is no disagreement worth a line.
LEAST_APART = 0.1


@dataclass(frozen=True)
class Disagreement:
    """One request that another order places elsewhere: how far, as a share of all, and why (keys of the rules)."""

    rank: RequestRank
    other_rank: int
    apart: float
    reasons: Sequence[str]


@dataclass(frozen=True)
class Compared:
    """Our order beside another: how alike they are, and where they differ most."""

    order: str
    agreement: float | None
    placed: int
    higher: Sequence[Disagreement]
    lower: Sequence[Disagreement]


@dataclass(frozen=True)
class Estimated:
    """What was estimated for one request, or read from its supporters; None is not known."""

    effort: Decimal | None
    impact: float
    confidence: float
    urgency: int | None


def compare_orders(user: User, segment: Segment, on: dt.date) -> tuple[list[RequestRank], list[Compared]]:
    """All ranks in our order, those that are shown with their requests, and our order beside each of the others."""
    rows = bare_ranks(user, segment, on)
    settings = RankingSettings.load()
    estimated = _estimated(rows)
    supported = np.array([row.accounts > 0 for row in rows], dtype=bool)
    ours = np.where(supported, np.array([row.rank for row in rows], dtype=np.int64), 0) if rows else np.zeros(0, int)
    paid = percentile_ranks(np.array([int(row.arr * 100) for row in rows]), supported) if rows else np.zeros(0)
    efforts = np.array([float(estimated[row.request_id].effort or 0) for row in rows])
    effort = percentile_ranks(efforts, efforts > 0) if rows else np.zeros(0)
    found, shown = [], set(np.flatnonzero(supported)[:CHARTED].tolist())
    for order in ORDERS:
        other = np.array([getattr(row, f"{order}_rank") for row in rows], dtype=np.int64)
        apart = disagreement(ours, other)
        cases = {
            place: _case(
                rows[place], settings, estimated[rows[place].request_id], float(paid[place]), float(effort[place])
            )
            for place in _furthest(apart)
        }
        listed = [
            Disagreement(
                rows[place], int(other[place]), float(apart[place]),
                disagreement_reasons(case, order, float(apart[place])),
            )
            for place, case in cases.items()
        ]  # fmt: skip
        shown |= cases.keys()
        agreement = rank_agreement(ours, other)
        found.append(
            Compared(
                order=order,
                agreement=None if np.isnan(agreement) else agreement,
                placed=int(((other > 0) & supported).sum()) if rows else 0,
                higher=[one for one in listed if one.apart > 0],
                lower=[one for one in listed if one.apart < 0],
            )
        )
    attach_requests([rows[place] for place in sorted(shown)])
    return rows, found


def _furthest(apart: np.ndarray) -> list[int]:
    """The places that lie furthest apart, up to so many in each direction, the furthest first."""
    up = np.argsort(np.where(np.isnan(apart), 0, -apart), kind="stable")[:SHOWN]
    down = np.argsort(np.where(np.isnan(apart), 0, apart), kind="stable")[:SHOWN]
    return [place for place in [*up.tolist(), *down.tolist()] if abs(apart[place]) >= LEAST_APART]


def _estimated(rows: Sequence[RequestRank]) -> dict[int, Estimated]:
    """What RICE and WSJF took for each request."""
    known = RequestEstimate.objects.in_bulk([row.request_id for row in rows])
    impacts = default_impact(np.array([row.importance for row in rows], dtype=float)).tolist()
    confidences = default_confidence(np.array([row.validation for row in rows], dtype=float)).tolist()
    found = {}
    for row, impact, confidence in zip(rows, impacts, confidences, strict=True):
        one = known.get(row.request_id)
        found[row.request_id] = Estimated(
            effort=one.effort if one else None,
            impact=float(one.impact) if one and one.impact else impact,
            confidence=float(one.confidence) if one and one.confidence else confidence,
            urgency=one.time_criticality if one else None,
        )
    return found


def _case(row: RequestRank, settings: RankingSettings, known: Estimated, paid: float, effort: float) -> Case:
    return Case(
        is_common=row.is_common,
        accounts=row.accounts,
        threshold=settings.threshold,
        largest_share=row.largest_share,
        guard=row.guard,
        validation=row.validation,
        percentiles=row.percentiles,
        paid_percentile=paid,
        effort_percentile=effort if known.effort else None,
        confidence=known.confidence,
        impact=known.impact,
        urgency=known.urgency,
    )
