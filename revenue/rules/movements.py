"""How did each customer's ARR change, day by day, and was that a new customer, an expansion or a loss?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from revenue.rules.rates import Rates, rate_on, to_cents

Ints = npt.NDArray[np.int64]

NEW, REACTIVATION, EXPANSION, CONTRACTION, CHURN = range(5)
KINDS = ("new", "reactivation", "expansion", "contraction", "churn")
# The end of an open line, in days since 1970: later than every date.
OPEN = int(np.datetime64("9999-12-31", "D").astype(np.int64))
# Larger than the difference of any two days, so that account × SPAN + day sorts by account, then day.
SPAN = 1 << 23
EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date | None) -> int:
    """A day as whole days since 1970; no day is later than all.

    >>> day_number(dt.date(1970, 1, 2)), day_number(None) == OPEN
    (1, True)
    """
    return OPEN if day is None else (day - EPOCH).days


def day_of(number: int) -> dt.date:
    """The day behind a number.

    >>> day_of(1)
    datetime.date(1970, 1, 2)
    """
    return EPOCH + dt.timedelta(days=int(number))


@dataclass(frozen=True)
class Lines:
    """Contract lines as columns: account, currency (a number into `currencies`), start, end (exclusive), cents."""

    account: Ints
    currency: Ints
    start: Ints
    end: Ints
    cents: Ints
    currencies: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[tuple[int, str, dt.date, dt.date | None, Decimal]]) -> Lines:
        """Build from rows (account, currency, start, end or None, ARR)."""
        listed = list(rows)
        names = tuple(sorted({row[1] for row in listed}))
        columns = [
            [row[0] for row in listed],
            [names.index(row[1]) for row in listed],
            [day_number(row[2]) for row in listed],
            [day_number(row[3]) for row in listed],
            [to_cents(row[4]) for row in listed],
        ]
        account, currency, start, end, cents = (np.array(column, dtype=np.int64) for column in columns)
        return cls(account, currency, start, end, cents, names)

    def paying(self) -> Lines:
        """The lines that bring money: a free line makes nobody a customer."""
        return self.where(self.cents > 0)

    def where(self, keep: npt.NDArray[np.bool_]) -> Lines:
        """Some of the lines."""
        return Lines(
            self.account[keep], self.currency[keep], self.start[keep], self.end[keep], self.cents[keep], self.currencies
        )


@dataclass(frozen=True)
class Movements:
    """Changes of ARR as columns, by account, day and currency: signed cents, and the currency's ARR after it."""

    account: Ints
    day: Ints
    currency: Ints
    kind: Ints
    cents: Ints
    after: Ints
    currencies: tuple[str, ...]

    def rows(self) -> list[tuple[int, dt.date, str, str, int, int]]:
        """The same as plain rows (account, day, currency, kind, cents, cents after)."""
        return [
            (int(account), day_of(day), self.currencies[currency], KINDS[kind], int(cents), int(after))
            for account, day, currency, kind, cents, after in zip(
                self.account, self.day, self.currency, self.kind, self.cents, self.after, strict=True
            )
        ]


def bridged_ends(account: Ints, start: Ints, end: Ints, gap_days: int) -> Ints:
    """The ends of lines, where a pause of up to some days between an account's lines is taken as paid through.

    A pause is a span in which the account has no line at all; the lines that end where it begins last until it is over.

    >>> one = np.array([1, 1]), np.array([0, 40]), np.array([30, 70])
    >>> bridged_ends(*one, gap_days=10).tolist(), bridged_ends(*one, gap_days=9).tolist()
    ([40, 70], [30, 70])
    """
    if gap_days == 0 or not account.size:
        return end
    numbers = np.unique(account, return_inverse=True)[1].astype(np.int64)
    order = np.lexsort((start, numbers))
    covered = np.maximum.accumulate(numbers[order] * SPAN + end[order])
    next_start = (numbers * SPAN + start)[order][1:]
    same_account = numbers[order][1:] == numbers[order][:-1]
    pause = next_start - covered[:-1]
    short = same_account & (pause > 0) & (pause <= gap_days)
    begins, resumes = covered[:-1][short], next_start[short]
    if not begins.size:
        return end
    keys = numbers * SPAN + end
    position = np.minimum(np.searchsorted(begins, keys), begins.size - 1)
    bridged: Ints = np.where(begins[position] == keys, resumes[position] - numbers * SPAN, end)
    return bridged


