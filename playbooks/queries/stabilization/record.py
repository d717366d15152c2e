"""Of the plans that were ended, which verdicts did the renewal bear out?"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from playbooks.models import StabilizationPlan
from playbooks.rules.stabilization import right_share

State = StabilizationPlan.State


@dataclass(frozen=True)
class Record:
    """What became of the plans that a person sees."""

    stabilized: int
    failed: int
    right: int
    judged: int
    overridden: int


def record_of(user: User) -> Record:
    """Count the verdicts and those that were right, among the plans that a person sees."""
    ended = StabilizationPlan.objects.visible_to(user).exclude(state__in=StabilizationPlan.OPEN).order_by()
    rows = list(ended.values_list("state", "renewal_result", "override_reason"))
    right, judged = right_share([(state, result) for state, result, _reason in rows])
    return Record(
        stabilized=sum(state == State.STABILIZED for state, _result, _reason in rows),
        failed=sum(state == State.FAILED for state, _result, _reason in rows),
        right=right,
        judged=judged,
        overridden=sum(bool(reason) for _state, _result, reason in rows),
    )
