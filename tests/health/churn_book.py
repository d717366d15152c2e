"""A small book with a history: customers by the month, with one figure that tells (or does not) who will leave."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np

from accounts.models import Account, Product
from common.bulk import insert_columns
from revenue.actions import derive_movements
from revenue.models import ContractLine
from tests.health.book import AT
from usage.models import Metric, Reading

MONTHS = 20
LAST = dt.date(2026, 5, 31)


def month(number: int) -> dt.date:
    """The first day of a month of the book, the last one being that of `LAST`."""
    at = LAST.year * 12 + LAST.month - 1 - (MONTHS - 1) + number
    return dt.date(at // 12, at % 12 + 1, 1)


def make_history(
    accounts: int = 100, losses: int = 60, *, tells: bool = True, constant: bool = False, known: float = 1.0
) -> list[int]:
    """Accounts of which some left, each in the middle of a month; before it leaves its calls fall, if they tell."""
    rng = np.random.default_rng(3)
    product = Product.objects.create(external_id="history", name="History")
    names = [f"H-{number}" for number in range(accounts)]
    made = Account.objects.bulk_create(
        [
            Account(
                external_id=name, name=name, signed_on=month(0), purchase_level="team", created_at=AT, updated_at=AT
            )
            for name in names
        ]
    )
    ids = [account.pk for account in made]
    gone = [int(rng.integers(6, MONTHS)) if number < losses else None for number in range(accounts)]
    insert_columns(
        ContractLine,
        {
            "account_id": ids,
            "product_id": [product.pk] * accounts,
            "arr": [Decimal(1200)] * accounts,
            "currency": ["USD"] * accounts,
            "starts_on": [month(0)] * accounts,
            "ends_on": [None if left is None else month(left).replace(day=15) for left in gone],
            "is_payment_failed": [False] * accounts,
        },
    )
    metric = Metric.objects.create(external_id="calls", name="Calls")
    rows = []
    for account, left in zip(ids, gone, strict=True):
        for number in range(MONTHS if left is None else left):
            falling = tells and left is not None and left - number <= 3
            value = 50 if constant else int(rng.normal(40 if falling else 100, 15))
            if rng.random() < known:
                rows.append((account, month(number), Decimal(max(value, 1))))
    insert_columns(
        Reading,
        {
            "account_id": [account for account, _, _ in rows],
            "metric_id": [metric.pk] * len(rows),
            "period": ["month"] * len(rows),
            "on": [on for _, on, _ in rows],
            "value": [value for _, _, value in rows],
        },
    )
    derive_movements()
    return ids
