"""Which tasks are there, and how may each of them run?"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.module_loading import autodiscover_modules

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Task:
    """One kind of background work.

    atomic: effect and done-mark share one transaction, so the effect is applied exactly once. Keep such a task to
    seconds: on SQLite nobody else writes meanwhile. A task that is not atomic runs for long in a lane of its own,
    commits as it goes, must be able to start over, and gives a sign of life (`job.progress`) within `lease` seconds.
    """

    name: str
    function: Callable[..., Any]
    atomic: bool
    limit: int
    lease: int
    daily_at: dt.time | None
    every: dt.timedelta | None
    takes_job: bool


_tasks: dict[str, Task] = {}


def task(
    name: str,
    *,
    atomic: bool = True,
    limit: int | None = None,
    lease: int = 120,
    daily_at: str | None = None,
    every: dt.timedelta | None = None,
) -> Callable[[Function], Function]:
    """Register a function of an app's `tasks.py` under a name; `daily_at` (UTC) or `every` puts it on the schedule.

    The function gets the keyword arguments of `enqueue`, as JSON gives them back, and the running job first if its
    first parameter is called `job`. What it returns is kept as the job's result.
    """
    time = dt.time.fromisoformat(daily_at) if daily_at else None
    if time and time.hour == 23:
        raise ValueError(f"{name}: nothing is scheduled between 23:00 and 24:00 UTC")
    if every and not dt.timedelta(minutes=1) <= every <= dt.timedelta(days=1):
        raise ValueError(f"{name}: repeat every minute at most, every day at least")

    def register(function: Function) -> Function:
        known = _tasks.get(name)
        if known and known.function.__module__ != function.__module__:
            raise ValueError(f"{name} is registered twice: {known.function.__module__}, {function.__module__}")
        parameters = list(inspect.signature(function).parameters)
        _tasks[name] = Task(
            name=name,
            function=function,
            atomic=atomic,
            limit=limit or (300 if atomic else 3600),
            lease=lease,
            daily_at=time,
            every=every,
            takes_job=parameters[:1] == ["job"],
        )
        return function

    return register


@functools.cache
def autodiscover() -> None:
    """Import every app's `tasks.py`, once."""
    autodiscover_modules("tasks")


def find(name: str) -> Task | None:
    """Look a task up by name."""
    if name not in _tasks:
        autodiscover()
    return _tasks.get(name)


def names() -> list[str]:
    """The names of all tasks, sorted."""
    autodiscover()
    return sorted(_tasks)


def all_tasks() -> list[Task]:
    """All tasks, sorted by name."""
    return [_tasks[name] for name in names()]


def long_names() -> list[str]:
    """The names of the tasks that run for long, in a lane of their own."""
    return [task.name for task in all_tasks() if not task.atomic]
