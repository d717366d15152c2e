"""What follows when something about a run changes: which tasks can begin, which get another day, is the run over?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from accounts.actions.traces import leave_audit
from accounts.models import User
from playbooks.actions.traces import tell_runs
from playbooks.models import Run, Task
from playbooks.queries.calendars import Calendars
from playbooks.queries.dates import RENEWAL, Dates, dates_of, next_renewals
from playbooks.rules.schedule import Standing, held_by, replan
from playbooks.rules.steps import Step, parse_step

State, Outcome = Task.State, Run.Outcome
BATCH = 500
FINISHED = (State.DONE, State.SKIPPED, State.CANCELLED)


@transaction.atomic
def settle_runs(run_ids: Collection[int], *, on: dt.date, at: dt.datetime, by: User | None = None) -> int:
    """Bring the tasks of runs up to the day, and end those that have none left; return how many ended."""
    ended = 0
    calendars = Calendars.load()
    for part in _parts(sorted(run_ids)):
        rows = Run.objects.select_for_update(of=("self",)).select_related("account", "playbook", "version")
        runs = list(rows.filter(pk__in=part, state=Run.State.RUNNING).order_by("pk"))
        tasks: dict[int, list[Task]] = defaultdict(list)
        for task in Task.objects.filter(run__in=runs).order_by("position", "pk"):
            tasks[task.run_id or 0].append(task)
        dates = _dates(runs, on)
        changed = [task for run in runs for task in _settle(run, tasks[run.pk], dates[run.pk], calendars, on)]
        Task.objects.bulk_update(changed, ["state", "due_on", "first_due_on", "anchor_on"], batch_size=BATCH)
        over = [run for run in runs if not any(task.state in Task.UNFINISHED for task in tasks[run.pk])]
        end_runs(over, Outcome.COMPLETED, on=on, at=at, by=by)
        ended += len(over)
    return ended


@transaction.atomic
def end_runs(
    runs: Sequence[Run], outcome: str, *, on: dt.date, at: dt.datetime, by: User | None = None, note: str = ""
) -> None:
    """End runs with an outcome; what was still to be done is cancelled."""
    for run in runs:
        run.state, run.outcome, run.outcome_note = Run.State.ENDED, outcome, note
        run.ended_on = max(on, run.started_on)
        run.edit_version += 1
    Run.objects.bulk_update(runs, ["state", "outcome", "outcome_note", "ended_on", "edit_version"], batch_size=BATCH)
    Task.objects.unfinished().filter(run__in=runs).update(state=State.CANCELLED, done_on=on, done_at=at)
    if by is None:
        for playbook in {run.playbook_id: run.playbook for run in runs}.values():
            mine = [run.pk for run in runs if run.playbook_id == playbook.pk]
            changes = {"outcome": [None, str(outcome)], "runs": [None, mine]}
            leave_audit("playbook.ended_runs", playbook, by=None, at=at, changes=changes)
    else:
        for run in runs:
            changes = {"state": [None, "ended"], "outcome": [None, str(outcome)]}
            leave_audit("playbook_run.ended", run, by=by, at=at, changes=changes)
    tell_runs("ended", runs, by=by, at=at, body=note or (str(Outcome(outcome).label) if runs else ""))


def holding(task: Task, tasks: Iterable[Task]) -> list[Task]:
    """The unfinished tasks of its run for which a task waits."""
    rows = [one for one in tasks if "key" in one.step]
    keys = held_by([step_of(one) for one in rows]).get(task.step_key, ())
    return [one for one in rows if one.step_key in keys and one.state in Task.UNFINISHED]


def step_of(task: Task) -> Step:
    """The step of a task as it stood when the run started."""
    return parse_step(task.step, task.step_key)


def _dates(runs: Sequence[Run], on: dt.date) -> dict[int, Dates]:
    """The dates that each run counts from; one that had no renewal yet is pinned to the one that appeared."""
    open_ended = [run for run in runs if "renewal" not in run.baseline and _counts_from_renewal(run)]
    found = next_renewals([run.account_id for run in open_ended], on) if open_ended else {}
    pinned = [run for run in open_ended if run.account_id in found]
    for run in pinned:
        run.baseline["renewal"] = found[run.account_id]
    Run.objects.bulk_update(pinned, ["baseline"], batch_size=BATCH)
    # An account may have runs of several playbooks, each about a renewal of its own.
    dates: dict[int, Dates] = {}
    for renewal_runs in _one_per_account(runs):
        pins = {run.account_id: run.baseline["renewal"] for run in renewal_runs if "renewal" in run.baseline}
        of_account = dates_of([run.account_id for run in renewal_runs], on, pins)
        dates |= {run.pk: of_account[run.account_id] for run in renewal_runs}
    return dates


def _one_per_account(runs: Sequence[Run]) -> list[list[Run]]:
    """Deal runs into groups in which each account is there once; mostly that is one group."""
    groups: list[dict[int, Run]] = []
    for run in runs:
        free = next((group for group in groups if run.account_id not in group), None)
        if free is None:
            groups.append({run.account_id: run})
        else:
            free[run.account_id] = run
    return [list(group.values()) for group in groups]


def _counts_from_renewal(run: Run) -> bool:
    return any(step.anchor == RENEWAL for step in run.version.parsed.steps)


def _settle(run: Run, tasks: Sequence[Task], dates: Dates, calendars: Calendars, on: dt.date) -> list[Task]:
    """Put new days and states into tasks; return those that changed."""
    # A task that somebody added beside the steps has a day of its own and waits for nothing.
    of_steps = [task for task in tasks if "key" in task.step]
    changed: dict[int, Task] = {}
    standing = {task.step_key: _standing(task) for task in of_steps}
    replanned = replan(
        run.version.parsed.steps, run.started_on, dates, standing, calendars.of(run.account.region), on=on
    )
    for task in of_steps:
        new = replanned.get(task.step_key)
        if new is not None and (new.due_on, new.counted_from) != (task.due_on, task.anchor_on):
            task.due_on = task.first_due_on = new.due_on
            task.anchor_on = new.counted_from
            changed[task.pk] = task
    held = held_by([step_of(task) for task in of_steps])
    unfinished = {task.step_key for task in of_steps if task.state in Task.UNFINISHED}
    for task in of_steps:
        if task.state not in Task.UNFINISHED:
            continue
        waits = task.due_on is None or any(key in unfinished for key in held[task.step_key])
        state = State.WAITING if waits else State.OPEN
        if state != task.state:
            task.state = state
            changed[task.pk] = task
    return list(changed.values())


def _standing(task: Task) -> Standing:
    finished = task.state in FINISHED
    done_on = task.done_on if task.state == State.DONE else None
    return Standing(task.due_on, task.first_due_on, task.anchor_on, done_on, finished)


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[begin : begin + BATCH] for begin in range(0, len(ids), BATCH))
