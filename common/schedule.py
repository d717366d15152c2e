"""What is due by the clock, exactly once a period, in UTC?"""

from __future__ import annotations

import datetime as dt

from common.jobs import enqueue
from common.jobs.registry import Task, all_tasks
from common.models import Job


def period_of(task: Task, at: dt.datetime) -> str | None:
    """Name the latest period of a task that has begun by an instant; None if the task is not on the schedule.

    A daily task whose hour has not come yet is in yesterday's period: a worker that was down at that hour catches up,
    by one run and no more.
    """
    at = at.astimezone(dt.UTC)
    if task.daily_at is not None:
        day = at.date() if at.time() >= task.daily_at else at.date() - dt.timedelta(days=1)
        return day.isoformat()
    if task.every is not None:
        length = int(task.every.total_seconds())
        start = int(at.timestamp()) // length * length
        return dt.datetime.fromtimestamp(start, dt.UTC).strftime("%Y-%m-%dT%H:%MZ")
    return None


def tick(at: dt.datetime) -> int:
    """Write the jobs that are due; return how many were new. A second scheduler, or a clock that jumps, adds none."""
    due = {}
    for task in all_tasks():
        period = period_of(task, at)
        if period is not None:
            due[f"{task.name}@{period}"] = task.name
    known = set(Job.objects.filter(once__in=list(due)).values_list("once", flat=True))
    for once, name in due.items():
        if once not in known:
            enqueue(name, once=once)
    return len(due) - len(known)
