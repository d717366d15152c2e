"""Does a cause start one run, judged by two workers at once, killed at any moment, asked for by two schedulers?"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from common import schedule
from common.models import Job
from health.models import EarlyWarning, WarningRule
from playbooks import actions
from playbooks.actions import triggers
from playbooks.actions.starting import Starter
from playbooks.models import Run, TriggerFiring
from playbooks.queries.judging import dry_run
from tests.factories import AT, make_account, make_playbook, make_step

ON = AT.date()


def make_warned(count: int) -> None:
    make_playbook(make_step("a"), make_step("b"), triggers=[{"kind": "warning"}])
    rule = WarningRule.objects.get_or_create(key="silent_7d", defaults={"name": "Silent", "definition": {}})[0]
    for _ in range(count):
        EarlyWarning.objects.create(account=make_account(), rule=rule, opened_on=ON, last_seen_on=ON)


@pytest.mark.django_db
def test_two_schedulers_ask_once() -> None:
    assert schedule.tick(AT) > 0
    assert schedule.tick(AT) == 0
    assert Job.objects.filter(task="playbooks.evaluate_triggers").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time anyway")
def test_two_workers_at_once_start_one_run_each() -> None:
    make_warned(30)
    gate, failed = threading.Barrier(3), []

    def work() -> None:
        try:
            gate.wait()
            actions.evaluate_triggers(on=ON, at=AT)
        except Exception as error:  # noqa: BLE001  a thread's error would be lost otherwise
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Run.objects.count() == Run.objects.values("account").distinct().count() == 30
    assert TriggerFiring.objects.filter(result="started").count() == 30
    assert TriggerFiring.objects.count() == 30


@pytest.mark.django_db
def test_a_worker_that_judged_before_another_wrote_starts_nothing_again() -> None:
    """What was judged without a lock is looked at again under it."""
    make_warned(3)
    version = make_playbook(triggers=[{"kind": "warning"}]).versions.get()
    judged = dry_run(version, ON).judged
    actions.evaluate_triggers(on=ON, at=AT)
    before = Run.objects.count()
    counts = triggers._start(Starter(version, on=ON, at=AT, by=None), judged)
    assert not counts
    assert Run.objects.count() == before


@pytest.mark.django_db
def test_an_evaluation_that_fails_leaves_no_half_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    make_warned(2)
    monkeypatch.setattr("playbooks.actions.starting.tell_runs", lambda *_args, **_values: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.evaluate_triggers(on=ON, at=AT)
    assert not Run.objects.exists()
    monkeypatch.undo()
    actions.evaluate_triggers(on=ON, at=AT)
    assert Run.objects.count() == 2


@pytest.mark.slow
def test_each_cause_starts_one_run_when_workers_and_schedulers_are_killed(tmp_path: Path) -> None:
    url = os.environ.get("DATABASE_URL", "")
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    if not url.startswith("postgres"):
        environment |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'starts.sqlite3'}", "BROKER_URL": "memory://"}
    harness = subprocess.Popen(
        [sys.executable, "-m", "tests.playbooks.kill_harness"], cwd=Path(settings.BASE_DIR), env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        out, errors = harness.communicate(timeout=570)
    finally:
        # Nothing that it started outlives it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(harness.pid, signal.SIGKILL)
    assert harness.returncode == 0, errors[-3000:]
    found = json.loads(out.splitlines()[-1])
    accounts = found["accounts"]
    assert (found["runs"], found["accounts_with_a_run"], found["firings"]) == (accounts, accounts, accounts), found
    assert (found["runs_without_all_tasks"], found["firings_without_run"], found["repeats"]) == (0, 0, 0), found
    assert found["interrupted"] > 0, "the kills hit nothing"
