"""Does each cause start one run when two schedulers and two workers judge it at once and are killed while they do?

Run as a program: it makes a database of its own with a book of accounts that a rule warns of, starts real processes
(with a broker: two dispatchers and two Celery workers; without one: two workers that are schedulers too), kills them
with SIGKILL while they start runs, lets the last ones finish, and prints the count of what went wrong.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
from django.conf import settings
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Account  # noqa: E402
from common import jobs  # noqa: E402
from common.models import Job, JobQuerySet  # noqa: E402
from health.models import EarlyWarning, WarningRule  # noqa: E402
from playbooks.models import Run, Task, TriggerFiring  # noqa: E402
from tests.factories import make_playbook, make_step  # noqa: E402

ACCOUNTS = 1_500
STEPS = 3
ROUNDS = 3


def make_book() -> None:
    """Write accounts, a warning of each, and a playbook that a warning starts."""
    at = timezone.now()
    made = Account.objects.bulk_create(
        [
            Account(name=f"Account {number}", external_id=f"K-{number}", tier="elephant", created_at=at, updated_at=at)
            for number in range(ACCOUNTS)
        ],
        batch_size=500,
    )
    rule = WarningRule.objects.get(key="silent_7d")
    EarlyWarning.objects.bulk_create(
        [EarlyWarning(account=one, rule=rule, opened_on=at.date(), last_seen_on=at.date()) for one in made],
        batch_size=500,
    )
    make_playbook(
        *(make_step(f"step_{number}", offset=number) for number in range(STEPS)),
        triggers=[{"kind": "warning", "keys": ["silent_7d"]}],
        limits={"hold_above": 1_000_000},
    )
    # Rules would close the warnings: these accounts have no facts. Only triggers are judged here.
    WarningRule.objects.update(is_enabled=False)


def processes(environment: dict[str, str]) -> list[subprocess.Popen[bytes]]:
    """Start two schedulers and two workers."""
    work = [sys.executable, "manage.py", "work", "--poll", "0.05"]
    celery = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "ERROR"]
    commands = [work, work] if settings.EMBEDDED_BROKER else [[*work, "--dispatch-only"]] * 2 + [celery] * 2
    return [
        subprocess.Popen(
            command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]


def ask() -> None:
    """Ask for the same judgement four times, under keys that do not fold, so that workers do it side by side."""
    for number in range(4):
        jobs.enqueue("playbooks.evaluate_triggers", key=f"asked:{number}")


def is_judging() -> bool:
    """Say whether a worker that lives has a judgement in hand."""
    return judgements().filter(state=Job.State.RUNNING, lease_until__gt=timezone.now()).exists()


def judgements() -> JobQuerySet:
    """The jobs that judge triggers."""
    return Job.objects.filter(task="playbooks.evaluate_triggers")


def kill(running: list[subprocess.Popen[bytes]]) -> int:
    """Kill processes, and let others take over what they had in hand as if its time had run out."""
    for one in running:
        one.send_signal(signal.SIGKILL)
        one.wait()
    long_ago = timezone.now() - dt.timedelta(hours=1)
    return Job.objects.filter(state=Job.State.RUNNING).update(lease_until=long_ago)


def main() -> dict[str, Any]:
    """Kill workers at work, let the last finish, and count."""
    make_book()
    # Celery's command takes BROKER_URL from the environment before it asks the settings, which name a Redis database of
    # this test process alone.
    environment = {**os.environ, "DATABASE_URL": own_url(), "BROKER_URL": settings.BROKER_URL}
    kills = interrupted = halfway = 0
    for _ in range(ROUNDS):
        ask()
        running = processes(environment)
        # Not until runs are seen: they are, when the job has committed and there is nothing left to interrupt.
        wait_until(is_judging, 60)
        time.sleep(random.uniform(0, 0.3))
        kills += len(running)
        interrupted += kill(running)
        halfway += 0 < Run.objects.count() < ACCOUNTS
    ask()
    running = processes(environment)
    wait_until(lambda: not judgements().unfinished().exists(), 200)
    for one in running:
        one.kill()
        one.wait()
    runs = Run.objects.annotate(steps=Count("tasks"))
    started = TriggerFiring.objects.filter(result="started")
    return {
        "accounts": ACCOUNTS,
        "kills": kills,
        "interrupted": interrupted,
        "rounds_killed_halfway": halfway,
        "runs": Run.objects.count(),
        "accounts_with_a_run": Run.objects.values("account").distinct().count(),
        "runs_without_all_tasks": runs.exclude(steps=STEPS).count(),
        "tasks": Task.objects.count(),
        "firings": started.count(),
        "firings_without_run": started.filter(run=None).count(),
        "repeats": TriggerFiring.objects.exclude(result="started").count(),
    }


def wait_until(is_so: Any, seconds: float) -> None:
    """Look again and again, for so long."""
    stop_at = time.monotonic() + seconds
    while time.monotonic() < stop_at and not is_so():
        time.sleep(0.02)


def own_url() -> str:
    """The address of the database of this program, for its processes."""
    url = os.environ["DATABASE_URL"]
    if connection.vendor != "postgresql":
        return url
    return urlunsplit(urlsplit(url)._replace(path="/" + connection.settings_dict["NAME"]))


def with_own_database() -> dict[str, Any]:
    """Do it in an empty database beside the configured one, with all tables."""
    name, before = f"mainstay_starts_{os.getpid()}", settings.DATABASES["default"]["NAME"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"create database {name}")
        connection.close()
        connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        return main()
    finally:
        connection.close()
        if connection.vendor == "postgresql":
            connection.settings_dict["NAME"] = before
            with connection.cursor() as cursor:
                cursor.execute(f"drop database {name} with (force)")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(with_own_database()) + "\n")
