"""Is a process that died started again, and is nothing left when we stop?"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import sys
from pathlib import Path
from common.processes import Child, supervise
child = [sys.executable, "-c", sys.argv[1], sys.argv[2]]
supervise([Child("child", child, Path.cwd(), {})], lambda text: print(text, flush=True), lambda: True)
"""
# Starts a process of its own that would live on, and notes both.
CHILD = """
import os, subprocess, sys, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
other = subprocess.Popen([sys.executable, "-c", deaf])
with open(sys.argv[1], "a") as notes:
    notes.write(f"{os.getpid()} {other.pid}\\n")
time.sleep(60)
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def supervisor(notes: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SUPERVISOR, CHILD, str(notes)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    for pid in pids(notes):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()


def pids(notes: Path) -> list[int]:
    return [int(pid) for pid in notes.read_text().split()] if notes.exists() else []


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_stopping_leaves_nothing_behind(supervisor: subprocess.Popen[str], notes: Path) -> None:
    assert eventually(lambda: len(pids(notes)) == 2)

    supervisor.send_signal(signal.SIGTERM)

    assert supervisor.wait(20) == 0
    assert eventually(lambda: not any(map(is_alive, pids(notes))))


def test_what_dies_is_started_again_and_its_leftovers_are_ended(supervisor: subprocess.Popen[str], notes: Path) -> None:
    assert eventually(lambda: len(pids(notes)) == 2)
    child, leftover = pids(notes)

    os.kill(child, signal.SIGKILL)

    assert eventually(lambda: len(pids(notes)) == 4)
    assert not is_alive(leftover)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_supervisor_killed_outright_takes_its_child_along(supervisor: subprocess.Popen[str], notes: Path) -> None:
    assert eventually(lambda: len(pids(notes)) == 2)

    supervisor.kill()

    assert eventually(lambda: not is_alive(pids(notes)[0]))
