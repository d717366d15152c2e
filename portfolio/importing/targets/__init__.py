"""Which tables may a file fill, in which order, and with which columns?"""

from portfolio.importing.targets import advocacy, people, records, requests, revenue, usage
from portfolio.importing.targets.base import Context, Field, Target, Values, Way

_ALL = {one.name: one for part in (people, records, revenue, usage, advocacy, requests) for one in part.TARGETS}

# What others point at comes before them.
ORDER = (
    "teams", "people", "tags", "custom_fields", "products", "modules", "features", "scenarios", "milestones",
    "metrics", "accounts", "contacts", "service_team", "handoffs", "expectation_gaps", "promises",
    "implementation_records", "goals", "goal_measurements", "timeline", "churn_records", "exchange_rates",
    "contract_lines", "renewals", "usage_events", "usage_days", "readings", "milestones_reached", "tickets",
    "survey_answers", "integrations", "attendances", "advocates", "advocacy_consents", "asks", "public_mentions",
    "feature_requests", "request_evidence",
)  # fmt: skip
TARGETS: dict[str, Target] = {name: _ALL[name] for name in ORDER}
COLUMNS: dict[str, tuple[str, ...]] = {name: target.columns for name, target in TARGETS.items()}

__all__ = ["COLUMNS", "ORDER", "TARGETS", "Context", "Field", "Target", "Values", "Way"]
