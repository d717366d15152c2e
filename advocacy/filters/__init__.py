"""By what can advocates and what they are asked be narrowed and sorted?"""

from advocacy.filters.advocates import (
    AdvocateFilter,
    AskFilter,
)
from advocacy.filters.people import (
    PEOPLE_SORTS,
    SCORE_SORTS,
    AdvocateScoreFilter,
    ConsentFilter,
    MentionFilter,
    PeopleFilter,
    ReferenceRequestFilter,
)

__all__ = [
    "PEOPLE_SORTS",
    "SCORE_SORTS",
    "AdvocateFilter",
    "AdvocateScoreFilter",
    "AskFilter",
    "ConsentFilter",
    "MentionFilter",
    "PeopleFilter",
    "ReferenceRequestFilter",
]
