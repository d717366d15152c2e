"""How is a setting read, and what is said when it makes no sense?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

# Marks a message for translation; whoever shows it translates it.
N_ = str

KEY_LENGTH = 40


class ScorecardError(ValueError):
    """A definition that makes no sense; `message` with `params` says why, `place` says where."""

    def __init__(self, message: str, place: str = "", /, **params: Any) -> None:
        self.message, self.place, self.params = message, place, params
        super().__init__(message % params if params else message)


def refuse_unknown(body: Mapping[str, Any], place: str, names: Collection[str]) -> None:
    """Refuse a setting that does not exist: a slip of the pen would silently do nothing.

    >>> refuse_unknown({"wait": 1}, "", {"weight"})
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: Unknown setting: wait.
    """
    for name in body:
        if name not in names:
            raise ScorecardError(N_("Unknown setting: %(name)s."), place, name=str(name)[:60])


def _reader(kind: type | tuple[type, ...], message: str) -> Callable[[Any, str], Any]:
    def read(value: Any, place: str) -> Any:
        if not isinstance(value, kind):
            raise ScorecardError(message, place, place=place or "definition")
        return value

    return read


read_mapping = _reader(dict, N_("%(place)s must be an object."))
read_list = _reader((list, tuple), N_("%(place)s must be a list."))
_text = _reader(str, N_("%(place)s must be text."))


def read_text(value: Any, place: str) -> str:
    """Read a name that people see.

    >>> read_text("Sentiment", "name")
    'Sentiment'
    """
    text: str = _text(value, place)
    if len(text) > 100 or "\0" in text:
        raise ScorecardError(N_("%(place)s has at most 100 characters."), place, place=place)
    return text


def read_key(value: Any, place: str) -> str:
    """Read a key: small letters, digits and _.

    >>> read_key("core_use", "key")
    'core_use'
    """
    key = str(_text(value, place))
    if not key.isascii() or not key.replace("_", "").isalnum() or key != key.lower() or len(key) > KEY_LENGTH:
        raise ScorecardError(
            N_("A key has small letters, digits and _ only, at most 40 of them: “%(key)s”."), place, key=key[:60]
        )
    return key


def read_number(value: Any, place: str, low: float | None = None, high: float | None = None) -> float:
    """Read a number between two bounds.

    >>> read_number(3, "points", 0, 100)
    3.0
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e12:
        raise ScorecardError(N_("%(place)s must be a number."), place, place=place)
    if (low is not None and value < low) or (high is not None and value > high):
        raise ScorecardError(
            N_("%(place)s must be between %(low)s and %(high)s."), place, place=place, low=f"{low:g}", high=f"{high:g}"
        )
    return float(value)


def read_whole(value: Any, place: str, low: int, high: int) -> int:
    """Read a whole number between two bounds.

    >>> read_whole(30, "days", 1, 3650)
    30
    """
    number = read_number(value, place, low, high)
    if number != int(number):
        raise ScorecardError(N_("%(place)s must be a whole number."), place, place=place)
    return int(number)
