"""In which order do the requests stand, by all accounts or by a part of them, and what is each rank made of?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models.functions import Coalesce

from common.columns import read_columns
from revenue.rules.rates import from_cents
from roadmap.models import RankingSettings, RequestEstimate, RequestRank
from roadmap.queries.ranking_facts import (
    Book,
    module_users,
    open_requests,
    read_book,
    read_voices,
    stored_book,
    stored_module_users,
)
from roadmap.rules.orders import default_confidence, default_impact, places_by, rice, wsjf
from roadmap.rules.ranking import PARTS, Ranked, rank_requests
from roadmap.rules.support import (
    Flags,
    Floats,
    Ints,
    Parts,
    Support,
    Voices,
    measure_support,
    parts_beside,
    supporters,
)


@dataclass(frozen=True)
class Requests:
    """The requests that are ranked, by ascending id, and the module that each is about (0: none)."""

    request: Ints
    module: Ints


@dataclass(frozen=True)
class Estimates:
    """What each ranked request is thought to take and to bring; nan is not estimated."""

    effort: Floats
    reach: Floats
    impact: Floats
    confidence: Floats
    business_value: Floats
    time_criticality: Floats
    opportunity: Floats


@dataclass(frozen=True)
class Others:
    """RICE and WSJF of each request, and its places by them and by plain ARR (0: none)."""

    rice: Floats
    wsjf: Floats
    arr_rank: Ints
    rice_rank: Ints
    wsjf_rank: Ints


@dataclass(frozen=True)
class Backing:
    """The accounts behind a ranking: the book, who supports what, and who of them uses the module."""

    book: Book
    support: Support
    uses_module: Flags


@dataclass(frozen=True)
class Ranking:
    """A whole ranking as columns, in the order of the requests' ids."""

    on: dt.date
    requests: Requests
    parts: Parts
    ranked: Ranked
    others: Others
    estimates: Estimates
    settings: RankingSettings
    # None where the parts were stored ones.
    backing: Backing | None = None

    def place(self, request_id: int) -> int | None:
        """Where a request stands in the columns; None if it is not ranked."""
        found = int(np.searchsorted(self.requests.request, request_id))
        there = found < self.requests.request.size and self.requests.request[found] == request_id
        return found if there else None

    def row(self, place: int, last_rank: int | None = None) -> RequestRank:
        """One request's rank, as it is stored."""
        columns = rank_columns(self, slice(place, place + 1))
        values = {name: column[0] for name, column in columns.items()}
        return RequestRank(**values, last_rank=last_rank)

    def rows(self, places: Sequence[int]) -> list[RequestRank]:
        """The ranks of some requests, as they are stored, in the order of the places."""
        columns = rank_columns(self, np.asarray(places, dtype=np.int64))
        read = zip(*columns.values(), strict=True)
        return [RequestRank(**dict(zip(columns, values, strict=True))) for values in read]


def ranking(
    on: dt.date, *, settings: RankingSettings | None = None, book: Book | None = None, is_past: bool = False
) -> Ranking:
    """Rank all open requests by the whole book, or by a part of it, as of a day.

    What accounts count for is that of the last night; for a day of the past it is worked out from the facts.
    """
    chosen = settings or RankingSettings.load()
    if is_past:
        book = book or read_book(on, chosen, from_days=True)
        used = module_users(on, chosen.usage_days, from_days=True)
    else:
        book = book or stored_book()
        used = stored_module_users()
    return rank_book(on, book, read_requests(), read_voices(on), used, read_estimates(), chosen)


def rank_book(
    on: dt.date, book: Book, requests: Requests, voices: Voices, used: tuple[Ints, Ints],
    estimated: dict[str, Any], settings: RankingSettings,
) -> Ranking:  # fmt: skip
    """Rank requests by facts that were read."""
    support = supporters(voices, requests.request, book.customers)
    uses = uses_module(support, book, requests, used)
    parts = measure_support(support, book.customers, requests.request.size, uses, len(book.segments))
    return rank_parts(on, requests, parts, estimated, settings, Backing(book, support, uses))


def rank_parts(
    on: dt.date, requests: Requests, parts: Parts, estimated: dict[str, Any], settings: RankingSettings,
    backing: Backing | None = None,
) -> Ranking:  # fmt: skip
    """Rank requests by what their supporters add up to."""
    ranked = rank_requests(parts, requests.request, settings.weighing, settings.swing)
    estimates = _estimates_of(requests, estimated, parts)
    return Ranking(on, requests, parts, ranked, _others(requests, parts, estimates), estimates, settings, backing)


def stored_parts(requests: Requests) -> Parts:
    """What stood behind the requests when they were last ranked; nothing behind one that never was."""
    columns = read_columns(
        RequestRank.objects.order_by("request_id"), request_id="int", asks="int", accounts="int", segments="int",
        users="int", weighted_arr="cents", arr="cents", renewing_arr="cents", validated="int", blockers="int",
    )  # fmt: skip
    others = RequestRank.objects.order_by("request_id").values_list(
        "spread", "validation", "largest_id", "largest_share", "importance"
    )
    spread, validation, largest, share, importance = list(zip(*others, strict=True)) or [()] * 5
    known = Parts(
        asks=columns["asks"], accounts=columns["accounts"], segments=columns["segments"], spread=np.array(spread),
        users=columns["users"], weighted=columns["weighted_arr"], arr=columns["arr"], renewing=columns["renewing_arr"],
        validated=columns["validated"], validation=np.array(validation),
        largest=np.array([pk or 0 for pk in largest], dtype=np.int64), largest_share=np.array(share),
        blockers=columns["blockers"], importance=np.array(importance),
    )  # fmt: skip
    return parts_beside(requests.request, columns["request_id"], known)


