"""By what can requests and the voices behind them be narrowed and sorted?"""

from roadmap.filters.requests import (
    FeatureRequestFilter,
    RequestEvidenceFilter,
)

__all__ = [
    "FeatureRequestFilter",
    "RequestEvidenceFilter",
]
