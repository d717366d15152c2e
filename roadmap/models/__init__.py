"""What do customers ask for, who asks, and what became of it?"""

from roadmap.models.board import SharedRoadmap
from roadmap.models.duplicates import DuplicatePair
from roadmap.models.evidence import RequestEvidence
from roadmap.models.gaps import RequestLink
from roadmap.models.loop import RequestAnswer, RequestChange
from roadmap.models.requests import FeatureRequest

__all__ = [
    "DuplicatePair",
    "FeatureRequest",
    "RequestAnswer",
    "RequestChange",
    "RequestEvidence",
    "RequestLink",
    "SharedRoadmap",
]
