"""What do customers ask for, who asks, how is it ranked, and what became of it?"""

from roadmap.models.board import SharedRoadmap
from roadmap.models.duplicates import DuplicatePair
from roadmap.models.estimates import RequestEstimate, RequestNeed
from roadmap.models.evidence import RequestEvidence
from roadmap.models.gaps import RequestLink
from roadmap.models.loop import RequestAnswer, RequestChange
from roadmap.models.planning import PlannedRequest, QuarterPlan
from roadmap.models.ranking import (
    AccountWeight,
    ModuleUse,
    OfTheWholeBookQuerySet,
    RankDay,
    RankingSettings,
    RankParts,
    RequestRank,
)
from roadmap.models.requests import FeatureRequest

__all__ = [
    "AccountWeight",
    "DuplicatePair",
    "FeatureRequest",
    "ModuleUse",
    "OfTheWholeBookQuerySet",
    "PlannedRequest",
    "QuarterPlan",
    "RankDay",
    "RankParts",
    "RankingSettings",
    "RequestAnswer",
    "RequestChange",
    "RequestEstimate",
    "RequestEvidence",
    "RequestLink",
    "RequestNeed",
    "RequestRank",
    "SharedRoadmap",
]
