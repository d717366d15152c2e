"""Which share of what customers paid at the opening of a period is still there at its close, and why not all of it?

Every reading is made of the same columns: what each account opened with, won, lost and closed with, in whole cents of
the reporting currency at the opening's rates. The figures of any set of accounts are sums of those columns, so segments
add up to the total to the cent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from revenue.rules.movements import CHURN, CONTRACTION, EXPANSION, NEW, REACTIVATION
from revenue.rules.periods import Mask, Period
from revenue.rules.rates import from_cents

Ints = npt.NDArray[np.int64]
Columns = Mapping[str, Ints]

POINT_TO_POINT, FLOW, COHORT_FLOW, CHAINED, LEDGER = READINGS = (
    "point_to_point", "flow", "cohort_flow", "chained", "ledger",
)  # fmt: skip
# The way from opening to closing, and the part of churn that a failed payment caused: they differ by reading.
WAY = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "exchange", "closing")
AMOUNTS = (*WAY, "failed_payment_churn")
# What is told beside: the same in every reading.
ASIDE_AMOUNTS = ("new_then_lost", "returned", "committed_churn")
COUNTS = (
    "accounts", "accounts_lost", "accounts_closing",
    "new_then_lost_accounts", "returned_accounts", "committed_accounts",
)  # fmt: skip
COLUMNS = (*AMOUNTS, *ASIDE_AMOUNTS, *COUNTS)


@dataclass(frozen=True)
class Figures:
    """A period's way from opening to closing, and its rates; contraction and churn are given as what went away.

    A rate is an exact fraction (1 = 100 %), or None where there is nothing to divide by.
    """

    start: dt.date
    end: dt.date
    reading: str
    opening: Decimal
    new: Decimal
    reactivation: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    # What the same contracts are worth more or less because rates moved; never a movement.
    exchange: Decimal
    closing: Decimal
    nrr: Fraction | None
    grr_revenue: Fraction | None
    grr_logo: Fraction | None
    logo_churn: Fraction | None
    quick_ratio: Fraction | None
    # The cohort: accounts that pay at the opening; those of them that do not at the close; all that do at the close.
    accounts: int
    accounts_lost: int
    accounts_closing: int

    @property
    def is_balanced(self) -> bool:
        """Opening + new + reactivation + expansion − contraction − churn + exchange effect = closing."""
        gained = self.new + self.reactivation + self.expansion - self.contraction - self.churn
        return self.opening + gained + self.exchange == self.closing


@dataclass(frozen=True)
class Retention(Figures):
    """The figures of a period with what is told beside them, outside NRR and GRR."""

    # The part of churn that a failed payment caused.
    failed_payment_churn: Decimal
    # First sold and lost again within the period: how many, and what they were first sold for.
    new_then_lost_accounts: int
    new_then_lost: Decimal
    # Lost before the period and customers again at its close.
    returned_accounts: int
    returned: Decimal
    # Notice is given on contract lines that end after the period.
    committed_accounts: int
    committed_churn: Decimal
    # The same period by segment; they add up to it.
    segments: Sequence[Segment] = ()


@dataclass(frozen=True)
class Segment:
    """The figures of the accounts that share a value of a dimension; an account without one is in the segment ""."""

    dimension: str
    value: str
    label: str
    retention: Retention


def components(period: Period, reading: str = POINT_TO_POINT, months: Sequence[Period] = ()) -> dict[str, Ints]:
    """What each account adds to every amount and count of a reading.

    point_to_point: closing against opening of each account. flow and ledger: the gross movements of all accounts.
    cohort_flow: the gross movements of the accounts that pay at the opening, and nothing of others. chained: the
    point-to-point columns of the `months` added up. Losses are positive. Logos are counted point to point in all.

    >>> none = np.empty(0, dtype=np.int64)
    >>> columns = [np.array(column) for column in ([7, 8], [100, 80], [120, 0], [120, 0], [0, 0])]
    >>> period = Period(dt.date(2026, 1, 1), dt.date(2027, 1, 1), *columns, none, none, none, none, none == 1)
    >>> found = components(period)
    >>> found["expansion"].tolist(), found["churn"].tolist(), found["accounts_lost"].tolist()
    ([20, 0], [0, 80], [0, 1])
    """
    aside = _aside(period)
    if reading == POINT_TO_POINT:
        return _net(period) | aside
    if reading == CHAINED:
        return _chained(months or [period]) | aside
    if reading == COHORT_FLOW:
        return {name: np.where(period.cohort, column, 0) for name, column in _gross(period).items()} | aside
    if reading in {FLOW, LEDGER}:
        return _gross(period) | aside
    raise ValueError(f"no reading is called {reading}")


def retentions(period: Period, reading: str, codes: Ints, count: int, months: Sequence[Period] = ()) -> list[Retention]:
    """The figures of each segment, where `codes` says by number to which segment each account belongs.

    - point_to_point: NRR = cohort's closing / opening, GRR = Σ min(closing, opening) / opening.
    - flow: NRR = (opening + expansion + reactivation − contraction − churn) / opening over the gross movements of all
      customers except first sales; GRR = (opening − contraction − churn) / opening.
    - cohort_flow: the same over the cohort's movements alone. Its NRR is the point-to-point one, for gains and losses
      of the same account cancel out; its GRR is lower wherever an account went down and up again.
    - chained: the product of the months' point-to-point figures; logo churn is then 1 − Π(1 − mᵢ).
    - ledger: NRR = closing at the opening's rates / opening, new customers included; GRR as in flow.

    Only point_to_point and chained cannot leave 0 to 100 % in GRR. In flow and ledger customers who come and go
    within the period count among the losses but not in the opening, so GRR may fall below 0; it is given as it
    comes out, never cut off at 0.

    >>> none = np.empty(0, dtype=np.int64)
    >>> columns = [np.array(column) for column in ([7, 8], [100, 80], [120, 0], [120, 0], [0, 0])]
    >>> period = Period(dt.date(2026, 1, 1), dt.date(2027, 1, 1), *columns, none, none, none, none, none == 1)
    >>> [str(found.nrr) for found in retentions(period, "point_to_point", np.array([0, 1]), 2)]
    ['6/5', '0']
    """
    whole = _sums(components(period, reading, months), codes, count)
    pieces = [_sums(components(month), codes, count) for month in months or [period]] if reading == CHAINED else []
    return [_retention(period, reading, whole[number], [piece[number] for piece in pieces]) for number in range(count)]


def retention(period: Period, reading: str = POINT_TO_POINT, months: Sequence[Period] = ()) -> Retention:
    """The figures of a whole period in one of the readings, which `retentions` defines.

    >>> none = np.empty(0, dtype=np.int64)
    >>> columns = [np.array(column) for column in ([7, 8], [100, 80], [120, 0], [120, 0], [0, 0])]
    >>> period = Period(dt.date(2026, 1, 1), dt.date(2027, 1, 1), *columns, none, none, none, none, none == 1)
    >>> found = retention(period)
    >>> str(found.nrr), str(found.grr_revenue), str(found.grr_logo), found.is_balanced
    ('2/3', '5/9', '1/2', True)
    """
    return retentions(period, reading, np.zeros(period.account.size, dtype=np.int64), 1, months)[0]


def rates_of(reading: str, sums: Mapping[str, int]) -> dict[str, Fraction | None]:
    """The rates that follow from a period's sums; nothing to divide by is no value.

    >>> sums = dict(opening=100, new=0, reactivation=5, expansion=20, contraction=10, churn=30, accounts=4)
    >>> rates = rates_of("flow", sums | {"accounts_lost": 1})
    >>> {name: str(rate) for name, rate in rates.items()}
    {'nrr': '17/20', 'grr_revenue': '3/5', 'grr_logo': '3/4', 'logo_churn': '1/4', 'quick_ratio': '5/8'}
    """
    kept = sums["opening"] - sums["contraction"] - sums["churn"]
    won = sums["expansion"]
    if reading in {FLOW, COHORT_FLOW, LEDGER}:
        won += sums["reactivation"]
    if reading == LEDGER:
        won += sums["new"]
    gains = sums["new"] + sums["expansion"] + sums["reactivation"]
    return {
        "nrr": _share(kept + won, sums["opening"]),
        "grr_revenue": _share(kept, sums["opening"]),
        "grr_logo": _share(sums["accounts"] - sums["accounts_lost"], sums["accounts"]),
        "logo_churn": _share(sums["accounts_lost"], sums["accounts"]),
        "quick_ratio": _share(gains, sums["contraction"] + sums["churn"]),
    }


def chained_rate(rates: Iterable[Fraction | None]) -> Fraction | None:
    """The product of rates one after the other: once all is lost it stays 0, and before that no rate is no value.

    >>> str(chained_rate([Fraction(9, 10), Fraction(1, 2)])), chained_rate([None, Fraction(1)])
    ('9/20', None)
    >>> chained_rate([Fraction(0), None])
    Fraction(0, 1)
    """
    product: Fraction | None = None
    for rate in rates:
        if product == 0:
            return product
        if rate is None:
            return None
        product = rate if product is None else product * rate
    return product


def annual_churn(monthly: Iterable[Fraction | None]) -> Fraction | None:
    """Churn of a year from the churn of its months: 1 − Π(1 − mᵢ). Five per cent a month is 46 % a year, not 60 %.

    >>> round(float(annual_churn([Fraction(5, 100)] * 12)), 2)
    0.46
    """
    kept = chained_rate(None if rate is None else 1 - rate for rate in monthly)
    return None if kept is None else 1 - kept


def decimal_rate(rate: Fraction, places: int = 6) -> Decimal:
    """An exact rate as a decimal fraction, rounded half away from zero.

    >>> decimal_rate(Fraction(2, 3)), decimal_rate(Fraction(-1, 2), 0)
    (Decimal('0.666667'), Decimal('-1'))
    """
    top, bottom = abs(rate.numerator) * 10**places, rate.denominator
    units = (2 * top + bottom) // (2 * bottom)
    return Decimal(units if rate >= 0 else -units).scaleb(-places)


def monthly(arr: Decimal) -> Decimal:
    """MRR = ARR / 12, to the cent: a price of a year is spread over its months, never counted in one.

    >>> monthly(Decimal(1200))
    Decimal('100.00')
    """
    return decimal_rate(Fraction(arr) / 12, 2)


def _share(part: int, whole: int) -> Fraction | None:
    """A part of a whole; of nothing there is none."""
    return Fraction(part, whole) if whole else None


def _net(period: Period) -> dict[str, Ints]:
    """Closing against opening of each account: what happened and was undone within the period leaves no trace."""
    opening, closing, cohort = period.opening, period.closing, period.cohort
    stays, came = cohort & (closing > 0), ~cohort & (closing > 0)
    last_loss = _last_loss_failed(period)
    return {
        "opening": opening,
        "new": np.where(came & period.first_sold, closing, 0),
        "reactivation": np.where(came & ~period.first_sold, closing, 0),
        "expansion": np.where(stays, np.maximum(closing - opening, 0), 0),
        "contraction": np.where(stays, np.maximum(opening - closing, 0), 0),
        "churn": np.where(stays, 0, opening),
        "exchange": period.closing_now - closing,
        "closing": period.closing_now,
        "failed_payment_churn": np.where(~stays & last_loss, opening, 0),
    }


def _last_loss_failed(period: Period) -> Mask:
    """Whether a failed payment was behind the last loss of each account."""
    losses = period.kind == CHURN
    failed = np.zeros(period.account.size, dtype=bool)
    failed[period.moved[losses]] = period.is_failed[losses]
    return failed


def _gross(period: Period) -> dict[str, Ints]:
    """Every movement of each account, by its kind."""
    return {
        "opening": period.opening,
        "new": period.sums(period.kind == NEW),
        "reactivation": period.sums(period.kind == REACTIVATION),
        "expansion": period.sums(period.kind == EXPANSION),
        "contraction": -period.sums(period.kind == CONTRACTION),
        "churn": -period.sums(period.kind == CHURN),
        "exchange": period.closing_now - period.closing,
        "closing": period.closing_now,
        "failed_payment_churn": -period.sums(period.is_failed),
    }


def _chained(months: Sequence[Period]) -> dict[str, Ints]:
    """The months' point-to-point columns one after the other."""
    nets = [_net(month) for month in months]
    added = {name: sum((net[name] for net in nets[1:]), start=nets[0][name]) for name in AMOUNTS}
    return added | {"opening": nets[0]["opening"], "closing": nets[-1]["closing"]}


