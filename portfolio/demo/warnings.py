"""What has become of the demo book's warnings in the last days?"""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from accounts.rules.roles import Role
from health.actions import (
    acknowledge_warning,
    evaluate_warnings,
    resolve_warning,
    snooze_warning,
    wake_warnings,
)
from health.models import EarlyWarning, WarningRule
from portfolio.demo.load import Plan

# Every so many days back: often enough that causes go and return.
DAYS_BACK = (56, 42, 35, 28, 21, 14, 7, 3, 1)
SNOOZES = ("Waiting for their new budget.", "On holiday until then.", "We speak at the review.")
LEFT_HELD = "shallow_use"
RESOLUTIONS = ("Agreed with the customer.", "They moved a team; use comes back in autumn.", "Known, and accepted.")


def warn(plan: Plan) -> None:
    """Evaluate some past days, answer as people would half-way, then evaluate today."""
    for back in DAYS_BACK:
        on = plan.on - dt.timedelta(days=back)
        at = plan.at - dt.timedelta(days=back)
        evaluate_warnings(on=on, at=at)
        if back == DAYS_BACK[0]:
            _let_in(on, at)
        if back in (21, 3):
            _answer(on, at)
    evaluate_warnings(on=plan.on, at=plan.at)
    wake_warnings(on=plan.on)


def _let_in(on: dt.date, at: dt.datetime) -> None:
    """Open what the first day held back, for a book gathers much before anybody looks; one rule stays held back."""
    for rule in WarningRule.objects.filter(held_count__gt=0).exclude(key=LEFT_HELD):
        evaluate_warnings(on=on, at=at, rule=rule, release=True)


def _answer(on: dt.date, at: dt.datetime) -> None:
    """Take note of some warnings, put some off, settle a few: by their owners, always the same ones."""
    manager = User.objects.filter(role=Role.CS_MANAGER).order_by("pk").first()
    asking = EarlyWarning.objects.asking(on).select_related("account", "rule", "owner").order_by("pk")
    for number, warning in enumerate(asking):
        by = warning.owner or manager
        if by is None:
            continue
        words = number // 11
        if number % 11 in (2, 6):
            acknowledge_warning(warning=warning, by=by, at=at)
        elif number % 11 == 4:
            until = on + dt.timedelta(days=5 + number % 24)
            snooze_warning(warning=warning, until=until, reason=SNOOZES[words % 3], by=by, at=at)
        elif number % 11 == 9 and number % 2:
            resolve_warning(warning=warning, reason=RESOLUTIONS[words % 3], by=by, at=at)
