"""Which number, date, time or yes-or-no does a cell of a foreign table mean, if it can mean only one?"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

# A cell as a reader gives it: text from CSV, a typed value from a spreadsheet.
Cell = str | int | float | bool | Decimal | dt.date | dt.datetime | dt.time | None

POINT, COMMA, UNSURE = "1,000.00", "1.000,00", ""
NUMBER_STYLES = (POINT, COMMA)
DATE_ORDERS = ("YMD", "DMY", "MDY")
LARGEST = Decimal(10) ** 15

PLAIN = re.compile(r"-?\d{1,15}(\.\d+)?", re.ASCII)
# Full-width signs as a Chinese keyboard gives them; digits of other scripts are refused, not guessed.
FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋（）￥＄　", "0123456789.,-+()¥$ ")
MINUS = str.maketrans("−‒–", "---")
CURRENCY_MARK = re.compile(r"^(US\$|HK\$|NT\$|CN¥|R\$|[$€£¥₹₩₽]|[A-Z]{3})?\s*(.*?)\s*([$€£¥₹₩₽元]|[A-Z]{3})?$")
GROUP_SPACES = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
SCIENTIFIC = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d{1,2}", re.ASCII)
# Which currencies a mark may stand for.
CURRENCIES_OF = {
    "€": ("EUR",), "£": ("GBP",), "¥": ("CNY", "JPY"), "元": ("CNY", "TWD", "HKD"), "₹": ("INR",), "₩": ("KRW",),
    "₽": ("RUB",), "US$": ("USD",), "HK$": ("HKD",), "NT$": ("TWD",), "CN¥": ("CNY",), "R$": ("BRL",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"), "RMB": ("CNY",),
}  # fmt: skip

YES = frozenset({"true", "yes", "y", "t", "1", "1.0", "on", "x", "是", "真", "wahr", "ja", "oui", "vrai"})
NO = frozenset({"false", "no", "n", "f", "0", "0.0", "off", "否", "假", "falsch", "nein", "non", "faux"})

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?\s*([Zz]|UTC|[+-]\d{2}:?\d{2})?", re.ASCII
)


class Unreadable(ValueError):
    """A cell that cannot be understood, or not surely; the message says why, `code` whether a setting would help."""

    def __init__(self, message: str, code: str = "unreadable") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Amount:
    """A number with the currency mark that stood beside it, if any."""

    number: Decimal
    mark: str = ""

    def fits(self, currency: str) -> bool:
        """Say whether the mark may mean a currency."""
        return not self.mark or currency in CURRENCIES_OF.get(self.mark, (self.mark,))


def is_blank(cell: Cell) -> bool:
    """Say whether a cell is empty.

    >>> is_blank(" "), is_blank(None), is_blank(0)
    (True, True, False)
    """
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """Write a cell as text: whole numbers without decimals, days and times as ISO.

    >>> as_text(27.0), as_text(True), as_text(dt.date(2026, 3, 1)), as_text(" a "), as_text(None)
    ('27', 'true', '2026-03-01', 'a', '')
    """
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        cell = _from_float(cell)
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}" if cell == cell.to_integral_value() else f"{cell:f}"
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def read_number(cell: Cell, style: str = UNSURE) -> Decimal:
    """Read a number in whichever way of writing it can mean only one; `style` decides where there are two.

    >>> read_number("1,000.00"), read_number("1.000,00"), read_number("(500)"), read_number("１２")
    (Decimal('1000.00'), Decimal('1000.00'), Decimal('-500'), Decimal('12'))
    >>> read_number("1.000", COMMA), read_number("1.000", POINT)
    (Decimal('1000'), Decimal('1.000'))
    """
    return read_amount(cell, style).number


def read_amount(cell: Cell, style: str = UNSURE) -> Amount:
    """Read a number and the currency mark beside it.

    >>> read_amount("￥1000")
    Amount(number=Decimal('1000'), mark='¥')
    """
    if isinstance(cell, str):
        return _amount(cell, style)
    if cell is None or isinstance(cell, bool | dt.date | dt.time):
        raise Unreadable(_("“%(value)s” is not a number.") % {"value": as_text(cell)})
    number = _from_float(cell) if isinstance(cell, float) else Decimal(cell)
    return Amount(_checked(number, cell))


@lru_cache(maxsize=20_000)
def _amount(text: str, style: str) -> Amount:
    if PLAIN.fullmatch(text) and (style == POINT or "." not in text):
        return Amount(Decimal(text))
    number = text.translate(FULL_WIDTH).translate(MINUS).strip()
    negative, number = _sign(number)
    found = CURRENCY_MARK.match(number)
    before, number, after = found.groups() if found else (None, "", None)
    if before and after:
        raise Unreadable(_("“%(value)s” is not a number.") % {"value": _short(text)})
    inner_negative, number = _sign(number)
    if SCIENTIFIC.fullmatch(number) and not (before or after):
        value = Decimal(number)
    else:
        value = Decimal(_plain(GROUP_SPACES.sub("", number), style, text))
    if negative and inner_negative:
        raise Unreadable(_("“%(value)s” is not a number.") % {"value": _short(text)})
    return Amount(_checked(-value if negative or inner_negative else value, text), before or after or "")


def _sign(number: str) -> tuple[bool, str]:
    """Take a minus off: before, after, or as the brackets that accountants use."""
    if number.startswith("(") and number.endswith(")"):
        return True, number[1:-1].strip()
    if number.startswith("-"):
        return True, number[1:].strip()
    if number.endswith("-"):
        return True, number[:-1].strip()
    return False, number.removeprefix("+").strip()


def _plain(number: str, style: str, original: str) -> str:
    """Rewrite digits with points and commas so that only a decimal point is left."""
    not_a_number = Unreadable(_("“%(value)s” is not a number.") % {"value": _short(original)})
    if not re.fullmatch(r"[\d.,]*\d[\d.,]*", number, re.ASCII):
        raise not_a_number
    marks = [char for char in number if char in ".,"]
    if not marks:
        return number
    decimal = _decimal_mark(number, marks, style, original)
    group = "," if decimal == "." else "."
    whole, _point, fraction = number.partition(decimal) if decimal in number else (number, "", "")
    fits = style in {UNSURE, POINT if decimal == "." else COMMA}
    if not fits or decimal in fraction or group in fraction or not _is_grouped(whole, group):
        raise not_a_number
    return f"{whole.replace(group, '') or '0'}.{fraction or '0'}" if fraction else whole.replace(group, "") or "0"


def _decimal_mark(number: str, marks: list[str], style: str, original: str) -> str:
    """Decide which of point and comma begins the decimals."""
    last = marks[-1]
    other = "," if last == "." else "."
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return other
    whole, _mark, fraction = number.partition(last)
    may_be_group = len(fraction) == 3 or (last == "," and len(fraction) == 4)  # by fours, as some count in East Asia
    if not may_be_group or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return last
    if style == UNSURE:
        message = _(
            "“%(value)s” may be %(small)s or %(large)s: say how numbers are written, "
            "numbers = “1,000.00” or “1.000,00”."
        )
        small, large = f"{whole}.{fraction}", f"{whole}{fraction}"
        raise Unreadable(message % {"value": original, "small": small, "large": large}, code="number_style")
    return "." if style == POINT else ","


def _is_grouped(whole: str, group: str) -> bool:
    """Say whether group marks stand where they should: by threes, or as in India by twos before the last three."""
    if group not in whole:
        return True
    mark = re.escape(group)
    by_threes = rf"[1-9]\d{{0,2}}({mark}\d{{3}})+"
    by_twos = rf"[1-9]\d?({mark}\d{{2}})+{mark}\d{{3}}"
    return bool(re.fullmatch(f"{by_threes}|{by_twos}", whole, re.ASCII))


def _checked(number: Decimal, cell: Cell) -> Decimal:
    if not number.is_finite() or abs(number) >= LARGEST:
        message = _("“%(value)s” is too large: numbers must be below %(limit)s.")
        raise Unreadable(message % {"value": _short(as_text(cell)), "limit": f"{LARGEST:,}"})
    return number


def _from_float(value: float) -> Decimal:
    """A spreadsheet's number as the spreadsheet shows it, with 15 digits."""
    return Decimal(f"{value:.15g}") if value == value and abs(value) != float("inf") else Decimal("NaN")


