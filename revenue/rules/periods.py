"""What did each account pay at both ends of a period, and what moved in between, at the opening's rates?"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from revenue.rules.ledger import Balances, worth_by_account
from revenue.rules.movements import CHURN, NEW, SPAN, Movements, day_number
from revenue.rules.rates import Rates, converted, rate_on

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NOTHING: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Period:
    """A period (end exclusive) of some accounts as columns, in whole cents of the reporting currency.

    All but `closing_now` is valued at the rates of the opening, the day before the period starts; `closing_now` is
    valued at the rates of its last day. Movements are in the order of their days.
    """

    start: dt.date
    end: dt.date
    account: Ints
    opening: Ints
    closing: Ints
    closing_now: Ints
    # ARR under contract lines on which notice was given and that end after the period.
    committed: Ints
    # One entry a movement: the account's place in `account`, the day, the kind, signed cents, failed payment or not.
    moved: Ints
    day: Ints
    kind: Ints
    cents: Ints
    is_failed: Mask

    @property
    def cohort(self) -> Mask:
        """The accounts that pay at the opening."""
        return self.opening > 0

    @property
    def present(self) -> Mask:
        """The accounts that pay at either end or move in between; periods that are made together share all theirs."""
        present: Mask = self.cohort | (self.closing != 0) | self.has(slice(None))
        return present

    @property
    def first_sold(self) -> Mask:
        """The accounts that became customers for the first time in the period."""
        return self.has(self.kind == NEW)

    def has(self, movements: Mask | slice) -> Mask:
        """The accounts with any of some movements."""
        found = np.zeros(self.account.size, dtype=bool)
        found[self.moved[movements]] = True
        return found

    def sums(self, movements: Mask) -> Ints:
        """What some movements add up to for each account."""
        sums = np.zeros(self.account.size, dtype=np.int64)
        np.add.at(sums, self.moved[movements], self.cents[movements])
        return sums

    def worth_before(self, position: Ints, day: Ints) -> Ints:
        """What accounts pay at the end of the day before a day, for pairs of a place in `account` and a day."""
        order = np.argsort(self.moved, kind="stable")
        keys = (self.moved * SPAN + self.day)[order]
        running = np.concatenate([[0], np.cumsum(self.cents[order])])
        since = running[np.searchsorted(keys, position * SPAN + day)]
        first = running[np.searchsorted(self.moved[order], position)]
        worth: Ints = self.opening[position] + since - first
        return worth


def periods_of(
    opening: Balances,
    movements: Movements,
    bounds: Sequence[dt.date],
    rates: Rates,
    reporting: str,
    *,
    failed: Ints = NOTHING,
    notices: Sequence[Balances] = (),
) -> list[Period]:
    """The period between each two bounds, all over the same accounts: those that pay before it or move within.

    opening: balances before the movements; movements: those up to the last bound, with currencies numbered alike; what
    moved before the first bound only leads there. failed: account × SPAN + day of each end by a failed payment.
    notices: what is paid at the end of each period under lines whose notice is given. A movement is worth the converted
    ARR after it less the converted ARR before it, so that opening + movements = closing to the cent, whatever the rate.

    >>> from decimal import Decimal
    >>> from revenue.rules.movements import Lines, movements_of
    >>> january, june = dt.date(2026, 1, 1), dt.date(2026, 6, 1)
    >>> moved = movements_of(Lines.of([(7, "USD", january, june, Decimal(20))]))
    >>> period = periods_of(Balances(NOTHING, NOTHING, NOTHING), moved, [january, june], Rates(), "USD")[0]
    >>> period.account.tolist(), period.opening.tolist(), period.closing.tolist()
    ([7], [0], [2000])
    """
    names, width = movements.currencies, max(len(movements.currencies), 1)
    order = np.argsort(movements.day, kind="stable")
    paying = opening.cents != 0
    known, position = np.unique(
        np.concatenate(
            [
                (opening.account * width + opening.currency)[paying],
                (movements.account * width + movements.currency)[order],
            ]
        ),
        return_inverse=True,
    )
    accounts, owner = np.unique(known // width, return_inverse=True)
    state = np.zeros(known.size, dtype=np.int64)
    state[position[: paying.sum()]] = opening.cents[paying]
    book = _Book(names, known % width, owner, accounts, rates, reporting)
    moved = _Moved(
        position[paying.sum() :],
        *(column[order] for column in (movements.account, movements.day, movements.kind)),
        *(column[order] for column in (movements.cents, movements.after)),
    )
    cuts = np.searchsorted(moved.day, [day_number(bound) for bound in bounds])
    found = []
    state[moved.pair[: cuts[0]]] = moved.after[: cuts[0]]
    spans = zip(itertools.pairwise(bounds), itertools.pairwise(cuts), strict=True)
    for (span, (first, last)), noticed in itertools.zip_longest(spans, notices):
        part = moved.cut(slice(first, last))
        before = state.copy()
        state[part.pair] = part.after
        found.append(_period(book, before, state, part, span, failed, noticed))
    return found


def month_bounds(start: dt.date, end: dt.date) -> list[dt.date]:
    """A period cut where months begin.

    >>> [str(bound) for bound in month_bounds(dt.date(2026, 1, 15), dt.date(2026, 3, 1))]
    ['2026-01-15', '2026-02-01', '2026-03-01']
    """
    count = (end.year - start.year) * 12 + end.month - start.month
    numbers = range(start.year * 12 + start.month, start.year * 12 + start.month + count)
    inner = (dt.date(number // 12, number % 12 + 1, 1) for number in numbers)
    return [start, *(bound for bound in inner if bound < end), end]


@dataclass(frozen=True)
class _Book:
    """What all periods share: pairs of account and currency, and how they are valued."""

    names: Sequence[str]
    currency: Ints
    owner: Ints
    accounts: Ints
    rates: Rates
    reporting: str

    def table(self, currencies: Ints, on: dt.date) -> dict[int, Fraction]:
        """The rates of some currencies on a day."""
        return {
            int(number): rate_on(self.rates, self.names[number], self.reporting, on) for number in np.unique(currencies)
        }

    def by_account(self, cents: Ints, table: Mapping[int, Fraction]) -> Ints:
        """Value pairs and add them up."""
        totals = np.zeros(self.accounts.size, dtype=np.int64)
        np.add.at(totals, self.owner, valued(cents, self.currency, table))
        return totals


@dataclass(frozen=True)
class _Moved:
    """Movements in the order of their days, each with its pair of account and currency."""

    pair: Ints
    account: Ints
    day: Ints
    kind: Ints
    cents: Ints
    after: Ints

    def cut(self, part: slice) -> _Moved:
        """Some of them."""
        columns = (self.pair, self.account, self.day, self.kind, self.cents, self.after)
        return _Moved(*(column[part] for column in columns))


def valued(cents: Ints, currency: Ints, table: Mapping[int, Fraction]) -> Ints:
    """Amounts of several currencies at a rate for each, every one rounded by itself.

    >>> valued(np.array([100, 333]), np.array([0, 1]), {0: Fraction(1), 1: Fraction(3, 2)}).tolist()
    [100, 500]
    """
    worth = cents.copy()
    for number, rate in table.items():
        if rate != 1:
            rows = currency == number
            worth[rows] = converted(cents[rows], rate)
    return worth


def _period(
    book: _Book,
    before: Ints,
    state: Ints,
    part: _Moved,
    span: tuple[dt.date, dt.date],
    failed: Ints,
    notices: Balances | None,
) -> Period:
    """Value one period."""
    day = dt.timedelta(days=1)
    currency = book.currency[part.pair]
    # A currency that only leaves, or only comes, still needs the opening's rate: its movement is valued at it.
    at_opening = book.table(np.concatenate([book.currency[before != 0], currency]), span[0] - day)
    at_closing = book.table(book.currency[state != 0], span[1] - day)
    worth = valued(part.after, currency, at_opening) - valued(part.after - part.cents, currency, at_opening)
    return Period(
        *span,
        book.accounts,
        book.by_account(before, at_opening),
        book.by_account(state, at_opening),
        book.by_account(state, at_closing),
        _committed(book, notices, span[0] - day),
        book.owner[part.pair],
        part.day,
        part.kind,
        worth,
        (part.kind == CHURN) & np.isin(part.account * SPAN + part.day, failed),
    )


def _committed(book: _Book, notices: Balances | None, on: dt.date) -> Ints:
    """What each account pays under lines whose notice is given."""
    committed = np.zeros(book.accounts.size, dtype=np.int64)
    if notices is not None and notices.account.size:
        accounts, cents = worth_by_account(notices, book.names, book.rates, book.reporting, on)
        here = np.isin(accounts, book.accounts)
        committed[np.searchsorted(book.accounts, accounts[here])] = cents[here]
    return committed
