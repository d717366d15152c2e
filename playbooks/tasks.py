"""What is done about playbooks in the background, and when?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from common.jobs import task
from playbooks.actions.stabilization import follow_plans


def _now() -> tuple[dt.date, dt.datetime]:
    at = timezone.now()
    return Organisation.load().day_of(at), at


@task("playbooks.follow_plans", daily_at="03:10")
def follow_stabilization_plans() -> dict[str, int]:
    """Measure the stabilization plans, say which verdicts are due, set old ones beside the renewals."""
    on, at = _now()
    done = follow_plans(on=on, at=at)
    return {"measured": done.measured, "announced": done.announced, "compared": done.compared}
