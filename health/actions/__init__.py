"""How is health written down?"""

from health.actions.drafts import change_draft, discard_draft, publish_draft
from health.actions.evaluation import Outcome, evaluate_warnings, wake_warnings
from health.actions.overrides import end_override, follow_overrides, set_override
from health.actions.scorecards import (
    add_scorecard,
    check_conditions,
    check_definition,
    ensure_default_scorecard,
    move_scorecard,
    publish_version,
    rename_scorecard,
    use_scorecard,
)
from health.actions.scoring import score_accounts, score_days
from health.actions.warning_rules import add_rule, change_rule, check_rule, ensure_shipped_rules, open_held_warnings
from health.actions.warnings import (
    acknowledge_warning,
    check_snooze,
    reopen_warning,
    resolve_warning,
    restore_warning,
    snooze_warning,
)

__all__ = [
    "Outcome",
    "acknowledge_warning",
    "add_rule",
    "add_scorecard",
    "change_draft",
    "change_rule",
    "check_conditions",
    "check_definition",
    "check_rule",
    "check_snooze",
    "discard_draft",
    "end_override",
    "ensure_default_scorecard",
    "ensure_shipped_rules",
    "evaluate_warnings",
    "follow_overrides",
    "move_scorecard",
    "open_held_warnings",
    "publish_draft",
    "publish_version",
    "rename_scorecard",
    "reopen_warning",
    "resolve_warning",
    "restore_warning",
    "score_accounts",
    "score_days",
    "set_override",
    "snooze_warning",
    "use_scorecard",
    "wake_warnings",
]
