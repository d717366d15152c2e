"""How do customers fare, and of whom should somebody be warned?"""

from health.models.evidence import ComparisonName, MeasureName, sentence
from health.models.scores import (
    GroupName,
    HealthOverride,
    HealthScore,
    IndicatorName,
    Scorecard,
    ScorecardDraft,
    ScorecardQuerySet,
    ScorecardVersion,
)
from health.models.warnings import EarlyWarning, RuleName, Severity, WarningRule

__all__ = [
    "ComparisonName",
    "EarlyWarning",
    "GroupName",
    "HealthOverride",
    "HealthScore",
    "IndicatorName",
    "MeasureName",
    "RuleName",
    "Scorecard",
    "ScorecardDraft",
    "ScorecardQuerySet",
    "ScorecardVersion",
    "Severity",
    "WarningRule",
    "sentence",
]
