"""How is a process kept running, and ended with all it started? Standard library only, for `run.py`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

GRACE_SECONDS = 10.0


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask Linux to signal this process when its parent dies, even by kill -9; elsewhere Ctrl-C has to do."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, number)


class Child:
    """One process that is to be there as long as we are."""

    LONGEST_PAUSE = 30.0
    HEALTHY_AFTER = 60.0

    def __init__(self, name: str, command: list[str], folder: Path, env: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.folder = folder
        self.env = env
        self.process: subprocess.Popen[bytes] | None = None
        self.pause = 1.0
        self.start_at = 0.0
        self.started_at = 0.0

    def keep_running(self, report: Callable[[str], None]) -> None:
        """Start it when it is not there; when it died, after a pause that doubles each time."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self._start(now)
        elif self.process.poll() is not None:
            self._plan_restart(now, report)

    def _start(self, now: float) -> None:
        self.started_at = now
        # A group of its own: Ctrl-C reaches us alone, and we can reach everything it starts.
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, env=self.env, start_new_session=True, preexec_fn=end_with_parent
        )

    def _plan_restart(self, now: float, report: Callable[[str], None]) -> None:
        assert self.process is not None  # noqa: S101 (for the type checker)
        if now - self.started_at > self.HEALTHY_AFTER:
            self.pause = 1.0
        report(f"The {self.name} ended with code {self.process.returncode}; it starts again in {self.pause:.0f} s.")
        # What it left behind may still hold its port.
        self.signal(signal.SIGKILL)
        self.process, self.start_at = None, now + self.pause
        self.pause = min(self.pause * 2, self.LONGEST_PAUSE)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to everything it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def stop(self, deadline: float) -> None:
        """Wait for it until the deadline, then end whatever is left of its group."""
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, deadline - time.monotonic()))
            self.signal(signal.SIGKILL)
            self.process.wait()


def supervise(children: list[Child], report: Callable[[str], None], announce: Callable[[], bool]) -> None:
    """Keep the children running until Ctrl-C or SIGTERM, then stop them all; announce until that says it is done."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    announced = False
    try:
        while not stopping.wait(0.2):
            for child in children:
                child.keep_running(report)
            announced = announced or announce()
    finally:
        report("Stopping …")
        stop_all(children)


def stop_all(children: list[Child]) -> None:
    """Ask every child to end, and after the grace end it."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        child.stop(deadline)
