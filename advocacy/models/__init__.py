"""Who speaks for us, and what were they asked?"""

from advocacy.models.advocates import (
    Advocate,
    Ask,
    AskQuerySet,
)

__all__ = [
    "Advocate",
    "Ask",
    "AskQuerySet",
]
