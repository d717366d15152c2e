"""Which list rows does a person see, and what do they add up to?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from accounts.models import User
from health.models import HealthScore
from portfolio.models import AccountRow

BANDS = tuple(HealthScore.Band.values)


@dataclass(frozen=True)
class BandCount:
    """How many accounts a band holds, and how much they pay (None without the right to see money)."""

    band: str
    accounts: int
    arr: Decimal | None


def visible_rows(user: User) -> QuerySet[AccountRow]:
    """The list rows of the accounts that a person may see."""
    rows: QuerySet[AccountRow] = AccountRow.objects.visible_to(user)
    return rows


def count_bands(rows: QuerySet[AccountRow], *, with_money: bool) -> list[BandCount]:
    """Accounts and money per band, worst band last as the strip shows them."""
    read = rows.order_by().values("band").annotate(accounts=Count("*"), money=Sum("arr"))
    found = {row["band"]: row for row in read}
    return [
        BandCount(band, found[band]["accounts"], found[band]["money"] if with_money else None)
        for band in BANDS
        if band in found
    ]


def owners_to_choose() -> list[tuple[int, str]]:
    """The CSMs who can be given an account."""
    people = User.objects.active().filter(role=User.Role.CSM).order_by("name", "pk")
    return list(people.values_list("pk", "name"))
