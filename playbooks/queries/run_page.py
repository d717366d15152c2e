"""How far is a run, what has to be done for it, and what happened so far?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import TimelineEntry, User
from playbooks.models import Run, Task
from playbooks.rules.schedule import held_by
from playbooks.rules.steps import parse_step

# Of the tasks that wait themselves so many are named.
NAMED = 2
FINISHED = (Task.State.DONE, Task.State.SKIPPED, Task.State.CANCELLED)


@dataclass(frozen=True)
class RunPage:
    """One run with its tasks, what each waits for, and its history."""

    run: Run
    tasks: Sequence[Task]
    waits: Mapping[int, Sequence[str]]
    history: Sequence[TimelineEntry]

    @property
    def done(self) -> int:
        """How many tasks are over."""
        return sum(task.state in FINISHED for task in self.tasks)

    @property
    def share(self) -> float:
        """The share of the tasks that are over."""
        return self.done / len(self.tasks) if self.tasks else 0.0

    @property
    def next_task(self) -> Task | None:
        """What can be done next."""
        return next((task for task in self.tasks if task.state == Task.State.OPEN), None)


def run_page(run: Run, user: User) -> RunPage:
    """Read what the page of a run shows, in a handful of queries."""
    rows = run.tasks.select_related("assignee", "done_by").annotate(comments=Count("notes")).order_by("position", "pk")
    tasks = list(rows)
    history = TimelineEntry.objects.visible_to(user).filter(account=run.account_id, details__run=run.pk)
    return RunPage(run, tasks, waits_of(tasks), list(history.select_related("author").order_by("-at", "-pk")[:50]))


def waits_of(tasks: Sequence[Task]) -> dict[int, list[str]]:
    """Name for each waiting task the unfinished ones before which it cannot begin."""
    of_steps = [task for task in tasks if "key" in task.step]
    held = held_by([parse_step(task.step, task.step_key) for task in of_steps])
    by_key = {task.step_key: task for task in of_steps}
    found: dict[int, list[str]] = {}
    for task in of_steps:
        if task.state == Task.State.WAITING:
            holding = [by_key[key] for key in held[task.step_key] if key in by_key]
            holding = [one for one in holding if one.state in Task.UNFINISHED]
            # What can be done now says more than what waits itself.
            ready = [one for one in holding if one.state == Task.State.OPEN]
            found[task.pk] = [one.shown_title for one in ready or holding[:NAMED]]
    return found


def holding_up(task: Task) -> list[str]:
    """Name what has to be finished before one task can begin."""
    if task.run_id is None or task.state != Task.State.WAITING:
        return []
    return waits_of(list(Task.objects.filter(run=task.run_id).order_by("position", "pk"))).get(task.pk, [])


def with_progress(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Add to runs how many tasks they have, how many are over, and how many ask for somebody."""
    # Counted for each run that is shown: joined, the tasks of all runs would be counted before a page is cut off.
    tasks = Task.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(number=Count("pk"))
    return runs.annotate(
        task_count=Coalesce(Subquery(tasks.values("number")), 0),
        over_count=Coalesce(Subquery(tasks.filter(state__in=FINISHED).values("number")), 0),
    )
