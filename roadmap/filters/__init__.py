"""By what can requests, the voices behind them and the answers to them be narrowed and sorted?"""

from roadmap.filters.duplicates import DuplicatePairFilter
from roadmap.filters.evidence import RequestEvidenceFilter, RequestLinkFilter
from roadmap.filters.loop import RequestAnswerFilter
from roadmap.filters.ranking import MONEY_SORTS, RANKING_SORTS, RankingFilter
from roadmap.filters.requests import FeatureRequestFilter, RequestListFilter

__all__ = [
    "MONEY_SORTS",
    "RANKING_SORTS",
    "DuplicatePairFilter",
    "FeatureRequestFilter",
    "RankingFilter",
    "RequestAnswerFilter",
    "RequestEvidenceFilter",
    "RequestLinkFilter",
    "RequestListFilter",
]
