"""What can customers do with the product, and what do they do?"""

from usage.models.catalogue import Feature, Milestone, Module, Scenario
from usage.models.events import (
    AccountFeatureUse,
    AccountPersonUse,
    AccountUsageDay,
    FeatureUsageDay,
    UsageEvent,
    WaitingEvent,
)
from usage.models.facts import (
    Attendance,
    Integration,
    Metric,
    MilestoneReached,
    Reading,
    SurveyAnswer,
    Ticket,
)

__all__ = [
    "AccountFeatureUse",
    "AccountPersonUse",
    "AccountUsageDay",
    "Attendance",
    "Feature",
    "FeatureUsageDay",
    "Integration",
    "Metric",
    "Milestone",
    "MilestoneReached",
    "Module",
    "Reading",
    "Scenario",
    "SurveyAnswer",
    "Ticket",
    "UsageEvent",
    "WaitingEvent",
]
