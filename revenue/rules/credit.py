"""Whom do gains and losses belong to, when customers change hands within a period?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from revenue.rules.movements import SPAN, day_number
from revenue.rules.periods import Period
from revenue.rules.rates import from_cents

Ints = npt.NDArray[np.int64]
# Owner of the days on which nobody owns an account.
NOBODY = 0
YEAR_DAYS = 365
PARTS = 10**9


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


@dataclass(frozen=True)
class Spans:
    """Days of accounts in somebody's hands as columns, cut to a period; `account` is the place in the period."""

    account: Ints
    owner: Ints
    start: Ints
    end: Ints
    # What each account paid before the first of these days.
    base: Ints

    def of(self, owners: Iterable[int]) -> Spans:
        """Those of some owners."""
        keep = np.isin(self.owner, list(owners))
        return Spans(self.account[keep], self.owner[keep], self.start[keep], self.end[keep], self.base[keep])


def spans_of(period: Period, account: Ints, owner: Ints, start: Ints, end: Ints) -> Spans:
    """Cut spans of ownership to a period and fill the days between them with `NOBODY`, by account and day.

    >>> import datetime as dt
    >>> columns = [np.array(column) for column in ([7, 8], [100, 80], [100, 80], [100, 80], [0, 0])]
    >>> none = np.empty(0, dtype=np.int64)
    >>> period = Period(dt.date(1970, 1, 11), dt.date(1970, 1, 21), *columns, none, none, none, none, none == 1)
    >>> found = spans_of(period, *(np.array(column) for column in ([7], [1], [15], [30])))
    >>> [column.tolist() for column in (found.account, found.owner, found.start, found.end)]
    [[0, 0, 1], [0, 1, 0], [10, 15, 10], [15, 20, 20]]
    """
    first, last = day_number(period.start), day_number(period.end)
    begin, stop = np.maximum(start, first), np.minimum(end, last)
    keep = (begin < stop) & np.isin(account, period.account)
    place = np.searchsorted(period.account, account[keep])
    every = np.arange(period.account.size)
    # A span of no length at both ends of the period for each account, so that gaps lie between neighbours only.
    place = np.concatenate([every, place, every])
    begin = np.concatenate([np.full(every.size, first), begin[keep], np.full(every.size, last)])
    stop = np.concatenate([np.full(every.size, first), stop[keep], np.full(every.size, last)])
    who = np.concatenate([np.full(every.size, NOBODY), owner[keep], np.full(every.size, NOBODY)])
    order = np.lexsort((stop, begin, place))
    place, begin, stop, who = place[order], begin[order], stop[order], who[order]
    gap = (place[1:] == place[:-1]) & (begin[1:] > stop[:-1])
    gaps = place[1:][gap], np.full(int(gap.sum()), NOBODY), stop[:-1][gap], begin[1:][gap]
    real = begin < stop
    columns = [np.concatenate([own[real], more]) for own, more in zip((place, who, begin, stop), gaps, strict=True)]
    order = np.lexsort((columns[2], columns[0]))
    place, who, begin, stop = (column[order] for column in columns)
    return Spans(place, who, begin, stop, period.worth_before(place, begin))


def handed_over(spans: Spans) -> tuple[int, Decimal]:
    """How many accounts passed from one owner to the next among these spans, and what they paid then.

    They count at giver and taker alike, so a group's base is the sum of its members' less this. What was sold within
    the period and then passed on is not counted: it was in nobody's base before.

    >>> columns = [np.array(column) for column in ([0, 0, 1], [1, 2, 1], [0, 181, 0], [181, 365, 365], [100, 120, 90])]
    >>> handed_over(Spans(*columns))
    (1, Decimal('1.20'))
    """
    account, start, base = spans.account, spans.start, spans.base
    same = (account[1:] == account[:-1]) & (start[1:] == spans.end[:-1]) & (base[:-1] > 0)
    passed = base[1:][same]
    return int((passed > 0).sum()), from_cents(int(passed.sum()))


def expected_losses(spans: Spans, keep: Ints, rates: Sequence[Decimal], until: int) -> dict[int, Decimal]:
    """What each owner may be expected to lose of what came into their hands, up to a day: {owner: amount}.

    keep: for each span the place in `rates` of the share that such accounts keep in a year. A span of fewer days (or
    more) keeps that share to the power of days / 365.

    >>> one = np.array([0]), np.array([9]), np.array([0]), np.array([365]), np.array([10000])
    >>> expected_losses(Spans(*one), np.array([0]), [Decimal("0.6")], 365)
    {9: Decimal('40.00')}
    """
    days = np.maximum(np.minimum(spans.end, until) - spans.start, 0)
    owners, who = np.unique(spans.owner, return_inverse=True)
    keys, place = np.unique((who * len(rates) + keep) * SPAN + days, return_inverse=True)
    sums = np.zeros(keys.size, dtype=np.int64)
    np.add.at(sums, place, spans.base)
    lost: dict[int, int] = {}
    shares: dict[tuple[int, int], int] = {}
    for key, cents in zip(keys.tolist(), sums.tolist(), strict=True):
        number, length = divmod(key, SPAN)
        owner, rate = int(owners[number // len(rates)]), number % len(rates)
        if (rate, length) not in shares:
            shares[rate, length] = PARTS - int(rates[rate] ** (Decimal(length) / YEAR_DAYS) * PARTS)
        lost[owner] = lost.get(owner, 0) + cents * shares[rate, length]
    return {owner: from_cents(round(Fraction(amount, PARTS))) for owner, amount in lost.items()}


def keep_rate(kept: int, base: int, days: int) -> Decimal | None:
    """The share that is kept in a year, from what was kept of a base in so many days; no value without a base.

    >>> keep_rate(90, 100, 365), keep_rate(0, 0, 90) is None
    (Decimal('0.9'), True)
    """
    return (Decimal(kept) / base) ** (Decimal(YEAR_DAYS) / days) if base else None