def _aside(period: Period) -> dict[str, Ints]:
    """Counts, and the amounts that stand outside NRR and GRR."""
    cohort, pays, first = period.cohort, period.closing > 0, period.first_sold
    lost_again, returned = first & ~cohort & ~pays, ~first & ~cohort & pays
    return {
        "new_then_lost": np.where(lost_again, period.sums(period.kind == NEW), 0),
        "returned": np.where(returned, period.closing, 0),
        "committed_churn": period.committed,
        "accounts": cohort.astype(np.int64),
        "accounts_lost": (cohort & ~pays).astype(np.int64),
        "accounts_closing": pays.astype(np.int64),
        "new_then_lost_accounts": lost_again.astype(np.int64),
        "returned_accounts": returned.astype(np.int64),
        "committed_accounts": (period.committed > 0).astype(np.int64),
    }


def _sums(columns: Columns, codes: Ints, count: int) -> list[dict[str, int]]:
    """Add columns up by segment."""
    totals = np.zeros((len(COLUMNS), count), dtype=np.int64)
    for row, name in enumerate(COLUMNS):
        np.add.at(totals[row], codes, columns[name])
    return [
        {name: int(total) for name, total in zip(COLUMNS, totals[:, number], strict=True)} for number in range(count)
    ]


def _retention(period: Period, reading: str, sums: Mapping[str, int], pieces: Sequence[Mapping[str, int]]) -> Retention:
    """Give sums as amounts, with their rates."""
    rates = rates_of(reading, sums)
    if pieces:
        parts = [rates_of(POINT_TO_POINT, piece) for piece in pieces]
        rates |= {name: chained_rate(part[name] for part in parts) for name in ("nrr", "grr_revenue", "grr_logo")}
        rates["logo_churn"] = annual_churn(part["logo_churn"] for part in parts)
    amounts = {name: from_cents(sums[name]) for name in (*AMOUNTS, *ASIDE_AMOUNTS)}
    fields: dict[str, Any] = {**amounts, **rates, **{name: sums[name] for name in COUNTS}}
    return Retention(period.start, period.end, reading, **fields)
