"""How do a customer's goals and the measurements of them come in?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import Account, BusinessGoal, GoalMeasurement, TimelineEntry, User
from accounts.rules import goals as rules
from common.errors import Refused


def _check(baseline: Decimal, target: Decimal) -> None:
    if baseline == target:
        raise Refused(_("Target must differ from the baseline."), field="target")


@transaction.atomic
def add_goal(*, account: Account, by: User, at: dt.datetime, **values: Any) -> BusinessGoal:
    """Write down a result that the customer wants."""
    _check(values["baseline"], values["target"])
    goal = BusinessGoal.objects.create(account=account, **values)
    leave_audit("goal.added", goal, by=by, at=at)
    return goal


@transaction.atomic
def update_goal(*, goal: BusinessGoal, by: User, at: dt.datetime, **values: Any) -> BusinessGoal:
    """Change a goal."""
    _check(values.get("baseline", goal.baseline), values.get("target", goal.target))
    changes = differences(goal, values)
    if changes:
        for name, value in values.items():
            setattr(goal, name, value)
        goal.save(update_fields=list(values))
        leave_audit("goal.changed", goal, by=by, at=at, changes=changes)
    return goal


@transaction.atomic
def measure_goal(
    *, goal: BusinessGoal, on: dt.date, value: Decimal, by: User, at: dt.datetime, note: str = ""
) -> GoalMeasurement:
    """Write down where a goal stands on a day; a second value for one day replaces the first."""
    if on > today(at):
        raise Refused(_("Measured on cannot be in the future."), field="on")
    before = goal.measurements.order_by("-on").values_list("value", flat=True).first()
    made, is_new = GoalMeasurement.objects.update_or_create(goal=goal, on=on, defaults={"value": value, "note": note})
    leave_audit("goal.measured", goal, by=by, at=at, changes={"on": on.isoformat(), "replaced": not is_new})
    _tell_reached(goal, before, value, by=by, at=at)
    return made


def _tell_reached(goal: BusinessGoal, before: Decimal | None, value: Decimal, *, by: User, at: dt.datetime) -> None:
    """Write on the timeline when a goal is reached for the first time."""
    was = rules.attainment(goal.baseline, before, goal.target)
    now = rules.attainment(goal.baseline, value, goal.target)
    if now is not None and now >= 1 and (was is None or was < 1):
        title = _("Goal reached: %(goal)s") % {"goal": goal.name}
        leave_entry(goal.account, TimelineEntry.Kind.GOAL, title, by=by, at=at, details={"goal": goal.pk})


@transaction.atomic
def delete_goal(*, goal: BusinessGoal, by: User, at: dt.datetime) -> None:
    """Take a goal off the account, with its measurements."""
    leave_audit("goal.deleted", goal, by=by, at=at)
    goal.delete()
