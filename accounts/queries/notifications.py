"""What is a person told, of which kinds may it be, and who is to be told of an account?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Account, Notification, NotificationChoice, ServiceAssignment, User
from accounts.rules.notifications import way_of
from accounts.rules.roles import Capability


@dataclass(frozen=True)
class Kind:
    """One kind of thing that people are told of, as this installation names it."""

    key: str
    label: Any
    usual: str
    right: str


def kinds() -> list[Kind]:
    """All kinds, in their order."""
    return [Kind(*one) for one in settings.NOTIFICATION_KINDS]


def kinds_for(user: User) -> list[Kind]:
    """The kinds that a person may ever be told of."""
    return [kind for kind in kinds() if not kind.right or user.can(Capability(kind.right))]


def usual_ways() -> dict[str, str]:
    """How each kind is heard of where nobody chose."""
    return {kind.key: kind.usual for kind in kinds()}


def ways_of(people: Iterable[int], kind_keys: Iterable[str]) -> dict[tuple[int, str], str]:
    """How each of some people hears of each of some kinds, in one query."""
    people, keys = set(people), set(kind_keys)
    chosen: dict[int, dict[str, str]] = defaultdict(dict)
    rows = NotificationChoice.objects.filter(user__in=people, kind__in=keys)
    for user_id, kind, way in rows.values_list("user_id", "kind", "way"):
        chosen[user_id][kind] = way
    usual = usual_ways()
    return {(user_id, kind): way_of(kind, chosen[user_id], usual) for user_id in people for kind in keys}


def chosen_ways(user: User) -> dict[str, str]:
    """How a person hears of every kind that there is for them."""
    found = ways_of([user.pk], [kind.key for kind in kinds_for(user)])
    return {kind: way for (_user, kind), way in found.items()}


def label_of(key: str) -> str:
    """What a kind is called; empty for one that nobody has described."""
    return next((str(kind.label) for kind in kinds() if kind.key == key), "")


def to_mail(user: User, way: str) -> QuerySet[Notification]:
    """What a person was told and is still to get by mail; what they have read by then is not mailed."""
    return Notification.objects.visible_to(user).unread().filter(way=way, mail=None).order_by("at", "pk")


def owners_of(account: Account) -> list[User]:
    """Who looks after an account now."""
    owned = ServiceAssignment.objects.current().owners().filter(account=account).values("user")
    return list(User.objects.active().filter(pk__in=owned))


def managers_of(account: Account) -> list[User]:
    """The managers who see an account."""
    managers = User.objects.active().filter(role=User.Role.CS_MANAGER)
    return [one for one in managers if Account.objects.visible_to(one).filter(pk=account.pk).exists()]
