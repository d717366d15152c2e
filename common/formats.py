"""How is a number, an amount of money or a date written for the person who reads it?

Every function takes a plain value, reads the language that is active for the request, and returns text. A missing
value (None, NaN, an empty string) is written as a dash, so that no template needs a condition for it.
"""

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, npgettext

Number = int | float | Decimal | Fraction
EXACT_DAYS = 120  # a renewal in 90 days is not "in 3 months"
# Rounded numbers and days that a list writes again and again; Babel takes 50 µs for each.
REMEMBERED = 8192
DASH = "–"
MINUS = "−"  # a hyphen before a number reads as a list mark
_DATE_SKELETONS = {"month": "yMMM", "day": "MMMd", "weekday": "EMMMd"}
_NEAR_DAYS = {-1: gettext_lazy("yesterday"), 0: gettext_lazy("today"), 1: gettext_lazy("tomorrow")}
_STEPS_OF_TEN_THOUSAND = (Decimal(10) ** 12, Decimal(10) ** 8, Decimal(10) ** 4)
_STEPS_OF_A_THOUSAND = (Decimal(10) ** 12, Decimal(10) ** 9, Decimal(10) ** 6, Decimal(10) ** 3)


@lru_cache(maxsize=16)
def _locale_of(language: str) -> Locale:
    """Find Babel's locale for a Django language code; an unknown one reads as English."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def current_locale() -> Locale:
    """Tell the locale of the active language."""
    return _locale_of(get_language() or "en")


def _decimal(value: Number | str | None) -> Decimal | None:
    """Read a value as a finite decimal, or as missing."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _with_minus(text: str) -> str:
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


def _rounded(value: Decimal, digits: int) -> Decimal:
    """Round half up, as people do on paper, and never to a negative zero."""
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def number(value: Number | str | None, digits: int = 0) -> str:
    """Write a number with the separators of the language.

    >>> number(1234567.4)
    '1,234,567'
    >>> number(-3.25, 1), number(None)
    ('−3.3', '–')
    """
    amount = _decimal(value)
    if amount is None:
        return DASH
    return _number(_rounded(amount, digits), digits, current_locale())


@lru_cache(maxsize=REMEMBERED)
def _number(rounded: Decimal, digits: int, locale: Locale) -> str:
    return _with_minus(format_decimal(rounded, format=_pattern(digits), locale=locale))


def _to_compact(amount: Decimal, locale: Locale) -> Decimal:
    """Round to one digit of the unit that will be written, so that 999,950 becomes 1M and not 1000K."""
    steps = _STEPS_OF_TEN_THOUSAND if locale.language in {"zh", "ja"} else _STEPS_OF_A_THOUSAND
    whole = _rounded(amount, 0)
    step = next((step for step in steps if abs(whole) >= step), None)
    return whole if step is None else _rounded(amount / step, 1) * step


def file_size(value: Number | None) -> str:
    """Write a number of bytes in the largest unit that leaves a one before the point.

    >>> file_size(1_234_567), file_size(999), file_size(0), file_size(None)
    ('1.2 MB', '999 B', '0 B', '–')
    """
    if value is None or is_missing(value):
        return DASH
    size, units = float(value), ("B", "kB", "MB", "GB", "TB")
    place = 0
    while size >= 1000 and place < len(units) - 1:
        size, place = size / 1000, place + 1
    return f"{number(size, 1 if place else 0)} {units[place]}"


def compact(value: Number | str | None) -> str:
    """Write a count in short form.

    >>> compact(1234567), compact(950)
    ('1.2M', '950')
    """
    amount = _decimal(value)
    if amount is None:
        return DASH
    locale = current_locale()
    return _compact(_to_compact(amount, locale), locale)


@lru_cache(maxsize=REMEMBERED)
def _compact(rounded: Decimal, locale: Locale) -> str:
    return _with_minus(format_compact_decimal(rounded, locale=locale, fraction_digits=1))


def money(value: Number | str | None, currency: str, style: str = "compact") -> str:
    """Write an amount: `compact` for lists and charts, `whole` without cents, `full` to the cent.

    >>> money(1234567, "USD"), money(999950, "USD"), money(Decimal("1234.5"), "EUR", "full")
    ('$1.2M', '$1M', '€1,234.50')
    """
    amount = _decimal(value)
    if amount is None:
        return DASH
    locale = current_locale()
    if style == "compact":
        text = _compact_money(_to_compact(amount, locale), currency, locale)
    elif style == "whole":
        text = _whole_money(_rounded(amount, 0), currency, locale)
    else:
        text = format_currency(amount, currency, locale=locale)
    return _with_minus(text)


@lru_cache(maxsize=REMEMBERED)
def _compact_money(rounded: Decimal, currency: str, locale: Locale) -> str:
    return str(format_compact_currency(rounded, currency, locale=locale, fraction_digits=1))


@lru_cache(maxsize=REMEMBERED)
def _whole_money(rounded: Decimal, currency: str, locale: Locale) -> str:
    return str(format_currency(rounded, currency, format="¤#,##0;-¤#,##0", locale=locale, currency_digits=False))


def percent(value: Number | str | None, digits: int = 0) -> str:
    """Write a fraction as per cent: 1 is 100 %.

    >>> percent(1.043), percent(0.3125, 1), percent(-0.31)
    ('104%', '31.3%', '−31%')
    """
    amount = _decimal(value)
    if amount is None:
        return DASH
    return _percent(_rounded(amount, digits + 2), digits, current_locale())


