"""What do customers ask for, and who asks?"""

from roadmap.models.requests import (
    FeatureRequest,
    RequestEvidence,
)

__all__ = [
    "FeatureRequest",
    "RequestEvidence",
]
