"""When must somebody look at a risk again, and how much is at risk in all?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal


def next_update(
    on: dt.date,
    renewal_on: dt.date | None,
    *,
    near_days: int = 90,
    near_update_days: int = 7,
    far_update_days: int = 30,
) -> dt.date:
    """The latest day of a risk's next update: in a week while the renewal is near or past, else in a month.

    >>> day = dt.date(2026, 6, 1)
    >>> next_update(day, dt.date(2026, 8, 30)), next_update(day, dt.date(2026, 8, 31)), next_update(day, None)
    (datetime.date(2026, 6, 8), datetime.date(2026, 7, 1), datetime.date(2026, 7, 1))
    """
    is_near = renewal_on is not None and (renewal_on - on).days <= near_days
    return on + dt.timedelta(days=near_update_days if is_near else far_update_days)


def at_risk(amounts: Iterable[Decimal], arr: Decimal) -> Decimal:
    """What several risks of one account put at risk together: their sum, never more than the account pays.

    >>> at_risk([Decimal(60), Decimal(70)], Decimal(100)), at_risk([], Decimal(100))
    (Decimal('100'), Decimal('0'))
    """
    return min(sum(amounts, Decimal(0)), arr)
