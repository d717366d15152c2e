"""By what can advocates and asks be narrowed and sorted?"""

from advocacy.filters.advocates import (
    AdvocateFilter,
    AskFilter,
)

__all__ = [
    "AdvocateFilter",
    "AskFilter",
]
