"""How do the accounts of a landing page stand, by owner and band? One statement for several figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet, Sum

from portfolio.models import AccountRow
from portfolio.queries.rows import BANDS, BandCount

DUE_DAYS = 90
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """The accounts of one owner in one band: how many, what they pay, what of it falls due, how scores moved."""

    owner_id: int | None
    owner_name: str
    band: str
    accounts: int
    paying: int
    arr: Decimal
    ends: int
    due: Decimal
    fell: int
    rose: int
    scored_on: dt.date | None


def standings(rows: QuerySet[AccountRow], on: dt.date) -> list[Standing]:
    """Count rows by owner and band as of a day."""
    due = Q(renewal_on__gte=on, renewal_on__lte=on + dt.timedelta(days=DUE_DAYS), arr__gt=0)
    found = rows.order_by().values_list("owner_id", "owner_name", "band").annotate(
        accounts=Count("pk"), paying=Count("pk", filter=Q(arr__gt=0)), money=Sum("arr", default=NOTHING),
        ends=Count("pk", filter=due), due=Sum("arr", filter=due, default=NOTHING),
        fell=Count("pk", filter=Q(score_change__lte=-5)), rose=Count("pk", filter=Q(score_change__gte=5)),
        last=Max("scored_on"),
    )  # fmt: skip
    return [Standing(*row) for row in found]


def bands_of(stands: Sequence[Standing], *, with_money: bool) -> list[BandCount]:
    """The same by band alone, as the strip shows them."""
    held = {band: [one for one in stands if one.band == band] for band in BANDS}
    return [
        BandCount(
            band,
            sum(one.accounts for one in here),
            sum((one.arr for one in here), NOTHING) if with_money else None,
        )
        for band, here in held.items()
        if here
    ]


def last_scored(stands: Sequence[Standing]) -> dt.date | None:
    """The day of the newest score."""
    return max((one.scored_on for one in stands if one.scored_on), default=None)