def movements_of(lines: Lines, *, gap_days: int = 0, rates: Rates | None = None, reporting: str = "USD") -> Movements:
    """Derive the movements of any number of accounts from all of their lines.

    Changes are netted per account, day and currency; what nets to nothing is no movement. The kind is decided once
    for an account and a day: from 0 and never a customer before → new, from 0 → reactivation, to 0 → churn, else by
    the sign of the day's change. Where currencies go both ways on one day, the change is judged in the reporting
    currency at that day's rate (a change worth exactly nothing counts as an expansion). The order of lines is of no
    matter, nor whether a line comes whole or in parts.

    >>> day = dt.date(2026, 1, 1)
    >>> lines = Lines.of([(7, "EUR", day, dt.date(2026, 3, 1), Decimal(100)), (7, "EUR", day, None, Decimal(20))])
    >>> [(row[1].isoformat(), *row[2:]) for row in movements_of(lines).rows()]
    [('2026-01-01', 'EUR', 'new', 12000, 12000), ('2026-03-01', 'EUR', 'contraction', -10000, 2000)]
    """
    lines = lines.paying()
    end = bridged_ends(lines.account, lines.start, lines.end, gap_days)
    ending = end < OPEN
    account, day, currency, cents = _netted(
        np.concatenate([lines.account, lines.account[ending]]),
        np.concatenate([lines.start, end[ending]]),
        np.concatenate([lines.currency, lines.currency[ending]]),
        np.concatenate([lines.cents, -lines.cents[ending]]),
    )
    kind = _kinds(account, day, currency, cents, lines.currencies, rates or Rates(), reporting)
    after = _running(account, currency, day, cents)
    return Movements(account, day, currency, kind, cents, after, lines.currencies)


def _netted(account: Ints, day: Ints, currency: Ints, cents: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Add up what falls on one account, day and currency, in that order; drop what adds up to nothing."""
    order = np.lexsort((currency, day, account))
    account, day, currency, cents = account[order], day[order], currency[order], cents[order]
    first = _starts(account, day, currency)
    sums = np.add.reduceat(cents, first) if first.size else cents
    keep = first[sums != 0]
    return account[keep], day[keep], currency[keep], sums[sums != 0]


def _starts(*columns: Ints) -> Ints:
    """Where a new group begins in sorted columns."""
    if not columns[0].size:
        return np.empty(0, dtype=np.int64)
    changed = np.zeros(columns[0].size, dtype=bool)
    changed[0] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def _running(account: Ints, currency: Ints, day: Ints, cents: Ints) -> Ints:
    """ARR after each movement, by account and currency."""
    order = np.lexsort((day, currency, account))
    after = np.empty_like(cents)
    after[order] = _cumulative(cents[order], _starts(account[order], currency[order]))
    return after


def _cumulative(values: Ints, first: Ints) -> Ints:
    """Running sums that begin anew at each group."""
    total = np.cumsum(values)
    before = np.concatenate([[0], total])[first]
    lengths = np.diff(np.concatenate([first, [values.size]]))
    result: Ints = total - np.repeat(before, lengths)
    return result


def _kinds(
    account: Ints, day: Ints, currency: Ints, cents: Ints, names: Sequence[str], rates: Rates, reporting: str
) -> Ints:
    """Decide the kind of each account's day, and give it to all currencies of that day."""
    first = _starts(account, day)
    if not first.size:
        return np.empty(0, dtype=np.int64)
    last = np.concatenate([first[1:], [account.size]]) - 1
    # No currency is ever below 0, so an account is a customer exactly if the plain sum over currencies is above 0.
    total = _cumulative(cents, _starts(account))[last]
    is_first = np.zeros(first.size, dtype=bool)
    is_first[_starts(account[first])] = True
    before = np.where(is_first, 0, np.concatenate([[0], total[:-1]]))
    rises = np.logical_or.reduceat(cents > 0, first)
    falls = np.logical_or.reduceat(cents < 0, first)
    kind = np.where(rises, EXPANSION, CONTRACTION)
    for group in np.flatnonzero(rises & falls & (before > 0) & (total > 0)):
        rows = range(first[group], last[group] + 1)
        on = day_of(day[first[group]])
        worth = sum(int(cents[row]) * rate_on(rates, names[currency[row]], reporting, on) for row in rows)
        kind[group] = EXPANSION if worth >= 0 else CONTRACTION
    kind = np.select([is_first, before == 0, total == 0], [NEW, REACTIVATION, CHURN], kind)
    result: Ints = np.repeat(kind, last - first + 1).astype(np.int64)
    return result
