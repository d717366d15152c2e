"""Who asked for what, and has it been asked before?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, User
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.rules import most_alike

# Titles that are compared with a new one: the newest so many.
COMPARED = 5_000


def with_voices(requests: QuerySet[FeatureRequest], user: User | AnonymousUser) -> QuerySet[Any]:
    """Add how many voices, and of how many accounts, stand behind each request, of those that a person may see."""
    seen = RequestEvidence.objects.visible_to(user).filter(request=OuterRef("pk")).order_by().values("request")
    voices = seen.annotate(number=Count("pk")).values("number")
    accounts = seen.annotate(number=Count("account", distinct=True)).values("number")
    return requests.annotate(
        evidence_count=Coalesce(Subquery(voices), 0), account_count=Coalesce(Subquery(accounts), 0)
    )


def likely_duplicates(title: str, user: User | AnonymousUser) -> list[Any]:
    """Find requests whose title says much the same, the likeliest first, each with its voices."""
    if not title.strip():
        return []
    known = FeatureRequest.objects.visible_to(user).order_by("-pk").values_list("pk", "title")[:COMPARED]
    numbers = most_alike(title, known)
    found = with_voices(FeatureRequest.objects.all(), user).in_bulk(numbers) if numbers else {}
    return [found[number] for number in numbers if number in found]


@dataclass(frozen=True)
class AskedFor:
    """One request that an account made, with everything it said about it, the newest first."""

    request: FeatureRequest
    voices: tuple[RequestEvidence, ...]

    @property
    def importance(self) -> int:
        """The latest importance holds."""
        return self.voices[0].importance


def asked_by(account: Account) -> list[AskedFor]:
    """List what an account asks for, what it asked for last first."""
    evidence = account.request_evidence.select_related("request__module", "contact")
    return _by_request(evidence.order_by("-asked_on", "-pk"))


def _by_request(evidence: Iterable[RequestEvidence]) -> list[AskedFor]:
    voices: dict[int, list[RequestEvidence]] = {}
    for row in evidence:
        voices.setdefault(row.request_id, []).append(row)
    return [AskedFor(rows[0].request, tuple(rows)) for rows in voices.values()]
