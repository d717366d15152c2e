"""How does the API answer about what customers ask for, and at which addresses?"""

from roadmap.viewsets.requests import (
    FeatureRequestViewSet,
    RequestEvidenceViewSet,
    register,
)

__all__ = [
    "FeatureRequestViewSet",
    "RequestEvidenceViewSet",
    "register",
]
