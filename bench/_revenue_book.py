"""Which movements is retention measured on? Drawn as columns from a seed, kept in memory for the floor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from django.db import connection

from accounts.models import Account
from common.bulk import insert_columns
from common.periods import add_months, months
from revenue.models import Movement
from revenue.rules.movements import KINDS
from revenue.rules.rates import from_cents

AT = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
BEGIN, END = dt.date(2022, 1, 1), dt.date(2026, 1, 1)
SPAN = (END - BEGIN).days


@dataclass
class Moves:
    """Movements in the order of account and day: accounts count from 0, days from the beginning."""

    accounts: int
    account: Any
    day: Any
    cents: Any
    after: Any
    kind: Any


Rates = tuple[Fraction, Fraction]


def draw_moves(accounts: int, changes: int = 11, seed: int = 7) -> Moves:
    """Draw about `changes` movements an account over four years; one change in twelve is a loss."""
    rng = np.random.default_rng(seed)
    drawn = np.unique(np.repeat(np.arange(accounts), changes) * SPAN + rng.integers(0, SPAN, accounts * changes))
    account, day = drawn // SPAN, drawn % SPAN
    first = np.ones(drawn.size, dtype=bool)
    first[1:] = account[1:] != account[:-1]
    after = rng.integers(1, 400, drawn.size) * 30_000
    after[(rng.random(drawn.size) < 1 / 12) & ~first] = 0
    before = np.where(first, 0, np.roll(after, 1))
    moved = after != before
    kind = np.select([first, before == 0, after == 0, after > before], [0, 1, 4, 2], 3)
    columns = (account, day, after - before, after, kind)
    return Moves(accounts, *(column[moved] for column in columns))


def floor(moves: Moves) -> list[tuple[Rates, Rates]]:
    """NRR and GRR of each month and of the twelve months up to it, from the arrays alone."""
    bounds = np.array([(month - BEGIN).days for month in [*months(BEGIN, END), END]])
    row_of_day = np.searchsorted(bounds, np.arange(bounds[-1]), side="right")
    paid = np.zeros(bounds.size * moves.accounts, dtype=np.int64)
    np.add.at(paid, row_of_day[moves.day] * moves.accounts + moves.account, moves.cents)
    matrix = np.cumsum(paid.reshape(bounds.size, moves.accounts), axis=0)

    return [
        (_rates(matrix[last - 1], matrix[last]), _rates(matrix[last - 12], matrix[last]))
        for last in range(13, bounds.size)
    ]


def floor_of_a_month(moves: Moves) -> tuple[Rates, Rates]:
    """The same of the last month alone: what is paid at three days, from the arrays."""
    ends = [(add_months(END, back) - BEGIN).days for back in (-12, -1, 0)]
    paid = [np.zeros(moves.accounts, dtype=np.int64) for _ in ends]
    for column, end in zip(paid, ends, strict=True):
        inside = moves.day < end
        np.add.at(column, moves.account[inside], moves.cents[inside])
    year, month, now = paid
    return _rates(month, now), _rates(year, now)


def _rates(opening: Any, closing: Any) -> Rates:
    """NRR and GRR between two days."""
    opened, kept = int(opening.sum()), int(np.minimum(opening, closing).sum())
    return Fraction(int(closing[opening > 0].sum()), opened), Fraction(kept, opened)


def store_moves(moves: Moves) -> None:
    """Write accounts and movements, in the order of the days on which they came."""
    n = moves.accounts
    insert_columns(
        Account,
        {
            "external_id": [f"A{i}" for i in range(n)],
            "name": [f"Account {i}" for i in range(n)],
            **{name: [""] * n for name in ("domain", "industry", "region")},
            "tier": [Account.Tier.values[i % len(Account.Tier.values)] for i in range(n)],
            "purchase_level": [Account.PurchaseLevel.values[i % len(Account.PurchaseLevel.values)] for i in range(n)],
            "stage": ["mature"] * n,
            "currency": ["USD"] * n,
            "custom": [{}] * n,
            "version": [1] * n,
            "created_at": [AT] * n,
            "updated_at": [AT] * n,
        },
    )
    first = Account.objects.order_by("pk").values_list("pk", flat=True)[0]
    days = [BEGIN + dt.timedelta(days=number) for number in range(SPAN)]
    order = np.argsort(moves.day, kind="stable")
    insert_columns(
        Movement,
        {
            "account_id": (moves.account[order] + first).tolist(),
            "on": [days[number] for number in moves.day[order].tolist()],
            "kind": [KINDS[number] for number in moves.kind[order].tolist()],
            "currency": ["USD"] * order.size,
            "amount": [from_cents(cents) for cents in moves.cents[order].tolist()],
            "arr_after": [from_cents(cents) for cents in moves.after[order].tolist()],
        },
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
