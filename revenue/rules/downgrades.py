"""What has become of customers who pay less than before?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

STAYED, FELL_FURTHER, GREW_AGAIN, CHURNED = "stayed", "fell_further", "grew_again", "churned"


def since_downgrade(after: Decimal, now: Decimal) -> str:
    """What happened since an account shrank to `after`, by what it pays now; both at one rate.

    >>> [since_downgrade(Decimal(80), Decimal(now)) for now in (80, 60, 90, 0)]
    ['stayed', 'fell_further', 'grew_again', 'churned']
    """
    if now == 0:
        return CHURNED
    if now < after:
        return FELL_FURTHER
    return GREW_AGAIN if now > after else STAYED


def share_lost(before: Decimal, after: Decimal) -> Decimal | None:
    """How much of what it paid an account gave up, 0 to 1; no value where it paid nothing.

    >>> share_lost(Decimal(100), Decimal(80)), share_lost(Decimal(0), Decimal(0))
    (Decimal('0.2000'), None)
    """
    return round((before - after) / before, 4) if before else None


@dataclass(frozen=True)
class FollowThrough:
    """Of the accounts that downgraded in a year, and of the others, how many left in the next 12 months."""

    downgraded: int
    downgraded_left: int
    others: int
    others_left: int

    @property
    def rate(self) -> Decimal | None:
        """The share of those who downgraded that left; no value without them."""
        return left_rate(self.downgraded_left, self.downgraded)

    @property
    def others_rate(self) -> Decimal | None:
        """The share of the others that left."""
        return left_rate(self.others_left, self.others)


def left_rate(left: int, accounts: int) -> Decimal | None:
    """The share of accounts that left; no value without accounts.

    >>> left_rate(1, 4), left_rate(0, 0)
    (Decimal('0.2500'), None)
    """
    return round(Decimal(left) / Decimal(accounts), 4) if accounts else None


def year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; the last of February in a leap year is the 28th before.

    >>> year_before(dt.date(2026, 11, 23)), year_before(dt.date(2024, 2, 29))
    (datetime.date(2025, 11, 23), datetime.date(2023, 2, 28))
    """
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
