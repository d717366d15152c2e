"""Which requests are there, with how many voices?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, User
from roadmap.models import FeatureRequest, RequestEvidence


def with_voices(requests: QuerySet[FeatureRequest], user: User | AnonymousUser) -> QuerySet[Any]:
    """Add how many voices, of how many accounts and how many blocked ones, of those that a person may see."""
    heard = _heard_by(user)
    voices = RequestEvidence.objects.filter(request=OuterRef("pk")).order_by().values("request")
    counted = {
        "evidence_count": Count("pk", filter=heard),
        "account_count": Count("account", distinct=True, filter=heard),
        "blocker_count": Count("account", distinct=True, filter=heard & Q(is_blocker=True)),
    }
    return requests.annotate(
        **{name: Coalesce(Subquery(voices.annotate(n=count).values("n")), 0) for name, count in counted.items()}
    )


def _heard_by(user: User | AnonymousUser) -> Q:
    """Which voices count for a person.

    A condition of the count and not of its rows, so that a database makes the list of the person's accounts once and
    looks voices up in it, rather than each account, or the whole list anew, for each request.
    """
    if not isinstance(user, User) or not user.is_active:
        return Q(pk__in=[])
    if user.visibility == User.Visibility.ALL:
        return Q(pk__isnull=False)
    return Q(account__in=Account.objects.ids_shown_to(user))
