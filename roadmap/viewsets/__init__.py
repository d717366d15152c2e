"""At which addresses does the API answer about what customers ask for?"""

from rest_framework.routers import BaseRouter

from roadmap.viewsets.duplicates import DuplicatePairViewSet
from roadmap.viewsets.evidence import RequestEvidenceViewSet, RequestLinkViewSet
from roadmap.viewsets.loop import RequestAnswerViewSet
from roadmap.viewsets.requests import FeatureRequestViewSet

__all__ = [
    "DuplicatePairViewSet",
    "FeatureRequestViewSet",
    "RequestAnswerViewSet",
    "RequestEvidenceViewSet",
    "RequestLinkViewSet",
    "register",
]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("feature-requests", FeatureRequestViewSet)
    router.register("request-evidence", RequestEvidenceViewSet)
    router.register("request-links", RequestLinkViewSet)
    router.register("request-answers", RequestAnswerViewSet)
    router.register("duplicate-requests", DuplicatePairViewSet)
