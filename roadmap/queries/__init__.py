"""Who asked for what, and has it been asked before?"""

from roadmap.queries.requests import (
    COMPARED,
    AskedFor,
    asked_by,
    likely_duplicates,
    with_voices,
)

__all__ = [
    "COMPARED",
    "AskedFor",
    "asked_by",
    "likely_duplicates",
    "with_voices",
]
