"""Which jobs keep the background work itself going?"""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from common import jobs
from common.jobs.upkeep import HEARTBEAT


@shared_task(name="common.run_job")
def run_job(job_id: int) -> None:
    """Do one job of the outbox; a hint that comes twice, or for a job that is done, changes nothing."""
    jobs.run(job_id, timezone.now())


@jobs.task(HEARTBEAT, every=dt.timedelta(minutes=1))
def heartbeat() -> None:
    """Show that a job goes the whole way from the schedule through the broker to a worker."""


@jobs.task("common.purge_jobs", daily_at="03:40")
def purge_jobs() -> dict[str, int]:
    """Delete done jobs that nobody needs any more."""
    return {"deleted": jobs.purge(timezone.now())}
