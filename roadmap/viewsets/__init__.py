"""How does the API answer about what customers ask for, and at which addresses?"""

from rest_framework.routers import BaseRouter

from roadmap.viewsets.ranking import (
    QuarterPlanViewSet,
    RankingSettingsView,
    RequestEstimateViewSet,
    RequestRankViewSet,
)
from roadmap.viewsets.requests import (
    FeatureRequestViewSet,
    RequestEvidenceViewSet,
)
from roadmap.viewsets.requests import register as register_requests


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    register_requests(router)
    router.register("request-ranks", RequestRankViewSet, basename="requestrank")
    router.register("request-estimates", RequestEstimateViewSet)
    router.register("quarter-plans", QuarterPlanViewSet)


__all__ = [
    "FeatureRequestViewSet",
    "QuarterPlanViewSet",
    "RankingSettingsView",
    "RequestEstimateViewSet",
    "RequestEvidenceViewSet",
    "RequestRankViewSet",
    "register",
]
