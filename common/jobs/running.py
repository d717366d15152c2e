"""How does one job run, once, whatever dies meanwhile?"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.errors import Refused
from common.jobs.registry import Task, find, long_names
from common.models import Job

log = logging.getLogger(__name__)

ATTEMPTS = 5
# Waiting time before the second, third, … attempt.
DELAYS = [dt.timedelta(seconds=seconds) for seconds in (5, 30, 120, 600)]
# An atomic job is locked while it works; between its claim and its lock it gets this long.
GRACE = dt.timedelta(seconds=10)

# Set when the process was asked to stop: long jobs go back to the queue at their next sign of life.
stopping = threading.Event()
# When each thread's job has to be over, in monotonic seconds; the watchdog of `manage.py work` reads it.
deadlines: dict[int, float] = {}


class TimeLimitExceeded(Exception):
    """The job took longer than its task allows."""


class Interrupted(Exception):
    """The worker is stopping, so the job goes back to the queue."""


class Lost(Exception):
    """Another worker took the job over, because this one gave no sign of life."""


def _now() -> dt.datetime:
    """Read the clock: a lease begins and a job ends when it does, which only the runner knows."""
    return timezone.now()  # noqa: TID251


class Running:
    """The job in the hands of its task."""

    def __init__(self, job: Job, task: Task) -> None:
        self.id: int = job.pk
        self.owner_id: int | None = job.owner_id
        self.attempt: int = job.attempts
        self._job = job
        self._task = task
        self._deadline = time.monotonic() + task.limit
        self._told = 0.0

    def progress(self, done: int, total: int | None = None) -> None:
        """Give a sign of life and show how far the work is; cheap enough to call for every batch."""
        if self._task.atomic:
            return  # nobody could see it before the commit
        now = time.monotonic()
        if now > self._deadline:
            raise TimeLimitExceeded(f"took longer than {self._task.limit} seconds")
        if stopping.is_set():
            raise Interrupted
        if now - self._told < 0.5 and done != total:
            return
        self._told = now
        lease = _now() + dt.timedelta(seconds=self._task.lease)
        changes: dict[str, Any] = {"progress": done, "lease_until": lease}
        if total is not None:
            changes["total"] = total
        if not _mine(self._job).update(**changes):
            raise Lost


def run(job_id: int, at: dt.datetime) -> bool:
    """Run one job if it is due and nobody else has it; say whether it was ours."""
    job = _claim(job_id, at)
    if job is None:
        return False
    task = find(job.task)
    if task is None:
        _park(job, at, f"No task is called {job.task}.")
        return True
    # A worker that was killed could not count its attempt, so the claim did.
    if job.attempts > ATTEMPTS:
        _park(job, at, f"The worker stopped {ATTEMPTS} times while doing this.")
        return True
    deadlines[threading.get_ident()] = time.monotonic() + task.limit * 1.2 + 10
    try:
        _work(job, task)
    except Interrupted:
        _mine(job).update(state=Job.State.QUEUED, attempts=job.attempts - 1, lease_until=None)
    except Lost:
        log.warning("%s was taken over by another worker.", job)
    except Refused as refusal:
        _park(job, _now(), str(refusal))
    except Exception as error:
        log.exception("%s failed, attempt %s of %s.", job, job.attempts, ATTEMPTS)
        _fail(job, _now(), error)
    finally:
        deadlines.pop(threading.get_ident(), None)
    return True


def run_due(at: dt.datetime, *, long: bool | None = None, limit: int = 100) -> int:
    """Run the jobs that are due, oldest first; return how many were ours. `long` chooses one of the two lanes."""
    due = Job.objects.due(at)
    if long is not None:
        names = long_names()
        due = due.filter(task__in=names) if long else due.exclude(task__in=names)
    count = 0
    for job_id in list(due.values_list("pk", flat=True)[:limit]):
        if stopping.is_set():
            break
        count += run(job_id, at)
    return count


def _claim(job_id: int, at: dt.datetime) -> Job | None:
    """Take a job, in a transaction of its own: so an attempt counts even if the worker dies of it."""
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).due(at).filter(pk=job_id).first()
        if job is None:
            return None
        task = find(job.task)
        job.state = Job.State.RUNNING
        job.attempts += 1
        job.claim += 1
        job.started_at = _now()
        job.lease_until = job.started_at + (GRACE if task is None or task.atomic else dt.timedelta(seconds=task.lease))
        job.save(update_fields=["state", "attempts", "claim", "started_at", "lease_until"])
        if job.key:
            _fold(job, at)
    return job


def _fold(job: Job, at: dt.datetime) -> None:
    """End the other waiting jobs for the same work: this run does theirs as well."""
    others = Job.objects.select_for_update(skip_locked=True).due(at).filter(task=job.task, key=job.key, once=None)
    ids = list(others.exclude(pk=job.pk).values_list("pk", flat=True))
    if ids:
        Job.objects.filter(pk__in=ids).update(state=Job.State.DONE, finished_at=at, result={"done_by_job": job.pk})


def _work(job: Job, task: Task) -> None:
    """Apply the effect; for an atomic task together with the done-mark, under the lock of the row."""
    if not task.atomic:
        result = _call(job, task)
        if not _finish(job, result):
            raise Lost
        return
    with transaction.atomic():
        if _mine(job).select_for_update().first() is None:
            raise Lost
        result = _call(job, task)
        if not _finish(job, result):
            raise Lost


def _call(job: Job, task: Task) -> Any:
    """Call the task's function within its time limit."""
    with _time_limit(task.limit):
        if task.takes_job:
            return task.function(Running(job, task), **job.kwargs)
        return task.function(**job.kwargs)


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """Interrupt the work after some seconds. Only a main thread can be; others are asked at each sign of life."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise TimeLimitExceeded(f"took longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _mine(job: Job) -> Any:
    """The row, as long as this worker's claim is the last."""
    return Job.objects.filter(pk=job.pk, claim=job.claim, state=Job.State.RUNNING)


def _finish(job: Job, result: Any) -> bool:
    """Mark the job done if it is still this worker's."""
    changes: dict[str, Any] = {"state": Job.State.DONE, "finished_at": _now(), "last_error": ""}
    return bool(_mine(job).update(**changes, result=result, lease_until=None))


def _fail(job: Job, at: dt.datetime, error: Exception) -> None:
    """Queue the job again, later each time, or give it up after the last attempt."""
    words = f"{type(error).__name__}: {error}"[:1000].replace("\x00", "")
    if job.attempts >= ATTEMPTS:
        _park(job, at, words)
        return
    _mine(job).update(
        state=Job.State.QUEUED, last_error=words, run_after=at + DELAYS[job.attempts - 1], lease_until=None
    )


def _park(job: Job, at: dt.datetime, reason: str) -> None:
    """Give the job up, with the reason, until a person retries it."""
    _mine(job).update(state=Job.State.PARKED, last_error=reason, finished_at=at, lease_until=None)
