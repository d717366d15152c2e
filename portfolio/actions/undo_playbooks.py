"""How are acts on tasks of playbooks taken back with one click?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules.roles import Capability
from common.errors import Refused
from playbooks import actions
from playbooks.models import Task


def tasks_open_again(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    """Open the tasks again that were finished or skipped."""
    tasks = _found(was["tasks"], by)
    for task in tasks:
        actions.reopen_task(task=task, by=by, at=at)
    return tasks[0].account_id


def tasks_given_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    """Give tasks back to whoever had them."""
    before = {int(pk): person for pk, person in was["was"].items()}
    tasks = _found(list(before), by)
    people = User.objects.in_bulk([pk for pk in before.values() if pk is not None])
    for task in tasks:
        person = before[task.pk]
        actions.reassign_task(task=task, to=people.get(person) if person else None, by=by, at=at)
    return tasks[0].account_id


def tasks_moved_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    """Give tasks the days back that they had."""
    moves = [(int(pk), old, new) for pk, old, new in was["moves"]]
    tasks = _found([pk for pk, _old, _new in moves], by)
    seen = {task.pk for task in tasks}
    if not actions.undo_moves(moves=[move for move in moves if move[0] in seen], by=by, at=at):
        raise Refused(_("This can no longer be undone."))
    return tasks[0].account_id


def task_awake(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    """Take back that a task was put off."""
    task = _found([was["task"]], by)[0]
    actions.wake_task(task=task, by=by, at=at)
    return task.account_id


def _found(ids: list[int], by: User) -> list[Task]:
    """The tasks that the person still sees and may change; none of them is a refusal."""
    rows = list(Task.objects.visible_to(by).filter(pk__in=ids).select_related("account", "run").order_by("pk"))
    if not rows or not by.can(Capability.EDIT_ACCOUNTS):
        raise Refused(_("This can no longer be undone."))
    return rows


STEPS = {
    "tasks_done": tasks_open_again,
    "tasks_given": tasks_given_back,
    "tasks_moved": tasks_moved_back,
    "task_snoozed": task_awake,
}
