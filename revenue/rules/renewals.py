"""Until when does a customer's contract run, and did it go on?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revenue.rules.movements import OPEN, SPAN, Lines, bridged_ends, day_number

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Chains:
    """Spans in which an account pays without a pause, as columns sorted by account and start (ends exclusive)."""

    account: Ints
    start: Ints
    end: Ints

    def around(self, account: Ints, day: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
        """For pairs of account and day: whether the account pays on that day, and until when."""
        if not self.account.size:
            return np.zeros(account.size, dtype=bool), np.zeros(account.size, dtype=np.int64)
        position = np.searchsorted(self.account * SPAN + self.start, account * SPAN + day, side="right") - 1
        position = np.maximum(position, 0)
        pays = (self.account[position] == account) & (self.start[position] <= day) & (day < self.end[position])
        return pays, self.end[position]

    def current(self, on: dt.date) -> tuple[Ints, Ints]:
        """Accounts that pay on a day, and the end of what they pay for; `OPEN` where none is agreed."""
        day = day_number(on)
        now = (self.start <= day) & (day < self.end)
        return self.account[now], self.end[now]


def chains_of(lines: Lines, gap_days: int = 0) -> Chains:
    """Join each account's lines that overlap, touch, or leave a pause that is bridged.

    >>> from decimal import Decimal
    >>> first, second = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
    >>> lines = Lines.of([(7, "USD", first, second, Decimal(9)), (7, "USD", second, None, Decimal(9))])
    >>> accounts, ends = chains_of(lines).current(first)
    >>> accounts.tolist(), ends.tolist() == [day_number(None)]
    ([7], True)
    """
    lines = lines.paying()
    end = bridged_ends(lines.account, lines.start, lines.end, gap_days)
    order = np.lexsort((lines.start, lines.account))
    account, start, end = lines.account[order], lines.start[order], end[order]
    if not account.size:
        return Chains(account, start, end)
    covered = np.maximum.accumulate(account * SPAN + end)
    breaks = np.ones(account.size, dtype=bool)
    breaks[1:] = (account * SPAN + start)[1:] > covered[:-1]
    first = np.flatnonzero(breaks)
    last = np.concatenate([first[1:], [account.size]]) - 1
    return Chains(account[first], start[first], covered[last] - account[last] * SPAN)


def verdict(due_on: dt.date, on: dt.date, *, goes_on: bool, gap_days: int = 0) -> str | None:
    """What became of an end of contract: won as soon as it has passed and the account goes on paying, lost once the
    pause that would be bridged is over too; None while that is open.

    >>> due = dt.date(2026, 6, 1)
    >>> verdict(due, due, goes_on=True), verdict(due, due, goes_on=False)
    ('won', None)
    >>> verdict(due, dt.date(2026, 6, 2), goes_on=False), verdict(due, dt.date(2026, 5, 1), goes_on=True)
    ('lost', None)
    """
    if goes_on and on >= due_on:
        return "won"
    if not goes_on and on > due_on + dt.timedelta(days=gap_days):
        return "lost"
    return None


def contract_ends(lines: Lines) -> tuple[Ints, Ints]:
    """The days on which all that an account pays for ended, as columns of account and day: its renewals of the past.

    A line that ends while another of the account runs on was no end of the contract. Open ends are left out.

    >>> from decimal import Decimal
    >>> first, second, third = dt.date(2025, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 1, 1)
    >>> added = dt.date(2026, 7, 1)
    >>> rows = [(7, "USD", first, second, Decimal(9)), (7, "USD", second, third, Decimal(9)),
    ...         (7, "USD", second, added, Decimal(1))]
    >>> accounts, days = contract_ends(Lines.of(rows))
    >>> [str(np.datetime64(day, "D")) for day in days.tolist()]
    ['2026-01-01', '2027-01-01']
    """
    lines = lines.paying()
    if not lines.account.size:
        return lines.account, lines.end
    order = np.lexsort((lines.start, lines.account))
    account, start = lines.account[order], lines.start[order]
    reach = np.maximum.accumulate(account * SPAN + lines.end[order])
    # How far reaches what began before each line; for the last of an account, what there is in all.
    keys = account * SPAN + start
    ends = np.unique(lines.account * SPAN + lines.end)
    before = np.searchsorted(keys, ends, side="left") - 1
    whole = (reach[before] == ends) & (ends % SPAN < OPEN)
    return ends[whole] // SPAN, ends[whole] % SPAN
