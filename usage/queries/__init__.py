"""How does a customer use the product, and how is it served?"""

from usage.queries.facts import (
    MilestoneState,
    TicketSummary,
    answers_of,
    metrics_of,
    milestones_of,
    reading_series,
    ticket_summary,
)
from usage.queries.use import (
    Day,
    FeatureState,
    HeatMap,
    UsageLine,
    active_people,
    feature_heat_map,
    features_of,
    last_use_by_account,
    usage_by_day,
    usage_columns,
    usage_line,
)

__all__ = [
    "Day",
    "FeatureState",
    "HeatMap",
    "MilestoneState",
    "TicketSummary",
    "UsageLine",
    "active_people",
    "answers_of",
    "feature_heat_map",
    "features_of",
    "last_use_by_account",
    "metrics_of",
    "milestones_of",
    "reading_series",
    "ticket_summary",
    "usage_by_day",
    "usage_columns",
    "usage_line",
]
