"""By what can requests and the voices behind them be narrowed and sorted?"""

from roadmap.filters.ranking import (
    MONEY_SORTS,
    RANKING_SORTS,
    RankingFilter,
)
from roadmap.filters.requests import (
    FeatureRequestFilter,
    RequestEvidenceFilter,
)

__all__ = [
    "MONEY_SORTS",
    "RANKING_SORTS",
    "FeatureRequestFilter",
    "RankingFilter",
    "RequestEvidenceFilter",
]
