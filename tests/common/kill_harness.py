"""What is left of many jobs whose workers are killed without warning?

Run as a program: it makes a database of its own, forks real workers, kills them with SIGKILL at random moments while
more work comes in, lets one last worker finish, and prints the count of what went wrong.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
import signal
import sys
import time
from collections import Counter

import django
from django.conf import settings
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from common import jobs  # noqa: E402
from common.jobs import running  # noqa: E402
from common.models import Job  # noqa: E402

BATCH = 40
# Shorter than in earnest, so that live workers lose their claims as well.
running.GRACE = dt.timedelta(milliseconds=400)


@jobs.task("tests.two_halves")
def two_halves(number: int) -> None:
    """Have an effect of two parts, with time to be killed between them."""
    write_half(number, 1)
    time.sleep(random.random() * 0.02)
    write_half(number, 2)


@jobs.task("tests.long_halves", atomic=False, lease=1)
def long_halves(job: jobs.Running, number: int) -> None:
    """Do the same in two transactions, each of which may find its part done."""
    for half in (1, 2):
        with transaction.atomic(), connection.cursor() as cursor:
            # Sees the lock of whoever does this job too.
            Job.objects.select_for_update().filter(pk=job.id).first()
            cursor.execute("select count(*) from effect where number = %s and half = %s", [number, half])
            if not cursor.fetchone()[0]:
                cursor.execute("insert into effect (number, half) values (%s, %s)", [number, half])
        time.sleep(random.random() * 0.02)
        job.progress(half, 2)


def write_half(number: int, half: int) -> None:
    """Write one part of an effect."""
    with connection.cursor() as cursor:
        cursor.execute("insert into effect (number, half) values (%s, %s)", [number, half])


def produce(first: int) -> int:
    """Ask for a batch of work, in one transaction."""
    with transaction.atomic():
        for number in range(first, first + BATCH):
            jobs.enqueue("tests.long_halves" if number % 4 == 0 else "tests.two_halves", number=number)
    return first + BATCH


def start_worker() -> int:
    """Fork a worker; it opens a connection of its own."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            call_command("work", poll=0.02)
        finally:
            os._exit(0)
    return pid


def wait_for_work(before: float) -> None:
    """Wait until a worker that lives has a job in hand."""
    at_work = Job.objects.filter(state=Job.State.RUNNING, task__startswith="tests.")
    while time.monotonic() < before and not at_work.filter(lease_until__gt=timezone.now()).exists():
        time.sleep(0.01)


def end(pid: int, number: int) -> None:
    """Send a signal and wait for the end."""
    os.kill(pid, number)
    os.waitpid(pid, 0)


def drain(deadline: float) -> Counter[str]:
    """Let a worker finish what is left, and retry what was given up, as an admin would; count those by reason."""
    parked: Counter[str] = Counter()
    worker = start_worker()
    while time.monotonic() < deadline:
        for job in Job.objects.parked():
            parked[job.last_error] += 1
            jobs.retry(job)
        if not Job.objects.unfinished().filter(task__startswith="tests.").exists():
            break
        time.sleep(0.2)
    end(worker, signal.SIGTERM)
    return parked


def main(kills: int, seconds: float) -> dict[str, object]:
    """Kill workers, then count."""
    with connection.cursor() as cursor:
        cursor.execute("create table effect (number integer not null, half integer not null)")
    number, killed, stop_at = 0, 0, time.monotonic() + seconds
    while killed < kills and time.monotonic() < stop_at:
        number = produce(number)
        workers = [start_worker(), start_worker()]
        # A busy machine starts a worker late: what does not work yet cannot be interrupted.
        wait_for_work(before=time.monotonic() + 5)
        time.sleep(random.uniform(0, 0.3))
        for worker in workers:
            end(worker, signal.SIGKILL)
            killed += 1
    parked = drain(time.monotonic() + 200)
    with connection.cursor() as cursor:
        cursor.execute("select number, half from effect")
        effects = Counter(map(tuple, cursor.fetchall()))
    halves = [(effects[one, 1], effects[one, 2]) for one in range(number)]
    mine = Job.objects.filter(task__startswith="tests.")
    return {
        "jobs": number,
        "kills": killed,
        "taken_over": mine.filter(claim__gt=1).count(),
        "parked": dict(parked),
        "lost": sum(pair == (0, 0) for pair in halves),
        "half": sum(min(pair) == 0 and max(pair) > 0 for pair in halves),
        "twice": sum(max(pair) > 1 for pair in halves),
        "not_done": mine.exclude(state="done").count(),
    }


@contextlib.contextmanager
def own_database():
    """Make an empty database beside the configured one, with the tables of the outbox."""
    name = f"mainstay_kill_{os.getpid()}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"create database {name}")
        connection.close()
        before = settings.DATABASES["default"]["NAME"]
        connection.settings_dict["NAME"] = name
    call_command("migrate", "common", verbosity=0)
    yield
    connection.close()
    if connection.vendor == "postgresql":
        connection.settings_dict["NAME"] = before
        with connection.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


if __name__ == "__main__":
    with own_database():
        sys.stdout.write(json.dumps(main(kills=int(sys.argv[1]), seconds=float(sys.argv[2]))) + "\n")
