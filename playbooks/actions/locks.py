"""How do two people who change the same run or task at once keep out of each other's way?

The run is locked before its tasks, always: whoever finishes the last two tasks at once does it one after the other.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from common.errors import Conflict, Refused
from playbooks.models import Run, Task


def lock_run(run: Run, version: int | None = None) -> Run:
    """Read a run anew for a change; refuse one that has ended, and a change of what somebody else changed."""
    rows = Run.objects.select_for_update(of=("self",)).select_related("account", "playbook", "version")
    locked = rows.get(pk=run.pk)
    if version is not None and version != locked.edit_version:
        raise Conflict(_("Someone else changed this run meanwhile. Load it again and repeat your change."))
    if locked.state == Run.State.ENDED:
        raise Refused(_("This run has ended."))
    return locked


def save_run(run: Run, *fields: str) -> None:
    """Write fields of a run, and that it changed."""
    run.edit_version += 1
    run.save(update_fields=[*fields, "edit_version"])


def lock_task(task: Task, version: int | None = None, states: tuple[str, ...] = Task.UNFINISHED) -> Task:
    """Read a task anew for a change; refuse one in another state, and a change of what somebody else changed."""
    if task.run_id is not None:
        Run.objects.select_for_update().filter(pk=task.run_id).first()
    locked = Task.objects.select_for_update(of=("self",)).select_related("account", "run", "assignee").get(pk=task.pk)
    if version is not None and version != locked.version:
        raise Conflict(_("Someone else changed this task meanwhile. Load it again and repeat your change."))
    if locked.state not in states:
        message = _("This task is %(state)s, so this is not possible.")
        raise Refused(message % {"state": locked.get_state_display().lower()})
    return locked


def save_task(task: Task, *fields: str) -> None:
    """Write fields of a task, and that it changed."""
    task.version += 1
    task.save(update_fields=[*fields, "version"])
