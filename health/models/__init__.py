"""How do customers fare, of whom should somebody be warned, and who is likely to leave?"""

from health.models.churn import ChurnModel, ChurnRisk, ChurnSettings, FigureName, LossReview, TrackRecord
from health.models.evidence import ComparisonName, MeasureName, sentence
from health.models.scores import (
    TONES,
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
    "TONES",
    "ChurnModel",
    "ChurnRisk",
    "ChurnSettings",
    "ComparisonName",
    "EarlyWarning",
    "FigureName",
    "GroupName",
    "HealthOverride",
    "HealthScore",
    "IndicatorName",
    "LossReview",
    "MeasureName",
    "RuleName",
    "Scorecard",
    "ScorecardDraft",
    "ScorecardQuerySet",
    "ScorecardVersion",
    "Severity",
    "TrackRecord",
    "WarningRule",
    "sentence",
]
