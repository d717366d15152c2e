"""What can be done to many tasks at once: finish them, hand them over?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.bulk_runs import BulkAct, Done
from accounts.models import User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.formats import number
from playbooks.actions.tasks import complete_task, reassign_task, reopen_task
from playbooks.models import Task


class OfTasks(BulkAct):
    """An act on tasks."""

    capability = Capability.EDIT_ACCOUNTS

    def rows(self, by: User) -> QuerySet[Task]:
        """The tasks that a person sees."""
        rows: QuerySet[Task] = Task.objects.visible_to(by)
        return rows.select_related("account", "run")

    def name(self, row: Task) -> str:
        """A task by its account and its title."""
        return f"{row.account.name}: {row.shown_title}"

    def said(self, count: int) -> str:
        """Say how many tasks were changed."""
        return ngettext("%(count)s task changed", "%(count)s tasks changed", count) % {"count": number(count)}


def _each(rows: Sequence[Task], act: Callable[[Task], object], was: Callable[[Task], Any] = lambda _row: None) -> Done:
    """Act on each by itself: what one refuses holds no other back."""
    done, skipped = {}, {}
    for row in rows:
        before = was(row)
        try:
            with transaction.atomic():
                act(row)
        except Refused as refusal:
            skipped[row.pk] = str(refusal).rstrip(".。")
        else:
            done[row.pk] = before
    return Done(done, skipped)


class CompleteTasks(OfTasks):
    """Finish tasks."""

    key = "playbooks.complete"

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the act."""
        return _("Finish tasks")

    def do(self, rows: Sequence[Task], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Finish those that can be; one that waits for another of them comes after it."""
        order = sorted(rows, key=lambda row: (row.run_id or 0, row.position, row.pk))
        return _each(order, lambda one: complete_task(task=one, by=by, at=at))

    def undo(
        self, rows: Sequence[Task], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Open those again that are still finished."""
        return _each(rows, lambda one: reopen_task(task=one, by=by, at=at))


class GiveTasks(OfTasks):
    """Hand tasks over to a colleague."""

    key = "playbooks.give"

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the colleague."""
        return _("Hand tasks over to %(name)s") % {"name": User.objects.get(pk=given["to"]).name}

    def do(self, rows: Sequence[Task], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Give those that are somebody else's."""
        to = User.objects.get(pk=given["to"])
        has = _("has it already")
        theirs = {row.pk: has for row in rows if row.assignee_id == to.pk and row.state in Task.UNFINISHED}
        done = _each(
            [row for row in rows if row.pk not in theirs],
            lambda one: reassign_task(task=one, to=to, by=by, at=at),
            lambda one: one.assignee_id,
        )
        return Done(done.changed, {**done.skipped, **theirs})

    def undo(
        self, rows: Sequence[Task], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Give those back that the colleague still has."""
        people = User.objects.in_bulk([before for before in was.values() if before])
        theirs = [row for row in rows if row.assignee_id == given["to"]]
        stay = {row.pk: _("was given on since") for row in rows if row.assignee_id != given["to"]}
        done = _each(theirs, lambda one: reassign_task(task=one, to=people.get(was[one.pk]), by=by, at=at))
        return Done(done.changed, {**done.skipped, **stay})
