"""How is health written down?"""

from health.actions.overrides import end_override, follow_overrides, set_override
from health.actions.scorecards import check_conditions, check_definition, ensure_default_scorecard, publish_version
from health.actions.scoring import score_accounts, score_days

__all__ = [
    "check_conditions",
    "check_definition",
    "end_override",
    "ensure_default_scorecard",
    "follow_overrides",
    "publish_version",
    "score_accounts",
    "score_days",
    "set_override",
]
