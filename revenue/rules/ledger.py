"""Does opening plus every movement give closing, to the cent, in each currency and in the reporting currency?"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from revenue.rules.movements import CHURN, CONTRACTION, EXPANSION, NEW, REACTIVATION, Movements, day_number
from revenue.rules.rates import Rates, converted, from_cents, rate_on

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Balances:
    """What each account paid in each currency at one moment, as columns."""

    account: Ints
    currency: Ints
    cents: Ints


@dataclass(frozen=True)
class LedgerLine:
    """One currency's way from opening to closing; contraction and churn are given as what went away."""

    currency: str
    opening: Decimal
    new: Decimal
    reactivation: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    # What the same contracts are worth more or less because rates moved; never a movement.
    exchange: Decimal
    closing: Decimal

    @property
    def is_balanced(self) -> bool:
        """Opening + new + reactivation + expansion − contraction − churn + exchange effect = closing."""
        gained = self.new + self.reactivation + self.expansion - self.contraction - self.churn
        return self.opening + gained + self.exchange == self.closing


@dataclass(frozen=True)
class Ledger:
    """A period (end exclusive): one line per currency, and all of it in the reporting currency."""

    start: dt.date
    end: dt.date
    total: LedgerLine
    by_currency: Sequence[LedgerLine] = field(default_factory=list)

    @property
    def is_balanced(self) -> bool:
        """Say whether every line of it adds up."""
        return self.total.is_balanced and all(line.is_balanced for line in self.by_currency)


def worth_by_account(
    balances: Balances, names: Sequence[str], rates: Rates, reporting: str, on: dt.date
) -> tuple[Ints, Ints]:
    """Accounts and what each pays in the reporting currency on a day: each of its currencies rounded to the cent,
    then added, so that the figures of any set of accounts add up to the figure of the set.

    >>> two = Balances(np.array([7, 7]), np.array([0, 1]), np.array([100, 333]))
    >>> rates = Rates.of([("EUR", "USD", dt.date(2026, 1, 1), Decimal("1.5"))])
    >>> [column.tolist() for column in worth_by_account(two, ["USD", "EUR"], rates, "USD", dt.date(2026, 1, 1))]
    [[7], [600]]
    """
    worth = balances.cents.copy()
    for number in np.unique(balances.currency[balances.cents != 0]):
        rows = balances.currency == number
        worth[rows] = converted(balances.cents[rows], rate_on(rates, names[number], reporting, on))
    accounts, position = np.unique(balances.account, return_inverse=True)
    totals = np.zeros(accounts.size, dtype=np.int64)
    np.add.at(totals, position, worth)
    return accounts, totals


def ledgers(
    opening: Balances, movements: Movements, bounds: Sequence[dt.date], rates: Rates, reporting: str
) -> list[Ledger]:
    """The ledger of each period between two bounds.

    opening: balances before the first bound; movements: all those from the first bound to the last. Constant currency:
    movements are valued at the rates of their period's opening (the day before it starts), and what the closing rates
    make of the closing balance beyond that is the exchange effect. A movement is worth the converted ARR after it less
    the converted ARR before it, so rounding never keeps a ledger from balancing.

    >>> day = dt.date(2026, 1, 1)
    >>> none = Balances(*[np.empty(0, dtype=np.int64)] * 3)
    >>> from revenue.rules.movements import Lines, movements_of
    >>> moved = movements_of(Lines.of([(7, "USD", day, None, Decimal(20))]))
    >>> ledger = ledgers(none, moved, [day, dt.date(2026, 2, 1)], Rates(), "USD")[0]
    >>> ledger.total.new, ledger.total.closing, ledger.is_balanced
    (Decimal('20.00'), Decimal('20.00'), True)
    """
    order = np.argsort(movements.day, kind="stable")
    days, kinds, cents, after = (
        column[order] for column in (movements.day, movements.kind, movements.cents, movements.after)
    )
    pairs = max(len(movements.currencies), 1)
    keys = np.concatenate(
        [opening.account * pairs + opening.currency, (movements.account * pairs + movements.currency)[order]]
    )
    known, position = np.unique(keys, return_inverse=True)
    state = np.zeros(known.size, dtype=np.int64)
    state[position[: opening.cents.size]] = opening.cents
    moved = position[opening.cents.size :]
    cuts = np.searchsorted(days, [day_number(bound) for bound in bounds])
    found = []
    for (start, end), (first, last) in zip(itertools.pairwise(bounds), itertools.pairwise(cuts), strict=True):
        part = slice(first, last)
        before = state.copy()
        state[moved[part]] = after[part]
        period = _Period(
            before, state, known % pairs, (known % pairs)[moved[part]], kinds[part], cents[part], after[part]
        )
        found.append(_ledger(period, start, end, movements.currencies, rates, reporting))
    return found


@dataclass(frozen=True)
class _Period:
    """One period's columns: balances before and after by (account, currency), and its movements."""

    before: Ints
    state: Ints
    currency: Ints
    moved_currency: Ints
    kind: Ints
    cents: Ints
    after: Ints


def _ledger(
    period: _Period, start: dt.date, end: dt.date, names: Sequence[str], rates: Rates, reporting: str
) -> Ledger:
    """Add one period up, in each currency and in the reporting currency."""
    lines, total = [], np.zeros(8, dtype=np.int64)
    one = Fraction(1)
    for number, name in enumerate(names):
        rows, moves = period.currency == number, period.moved_currency == number
        columns = (
            period.before[rows],
            period.state[rows],
            period.kind[moves],
            period.cents[moves],
            period.after[moves],
        )
        if not (columns[0].any() or columns[2].size):
            continue
        own = _sums(*columns, one, one)
        lines.append(_line(name, own))
        # A currency that only leaves, or only comes, still needs the opening's rate: its movement is valued at it.
        at_opening = rate_on(rates, name, reporting, start - dt.timedelta(days=1))
        at_closing = rate_on(rates, name, reporting, end - dt.timedelta(days=1)) if columns[1].any() else at_opening
        total += _sums(*columns, at_opening, at_closing)
    return Ledger(start, end, _line(reporting, total), sorted(lines, key=lambda line: line.currency))


def _sums(
    before: Ints, state: Ints, kind: Ints, cents: Ints, after: Ints, at_opening: Fraction, at_closing: Fraction
) -> Ints:
    """Opening, the five kinds, exchange effect and closing, in cents."""
    worth = converted(after, at_opening) - converted(after - cents, at_opening)
    kinds = [int(worth[kind == number].sum()) for number in (NEW, REACTIVATION, EXPANSION, CONTRACTION, CHURN)]
    opening = int(converted(before, at_opening).sum())
    closing = int(converted(state, at_closing).sum())
    exchange = closing - int(converted(state, at_opening).sum())
    return np.array([opening, *kinds, exchange, closing], dtype=np.int64)


def _line(currency: str, sums: Ints) -> LedgerLine:
    """Give sums as amounts; what went away is positive."""
    opening, new, reactivation, expansion, contraction, churn, exchange, closing = (from_cents(int(s)) for s in sums)
    return LedgerLine(currency, opening, new, reactivation, expansion, -contraction + 0, -churn + 0, exchange, closing)