def uses_module(support: Support, book: Book, requests: Requests, used: tuple[Ints, Ints]) -> Flags:
    """Say of each supporter whether it used the module that the request is about; of no module all do."""
    module = requests.module[support.request]
    account = book.customers.account[support.customer] if book.customers.account.size else support.customer
    width = int(max(module.max(initial=0), used[1].max(initial=0))) + 1
    return np.asarray((module == 0) | np.isin(account * width + module, used[0] * width + used[1]))


def read_requests() -> Requests:
    """The requests that are ranked."""
    rows = open_requests().annotate(about=Coalesce("module_id", 0)).order_by("pk")
    columns = read_columns(rows, id="int", about="int")
    return Requests(columns["id"], columns["about"])


def read_estimates() -> dict[str, Any]:
    """All estimates, by field; a few rows beside the voices."""
    names = ("effort", "reach", "impact", "confidence", "business_value", "time_criticality", "opportunity")
    rows = list(RequestEstimate.objects.order_by("pk").values_list("pk", *names))
    columns = list(zip(*rows, strict=True)) or [()] * (len(names) + 1)
    found = {name: _floats(column) for name, column in zip(names, columns[1:], strict=True)}
    return found | {"request": np.array(columns[0], dtype=np.int64)}


def _floats(values: Sequence[Any]) -> Floats:
    return np.array([np.nan if value in (None, "") else float(value) for value in values], dtype=np.float64)


def _estimates_of(requests: Requests, estimated: dict[str, Any], parts: Parts) -> Estimates:
    """Put the estimates beside the requests; what RICE asks for and nobody estimated is read from the supporters."""
    place = np.searchsorted(estimated["request"], requests.request)
    count = estimated["request"].size

    def beside(name: str) -> Floats:
        found = np.full(requests.request.size, np.nan)
        if count:
            at = np.minimum(place, count - 1)
            there = estimated["request"][at] == requests.request
            found[there] = estimated[name][at[there]]
        return found

    reach, impact, confidence = beside("reach"), beside("impact"), beside("confidence")
    return Estimates(
        effort=beside("effort"),
        reach=np.where(np.isnan(reach), parts.accounts, reach),
        impact=np.where(np.isnan(impact), default_impact(parts.importance), impact),
        confidence=np.where(np.isnan(confidence), default_confidence(parts.validation), confidence),
        business_value=beside("business_value"),
        time_criticality=beside("time_criticality"),
        opportunity=beside("opportunity"),
    )


def _others(requests: Requests, parts: Parts, estimates: Estimates) -> Others:
    """Work out the other orders; what no customer asks for has no place in them either."""
    counted = parts.accounts > 0
    by_rice = rice(estimates.reach, estimates.impact, estimates.confidence, estimates.effort)
    by_wsjf = wsjf(estimates.business_value, estimates.time_criticality, estimates.opportunity, estimates.effort)
    return Others(
        rice=by_rice,
        wsjf=by_wsjf,
        arr_rank=places_by(parts.arr.astype(np.float64), requests.request, counted),
        rice_rank=places_by(by_rice, requests.request, counted),
        wsjf_rank=places_by(by_wsjf, requests.request, counted),
    )


def rank_columns(found: Ranking, rows: Any = slice(None)) -> dict[str, list[Any]]:
    """A ranking, or some of its rows, as the columns of the stored table."""
    parts, ranked, others = found.parts, found.ranked, found.others
    weights = found.settings.weights
    count = found.requests.request[rows].size
    return {
        "request_id": found.requests.request[rows].tolist(),
        "on": [found.on] * count,
        "rank": ranked.rank[rows].tolist(),
        "is_common": ranked.is_common[rows].tolist(),
        "score": [Decimal(f"{score:.4f}") for score in ranked.score[rows].tolist()],
        "asks": parts.asks[rows].tolist(),
        "accounts": parts.accounts[rows].tolist(),
        "segments": parts.segments[rows].tolist(),
        "spread": parts.spread[rows].tolist(),
        "users": parts.users[rows].tolist(),
        "weighted_arr": [from_cents(cents) for cents in parts.weighted[rows].tolist()],
        "validation": parts.validation[rows].tolist(),
        "guard": ranked.guard[rows].tolist(),
        **{f"{name}_percentile": ranked.percentiles[rows, place].tolist() for place, name in enumerate(PARTS)},
        "weights": [weights] * count,
        "best_rank": ranked.best[rows].tolist(),
        "worst_rank": ranked.worst[rows].tolist(),
        "arr": [from_cents(cents) for cents in parts.arr[rows].tolist()],
        "renewing_arr": [from_cents(cents) for cents in parts.renewing[rows].tolist()],
        "validated": parts.validated[rows].tolist(),
        "blockers": parts.blockers[rows].tolist(),
        "largest_id": [pk or None for pk in parts.largest[rows].tolist()],
        "largest_share": parts.largest_share[rows].tolist(),
        "importance": parts.importance[rows].tolist(),
        "arr_rank": others.arr_rank[rows].tolist(),
        "rice": _or_none(others.rice[rows]),
        "rice_rank": others.rice_rank[rows].tolist(),
        "wsjf": _or_none(others.wsjf[rows]),
        "wsjf_rank": others.wsjf_rank[rows].tolist(),
    }


def _or_none(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values.tolist()]
