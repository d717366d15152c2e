"""Who asked for what, in which words?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import Account, User
from accounts.queries.accounts import with_owner
from revenue.queries import arr_by_account
from roadmap.models import FeatureRequest, RequestEvidence

# The voices of so many accounts stand on a request's page; the export has them all.
SHOWN_ACCOUNTS = 100


@dataclass(frozen=True)
class AskedFor:
    """One request that an account made, with everything it said about it, the newest first."""

    request: FeatureRequest
    voices: tuple[RequestEvidence, ...]

    @property
    def importance(self) -> int:
        """The latest importance holds."""
        return self.voices[0].importance

    @property
    def is_blocker(self) -> bool:
        """Whether the latest voice says that it blocks them."""
        return self.voices[0].is_blocker


@dataclass(frozen=True)
class Asker:
    """One account that asks for a request: several voices are one, and what it said last holds."""

    account: Any
    voices: tuple[RequestEvidence, ...]
    arr: Decimal | None

    @property
    def latest(self) -> RequestEvidence:
        """What it said last."""
        return self.voices[0]

    @property
    def has_left(self) -> bool:
        """Whether it is no customer any more: its voice is kept and weighs nothing."""
        return bool(self.account.stage == Account.Stage.CHURNED)


def asked_by(account: Account) -> list[AskedFor]:
    """List what an account asks for, what it asked for last first."""
    evidence = account.request_evidence.select_related("request__module", "contact")
    return _by_request(evidence.order_by("-asked_on", "-pk"))


def _by_request(evidence: Iterable[RequestEvidence]) -> list[AskedFor]:
    voices: dict[int, list[RequestEvidence]] = {}
    for row in evidence:
        voices.setdefault(row.request_id, []).append(row)
    return [AskedFor(rows[0].request, tuple(rows)) for rows in voices.values()]


def askers_of(request: FeatureRequest, user: User | AnonymousUser, on: dt.date, *, money: bool) -> list[Asker]:
    """The accounts behind a request that a person may see: who pays most first, without money who asked last."""
    seen = RequestEvidence.objects.visible_to(user).filter(request=request)
    voices: dict[int, list[RequestEvidence]] = {}
    for row in seen.select_related("contact", "asked_as", "entry", "ticket").order_by("-asked_on", "-pk"):
        voices.setdefault(row.account_id, []).append(row)
    arr = arr_by_account(on, voices) if money else {}
    wanted = sorted(voices, key=lambda pk: (-arr.get(pk, Decimal(0)), -voices[pk][0].asked_on.toordinal(), pk))
    accounts = with_owner(Account.objects.filter(pk__in=wanted[:SHOWN_ACCOUNTS]), on).in_bulk()
    return [Asker(accounts[pk], tuple(voices[pk]), _paid(arr, pk, money)) for pk in wanted if pk in accounts]


def _paid(arr: Mapping[int, Decimal], pk: int, money: bool) -> Decimal | None:
    return arr.get(pk, Decimal(0)) if money else None
