"""Who of an account speaks for us, and what were they asked?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Account, Contact
from advocacy.models import Advocate, Ask
from advocacy.rules import PIPELINE, Stage, next_stages

# Who is active comes first, who withdrew last.
SHOWN_IN = (*reversed(PIPELINE), Stage.WITHDRAWN)


@dataclass(frozen=True)
class AdvocateLine:
    """One advocate, what they were asked, and where they can go from here, as (stage, its name)."""

    advocate: Advocate
    asks: tuple[Ask, ...]
    ways: tuple[tuple[str, str], ...]


def advocates_of(account: Account) -> list[AdvocateLine]:
    """List an account's advocates with what they were asked, the newest first."""
    rows = account.advocates.select_related("contact").prefetch_related("asks__asked_by")
    ordered = sorted(rows, key=lambda one: (SHOWN_IN.index(Stage(one.stage)), one.contact.name))
    return [AdvocateLine(one, tuple(one.asks.all()), _ways(one)) for one in ordered]


def _ways(advocate: Advocate) -> tuple[tuple[str, str], ...]:
    return tuple((str(stage), str(Advocate.Stage(stage).label)) for stage in next_stages(advocate.stage))


def possible_advocates(account: Account) -> QuerySet[Contact]:
    """List the contacts who are there and are no advocates yet."""
    known = Advocate.objects.filter(account=account).values("contact")
    return Contact.objects.filter(account=account, left_on=None).exclude(pk__in=known).order_by("name", "pk")
