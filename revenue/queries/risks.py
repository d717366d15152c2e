"""How much of what customers pay is at risk?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Sum

from common.columns import Cents, only_ids
from revenue.models import Risk
from revenue.queries.arr import arr_by_account
from revenue.rules.rates import from_cents
from revenue.rules.risks import at_risk


def arr_at_risk(on: dt.date, account_ids: Iterable[int] | None = None) -> dict[int, Decimal]:
    """ARR at risk of each account with open risks, never above what it pays on the day; others are left out.

    The total over accounts is the sum of these.
    """
    ids = None if account_ids is None else set(account_ids)
    rows = only_ids(Risk.objects.open(), "account_id", ids).order_by()
    sums = {
        account: from_cents(cents)
        for account, cents in rows.values_list("account_id").annotate(cents=Sum(Cents("arr_at_risk")))
        if ids is None or account in ids
    }
    if not sums:
        return {}
    arr = arr_by_account(on, sums)
    return {account: at_risk([amount], arr.get(account, Decimal(0))) for account, amount in sums.items()}
