"""What do playbooks do in the background, and when?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from common.jobs import Running, task
from playbooks import actions
from playbooks.actions.stabilization import follow_plans
from playbooks.models import Run


def _now() -> tuple[dt.date, dt.datetime]:
    at = timezone.now()
    return Organisation.load().day_of(at), at


@task("playbooks.evaluate_triggers", atomic=False, lease=600)
def evaluate_triggers(
    job: Running, playbook_id: int | None = None, account_ids: list[int] | None = None, release: bool = False
) -> dict[str, int]:
    """Bring runs up to the organisation's day."""
    on, at = _now()
    runs = Run.objects.filter(state=Run.State.RUNNING)
    ended = actions.settle_runs(list(runs.values_list("pk", flat=True)), on=on, at=at)
    job.progress(1, 1)
    return {"ended": ended}


@task("playbooks.follow_plans", daily_at="03:10")
def follow_stabilization_plans() -> dict[str, int]:
    """Measure the stabilization plans, say which verdicts are due, set old ones beside the renewals."""
    on, at = _now()
    done = follow_plans(on=on, at=at)
    return {"measured": done.measured, "announced": done.announced, "compared": done.compared}