@lru_cache(maxsize=REMEMBERED)
def _percent(rounded: Decimal, digits: int, locale: Locale) -> str:
    return _with_minus(format_percent(rounded, format=_pattern(digits) + "%", locale=locale))


def signed(value: Number | str | None, digits: int = 0) -> str:
    """Write a change with its sign, which is never left out; no change is ±0.

    >>> signed(7), signed(-7), signed(0), signed(0.04, 1)
    ('+7', '−7', '±0', '±0.0')
    """
    amount = _decimal(value)
    if amount is None:
        return DASH
    rounded = _rounded(amount, digits)
    text = number(rounded, digits)
    return text if rounded < 0 else ("+" if rounded > 0 else "±") + text


def rate_points(change: Fraction | Decimal | float | None, digits: int = 1) -> str:
    """Write a change of a rate, given as a fraction, in percentage points.

    >>> rate_points(Decimal("0.02")), rate_points(Fraction(-1, 100))
    ('+2.0 points', '−1.0 point')
    """
    if change is None:
        return DASH
    rounded = _rounded(_decimal(change * 100) or Decimal(0), digits)
    words = npgettext("of a rate", "%(change)s point", "%(change)s points", 1 if abs(rounded) == 1 else 2)
    return words % {"change": signed(rounded, digits)}


def points(value: Number | str | None, digits: int = 0) -> str:
    """Write a change of a score in words: +3 points.

    >>> points(3), points(-1), points(1.5, 1)
    ('+3 points', '−1 point', '+1.5 points')
    """
    amount = _decimal(value)
    if amount is None:
        return DASH
    rounded = _rounded(amount, digits)
    is_one = 1 if abs(rounded) == 1 else 2
    return ngettext("%(change)s point", "%(change)s points", is_one) % {"change": signed(rounded, digits)}


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    """Move an aware instant into the time zone that is active for the request."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return value.astimezone(timezone.get_current_timezone())
    return value


def date(value: dt.date | dt.datetime | None, style: str = "medium") -> str:
    """Write a day: `short`, `medium`, `long`, `month` (Nov 2026), `day` (Nov 3) or `weekday` (Tue, Nov 3).

    >>> date(dt.date(2026, 11, 3)), date(dt.date(2026, 11, 3), "month")
    ('Nov 3, 2026', 'Nov 2026')
    """
    if not value:
        return DASH
    local = _local(value)
    day = local.date() if isinstance(local, dt.datetime) else local
    return _date(day, style, current_locale())


@lru_cache(maxsize=REMEMBERED)
def _date(local: dt.date, style: str, locale: Locale) -> str:
    if style not in _DATE_SKELETONS:
        return format_date(local, style, locale=locale)
    if style == "month" and locale.language == "zh":
        return format_date(local, "y年M月", locale=locale)
    return format_skeleton(_DATE_SKELETONS[style], local, locale=locale)


def instant(value: dt.datetime | None) -> str:
    """Write a day with its time, to the minute.

    >>> instant(dt.datetime(2026, 11, 3, 9, 40)).replace(chr(0x202F), " ")
    'Nov 3, 2026, 9:40 AM'
    """
    if not value:
        return DASH
    local, locale = _local(value), current_locale()
    if locale.language == "en":
        return f"{format_date(local, 'medium', locale=locale)}, {clock(value)}"
    return format_datetime(local, "medium", locale=locale).rsplit(":", 1)[0]


def clock(value: dt.datetime | None) -> str:
    """Write the time of day, to the minute."""
    if not value:
        return DASH
    local = cast(dt.datetime, _local(value))
    return format_time(local, "short", locale=current_locale())


def ago(value: dt.date | dt.datetime | None, now: dt.date | dt.datetime) -> str:
    """Write how long ago something was, or how far ahead it is.

    >>> ago(dt.date(2026, 11, 3), dt.date(2026, 11, 6)), ago(dt.date(2026, 11, 29), dt.date(2026, 11, 6))
    ('3 days ago', 'in 23 days')
    """
    if not value:
        return DASH
    delta = _difference(value, now)
    if not (isinstance(value, dt.datetime) and isinstance(now, dt.datetime)):
        return _days_apart(delta.days)
    return format_timedelta(delta, granularity="minute", threshold=1.2, add_direction=True, locale=current_locale())


def _difference(value: dt.date | dt.datetime, now: dt.date | dt.datetime) -> dt.timedelta:
    if isinstance(value, dt.datetime) and isinstance(now, dt.datetime):
        return value - now
    day, today = (item.date() if isinstance(item, dt.datetime) else item for item in (_local(value), _local(now)))
    return day - today


def _days_apart(days: int) -> str:
    """Count near days exactly, far ones in months and years."""
    if days in _NEAR_DAYS:
        return str(_NEAR_DAYS[days])
    return _far(days, current_locale())


@lru_cache(maxsize=REMEMBERED)
def _far(days: int, locale: Locale) -> str:
    exact = 10**6 if abs(days) < EXACT_DAYS else 1.5
    return format_timedelta(
        dt.timedelta(days=days), granularity="day", threshold=exact, add_direction=True, locale=locale
    )


def is_missing(value: Number | None) -> bool:
    """Tell whether a value of a series is a gap.

    >>> is_missing(None), is_missing(float("nan")), is_missing(0)
    (True, True, False)
    """
    return value is None or not math.isfinite(value)
