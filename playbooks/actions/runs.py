"""How does a playbook begin, pause, go on, change hands and stop for one account?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Account, User
from common.errors import Refused
from playbooks.actions.locks import lock_run, save_run
from playbooks.actions.settling import end_runs, settle_runs
from playbooks.actions.starting import Start, Starter
from playbooks.actions.traces import tell_runs
from playbooks.models import Playbook, Run, Task
from playbooks.queries.calendars import Calendars
from playbooks.rules.schedule import shifted
from playbooks.rules.steps import ACCOUNT_DATES

State = Run.State
LONGEST_REASON = 500


@transaction.atomic
def start_run(
    *,
    playbook: Playbook,
    account: Account,
    by: User | None,
    at: dt.datetime,
    on: dt.date | None = None,
    cause: str = Run.Cause.BY_HAND,
    cause_key: str = "",
) -> Run:
    """Start the newest version of a playbook for an account; there is one unfinished run of each.

    A person may start one that does not start by itself, whatever its entry rule says.
    """
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    version = locked.versions.order_by("-number").first()
    if locked.is_archived or version is None:
        raise Refused(_("This playbook cannot be started: it is archived, or nothing of it is published."))
    if account.stage == Account.Stage.CHURNED and not version.parsed.with_churned:
        raise Refused(_("This customer left, and the playbook is not meant for customers who left."))
    if Run.objects.unfinished().filter(playbook=locked, account=account).exists():
        raise Refused(_("This playbook runs for this account already."), code="unique")
    starter = Starter(version, on=on or today(at), at=at, by=by)
    if not starter.has_steps_for(account.tier):
        raise Refused(_("The playbook has no step for how this account is served."))
    run = starter.start([Start(account.pk, cause, cause_key)])[0]
    leave_audit("playbook_run.started", run, by=by, at=at, changes={"account": [None, account.pk]})
    return run


@transaction.atomic
def pause_run(*, run: Run, reason: str, by: User, at: dt.datetime, version: int | None = None) -> Run:
    """Let a run rest: its tasks ask for nobody until it goes on."""
    locked = lock_run(run, version)
    if locked.state == State.PAUSED:
        raise Refused(_("This run is paused already."))
    locked.state, locked.paused_on, locked.pause_reason = State.PAUSED, today(at), _reason(reason)
    save_run(locked, "state", "paused_on", "pause_reason")
    leave_audit("playbook_run.paused", locked, by=by, at=at, changes={"state": ["running", "paused"]})
    tell_runs("paused", [locked], by=by, at=at, body=locked.pause_reason)
    return locked


@transaction.atomic
def resume_run(*, run: Run, by: User, at: dt.datetime, version: int | None = None) -> Run:
    """Let a run go on: what is counted from its start or a step moves by the days of the pause.

    What is counted from a date of the account stays: the renewal did not wait.
    """
    locked = lock_run(run, version)
    if locked.state != State.PAUSED or locked.paused_on is None:
        raise Refused(_("This run is not paused."))
    on = today(at)
    _move_by(locked, (on - locked.paused_on).days)
    locked.state, locked.paused_on, locked.pause_reason = State.RUNNING, None, ""
    save_run(locked, "state", "paused_on", "pause_reason")
    leave_audit("playbook_run.resumed", locked, by=by, at=at, changes={"state": ["paused", "running"]})
    tell_runs("resumed", [locked], by=by, at=at)
    settle_runs([locked.pk], on=on, at=at, by=by)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def stop_run(*, run: Run, note: str, by: User, at: dt.datetime, version: int | None = None) -> Run:
    """End a run by hand, with the reason; what was still to be done is cancelled."""
    locked = lock_run(run, version)
    end_runs([locked], Run.Outcome.STOPPED, on=today(at), at=at, by=by, note=_reason(note, "note"))
    return locked


@transaction.atomic
def hand_over_run(
    *, run: Run, to: User, by: User, at: dt.datetime, with_tasks: bool = True, version: int | None = None
) -> Run:
    """Give a run to a colleague, and with it what its owner had still to do for it."""
    locked = lock_run(run, version)
    if not to.is_active:
        raise Refused(_("%(name)s can no longer sign in. Choose someone else.") % {"name": to}, field="to")
    before = locked.owner_id
    if before == to.pk:
        return locked
    locked.owner = to
    save_run(locked, "owner")
    moved = 0
    if with_tasks:
        moved = Task.objects.unfinished().filter(run=locked, assignee=before).update(assignee=to)
    changes = {"owner": [before, to.pk], "tasks": [None, moved]}
    leave_audit("playbook_run.handed_over", locked, by=by, at=at, changes=changes)
    return locked


def _reason(words: str, field: str = "reason") -> str:
    if not words.strip():
        raise Refused(_("Say why."), field=field, code="required")
    return words.strip()[:LONGEST_REASON]


def _move_by(run: Run, days: int) -> None:
    """Move what is counted from the start or from a step; it is due so much later for the on-time rate too."""
    if days <= 0:
        return
    calendar = Calendars.load().of(run.account.region)
    tasks = [
        task
        for task in Task.objects.unfinished().filter(run=run, due_on__isnull=False)
        if task.step.get("anchor") not in ACCOUNT_DATES
    ]
    for task in tasks:
        landing = task.step.get("landing", "next")
        for name in ("due_on", "first_due_on", "anchor_on"):
            day = getattr(task, name)
            if day is not None:
                setattr(task, name, shifted(day, days, "keep" if name == "anchor_on" else landing, calendar))
    Task.objects.bulk_update(tasks, ["due_on", "first_due_on", "anchor_on"])
