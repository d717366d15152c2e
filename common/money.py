"""How are amounts read, rounded and divided so that every sum is right to the cent?"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision, list_currencies
from django.utils.translation import gettext as _

from common.errors import Refused

BELOW = Decimal(10) ** 12
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,400})?", re.ASCII | re.IGNORECASE)
# People with a Chinese keyboard type full-width digits; digits of other scripts are refused, not guessed.
FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")


@cache
def currencies() -> tuple[str, ...]:
    """The codes of all currencies that somewhere are legal tender today, in order."""
    today = {
        code
        for uses in get_global("territory_currencies").values()
        for code, _start, end, is_tender in uses
        if is_tender and end is None
    }
    return tuple(sorted(today & list_currencies()))


def check_currency(code: str) -> str:
    """Give a known currency code back, refuse another."""
    if code not in currencies():
        message = _("Currency must be one of %(codes)s.")
        raise Refused(message % {"codes": ", ".join(currencies())}, field="currency", code="unknown_currency")
    return code


def places_of(currency: str) -> int:
    """How many decimals amounts of a currency have; two at most are stored.

    >>> places_of("EUR"), places_of("JPY"), places_of("KWD")
    (2, 0, 2)
    """
    return min(2, get_currency_precision(currency))


def quantise(amount: Decimal, places: int = 2) -> Decimal:
    """Round half away from zero, as invoices do.

    >>> quantise(Decimal("2.345")), quantise(Decimal("-2.345")), quantise(Decimal("1.5"), 0)
    (Decimal('2.35'), Decimal('-2.35'), Decimal('2'))
    """
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def parse_decimal(
    value: str,
    label: str,
    *,
    places: int = 2,
    minimum: Decimal | int | None = None,
    below: Decimal = BELOW,
) -> Decimal:
    """Read a number exactly as written; refuse what is no number, out of bounds, or finer than can be stored.

    >>> parse_decimal("12000.50", "ARR"), parse_decimal("１２", "ARR"), parse_decimal("1e3", "ARR")
    (Decimal('12000.50'), Decimal('12'), Decimal('1E+3'))
    """
    text = value.strip().translate(FULL_WIDTH)
    if not NUMBER.fullmatch(text):
        message = _("%(label)s must be a number, like 12000 or 12000.50.")
        raise Refused(message % {"label": label}, code="not_a_number")
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent that no number needs
        number = below
    if not number.is_finite() or (number and number.adjusted() > 100) or abs(number) >= below:
        message = (
            _("%(label)s must be above -%(limit)s.")
            if text.startswith("-")
            else _("%(label)s must be below %(limit)s.")
        )
        raise Refused(message % {"label": label, "limit": f"{below:,}"}, code="too_large")
    if _decimals(number) > places:
        message = _("%(label)s: at most %(places)s decimals.") if places else _("%(label)s must be a whole number.")
        raise Refused(message % {"label": label, "places": places}, code="too_fine")
    if minimum is not None and number < minimum:
        message = _("%(label)s cannot be below %(minimum)s.")
        raise Refused(message % {"label": label, "minimum": minimum}, code="too_small")
    return number


def _decimals(number: Decimal) -> int:
    """Count the decimals that matter: zeros at the end do not."""
    _sign, digits, exponent = number.as_tuple()
    if not number:
        return 0
    zeros = 0
    for digit in reversed(digits):
        if digit:
            break
        zeros += 1
    return max(0, -int(exponent) - zeros)
