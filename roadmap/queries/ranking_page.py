"""What does the page of the ranking show to a person: from the columns, or worked out for the part that they see?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Max, QuerySet

from accounts.models import Account, User
from common import keyset
from common.columns import read_columns
from common.keyset import Sort
from roadmap.models import FeatureRequest, RequestRank
from roadmap.queries.ranking import Ranking, rank_columns, ranking
from roadmap.queries.ranking_facts import accounts_matching, stored_book

Segment = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class RankedPage:
    """One page of the ranking; `is_part` says that it counts a part of the accounts only."""

    rows: Sequence[RequestRank]
    next: str
    previous: str
    count: int
    common: int
    on: dt.date | None
    is_part: bool
    # How many accounts count where they are not all.
    accounts: int = 0


def counts_everybody(user: User, segment: Segment) -> bool:
    """Say whether the stored ranks are the ones to show: of the whole book, to who sees the whole book."""
    return not segment and user.visibility == User.Visibility.ALL


def part_ranking(user: User, segment: Segment, on: dt.date) -> Ranking:
    """Rank by the accounts of a segment, of those that a person may see; each counts once, whatever is chosen."""
    book = stored_book()
    if segment:
        book = book.only(accounts_matching(**segment))
    if user.visibility != User.Visibility.ALL:
        book = book.only(read_columns(Account.objects.visible_to(user).order_by(), id="int")["id"])
    return ranking(on, book=book)


def ranked_page(
    user: User, requests: QuerySet[FeatureRequest], segment: Segment, on: dt.date, *, sort: Sort,
    common: bool | None = None, after: str = "", size: int = 50,
) -> RankedPage:  # fmt: skip
    """One page of the requests that match, in an order."""
    if not counts_everybody(user, segment):
        return _worked_out(part_ranking(user, segment, on), requests, sort, common, after, size)
    rows = RequestRank.objects.visible_to(user)
    if requests.query.where:
        rows = rows.filter(request__in=requests.order_by().values("pk"))
    if common is not None:
        rows = rows.filter(is_common=common)
    page = keyset.page(rows.select_related("request__module", "largest"), sort, cursor=after, size=size)
    return RankedPage(
        page.rows, page.next, page.previous, rows.count(), rows.filter(is_common=True).count(), ranked_on(), False
    )


def _worked_out(
    found: Ranking, requests: QuerySet[FeatureRequest], sort: Sort, common: bool | None, after: str, size: int
) -> RankedPage:
    """A page of a ranking that was worked out; a place in it is a number of rows."""
    places = _places(found, requests, sort, common)
    begin = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    shown = found.rows(places[begin : begin + size])
    attach_requests(shown)
    accounts = found.backing.book.customers.account.size if found.backing else 0
    return RankedPage(
        shown, str(begin + size) if begin + size < len(places) else "", str(max(begin - size, 0)) if begin else "",
        len(places), int(found.ranked.is_common[places].sum()), ranked_on(), True, int(accounts),
    )  # fmt: skip


def part_ranks(
    user: User, requests: QuerySet[FeatureRequest], segment: Segment, on: dt.date, sort: Sort, common: bool | None
) -> list[RequestRank]:
    """All ranks of a ranking that is worked out for a part of the accounts, with their requests."""
    found = part_ranking(user, segment, on)
    rows = found.rows(_places(found, requests, sort, common))
    attach_requests(rows)
    return rows


def _places(found: Ranking, requests: QuerySet[FeatureRequest], sort: Sort, common: bool | None) -> list[int]:
    """The places of some requests in the columns of a ranking, in an order."""
    wanted, columns = set(requests.values_list("pk", flat=True)), rank_columns(found)
    ids, key, is_common = columns["request_id"], columns[sort.field], columns["is_common"]
    places = [place for place, pk in enumerate(ids) if pk in wanted and common in (None, is_common[place])]
    return sorted(places, key=lambda place: (key[place], ids[place]), reverse=sort.descending)


def attach_requests(rows: Sequence[RequestRank]) -> None:
    """Give ranks that were read or worked out alone their requests and largest supporters, in two queries."""
    requests = FeatureRequest.objects.select_related("module").in_bulk([row.request_id for row in rows])
    largest = Account.objects.in_bulk([row.largest_id for row in rows if row.largest_id])
    for row in rows:
        row.request = requests[row.request_id]
        row.largest = largest.get(row.largest_id) if row.largest_id else None


def ranked_on() -> dt.date | None:
    """The day as of which requests are ranked; None before the first time."""
    found: dt.date | None = RequestRank.objects.aggregate(last=Max("on"))["last"]
    return found


def all_ranks(user: User, segment: Segment, on: dt.date) -> list[RequestRank]:
    """Every rank that a person may see, in order, with its request: for files."""
    rows = bare_ranks(user, segment, on)
    attach_requests(rows)
    return rows


def bare_ranks(user: User, segment: Segment, on: dt.date) -> list[RequestRank]:
    """Every rank that a person may see, in order; `attach_requests` names those that are shown."""
    if counts_everybody(user, segment):
        return list(RequestRank.objects.visible_to(user).order_by("rank", "request"))
    found = part_ranking(user, segment, on)
    return found.rows(np.argsort(found.ranked.rank, kind="stable").tolist())


def segment_name(field: str, value: str) -> str:
    """The name of a segment: tiers and purchase levels have words, industries and regions are what was written."""
    words: dict[str, Any] = {"tier": dict(Account.Tier.choices), "purchase_level": dict(Account.PurchaseLevel.choices)}
    return str(words.get(field, {}).get(value, value))
