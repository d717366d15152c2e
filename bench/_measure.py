"""How are a product and its floor timed on a machine that is never quiet? In turn, and only their ratio counts."""

from __future__ import annotations

import gc
import math
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.models import Account

Work = Callable[[], Any]


def timed(work: Work) -> float:
    """Seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(candidates: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Time candidates round robin, so that whatever else the machine does falls on all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, work in candidates.items():
            gc.collect()  # nobody pays for another's rubbish
            seconds[name].append(timed(work))
    return seconds


def ratio(seconds: Sequence[float], floor: Sequence[float]) -> float:
    """The median over the rounds of candidate against floor."""
    return statistics.median(a / b for a, b in zip(seconds, floor, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the others lies, by nearest rank.

    >>> percentile([4, 1, 3, 2], 0.5), percentile([4, 1, 3, 2], 0.95)
    (2, 4)
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def most_memory() -> int:
    """The most memory that this program has held, in MB, without what its starter held where the system tells."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def load() -> str:
    """How busy the machine is with everything, for whoever reads the figures."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def on_empty_database() -> None:
    """Make the tables; refuse a database in which somebody keeps accounts."""
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    if Account.objects.exists():
        sys.exit("The benchmark needs an empty database of its own.")
