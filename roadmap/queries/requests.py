"""Which requests are there, with how many voices?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from roadmap.models import FeatureRequest, RequestEvidence


def with_voices(requests: QuerySet[FeatureRequest], user: User | AnonymousUser) -> QuerySet[Any]:
    """Add how many voices, of how many accounts and how many blocked ones, of those that a person may see."""
    seen = RequestEvidence.objects.visible_to(user).filter(request=OuterRef("pk")).order_by().values("request")
    voices = seen.annotate(number=Count("pk")).values("number")
    accounts = seen.annotate(number=Count("account", distinct=True)).values("number")
    blocked = seen.annotate(number=Count("account", distinct=True, filter=Q(is_blocker=True))).values("number")
    return requests.annotate(
        evidence_count=Coalesce(Subquery(voices), 0),
        account_count=Coalesce(Subquery(accounts), 0),
        blocker_count=Coalesce(Subquery(blocked), Value(0), output_field=IntegerField()),
    )