def style_of(cells: Iterable[str], separator: str) -> str:
    """Find out how a table writes numbers, from the cells that leave no doubt; a comma between columns says “1,000.00”.

    >>> style_of(["12,5", "7", "1.000"], ";"), style_of(["7"], ","), style_of(["7"], ";"), style_of(["1.5", "1,5"], ";")
    ('1.000,00', '1,000.00', '', '')
    """
    seen = set()
    for cell in cells:
        number = cell.strip().translate(FULL_WIDTH)
        if not number or not re.fullmatch(r"[-(]?[$€£¥]?\s*\d[\d.,]*\)?", number, re.ASCII):
            continue
        marks = [char for char in number if char in ".,"]
        if len(set(marks)) == 2:
            seen.add(POINT if marks[-1] == "." else COMMA)
        elif len(marks) == 1:
            whole, mark, fraction = number.strip("-()$€£¥ ").partition(marks[0])
            if len(fraction) != 3 or whole == "0":
                seen.add(POINT if mark == "." else COMMA)
    if len(seen) == 1:
        return seen.pop()
    return POINT if separator == "," and not seen else UNSURE


def read_yes_no(cell: Cell) -> bool:
    """Read a yes or no.

    >>> read_yes_no("TRUE"), read_yes_no("False"), read_yes_no("1"), read_yes_no(0.0), read_yes_no("否")
    (True, False, True, False, False)
    """
    if isinstance(cell, bool):
        return cell
    word = as_text(cell).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unreadable(_("“%(value)s” is neither yes nor no.") % {"value": _short(as_text(cell))})


