"""What do customers ask for, and who asks?"""

from roadmap.models.estimates import (
    RequestEstimate,
    RequestNeed,
)
from roadmap.models.planning import (
    PlannedRequest,
    QuarterPlan,
)
from roadmap.models.ranking import (
    AccountWeight,
    ModuleUse,
    OfTheWholeBookQuerySet,
    RankDay,
    RankingSettings,
    RankParts,
    RequestRank,
)
from roadmap.models.requests import (
    FeatureRequest,
    RequestEvidence,
)

__all__ = [
    "AccountWeight",
    "FeatureRequest",
    "ModuleUse",
    "OfTheWholeBookQuerySet",
    "PlannedRequest",
    "QuarterPlan",
    "RankDay",
    "RankParts",
    "RankingSettings",
    "RequestEstimate",
    "RequestEvidence",
    "RequestNeed",
    "RequestRank",
]
