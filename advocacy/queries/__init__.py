"""Who of an account speaks for us, and what were they asked?"""

from advocacy.queries.advocates import (
    SHOWN_IN,
    AdvocateLine,
    advocates_of,
    possible_advocates,
)

__all__ = [
    "SHOWN_IN",
    "AdvocateLine",
    "advocates_of",
    "possible_advocates",
]
