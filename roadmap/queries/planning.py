"""What is there to choose from for a quarter, who asks for it, and who gets nothing by a plan?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import Account, User
from revenue.rules.rates import from_cents
from roadmap.models import FeatureRequest, PlannedRequest, QuarterPlan, RequestEstimate, RequestNeed, RequestRank
from roadmap.queries.ranking_facts import DONE, Book, open_requests, read_voices, stored_book
from roadmap.rules.planning import Problem, effort_of, served_value, with_needs
from roadmap.rules.support import Flags, Ints, Support, supporters

# Efforts are kept in tenths of a person-week.
TENTHS = 10
# Requests without an effort are named up to so many, the best ranked first.
UNESTIMATED = 10
SHOWN = 50


@dataclass(frozen=True)
class Quarter:
    """What a plan has to choose from, as the solver takes it, with what the numbers stand for."""

    problem: Problem
    requests: Ints
    rank: Ints
    is_estimated: Flags
    book: Book
    support: Support
    # Requests that a must-have needs and that cannot be built, with why.
    blocked: Sequence[int]

    def figures(self, chosen: Flags) -> dict[str, Any]:
        """What a set of requests comes to, in numbers that a plan keeps."""
        served = np.unique(self.support.customer[chosen[self.support.request]])
        asking = np.unique(self.support.customer)
        unserved = np.setdiff1d(asking, served)
        left = ~chosen[self.support.request] & self.support.blocks
        return {
            "requests": int(chosen.sum()),
            "effort": str(Decimal(effort_of(self.problem, chosen)) / TENTHS),
            "value": served_value(self.problem, chosen),
            "needs": int(chosen[self.support.request].sum()),
            "all_needs": int(self.support.request.size),
            "customers": int(served.size),
            "asking": int(asking.size),
            "unserved": int(unserved.size),
            "served_arr": self._arr(served),
            "unserved_arr": self._arr(unserved),
            "at_risk_arr": self._arr(np.unique(self.support.customer[left])),
        }

    def _arr(self, customers: Ints) -> str:
        return str(from_cents(int(self.book.customers.arr[customers].sum())))


@dataclass(frozen=True)
class Unserved:
    """One customer who gets nothing by a plan: what it pays, what it asks for, and whether one of that is a blocker."""

    account: Account
    arr: Decimal
    needs: int
    has_blocker: bool


def quarter_of(plan: QuarterPlan, on: dt.date) -> Quarter:
    """Read what a plan has to choose from: what is estimated, its must-haves, and whatever those need."""
    must, out = (_standing(rows.values_list("pk", "merged_into")) for rows in (plan.must_haves, plan.left_out))
    estimated: dict[int, Any] = dict(RequestEstimate.objects.exclude(effort=None).values_list("request_id", "effort"))
    needs = _needs()
    open_ids = set(open_requests().values_list("pk", flat=True))
    ids = _with_needed((set(estimated) & open_ids) | (must & open_ids), needs)
    requests = np.array(sorted(ids), dtype=np.int64)
    place = {pk: number for number, pk in enumerate(requests.tolist())}
    is_estimated = np.isin(requests, list(estimated))
    can = np.array([pk in open_ids and pk in estimated and pk not in out for pk in place], dtype=bool)
    book = stored_book()
    support = supporters(read_voices(on, requests.tolist()), requests, book.customers)
    worth = book.customers.weighted if plan.by_value else np.ones(book.customers.account.size, dtype=np.int64)
    problem = Problem(
        effort=np.array([int(estimated.get(pk, Decimal(0)) * TENTHS) for pk in place], dtype=np.int64),
        may=can,
        must=np.array([pk in must for pk in place], dtype=bool),
        capacity=int(plan.capacity * TENTHS),
        request=support.request,
        customer=support.customer,
        worth=worth,
        needs=tuple((place[a], place[b]) for a, b in needs if a in place),
        once_per_need=plan.counts == QuarterPlan.Counts.NEEDS,
    )
    wanted = with_needs(problem, problem.must)
    ranks = dict(RequestRank.objects.filter(request__in=ids).values_list("request_id", "rank"))
    last = max(ranks.values(), default=0) + 1
    return Quarter(
        problem, requests, np.array([ranks.get(pk, last) for pk in place], dtype=np.int64), is_estimated, book, support,
        requests[wanted & ~can].tolist(),
    )  # fmt: skip


def unestimated_requests() -> list[FeatureRequest]:
    """The best ranked requests that no plan can choose, because nobody said what they take."""
    rows = open_requests().filter(Q(estimate=None) | Q(estimate__effort=None), ranking__accounts__gt=0)
    return list(rows.select_related("ranking").order_by("ranking__rank", "pk")[:UNESTIMATED])


def unserved_accounts(plan: QuarterPlan, user: User | AnonymousUser, on: dt.date) -> list[Unserved]:
    """The customers who asked for something that was looked at and get none of it, the largest first."""
    rows = list(PlannedRequest.objects.filter(plan=plan).order_by("request_id").values_list("request_id", "is_in"))
    requests = np.array([pk for pk, _is_in in rows], dtype=np.int64)
    chosen = np.array([is_in for _pk, is_in in rows], dtype=bool)
    book = stored_book()
    support = supporters(read_voices(on, requests.tolist()), requests, book.customers)
    served = support.customer[chosen[support.request]] if support.request.size else support.customer
    left = ~np.isin(support.customer, served)
    needs = np.bincount(support.customer[left], minlength=book.customers.account.size)
    blockers = support.customer[left & support.blocks]
    order = np.argsort(-book.customers.arr * (needs > 0), kind="stable")
    order = order[needs[order] > 0][:SHOWN]
    accounts = Account.objects.visible_to(user).in_bulk(book.customers.account[order].tolist())
    return [
        Unserved(accounts[pk], from_cents(int(book.customers.arr[place])), int(needs[place]), place in blockers)
        for place in order.tolist()
        if (pk := int(book.customers.account[place])) in accounts
    ]


def plans_shown_to(user: User | AnonymousUser) -> Any:
    """The plans that a person may see, the quarter ahead first."""
    return QuarterPlan.objects.visible_to(user).select_related("made_by")


def requests_of(plan: QuarterPlan) -> list[PlannedRequest]:
    """What a plan looked at: first what is in, then what is not, each by rank."""
    return list(plan.requests.select_related("request__module"))


def needs_of(request_ids: Collection[int]) -> dict[int, list[FeatureRequest]]:
    """What each request cannot be built without, unless that is shipped already."""
    rows = RequestNeed.objects.filter(request__in=request_ids).exclude(needed__state=FeatureRequest.State.SHIPPED)
    found: dict[int, list[FeatureRequest]] = {}
    for row in rows.select_related("needed"):
        found.setdefault(row.request_id, []).append(row.needed)
    return found


def can_be_built(request: FeatureRequest) -> bool:
    """Say whether a request may still be planned."""
    return request.state not in DONE


def _standing(rows: Iterable[tuple[int, int | None]]) -> set[int]:
    """The requests that some are or were merged into."""
    return {merged_into or pk for pk, merged_into in rows}


def _needs() -> list[tuple[int, int]]:
    """Which request cannot be built without which, of those that are not shipped; of merged ones, what they are now."""
    rows = RequestNeed.objects.exclude(needed__state=FeatureRequest.State.SHIPPED)
    pairs = rows.values_list("request", "request__merged_into", "needed", "needed__merged_into")
    found = {(one_into or one, other_into or other) for one, one_into, other, other_into in pairs}
    return sorted((one, other) for one, other in found if one != other)


def _with_needed(ids: set[int], needs: Iterable[tuple[int, int]]) -> set[int]:
    """Requests and whatever they need, over any number of steps."""
    after: dict[int, list[int]] = {}
    for request, needed in needs:
        after.setdefault(request, []).append(needed)
    found, fresh = set(ids), list(ids)
    while fresh:
        more = [needed for request in fresh for needed in after.get(request, []) if needed not in found]
        found.update(more)
        fresh = more
    return found
