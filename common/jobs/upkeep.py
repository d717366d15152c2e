"""What keeps the outbox moving: dead workers, lost hints, old rows, and is anyone working at all?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max, Q

from common.jobs.outbox import hint
from common.models import Job

HEARTBEAT = "common.heartbeat"
# A heartbeat runs each minute; without one for this long the banner says that background work is paused.
PAUSED_AFTER = dt.timedelta(minutes=3)
RESEND_AFTER = dt.timedelta(seconds=15)
RESEND_AGAIN_AFTER = dt.timedelta(seconds=60)
KEEP_DONE = dt.timedelta(days=30)
KEEP_HEARTBEATS = 60
KEEP_SCHEDULED = 100


def reclaim(at: dt.datetime) -> int:
    """Queue the jobs of dead workers again; a job whose worker still holds its lock is passed over."""
    with transaction.atomic():
        dead = list(Job.objects.select_for_update(skip_locked=True).abandoned(at).values_list("pk", flat=True)[:500])
        return Job.objects.filter(pk__in=dead).update(
            state=Job.State.QUEUED, lease_until=None, last_error="The worker stopped while doing this."
        )


def sweep(at: dt.datetime, limit: int = 1000) -> int:
    """Send the broker again what it should have had done by now; return how many hints it took."""
    late = Job.objects.due(at).filter(
        Q(hinted_at=None) | Q(hinted_at__lt=at - RESEND_AGAIN_AFTER), created_at__lte=at - RESEND_AFTER
    )
    ids = list(late.values_list("pk", flat=True)[:limit])
    sent = hint(ids)
    Job.objects.filter(pk__in=ids[:sent]).update(hinted_at=at)
    return sent


def purge(at: dt.datetime) -> int:
    """Delete done jobs that nobody needs.

    Rows of the schedule are kept by number, not by age: they stop a period from running twice when the clock is set
    back.
    """
    done = Job.objects.filter(state=Job.State.DONE)
    count, _ = done.filter(once=None, finished_at__lt=at - KEEP_DONE).delete()
    for name in list(done.exclude(once=None).order_by().values_list("task", flat=True).distinct()):
        rows = done.filter(task=name).exclude(once=None).order_by("-pk")
        keep = KEEP_HEARTBEATS if name == HEARTBEAT else KEEP_SCHEDULED
        last = rows.values_list("pk", flat=True)[keep - 1 : keep].first()
        if last is not None:
            count += rows.filter(pk__lt=last).delete()[0]
    return count


def is_working(at: dt.datetime) -> bool:
    """Say whether background work is being done: a heartbeat went the whole way not long ago."""
    return Job.objects.filter(task=HEARTBEAT, finished_at__gte=at - PAUSED_AFTER).exists()


def clock_moved_back(at: dt.datetime) -> bool:
    """Say whether the clock shows an earlier time than the last heartbeat did: admins are warned."""
    last = Job.objects.filter(task=HEARTBEAT).aggregate(last=Max("finished_at"))["last"]
    return last is not None and last > at + dt.timedelta(minutes=5)