def read_moment(cell: Cell, order: str = "", formats: Sequence[str] = ()) -> dt.date | dt.datetime:
    """Read a day, or a day with a time if one is given; `order` says which comes first where both could.

    >>> read_moment("2023-07-28 3:00"), read_moment("2026-03-01"), read_moment("31/12/2026")
    (datetime.datetime(2023, 7, 28, 3, 0), datetime.date(2026, 3, 1), datetime.date(2026, 12, 31))
    >>> read_moment("03/04/2026", "DMY"), read_moment("03/04/2026", "MDY")
    (datetime.date(2026, 4, 3), datetime.date(2026, 3, 4))
    """
    if isinstance(cell, dt.date):  # a time of day with it or not
        return cell
    if isinstance(cell, str):
        if cell[4:5] == "-" == cell[7:8] and cell.isascii():
            # Nearly every date of nearly every export; the library's own reader is ten times as fast.
            with contextlib.suppress(ValueError):
                return dt.date.fromisoformat(cell) if len(cell) == 10 else dt.datetime.fromisoformat(cell)
        return _moment(cell, order, tuple(formats))
    raise Unreadable(_("“%(value)s” is not a date.") % {"value": as_text(cell)})


@lru_cache(maxsize=20_000)
def _moment(text: str, order: str, formats: tuple[str, ...]) -> dt.date | dt.datetime:
    written = text.strip().translate(FULL_WIDTH)
    for pattern in formats:
        moment = _by_format(written, pattern)
        if moment is not None:
            return moment
    day_text, _gap, time_text = written.replace("T", " ", 1).partition(" ")
    day = _day(day_text, order, text)
    if not time_text.strip():
        return day
    return _with_time(day, time_text.strip(), text)


def _by_format(written: str, pattern: str) -> dt.date | dt.datetime | None:
    try:
        moment = dt.datetime.strptime(written, pattern)  # noqa: DTZ007  local, as the cell is
    except ValueError:
        return None
    has_time = any(sign in pattern for sign in ("%H", "%I", "%X", "%c", "%s"))
    return moment if has_time else moment.date()


def _day(written: str, order: str, original: str) -> dt.date:
    if found := YEAR_FIRST.fullmatch(written):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := CHINESE.fullmatch(written) or COMPACT.fullmatch(written):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := YEAR_LAST.fullmatch(written):
        year = int(found[4])
        day, month = _day_and_month(int(found[1]), int(found[3]), order, year, original)
    else:
        raise Unreadable(_("“%(value)s” is not a date like 2026-03-31.") % {"value": _short(original)})
    try:
        return dt.date(year, month, day)
    except ValueError:
        if 1 <= month <= 12 and 1 <= day <= 31:
            written_out = {"day": day, "month": MONTHS[month], "year": year}
            raise Unreadable(_("%(day)s %(month)s %(year)s is not a date.") % written_out) from None
        raise Unreadable(_("“%(value)s” is not a date like 2026-03-31.") % {"value": _short(original)}) from None


def _day_and_month(first: int, second: int, order: str, year: int, original: str) -> tuple[int, int]:
    """Decide which of two numbers is the day; ask where both could be."""
    if order == "MDY":
        return second, first
    if order == "DMY" or first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    message = _("“%(value)s” may be %(first)s or %(second)s: say which comes first, dates = “DMY” or “MDY”.")
    readings = {
        "value": original.strip(),
        "first": f"{first} {MONTHS[second]} {year}",
        "second": f"{second} {MONTHS[first]} {year}",
    }
    raise Unreadable(message % readings, code="date_order")


def _with_time(day: dt.date, written: str, original: str) -> dt.datetime:
    found = TIME.fullmatch(written)
    if found is None:
        raise Unreadable(_("“%(value)s” is not a time like 2026-03-31 14:30.") % {"value": _short(original)})
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[5] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 99
    zone = _offset(found[6])
    try:
        time = dt.time(hour, minute, second, int((found[4] or "").ljust(6, "0")[:6] or 0), tzinfo=zone)
    except ValueError:
        message = _("“%(value)s” is not a time like 2026-03-31 14:30.")
        raise Unreadable(message % {"value": _short(original)}) from None
    return dt.datetime.combine(day, time)


def _offset(written: str | None) -> dt.tzinfo | None:
    if not written:
        return None
    if written.upper() in {"Z", "UTC"}:
        return dt.UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    if hours > 14 or minutes > 59:
        raise Unreadable(_("“%(value)s” is not an offset like +08:00.") % {"value": written})
    span = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-span if written[0] == "-" else span)


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 60 else text[:59] + "…"


def rounded(number: Decimal, places: int) -> Decimal:
    """Round half away from zero to some decimals.

    >>> rounded(Decimal("24.925"), 2), rounded(Decimal("-0.5"), 0)
    (Decimal('24.93'), Decimal('-1'))
    """
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
