"""What has each goal of a customer come to?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account, BusinessGoal, GoalMeasurement
from accounts.rules import goals as rules


@dataclass(frozen=True)
class GoalProgress:
    """One goal with its measurements, how far it is, and the figure before and after going live."""

    goal: BusinessGoal
    measurements: tuple[GoalMeasurement, ...]
    current: Decimal | None
    attainment: Decimal | None
    before_after: rules.BeforeAfter
    is_lower_better: bool
    is_overdue: bool
    digits: int


def decimals_needed(values: Iterable[Decimal]) -> int:
    """Say with how many decimals all of some values are written exactly.

    >>> decimals_needed([Decimal("10.0000"), Decimal("2.5000")]), decimals_needed([])
    (1, 0)
    """
    return max((max(-int(value.normalize().as_tuple().exponent), 0) for value in values), default=0)


def goal_progress(account: Account, on: dt.date) -> list[GoalProgress]:
    """Read the goals of an account with their measurements up to a day, in two queries."""
    goals = BusinessGoal.objects.filter(account=account).prefetch_related("measurements")
    return [_progress(goal, account.live_on, on) for goal in goals]


def _progress(goal: BusinessGoal, live_on: dt.date | None, on: dt.date) -> GoalProgress:
    measured = tuple(sorted((row for row in goal.measurements.all() if row.on <= on), key=lambda row: row.on))
    current = measured[-1].value if measured else None
    share = rules.attainment(goal.baseline, current, goal.target)
    return GoalProgress(
        goal=goal,
        measurements=measured,
        current=current,
        attainment=share,
        before_after=rules.before_after(goal.baseline, [(row.on, row.value) for row in measured], live_on),
        is_lower_better=rules.is_lower_better(goal.baseline, goal.target),
        is_overdue=goal.due_on is not None and goal.due_on < on and (share is None or share < 1),
        digits=decimals_needed([goal.baseline, goal.target, *(row.value for row in measured)]),
    )
