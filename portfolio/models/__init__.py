"""What do the screens keep beside the facts: rows that a list reads quickly, books that were brought in, own acts?"""

from portfolio.models.account_row import AccountRow
from portfolio.models.book_import import BookImport
from portfolio.models.expansion import ExpansionFit, ExpansionTrait
from portfolio.models.history import Change
from portfolio.models.recommendations import Recommendation, RecommendationPolicy, RecommendationRule

__all__ = [
    "AccountRow",
    "BookImport",
    "Change",
    "ExpansionFit",
    "ExpansionTrait",
    "Recommendation",
    "RecommendationPolicy",
    "RecommendationRule",
]
