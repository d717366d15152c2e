"""What does the page of one request show to whoever reads it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounts.access import sees_money
from accounts.models import User
from accounts.rules.roles import Capability
from revenue.queries import arr_by_account
from roadmap.models import (
    DuplicatePair,
    FeatureRequest,
    RequestAnswer,
    RequestChange,
    RequestEvidence,
    RequestLink,
)
from roadmap.queries.duplicates import pairs_of
from roadmap.queries.evidence import SHOWN_ACCOUNTS, Asker, askers_of
from roadmap.queries.gaps import Gap, gap_of
from roadmap.queries.loop import Told, Use, told_report, use_of

SHOWN_RISKS = 8
FIRST_ASKERS = 10


@dataclass(frozen=True)
class Behind:
    """How many accounts and voices stand behind a request, and what the accounts pay."""

    accounts: int
    voices: int
    blocked: int
    arr: Decimal | None
    # For who plans the roadmap without seeing money: the part of all ARR that asks.
    share: Fraction | None


@dataclass(frozen=True)
class RequestPage:
    """One request with its voices, what hangs on it, what was decided and who was told."""

    request: FeatureRequest
    on: dt.date
    behind: Behind
    askers: Sequence[Asker]
    gap: Gap
    links: Sequence[RequestLink]
    pairs: Sequence[DuplicatePair]
    merged: Sequence[FeatureRequest]
    changes: Sequence[RequestChange]
    # The latest decision, as long as nobody heard of it: it can be taken back.
    undoable: int | None
    told: Told
    use: Use | None

    @property
    def more_askers(self) -> int:
        """How many accounts do not find room."""
        return self.behind.accounts - len(self.askers)

    @property
    def first_askers(self) -> Sequence[Asker]:
        """The accounts that are seen at once."""
        return self.askers[:FIRST_ASKERS]

    @property
    def further_askers(self) -> Sequence[Asker]:
        """The accounts that are seen when asked for."""
        return self.askers[FIRST_ASKERS:]

    @property
    def risks(self) -> Sequence[object]:
        """The accounts at risk that find room."""
        return self.gap.at_risk[:SHOWN_RISKS]

    def other_of(self, pair: DuplicatePair) -> FeatureRequest:
        """The request of a pair that this one resembles."""
        return pair.other if pair.one_id == self.request.pk else pair.one


def request_page(request: FeatureRequest, user: User, on: dt.date) -> RequestPage:
    """Read all that stands on the page of a request, of the accounts that the person may see."""
    money = sees_money(user)
    askers = askers_of(request, user, on, money=money)
    links = RequestLink.objects.visible_to(user).filter(request=request)
    answers = RequestAnswer.objects.visible_to(user).filter(request=request)
    changes = list(request.changes.select_related("by").order_by("-at", "-pk"))
    return RequestPage(
        request=request,
        on=on,
        behind=_behind(request, user, on, money=money),
        askers=askers[:SHOWN_ACCOUNTS],
        gap=gap_of(request, user, on, money=money),
        links=list(links.select_related("account", "gap", "promise", "churn_record", "renewal")),
        pairs=pairs_of(request),
        merged=list(request.merged.order_by("-merged_at", "-pk")),
        changes=changes,
        undoable=_undoable(changes),
        told=told_report(answers, on),
        use=use_of(request, user, on),
    )


def _behind(request: FeatureRequest, user: User, on: dt.date, *, money: bool) -> Behind:
    voices = RequestEvidence.objects.visible_to(user).filter(request=request).order_by("-asked_on", "-pk")
    latest: dict[int, bool] = {}
    count = 0
    for account, blocks in voices.values_list("account", "is_blocker"):
        latest.setdefault(account, blocks)
        count += 1
    share = arr = None
    if money:
        arr = sum(arr_by_account(on, latest).values(), Decimal(0))
    elif user.can(Capability.PLAN_ROADMAP) and latest:
        every = arr_by_account(on)
        whole = sum(every.values(), Decimal(0))
        part = sum((every.get(pk, Decimal(0)) for pk in latest), Decimal(0))
        share = Fraction(part) / Fraction(whole) if whole else None
    return Behind(len(latest), count, sum(latest.values()), arr, share)


def _undoable(changes: Sequence[RequestChange]) -> int | None:
    if not changes:
        return None
    heard = RequestAnswer.objects.filter(change=changes[0], state__in=RequestAnswer.HEARD)
    return None if heard.exists() else changes[0].pk
