"""Do the background work: run what is due, watch the clock, take over from dead workers."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from common import jobs, schedule
from common.jobs.running import deadlines, stopping

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Two of these at once do no harm: each row is claimed by one."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how this process works."""
        parser.add_argument(
            "--dispatch-only",
            action="store_true",
            help="Only watch the clock and send hints to the broker; Celery workers do the jobs.",
        )
        parser.add_argument("--once", action="store_true", help="Do what is due now, then stop.")
        parser.add_argument("--poll", type=float, default=0.3, help="Seconds between two looks at the outbox.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop."""
        if options["dispatch_only"] and settings.EMBEDDED_BROKER:
            self.stderr.write("BROKER_URL is not set, so nobody would do the jobs. Leave --dispatch-only out.")
            raise SystemExit(2)
        stopping.clear()
        if options["once"]:
            schedule.tick(timezone.now())
            while jobs.run_due(timezone.now()):
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        log.info("Background work starts.")
        clock = Clock(dispatch=options["dispatch_only"])
        if options["dispatch_only"]:
            loop(clock.look, pause=1)
        else:
            threading.Thread(target=watch_deadlines, daemon=True).start()
            long_lane = threading.Thread(target=loop, args=[lambda: jobs.run_due(timezone.now(), long=True, limit=1)])
            long_lane.daemon = True
            long_lane.start()
            loop(lambda: clock.look() + jobs.run_due(timezone.now(), long=False, limit=20), pause=options["poll"])
            long_lane.join(timeout=10)
        log.info("Background work stops.")


class Clock:
    """What happens by the clock: the schedule each minute, dead workers each five seconds, hints each fifteen."""

    def __init__(self, *, dispatch: bool) -> None:
        self.dispatch = dispatch
        self.next: dict[str, float] = {}

    def look(self) -> int:
        """Do what is due by the clock; return how much that was."""
        at = timezone.now()
        count = 0
        if self._every("minute", 60):
            count += schedule.tick(at)
            # Begin the next minute with the next tick, wherever in a minute the process started.
            self.next["minute"] = time.monotonic() + 60 - at.second - at.microsecond / 1e6
        if self._every("reclaim", 5):
            count += jobs.reclaim(at)
        if self.dispatch and self._every("sweep", 15):
            count += jobs.sweep(at)
        return count

    def _every(self, name: str, seconds: float) -> bool:
        """Say whether something is due, by a clock that never jumps."""
        now = time.monotonic()
        if now < self.next.get(name, 0):
            return False
        self.next[name] = now + seconds
        return True


def loop(step: Callable[[], int], pause: float = 1.0) -> None:
    """Repeat a step until told to stop: at once while there is work, else after a pause; outlive a lost database."""
    while not stopping.is_set():
        try:
            close_old_connections()
            busy = step()
        except (DatabaseError, InterfaceError) as error:
            log.warning("The database did not answer (%s); trying again.", error)
            connection.close()
            busy = 0
            stopping.wait(1)
        if not busy:
            stopping.wait(pause)
    connection.close()


def watch_deadlines() -> None:
    """End the process when a job overran even its hard limit; its supervisor starts a new one, the job counts a try."""
    while True:
        time.sleep(1)
        if any(time.monotonic() > deadline for deadline in list(deadlines.values())):
            log.error("A job overran its hard time limit; this worker ends.")
            os._exit(70)
