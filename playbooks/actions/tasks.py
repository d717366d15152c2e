"""What can a person do with a task: add, finish, skip, take back, give away, move, put off, comment?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.promises import add_implementation_record, read_upload
from accounts.actions.traces import leave_audit, today
from accounts.models import Account, User
from common.errors import Refused
from playbooks.actions.locks import lock_task, save_task
from playbooks.actions.settling import holding, settle_runs
from playbooks.actions.traces import tell_assignee, tell_task
from playbooks.models import Run, Task, TaskNote
from playbooks.queries.calendars import Calendars
from playbooks.rules.schedule import shifted
from playbooks.rules.steps import ACCOUNT_DATES

State = Task.State
# A task that got another day: its id, the day before and the day now, as a session keeps them.
Move = tuple[int, str | None, str | None]
LONGEST_SNOOZE = 365


@transaction.atomic
def add_task(
    *,
    account: Account,
    title: str,
    by: User,
    at: dt.datetime,
    due_on: dt.date | None = None,
    assignee: User | None = None,
    run: Run | None = None,
    kind: str = Task.Kind.TASK,
    instructions: str = "",
) -> Task:
    """Give somebody something to do for an account, by itself or beside the steps of a run."""
    if not title.strip():
        raise Refused(_("Say what is to be done."), field="title", code="required")
    if run is not None and (run.account_id != account.pk or run.state == Run.State.ENDED):
        raise Refused(_("This run has ended, or belongs to another account."), field="run")
    _refuse_inactive(assignee)
    task = Task.objects.create(
        account=account, run=run, title={"en": title.strip()[:200]}, kind=kind, assignee=assignee, due_on=due_on,
        first_due_on=due_on, created_at=at, created_by=by, position=_last_position(run),
        # Beside the steps of a run a key of its own keeps it apart; no step of a template can have such a key.
        step_key=f"+{uuid4().hex[:12]}" if run else "",
        step={"instructions": {"en": instructions.strip()[:10_000]}} if instructions.strip() else {},
    )  # fmt: skip
    leave_audit("task.added", task, by=by, at=at, changes={"account": [None, account.pk]})
    tell_assignee(task, by=by, at=at)
    return task


@transaction.atomic
def complete_task(
    *,
    task: Task,
    by: User | None,
    at: dt.datetime,
    result: str = "",
    version: int | None = None,
    is_told: bool = True,
) -> Task:
    """Finish a task; what waited for it can begin, and the run ends with its last one.

    A step that stands for a stage of the implementation is filed into the handoff file. `is_told`: whether the
    timeline hears of it here (an e-mail that was sent has told already).
    """
    locked = lock_task(task, version)
    _refuse_held(locked)
    on = today(at)
    _finish(locked, State.DONE, result.strip()[:4_000], by=by, at=at)
    leave_audit("task.done", locked, by=by, at=at, changes={"state": [None, "done"]})
    if stage := locked.step.get("files_as"):
        add_implementation_record(
            account=locked.account, stage=stage, on=on, outcome=locked.result or locked.shown_title, by=by, at=at
        )
    if is_told:
        tell_task("done", locked, by=by, at=at, body=locked.result)
    return _settled(locked, on=on, at=at, by=by)


@transaction.atomic
def skip_task(*, task: Task, reason: str, by: User, at: dt.datetime, version: int | None = None) -> Task:
    """Leave a task out, with the reason; what waited for it can begin."""
    locked = lock_task(task, version)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    _finish(locked, State.SKIPPED, reason.strip()[:4_000], by=by, at=at)
    leave_audit("task.skipped", locked, by=by, at=at, changes={"state": [None, "skipped"]})
    tell_task("skipped", locked, by=by, at=at, body=locked.result)
    return _settled(locked, on=today(at), at=at, by=by)


@transaction.atomic
def reopen_task(*, task: Task, by: User, at: dt.datetime, version: int | None = None) -> Task:
    """Take back that a task was finished or skipped; a run that ended with it goes on."""
    locked = lock_task(task, version, states=(State.DONE, State.SKIPPED))
    before = locked.state
    run = locked.run
    if run is not None and run.state == Run.State.ENDED:
        _go_on(run)
    locked.state, locked.done_at, locked.done_on, locked.done_by, locked.result = State.OPEN, None, None, None, ""
    save_task(locked, "state", "done_at", "done_on", "done_by", "result")
    leave_audit("task.reopened", locked, by=by, at=at, changes={"state": [str(before), "open"]})
    return _settled(locked, on=today(at), at=at, by=by)


@transaction.atomic
def reassign_task(*, task: Task, to: User | None, by: User, at: dt.datetime, version: int | None = None) -> Task:
    """Give a task to somebody else, or to nobody."""
    locked = lock_task(task, version)
    _refuse_inactive(to, "to")
    before = locked.assignee_id
    if before == (to.pk if to else None):
        return locked
    locked.assignee = to
    if to is None:
        # Nobody's on purpose: it is not given to whoever serves the account, as after somebody left.
        locked.role = Task.Role.POOLED
    save_task(locked, "assignee", "role")
    leave_audit("task.reassigned", locked, by=by, at=at, changes={"assignee": [before, to.pk if to else None]})
    tell_assignee(locked, by=by, at=at)
    return locked


@transaction.atomic
def reschedule_task(
    *,
    task: Task,
    due_on: dt.date | None,
    by: User,
    at: dt.datetime,
    shift_later: bool = False,
    version: int | None = None,
) -> list[Move]:
    """Give a task another day, and with `shift_later` move the later open tasks of its run by as many days.

    Returns what moved, for `undo_moves`. What is counted from a date of the account does not move along.
    """
    locked = lock_task(task, version)
    before = locked.due_on
    if due_on == before:
        return []
    later = later_open_tasks(locked) if shift_later and before and due_on else []
    moves = [_move(locked, due_on)]
    if later and before and due_on:
        calendar, days = Calendars.load().of(locked.account.region), (due_on - before).days
        moves += [
            _move(one, shifted(one.due_on, days, one.step.get("landing", "next"), calendar))
            for one in later
            if one.due_on is not None
        ]
    changes = {"due_on": moves[0][1:], "moved": [None, len(moves)]}
    leave_audit("task.rescheduled", locked, by=by, at=at, changes=changes)
    _settled(locked, on=today(at), at=at, by=by)
    return moves


@transaction.atomic
def undo_moves(*, moves: Iterable[Move], by: User, at: dt.datetime) -> int:
    """Take back what `reschedule_task` moved, where nobody has moved it since; returns how many went back."""
    back = 0
    for pk, old, new in moves:
        task = Task.objects.unfinished().filter(pk=pk, due_on=new).first()
        if task is None:
            continue
        locked = lock_task(task)
        _move(locked, dt.date.fromisoformat(old) if old else None)
        leave_audit("task.rescheduled", locked, by=by, at=at, changes={"due_on": [new, old]})
        _settled(locked, on=today(at), at=at, by=by)
        back += 1
    return back


def later_open_tasks(task: Task) -> list[Task]:
    """The unfinished tasks of a run that come after a task and would move with it."""
    if task.run_id is None or task.due_on is None:
        return []
    rows = Task.objects.unfinished().filter(run=task.run_id, due_on__gte=task.due_on).exclude(pk=task.pk)
    return [
        one
        for one in rows.order_by("due_on", "position", "pk")
        if one.step.get("anchor") not in ACCOUNT_DATES
        and ((one.due_on or task.due_on), one.position) > (task.due_on, task.position)
    ]


def _move(task: Task, due_on: dt.date | None) -> Move:
    old, task.due_on = task.due_on, due_on
    save_task(task, "due_on")
    return task.pk, old.isoformat() if old else None, due_on.isoformat() if due_on else None


@transaction.atomic
def snooze_task(
    *, task: Task, until: dt.date, reason: str, by: User, at: dt.datetime, version: int | None = None
) -> Task:
    """Put a task off until the end of a day, with the reason; its due date stays."""
    on = today(at)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if until < on:
        raise Refused(_("Choose today or a later day."), field="until")
    if (until - on).days > LONGEST_SNOOZE:
        raise Refused(_("Choose a day within a year."), field="until")
    locked = lock_task(task, version)
    locked.snoozed_until, locked.snooze_reason = until, reason.strip()[:500]
    save_task(locked, "snoozed_until", "snooze_reason")
    leave_audit("task.snoozed", locked, by=by, at=at, changes={"until": [None, until.isoformat()]})
    return locked


@transaction.atomic
def wake_task(*, task: Task, by: User, at: dt.datetime) -> Task:
    """Take back that a task was put off."""
    locked = lock_task(task, None)
    if locked.snoozed_until is not None:
        locked.snoozed_until, locked.snooze_reason = None, ""
        save_task(locked, "snoozed_until", "snooze_reason")
        leave_audit("task.woken", locked, by=by, at=at)
    return locked


@transaction.atomic
def complete_tasks(*, tasks: Iterable[Task], by: User, at: dt.datetime, result: str = "") -> list[int]:
    """Finish several; those that wait or are finished are passed over. Returns the ids of those finished."""
    return _each(tasks, lambda one: complete_task(task=one, by=by, at=at, result=result))


@transaction.atomic
def add_note(*, task: Task, by: User, at: dt.datetime, text: str = "", upload: UploadedFile | None = None) -> TaskNote:
    """Comment on a task, or keep a file with it."""
    if not text.strip() and upload is None:
        raise Refused(_("Write a comment or choose a file."), field="text", code="required")
    note = TaskNote(task=task, text=text.strip()[:4_000], author=by, at=at)
    if upload is not None:
        note.name, note.content_type, data = read_upload(upload)
        note.size = len(data)
        note.file.save(uuid4().hex, ContentFile(data), save=False)
    note.save()
    leave_audit("task.noted", task, by=by, at=at, changes={"file": [None, note.size or None]})
    return note


@transaction.atomic
def delete_note(*, note: TaskNote, by: User, at: dt.datetime) -> None:
    """Take away a comment of one's own, with its file."""
    if note.author_id != by.pk:
        raise Refused(_("Only who wrote a comment can delete it."))
    leave_audit("task.note_deleted", note.task, by=by, at=at, changes={"note": [note.pk, None]})
    if note.file:
        stored, storage = str(note.file.name), note.file.storage
        transaction.on_commit(lambda: storage.delete(stored))
    note.delete()


