"""Why does one request stand where it stands: every part with its number, the accounts behind it, and what moved it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import Account, User
from revenue.rules.rates import from_cents
from roadmap.models import (
    AccountWeight,
    FeatureRequest,
    RankDay,
    RankingSettings,
    RequestEvidence,
    RequestRank,
)
from roadmap.queries.ranking import (
    Ranking,
    Requests,
    rank_parts,
    read_estimates,
    read_requests,
    stored_parts,
    uses_module,
)
from roadmap.queries.ranking_facts import Book, read_voices, stored_book, stored_module_users
from roadmap.queries.ranking_page import counts_everybody, part_ranking, segment_name
from roadmap.rules.ranking import Standing, ranks_when_varied, score_drivers
from roadmap.rules.support import NO_SEGMENT, Ints, supporters

SHOWN = 100
DAYS_SHOWN = 180


@dataclass(frozen=True)
class Supporter:
    """One customer behind a request, and what it adds to each part; who is not active or uses it not validates not."""

    account: Account
    asks: int
    importance: int
    is_blocker: bool
    segment: str
    users: int
    arr: Decimal
    renewing: Decimal
    weighted: Decimal
    is_active: bool
    uses_module: bool

    @property
    def validates(self) -> bool:
        """Whether it counts for A."""
        return self.is_active and self.uses_module


@dataclass(frozen=True)
class Why:
    """One request's rank with everything that made it."""

    rank: RequestRank
    of: int
    supporters: Sequence[Supporter]
    all_supporters: int
    not_paying: int
    # For each part: the rank with its weight a fifth less, and a fifth more.
    swing: dict[str, list[int]]
    estimate: dict[str, float]
    segments: int
    settings: RankingSettings
    is_part: bool

    @property
    def unvalidated(self) -> str:
        """The names of the heaviest customers who ask without really using it."""
        return ", ".join([one.account.name for one in self.supporters if not one.validates][:8])

    def importance_word(self, one: Supporter) -> str:
        """How much it matters to a customer, in a word."""
        return str(RequestEvidence.Importance(one.importance).label)

    def segment_word(self, one: Supporter) -> str:
        """The segment of a customer, in the reader's words."""
        return segment_name(self.settings.spread_by, one.segment)


@dataclass(frozen=True)
class Moved:
    """What a rank and a score were on the day before they changed, and what moved the score since."""

    before: RankDay
    now: RankDay
    drivers: dict[str, float]


def why_rank(request: FeatureRequest, user: User, on: dt.date) -> Why | None:
    """Explain a rank, by the accounts that the person may see; None where the request is not ranked."""
    settings = RankingSettings.load()
    is_part = not counts_everybody(user, {})
    if is_part:
        found = part_ranking(user, {}, on)
        book = found.backing.book if found.backing else stored_book()
        row = None
    else:
        requests = read_requests()
        found = rank_parts(on, requests, stored_parts(requests), read_estimates(), settings)
        book = stored_book()
        row = RequestRank.objects.select_related("request__module", "largest").filter(request=request).first()
    place = found.place(request.pk)
    if place is None or (row is None and not is_part):
        return None
    rank = row or found.row(place)
    shown, count, asking = _supporters(request, book, on)
    return Why(
        rank=rank,
        of=int(found.requests.request.size),
        supporters=shown,
        all_supporters=count,
        not_paying=_not_paying(asking, user),
        swing=ranks_when_varied(found.parts, found.requests.request, settings.weighing, place, settings.swing),
        estimate=_estimate(found, place),
        segments=len(book.segments),
        settings=settings,
        is_part=is_part,
    )


def what_moved(request: FeatureRequest, user: User, *, days: int | None = None) -> Moved | None:
    """What moved a request's score since it last stood otherwise, or over some days; None if it never did.

    The history is of the whole book, so it is shown to who sees the whole book.
    """
    rows = RankDay.objects.visible_to(user).filter(request=request).order_by("-on")
    now = rows.first()
    if now is None:
        return None
    earlier = rows.exclude(pk=now.pk)
    before = earlier.first() if days is None else earlier.filter(on__lte=now.on - dt.timedelta(days=days)).first()
    return Moved(before, now, score_drivers(_standing(before), _standing(now))) if before else None


def rank_history(request: FeatureRequest, user: User, on: dt.date) -> list[RankDay]:
    """How a request stood over the last half year, oldest first: one row for each change."""
    rows = RankDay.objects.visible_to(user).filter(request=request, on__gt=on - dt.timedelta(days=DAYS_SHOWN))
    return list(rows.order_by("on"))


def _standing(day: RankDay) -> Standing:
    return Standing(float(day.score), day.percentiles, day.weights, day.validation, day.guard)


def _supporters(request: FeatureRequest, book: Book, on: dt.date) -> tuple[list[Supporter], int, Ints]:
    """The customers behind a request, the heaviest first, how many there are, and all accounts that ever asked."""
    requests = Requests(np.array([request.pk]), np.array([request.module_id or 0]))
    voices = read_voices(on, [request.pk])
    support = supporters(voices, requests.request, book.customers)
    uses = uses_module(support, book, requests, stored_module_users())
    customers = book.customers
    order = np.argsort(-customers.weighted[support.customer], kind="stable")[:SHOWN]
    accounts = Account.objects.in_bulk(customers.account[support.customer[order]].tolist())
    found = []
    for pair in order.tolist():
        at = int(support.customer[pair])
        segment = int(customers.segment[at])
        found.append(
            Supporter(
                account=accounts[int(customers.account[at])],
                asks=int(support.asks[pair]),
                importance=int(support.importance[pair]),
                is_blocker=bool(support.blocks[pair]),
                segment="" if segment == NO_SEGMENT else book.segments[segment],
                users=int(customers.users[at]),
                arr=from_cents(int(customers.arr[at])),
                renewing=from_cents(int(customers.renewing[at])),
                weighted=from_cents(int(customers.weighted[at])),
                is_active=bool(customers.is_active[at]),
                uses_module=bool(uses[pair]),
            )
        )
    return found, int(support.customer.size), np.unique(voices.account)


def _not_paying(asking: Ints, user: User) -> int:
    """How many accounts asked that count for nothing, because they do not pay: of those that a person may see."""
    paying = AccountWeight.objects.order_by().values("account")
    asked = RequestEvidence.objects.filter(account__in=Account.objects.visible_to(user)).order_by()
    rows = asked.exclude(account__in=paying).values_list("account", flat=True).distinct()
    return int(np.isin(np.fromiter(rows.iterator(), dtype=np.int64), asking).sum())


def _estimate(found: Ranking, place: int) -> dict[str, Any]:
    """What RICE and WSJF took for a request: reach, impact, confidence and effort, estimated or read."""
    names = ("effort", "reach", "impact", "confidence", "business_value", "time_criticality", "opportunity")
    values = {name: float(getattr(found.estimates, name)[place]) for name in names}
    return {name: None if np.isnan(value) else value for name, value in values.items()}
