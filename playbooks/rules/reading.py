"""How is a choice in a template read?"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from health.rules.parsing import N_, ScorecardError

Chosen = TypeVar("Chosen", bound=StrEnum)


def read_choice(kind: type[Chosen], value: Any, place: str) -> Chosen:
    """Read one of a few words.

    >>> class Colour(StrEnum):
    ...     RED = "red"
    >>> str(read_choice(Colour, "red", "colour"))
    'red'
    >>> read_choice(Colour, "blue", "colour")
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: colour: there is no “blue”.
    """
    try:
        return kind(value)
    except ValueError:
        message = N_("%(place)s: there is no “%(value)s”.")
        raise ScorecardError(message, place, place=place, value=str(value)[:60]) from None