def _each(tasks: Iterable[Task], act: Callable[[Task], Task]) -> list[int]:
    done = []
    for one in tasks:
        try:
            with transaction.atomic():
                act(one)
        except Refused:
            continue
        done.append(one.pk)
    return done


def _refuse_held(task: Task) -> None:
    if task.run_id is None or task.state != State.WAITING:
        return
    waits = holding(task, Task.objects.filter(run=task.run_id).order_by("position", "pk"))
    if waits:
        names = ", ".join(f"“{one.shown_title}”" for one in waits[:3])
        raise Refused(_("Finish first: %(tasks)s.") % {"tasks": names}, code="held")


def _refuse_inactive(person: User | None, field: str = "assignee") -> None:
    if person is not None and not person.is_active:
        raise Refused(_("%(name)s can no longer sign in. Choose someone else.") % {"name": person}, field=field)


def _finish(task: Task, state: str, result: str, *, by: User | None, at: dt.datetime) -> None:
    task.state, task.result, task.done_at, task.done_on, task.done_by = State(state), result, at, today(at), by
    task.snoozed_until, task.snooze_reason = None, ""
    save_task(task, "state", "result", "done_at", "done_on", "done_by", "snoozed_until", "snooze_reason")


def _go_on(run: Run) -> None:
    """Take back the end of a run that ended because all was done."""
    if run.outcome != Run.Outcome.COMPLETED:
        raise Refused(_("The run of this task has ended: %(outcome)s.") % {"outcome": run.get_outcome_display()})
    if Run.objects.unfinished().filter(playbook=run.playbook_id, account=run.account_id).exists():
        raise Refused(_("This playbook runs for this account again already."))
    run.state, run.ended_on, run.outcome, run.outcome_note = Run.State.RUNNING, None, "", ""
    run.edit_version += 1
    run.save(update_fields=["state", "ended_on", "outcome", "outcome_note", "edit_version"])


def _settled(task: Task, *, on: dt.date, at: dt.datetime, by: User | None) -> Task:
    if task.run_id is not None:
        settle_runs([task.run_id], on=on, at=at, by=by)
    task.refresh_from_db()
    return task


def _last_position(run: Run | None) -> int:
    last: Any = run and run.tasks.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1 if run else 0
