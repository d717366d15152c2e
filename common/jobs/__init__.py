"""How does work get done after a request has answered: none lost, none half done, none twice?

Every side effect starts as a row in the outbox, written in the transaction of its cause. A worker claims a row, applies
the effect and marks the row done in one transaction. A broker, where there is one, only carries hints.
"""

from common.jobs.outbox import enqueue, enqueue_many, retry
from common.jobs.registry import Task, autodiscover, find, names, task
from common.jobs.running import Interrupted, Running, TimeLimitExceeded, run, run_due
from common.jobs.upkeep import clock_moved_back, is_working, purge, reclaim, sweep

__all__ = [
    "Interrupted",
    "Running",
    "Task",
    "TimeLimitExceeded",
    "autodiscover",
    "clock_moved_back",
    "enqueue",
    "enqueue_many",
    "find",
    "is_working",
    "names",
    "purge",
    "reclaim",
    "retry",
    "run",
    "run_due",
    "sweep",
    "task",
]
