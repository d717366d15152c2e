"""How does a rule that warns come about and change?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, today
from accounts.models import User
from common.errors import Refused
from common.jobs import enqueue
from health.models import EarlyWarning, WarningRule
from health.queries.measures import MEASURES
from health.rules.scorecard import ScorecardError
from health.rules.shipped_warnings import SHIPPED
from health.rules.warnings import Definition, parse_definition

FIELDS = (
    *("name", "definition", "severity", "effect", "is_enabled", "position"),
    *("reopen_days", "hold_percent", "hold_count"),
)


@transaction.atomic
def ensure_shipped_rules() -> None:
    """Install the rules that come with Mainstay where there are none at all, as the migration does."""
    if WarningRule.objects.exists():
        return
    WarningRule.objects.bulk_create(
        [WarningRule(**rule, position=10 * number) for number, rule in enumerate(SHIPPED, start=1)],
        ignore_conflicts=True,
    )


def check_rule(definition: Any) -> Definition:
    """Refuse a definition that makes no sense, in words."""
    try:
        parsed = parse_definition(definition)
    except ScorecardError as error:
        raise Refused(_(error.message) % error.params, field="definition") from None
    for test in parsed.tests:
        if test.measure not in MEASURES:
            raise Refused(_("There is no measure “%(source)s”.") % {"source": test.measure}, field="definition")
    return parsed


@transaction.atomic
def add_rule(*, by: User, at: dt.datetime, name: str, definition: Any, key: str = "", **values: Any) -> WarningRule:
    """Add a rule; without a key of its own it gets one made from its name."""
    check_rule(definition)
    rule = WarningRule(key=key or _free_key(name), name=name, definition=definition, **values)
    if WarningRule.objects.filter(key=rule.key).exists():
        raise Refused(_("A rule with this key exists already."), field="key", code="unique")
    rule.save(force_insert=True)
    leave_audit("warning_rule.created", rule, by=by, at=at, changes={"key": [None, rule.key]})
    evaluate_later(rule)
    return rule


@transaction.atomic
def change_rule(*, rule: WarningRule, by: User, at: dt.datetime, **values: Any) -> WarningRule:
    """Change a rule; its next evaluation goes by what it says then."""
    locked = WarningRule.objects.select_for_update().get(pk=rule.pk)
    if "definition" in values:
        check_rule(values["definition"])
    changes = differences(locked, {name: value for name, value in values.items() if name in FIELDS})
    for name in changes:
        setattr(locked, name, values[name])
    if changes:
        # What was held back was held back by the rule as it was.
        locked.held_count = 0
        locked.save(update_fields=[*changes, "held_count"])
        leave_audit("warning_rule.changed", locked, by=by, at=at, changes=changes)
        if not locked.is_enabled:
            _close_warnings(locked, today(at))
        evaluate_later(locked)
    return locked


@transaction.atomic
def open_held_warnings(*, rule: WarningRule, by: User, at: dt.datetime) -> int:
    """Have all warnings opened that a rule holds back; returns how many wait for it."""
    locked = WarningRule.objects.select_for_update().get(pk=rule.pk)
    if not locked.held_count:
        raise Refused(_("This rule holds nothing back."))
    leave_audit("warning_rule.released", locked, by=by, at=at, changes={"held_count": [locked.held_count, 0]})
    evaluate_later(locked, release=True)
    return locked.held_count


def evaluate_later(rule: WarningRule, *, release: bool = False) -> None:
    """Have a rule evaluated for today in the background."""
    if rule.is_enabled:
        key = f"{rule.pk}{' all' if release else ''}"
        enqueue("health.evaluate_warnings", key=key, rule_id=rule.pk, release=release)


def _close_warnings(rule: WarningRule, on: dt.date) -> None:
    """Close what a rule that is no longer in use warned of."""
    EarlyWarning.objects.unresolved().filter(rule=rule).update(
        state=EarlyWarning.State.RESOLVED, resolved_on=on, resolved_cause=EarlyWarning.Cause.OFF, is_gone=True,
        snoozed_until=None, snooze_reason="",
    )  # fmt: skip


def _free_key(name: str) -> str:
    """A key made from a name, with a number where it is taken."""
    stem = slugify(name).replace("-", "_")[:32] or "rule"
    taken = set(WarningRule.objects.filter(key__startswith=stem).values_list("key", flat=True))
    numbers = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return next(key for key in [stem, *numbers] if key not in taken)
