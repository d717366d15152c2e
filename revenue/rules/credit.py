"""Whom do gains and losses belong to, when customers change hands within a period?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from revenue.rules.movements import day_number
from revenue.rules.periods import Period
from revenue.rules.rates import from_cents

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Credit:
    """What one person kept and won of what was in their hands, at the rates of the period's opening."""

    owner: int
    # Paying accounts in their hands at some time of the period, and what these paid when they took them on.
    accounts: int
    base: Decimal
    # The part of the base that came by transfer within the period.
    taken_over: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    nrr: Fraction | None
    grr: Fraction | None


def credits_of(period: Period, account: Ints, owner: Ints, start: Ints, end: Ints) -> list[Credit]:
    """Credit each owner with the movements that fall on days on which the account is theirs.

    Spans of ownership as columns: account, owner, first day, first day after (`OPEN` while it lasts). An owner's base
    is what each account paid before their first day with it in the period; against it stands what it pays at the end
    of their last. So a hand-over is neither a gain nor a loss for anybody, GRR ≤ 100 % and GRR ≤ NRR as in the
    point-to-point reading, and a period without hand-overs gives exactly that.

    >>> none = np.empty(0, dtype=np.int64)
    >>> import datetime as dt
    >>> columns = [np.array(column) for column in ([7, 8], [100, 80], [120, 0], [120, 0], [0, 0])]
    >>> moves = [np.array(column) for column in ([0, 1], [20500, 20600], [2, 4], [20, -80])]
    >>> period = Period(dt.date(2026, 1, 1), dt.date(2027, 1, 1), *columns, *moves, np.zeros(2, dtype=bool))
    >>> spans = [np.array(column) for column in ([7, 8, 8], [1, 1, 2], [0, 0, 20550], [30000, 20550, 30000])]
    >>> [(credit.owner, str(credit.nrr)) for credit in credits_of(period, *spans)]
    [(1, '10/9'), (2, '0')]
    """
    first, last = day_number(period.start), day_number(period.end)
    begin, stop = np.maximum(start, first), np.minimum(end, last)
    keep = (begin < stop) & np.isin(account, period.account)
    place = np.searchsorted(period.account, account[keep])
    base = period.worth_before(place, begin[keep])
    left = period.worth_before(place, stop[keep])
    later = begin[keep] > first
    owners, number = np.unique(owner[keep], return_inverse=True)
    sums = {
        "accounts": base > 0,
        "base": base,
        "taken_over": np.where(later, base, 0),
        "expansion": np.where(base > 0, np.maximum(left - base, 0), 0),
        "contraction": np.where(left > 0, np.maximum(base - left, 0), 0),
        "churn": np.where(left > 0, 0, base),
    }
    totals = np.zeros((len(sums), owners.size), dtype=np.int64)
    for row, column in enumerate(sums.values()):
        np.add.at(totals[row], number, column)
    return [
        _credit(int(who), dict(zip(sums, totals[:, index].tolist(), strict=True))) for index, who in enumerate(owners)
    ]


def _credit(owner: int, sums: dict[str, int]) -> Credit:
    """Give sums as amounts, with their rates."""
    base, kept = sums["base"], sums["base"] - sums["contraction"] - sums["churn"]
    nrr, grr = (Fraction(part, base) if base else None for part in (kept + sums["expansion"], kept))
    accounts = sums.pop("accounts")
    return Credit(owner, accounts, **{name: from_cents(cents) for name, cents in sums.items()}, nrr=nrr, grr=grr)
