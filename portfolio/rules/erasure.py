"""What is left of a text once a person may no longer be named in it?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MARK = "[…]"


def without_names(text: str, names: Sequence[str]) -> str:
    """A text in which each name, mail address and number of a person is blanked, however it is written large or small.

    >>> without_names("Spoke with Ada Fox (ADA@fox.example).", ["Ada Fox", "ada@fox.example", ""])
    'Spoke with […] ([…]).'
    >>> without_names("Adam stays.", ["Ada"])
    'Adam stays.'
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        # A name of Latin letters counts as a whole word only; Chinese is written without spaces.
        edge = r"\b" if name.isascii() and name[0].isalnum() and name[-1].isalnum() else ""
        text = re.sub(f"{edge}{re.escape(name)}{edge}", MARK, text, flags=re.IGNORECASE)
    return text


def without_names_within(value: Any, names: Sequence[str]) -> Any:
    """The same for every text within a stored structure; what is no text stays.

    >>> without_names_within({"title": "Call with Ada Fox", "days": [3, "ada fox"]}, ["Ada Fox"])
    {'title': 'Call with […]', 'days': [3, '[…]']}
    """
    if isinstance(value, str):
        return without_names(value, names)
    if isinstance(value, dict):
        return {key: without_names_within(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [without_names_within(one, names) for one in value]
    return value
