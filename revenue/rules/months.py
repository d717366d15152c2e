"""How did retention go from month to month, over each month and over the twelve months up to it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from revenue.rules.movements import day_number
from revenue.rules.periods import valued
from revenue.rules.rates import Rates, from_cents, rate_on
from revenue.rules.retention import POINT_TO_POINT, WAY, Figures, rates_of

Ints = npt.NDArray[np.int64]
LOGOS = ("accounts", "accounts_lost", "accounts_closing")


@dataclass(frozen=True)
class MonthMatrix:
    """What is paid at the end of the day before each bound: a row a bound, a column a pair of account and currency."""

    bounds: Sequence[dt.date]
    cents: Ints
    currency: Ints
    # The account of each pair, as a number, and the day of each account's first movement.
    owner: Ints
    first_day: Ints
    names: Sequence[str]

    def by_account(self, row: int, rates: dict[int, Fraction]) -> Ints:
        """What each account pays at a bound."""
        worth = valued(self.cents[row], self.currency, rates)
        if self.owner.size == self.first_day.size:
            return worth
        totals = np.zeros(self.first_day.size, dtype=np.int64)
        np.add.at(totals, self.owner, worth)
        return totals

    def rates(self, rows: Sequence[int], on: dt.date, known: Rates, reporting: str) -> dict[int, Fraction]:
        """The rates of the currencies that are paid at some bounds."""
        if len(self.names) == 1:
            used = [0] if any(self.cents[row].any() for row in rows) else []
        else:
            used = [
                number
                for number in range(len(self.names))
                if any(self.cents[row][self.currency == number].any() for row in rows)
            ]
        return {number: rate_on(known, self.names[number], reporting, on) for number in used}


def month_matrix(
    account: Ints, day: Ints, currency: Ints, cents: Ints, names: Sequence[str], bounds: Sequence[dt.date]
) -> MonthMatrix:
    """Add all movements before the last bound up, from the first ever: columns of any order, signed cents.

    >>> moved = [np.array(column) for column in ([7, 7], [0, 40], [0, 0], [100, -30])]
    >>> matrix = month_matrix(*moved, ["USD"], [dt.date(1970, month, 1) for month in (1, 2, 3)])
    >>> matrix.cents[:, 0].tolist()
    [0, 100, 70]
    """
    width = max(len(names), 1)
    number, accounts = _numbered(account)
    if width == 1:
        pair, owner, held = number, np.arange(accounts), np.zeros(accounts, dtype=np.int64)
    else:
        known, pair = np.unique(number * width + currency, return_inverse=True)
        owner, held = known // width, known % width
    first_day = np.full(accounts, day_number(None), dtype=np.int64)
    np.minimum.at(first_day, number, day)
    row = np.searchsorted([day_number(bound) for bound in bounds], day, side="right")
    inside = row < len(bounds)
    paid = np.zeros(len(bounds) * owner.size, dtype=np.int64)
    np.add.at(paid, (row * owner.size + pair)[inside], cents[inside])
    matrix = np.cumsum(paid.reshape(len(bounds), owner.size), axis=0)
    return MonthMatrix(bounds, matrix, held, owner, first_day, names)


def _numbered(ids: Ints) -> tuple[Ints, int]:
    """Number ids from 0 on, without sorting them where a table of them fits."""
    largest = int(ids.max(initial=0))
    if largest > 50_000_000:
        known, number = np.unique(ids, return_inverse=True)
        return number.astype(np.int64), known.size
    present = np.zeros(largest + 1, dtype=bool)
    present[ids] = True
    return (np.cumsum(present) - 1)[ids], int(present.sum())


def window_figures(matrix: MonthMatrix, first: int, last: int, rates: Rates, reporting: str) -> Figures:
    """The point-to-point figures of the period between two bounds of the matrix, by their numbers.

    >>> moved = [np.array(column) for column in ([7, 7], [0, 40], [0, 0], [100, -30])]
    >>> matrix = month_matrix(*moved, ["USD"], [dt.date(1970, month, 1) for month in (1, 2, 3)])
    >>> found = window_figures(matrix, 1, 2, Rates(), "USD")
    >>> str(found.nrr), found.contraction, found.accounts_lost
    ('7/10', Decimal('0.30'), 0)
    """
    day = dt.timedelta(days=1)
    start, end = matrix.bounds[first], matrix.bounds[last]
    at_opening = matrix.rates([first, last], start - day, rates, reporting)
    opening, closing = matrix.by_account(first, at_opening), matrix.by_account(last, at_opening)
    now = closing
    if any(matrix.names[number] != reporting for number in at_opening):
        now = matrix.by_account(last, matrix.rates([last], end - day, rates, reporting))
    cohort, gone = opening > 0, closing == 0
    came = np.where(cohort, 0, closing)
    new = int(came[matrix.first_day >= day_number(start)].sum())
    opened, kept = int(opening.sum()), int(np.minimum(opening, closing).sum())
    churn, lost = int(opening[gone].sum()), int((cohort & gone).sum())
    total, arrived = int(closing.sum()), int(came.sum())
    sums = {
        "opening": opened,
        "new": new,
        "reactivation": arrived - new,
        "expansion": total - arrived - kept,
        "contraction": opened - kept - churn,
        "churn": churn,
        "exchange": int(now.sum()) - total,
        "closing": int(now.sum()),
        "accounts": int(cohort.sum()),
        "accounts_lost": lost,
    }
    return figures_of(start, end, sums | {"accounts_closing": int(closing.size - gone.sum())})


def figures_of(start: dt.date, end: dt.date, sums: Mapping[str, int]) -> Figures:
    """The point-to-point figures that follow from a period's sums: amounts in whole cents, and counts.

    >>> sums = dict.fromkeys(WAY, 0) | {"opening": 400, "churn": 100, "closing": 300}
    >>> found = figures_of(dt.date(2026, 1, 1), dt.date(2026, 2, 1), sums | dict.fromkeys(LOGOS, 2))
    >>> str(found.nrr), found.closing, found.accounts
    ('3/4', Decimal('3.00'), 2)
    """
    fields: dict[str, Any] = {name: from_cents(sums[name]) for name in WAY} | rates_of(POINT_TO_POINT, sums)
    return Figures(start, end, POINT_TO_POINT, **fields | {name: sums[name] for name in LOGOS})
