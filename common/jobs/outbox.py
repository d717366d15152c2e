"""How is background work asked for?"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.errors import Refused
from common.models import Job

log = logging.getLogger(__name__)


def enqueue(
    task: str,
    *,
    key: str | None = None,
    once: str | None = None,
    run_after: dt.datetime | None = None,
    owner_id: int | None = None,
    **kwargs: Any,
) -> Job:
    """Write a job in the caller's transaction, so that it exists if and only if its cause does.

    key: waiting jobs with this task and key are one piece of work, so a burst of facts gives one run. A job that runs
    already does not count: it may have read the facts before they changed. once: there is never a second job with this
    value, not even after the first is done.
    """
    with transaction.atomic():
        if once is not None:
            wanted = Job(task=task, kwargs=kwargs, key=key or "", once=once, run_after=run_after, owner_id=owner_id)
            Job.objects.bulk_create([wanted], ignore_conflicts=True)
            job = Job.objects.get(once=once)
        else:
            waiting = _waiting(task, key, run_after) if key else None
            job = waiting or Job.objects.create(
                task=task, kwargs=kwargs, key=key or "", run_after=run_after, owner_id=owner_id
            )
        _hint_on_commit([job])
    return job


def enqueue_many(task: str, work: Iterable[tuple[str, Mapping[str, Any]]], *, owner_id: int | None = None) -> int:
    """Write many jobs of one task, given as (key, arguments), in two statements; return how many were new."""
    wanted = dict(work)
    with transaction.atomic():
        waiting = set(
            _unclaimed(task).filter(run_after=None, key__in=list(wanted)).values_list("key", flat=True)
            if len(wanted) <= 500
            else _unclaimed(task).filter(run_after=None).values_list("key", flat=True)
        )
        jobs = Job.objects.bulk_create(
            [
                Job(task=task, key=key, kwargs=dict(kwargs), owner_id=owner_id)
                for key, kwargs in wanted.items()
                if key not in waiting
            ],
            batch_size=500,
        )
        _hint_on_commit(jobs)
    return len(jobs)


def retry(job: Job) -> Job:
    """Queue a parked job again, with all its attempts."""
    changed = (
        Job.objects.parked()
        .filter(pk=job.pk)
        .update(state=Job.State.QUEUED, attempts=0, run_after=None, finished_at=None, started_at=None, hinted_at=None)
    )
    if not changed:
        raise Refused(_("This job is not parked, so there is nothing to retry."))
    job.refresh_from_db()
    _hint_on_commit([job])
    return job


def _unclaimed(task: str) -> Any:
    """Fresh waiting jobs of a task, locked until the caller commits.

    The lock keeps a worker from starting such a job before the caller's facts can be seen. A job that a worker or
    another request holds is passed over: the caller then writes a second row, and whoever claims one folds the other.
    So requests never wait for each other here, as they would with a unique constraint.
    """
    return Job.objects.select_for_update(skip_locked=True).queued().filter(task=task, attempts=0)


def _waiting(task: str, key: str, run_after: dt.datetime | None) -> Job | None:
    """Find a fresh waiting job for the same work that starts no later than asked."""
    soon_enough = Q(run_after=None)
    if run_after is not None:
        soon_enough |= Q(run_after__lte=run_after)
    found: Job | None = _unclaimed(task).filter(soon_enough, key=key).order_by("pk").first()
    return found


def _hint_on_commit(jobs: list[Job]) -> None:
    """Tell the workers after the commit; where no broker is, the one worker looks by itself."""
    ids = [job.pk for job in jobs if job.run_after is None and job.state == Job.State.QUEUED]
    if ids and not settings.EMBEDDED_BROKER:
        transaction.on_commit(lambda: hint(ids), robust=True)


def hint(ids: Iterable[int]) -> int:
    """Send the ids of jobs to the broker; return how many it took. A broker that is away loses nothing."""
    sent = 0
    try:
        for job_id in ids:
            current_app.send_task("common.run_job", args=[job_id], retry=False)
            sent += 1
    except Exception as error:  # noqa: BLE001  whatever the broker's client raises, the sweeper sends again
        log.warning("The broker took no hint (%s); the sweeper will send it again.", error)
    return sent
