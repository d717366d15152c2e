"""Is a value fit for the kind of a custom field, and how is it stored?"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

MAX_TEXT = 500
MAX_NUMBER = Decimal(10) ** 12
MAX_DECIMALS = 6
FIRST_YEAR, LAST_YEAR = 1900, 2100
YES = frozenset({"true", "yes", "y", "1"})
NO = frozenset({"false", "no", "n", "0"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Stored = str | int | float | bool | None


class UnfitValueError(ValueError):
    """A value that its field cannot hold; `code` says why, the words for people stand with the action."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def typed_value(kind: str, raw: object, choices: Sequence[str] = ()) -> Stored:
    """Turn what a form, a file or the API gave into what is stored; nothing given is None.

    Numbers are stored as JSON numbers and days as ISO text, so that both can be compared and sorted.

    >>> typed_value("number", "12.50"), typed_value("number", "７"), typed_value("date", "2026-03-31")
    (12.5, 7, '2026-03-31')
    >>> typed_value("yes_no", "Yes"), typed_value("choice", "gold", ["gold"]), typed_value("text", "  ")
    (True, 'gold', None)
    >>> typed_value("number", "NaN")
    Traceback (most recent call last):
    accounts.rules.custom_fields.UnfitValueError: number
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if kind == "number":
        return _number(raw)
    if kind == "date":
        return _day(raw)
    if kind == "yes_no":
        return _yes_no(raw)
    text = _text(raw)
    if kind == "choice" and text not in choices:
        raise UnfitValueError("choice")
    return text


def _text(raw: object) -> str:
    if not isinstance(raw, str) or _CONTROL.search(raw):
        raise UnfitValueError("text")
    if len(raw.strip()) > MAX_TEXT:
        raise UnfitValueError("too_long")
    return raw.strip()


def _number(raw: object) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise UnfitValueError("number")
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if not text.isascii():
        raise UnfitValueError("number")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise UnfitValueError("number") from None
    if not number.is_finite():
        raise UnfitValueError("number")
    if abs(number) >= MAX_NUMBER:
        raise UnfitValueError("too_big")
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MAX_DECIMALS:
        raise UnfitValueError("decimals")
    return int(number) if number == number.to_integral_value() else float(number)


def _day(raw: object) -> str:
    if isinstance(raw, dt.datetime) or not isinstance(raw, str | dt.date):
        raise UnfitValueError("date")
    try:
        day = raw if isinstance(raw, dt.date) else dt.date.fromisoformat(raw.strip())
    except ValueError:
        raise UnfitValueError("date") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UnfitValueError("date")
    return day.isoformat()


def _yes_no(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower() if isinstance(raw, str | int) else ""
    if word in YES:
        return True
    if word in NO:
        return False
    raise UnfitValueError("yes_no")
