"""Does kill -9 at any moment lose a job, do half of one, or do one twice?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

KILLS = os.environ.get("KILLS", "40")
SECONDS = os.environ.get("KILL_SECONDS", "12")


@pytest.mark.slow
def test_no_job_is_lost_half_done_or_done_twice_when_workers_are_killed(tmp_path):
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        url = f"sqlite:///{tmp_path / 'kill.sqlite3'}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.common.kill_harness", KILLS, SECONDS],
        cwd=Path(settings.BASE_DIR),
        env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(tmp_path), "BROKER_URL": "memory://"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["lost"], found["half"], found["twice"], found["not_done"]) == (0, 0, 0, 0), found
    assert found["kills"] >= 10
    assert found["taken_over"] > 0, "the kills hit nothing"
