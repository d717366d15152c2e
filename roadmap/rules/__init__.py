"""Do two requests mean the same need?"""

from roadmap.rules.requests import (
    ALIKE,
    FILLERS,
    SHOWN,
    UNSPACED,
    WORD,
    likeness,
    most_alike,
    parts_of,
)

__all__ = [
    "ALIKE",
    "FILLERS",
    "SHOWN",
    "UNSPACED",
    "WORD",
    "likeness",
    "most_alike",
    "parts_of",
]
