"""What is an amount worth in another currency on a day?"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
CENT = Decimal("0.01")


class MissingRate(LookupError):
    """No rate is known that covers a day: the figure is refused, for a silent 1.0 would be a lie."""

    def __init__(self, base: str, quote: str, on: dt.date) -> None:
        super().__init__(f"No exchange rate from {base} to {quote} on {on.isoformat()}.")
        self.base, self.quote, self.on = base, quote, on


@dataclass(frozen=True)
class Rates:
    """Dated rates: for a pair of currencies, the days from which a rate holds and the rates, oldest first."""

    dated: Mapping[tuple[str, str], tuple[list[dt.date], list[Fraction]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, dt.date, Decimal]]) -> Rates:
        """Build from rows (currency, in, from, rate) in any order."""
        dated: dict[tuple[str, str], tuple[list[dt.date], list[Fraction]]] = {}
        for base, quote, on, rate in sorted(rows, key=lambda row: row[2]):
            days, rates = dated.setdefault((base, quote), ([], []))
            days.append(on)
            rates.append(Fraction(rate))
        return cls(dated)

    def latest(self, base: str, quote: str, on: dt.date) -> Fraction | None:
        """The last rate given for this pair up to a day."""
        days, rates = self.dated.get((base, quote), ([], []))
        position = bisect_right(days, on)
        return rates[position - 1] if position else None


def rate_on(rates: Rates, base: str, quote: str, on: dt.date, *, via: str | None = None) -> Fraction:
    """What one unit of `base` is worth in `quote` on a day: exactly 1 for the same currency; else the last rate given
    up to that day; else the inverse of the last one given the other way round; else across `via`, the reporting
    currency, if both halves are known. Raises MissingRate, never assumes 1.

    >>> given = Rates.of([("EUR", "USD", dt.date(2026, 1, 1), Decimal("1.25"))])
    >>> rate_on(given, "EUR", "USD", dt.date(2026, 6, 1)), rate_on(given, "USD", "EUR", dt.date(2026, 6, 1))
    (Fraction(5, 4), Fraction(4, 5))
    >>> rate_on(given, "EUR", "USD", dt.date(2025, 12, 31))
    Traceback (most recent call last):
    revenue.rules.rates.MissingRate: No exchange rate from EUR to USD on 2025-12-31.
    """
    if base == quote:
        return Fraction(1)
    known = rates.latest(base, quote, on)
    if known is not None:
        return known
    inverse = rates.latest(quote, base, on)
    if inverse is not None:
        return 1 / inverse
    if via is not None and via not in {base, quote}:
        return rate_on(rates, base, via, on) * rate_on(rates, via, quote, on)
    raise MissingRate(base, quote, on)


def converted(cents: Ints, rate: Fraction) -> Ints:
    """Whole cents at a rate, each rounded half away from zero.

    Exact whatever the size: beyond 64 bits Python's whole numbers take over.

    >>> converted(np.array([333, -333, 10**14]), Fraction(3, 2)).tolist()
    [500, -500, 150000000000000]
    """
    if rate == 1:
        return cents
    top, bottom = rate.numerator, rate.denominator
    largest = int(np.abs(cents).max(initial=1))
    fits = 2 * (largest * top + bottom) < 2**63
    size = np.abs(cents) if fits else np.abs(cents).astype(object)
    rounded = (2 * size * top + bottom) // (2 * bottom)
    result: Ints = (np.sign(cents) * rounded).astype(np.int64)
    return result


def convert(amount: Decimal, rate: Fraction) -> Decimal:
    """One amount at a rate, to the cent: the single case of `converted`.

    >>> convert(Decimal("3.33"), Fraction(3, 2))
    Decimal('5.00')
    """
    return from_cents(int(converted(np.array([to_cents(amount)], dtype=np.int64), rate)[0]))


def to_cents(amount: Decimal) -> int:
    """An amount in whole cents.

    >>> to_cents(Decimal("12.34")), to_cents(Decimal("-1"))
    (1234, -100)
    """
    return int(amount.quantize(CENT, rounding=ROUND_HALF_UP).scaleb(2))


def from_cents(cents: int) -> Decimal:
    """Whole cents as an amount.

    >>> from_cents(1234), from_cents(0)
    (Decimal('12.34'), Decimal('0.00'))
    """
    return Decimal(int(cents)).scaleb(-2)
