"""Which playbooks have run for the demo's customers in the last months, and what is to be done now?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from accounts.models import Notification, Organisation, TimelineEntry, User
from accounts.rules.roles import Role
from common.errors import Refused
from common.periods import start_of_day
from playbooks.actions import (
    add_note,
    add_task,
    evaluate_triggers,
    follow_runs,
    pause_run,
    settle_runs,
    snooze_task,
    stop_run,
)
from playbooks.models import Playbook, Run, Task
from portfolio.demo.load import Plan

# What this company lets start by itself.
ENABLED = ("onboarding", "rescue", "renewal", "escalation", "sponsor_change")
WEEKS = 12
# Of the tasks that are due, so many are done in their week, and so many of them left out.
DONE, SKIPPED = 0.8, 0.05
RESULTS = (
    "Done as agreed; they were content.", "Two of three came. The third gets the minutes.", "",
    "They ask for a date in the autumn.", "Agreed with their head of operations.", "",
)  # fmt: skip
SAID = "Said in the call."
LEFT_OUT = "They know it already."
NOTES = ("Their numbers are in the review of March.", "Ask for the new site as well.", "Their lead is away this week.")
BY_HAND = ("Send the minutes of the review", "Ask for a date with the new head", "Check the seats before the invoice")


def run_playbooks(plan: Plan) -> None:
    """Let playbooks start week by week, do most of their tasks in time, and leave the rest for today."""
    Playbook.objects.filter(key__in=ENABLED, versions__isnull=False).update(is_enabled=True)
    rng = np.random.default_rng([plan.seed, 10**8])
    for back in range(WEEKS, -1, -1):
        on = plan.on - dt.timedelta(weeks=back)
        at = _noon(on, plan)
        follow_runs(on=on, at=at)
        evaluate_triggers(on=on, at=at)
        if back:
            _work(on, at, rng)
    _leave_traces(plan)
    # What came weeks ago was read weeks ago.
    since = plan.at - dt.timedelta(days=4)
    Notification.objects.filter(kind__in=("task", "playbook"), at__lt=since, read_at=None).update(read_at=since)


def _noon(on: dt.date, plan: Plan) -> dt.datetime:
    return min(start_of_day(on, Organisation.load().zone) + dt.timedelta(hours=12), plan.at)


def _work(on: dt.date, at: dt.datetime, rng: np.random.Generator) -> None:
    """Do most of what is due within the coming week, as people would have; each is done on its day or a little late."""
    week = on + dt.timedelta(days=6)
    for _ in range(3):  # what a task held back can be done in the same week
        due = Task.objects.asking(on).filter(due_on__lte=week, run__isnull=False).order_by("pk")
        tasks = [task for task in due.select_related("account") if rng.random() < DONE]
        if not tasks:
            return
        for task in tasks:
            _finish(task, on, week, rng)
        fields = ["state", "done_on", "done_at", "done_by", "result"]
        Task.objects.bulk_update(tasks, fields, batch_size=200)
        _tell(tasks)
        settle_runs({task.run_id for task in tasks if task.run_id}, on=week, at=at + dt.timedelta(days=6))


def _finish(task: Task, on: dt.date, week: dt.date, rng: np.random.Generator) -> None:
    late = int(rng.integers(0, 3)) if rng.random() < 0.2 else 0
    day = min(max(task.due_on or on, on) + dt.timedelta(days=late), week)
    is_mail = task.kind == Task.Kind.EMAIL and task.role == Task.Role.AUTOMATIC
    is_skipped = is_mail or rng.random() < SKIPPED
    task.state = Task.State.SKIPPED if is_skipped else Task.State.DONE
    task.done_on, task.done_by_id = day, task.assignee_id
    task.done_at = dt.datetime.combine(day, dt.time(9 + task.pk % 8), tzinfo=dt.UTC)
    task.result = (SAID if is_mail else LEFT_OUT) if is_skipped else RESULTS[task.pk % len(RESULTS)]


def _tell(tasks: Sequence[Task]) -> None:
    """Write what was done on the timelines, in the words of the product."""
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                account_id=task.account_id, kind=TimelineEntry.Kind.PLAYBOOK, at=task.done_at or task.created_at,
                title=f"Task {task.state}: {task.title['en']}"[:200], body=task.result, author_id=task.done_by_id,
                details={"event": str(task.state), "task": task.pk, "run": task.run_id, "name": task.title},
            )
            for task in tasks
        ],
        batch_size=500,
    )  # fmt: skip


def _leave_traces(plan: Plan) -> None:
    """Pause a run, stop one, put a task off, comment, and give somebody something by hand."""
    manager = User.objects.filter(role=Role.CS_MANAGER).order_by("pk").first()
    if manager is None:
        return
    going = list(
        Run.objects.filter(state=Run.State.RUNNING, owner__isnull=False).order_by("pk").select_related("owner")
    )
    try:
        for run in going[5:7]:
            pause_run(
                run=run, reason="They move offices until the end of the month.", by=run.owner or manager, at=plan.at
            )
        for run in going[9:10]:
            stop_run(
                run=run, note="The customer asked us to wait for their audit.", by=run.owner or manager, at=plan.at
            )
    except Refused:
        return
    asking = Task.objects.asking(plan.on).filter(assignee__isnull=False, kind=Task.Kind.TASK).order_by("pk")
    for number, task in enumerate(asking.select_related("assignee")[:24]):
        by = task.assignee or manager
        if number % 8 == 3:
            until = plan.on + dt.timedelta(days=3 + number % 5)
            snooze_task(task=task, until=until, reason="On holiday until then.", by=by, at=plan.at)
        elif number % 4 == 1:
            add_note(task=task, text=NOTES[number % len(NOTES)], by=by, at=plan.at)
        elif number % 8 == 6:
            add_task(
                account=task.account, title=BY_HAND[number % len(BY_HAND)], assignee=by, by=by, at=plan.at,
                due_on=plan.on + dt.timedelta(days=number % 6),
            )  # fmt: skip
