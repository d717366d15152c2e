"""How is health written down?"""

from health.actions.overrides import end_override, follow_overrides, set_override
from health.actions.scorecards import check_conditions, check_definition, ensure_default_scorecard, publish_version
from health.actions.scoring import score_accounts, score_days
from health.actions.warning_rules import add_rule, change_rule, check_rule, ensure_shipped_rules

__all__ = [
    "add_rule",
    "change_rule",
    "check_conditions",
    "check_definition",
    "check_rule",
    "end_override",
    "ensure_default_scorecard",
    "ensure_shipped_rules",
    "follow_overrides",
    "publish_version",
    "score_accounts",
    "score_days",
    "set_override",
]
