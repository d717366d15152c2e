"""At which addresses does the API answer about requests, their ranks and the plan of a quarter?"""

from rest_framework.routers import BaseRouter

from roadmap.viewsets.duplicates import DuplicatePairViewSet
from roadmap.viewsets.evidence import RequestEvidenceViewSet, RequestLinkViewSet
from roadmap.viewsets.loop import RequestAnswerViewSet
from roadmap.viewsets.ranking import (
    QuarterPlanViewSet,
    RankingSettingsView,
    RequestEstimateViewSet,
    RequestRankViewSet,
)
from roadmap.viewsets.requests import FeatureRequestViewSet

__all__ = [
    "DuplicatePairViewSet",
    "FeatureRequestViewSet",
    "QuarterPlanViewSet",
    "RankingSettingsView",
    "RequestAnswerViewSet",
    "RequestEstimateViewSet",
    "RequestEvidenceViewSet",
    "RequestLinkViewSet",
    "RequestRankViewSet",
    "register",
]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("feature-requests", FeatureRequestViewSet)
    router.register("request-evidence", RequestEvidenceViewSet)
    router.register("request-links", RequestLinkViewSet)
    router.register("request-answers", RequestAnswerViewSet)
    router.register("duplicate-requests", DuplicatePairViewSet)
    router.register("request-ranks", RequestRankViewSet, basename="requestrank")
    router.register("request-estimates", RequestEstimateViewSet)
    router.register("quarter-plans", QuarterPlanViewSet)
