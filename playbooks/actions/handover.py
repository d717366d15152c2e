"""How does the open work of one person pass to another when accounts change hands?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.notifications import notify_people
from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from playbooks.models import Run, Task

TASKS_PATH = "/playbooks/tasks/"


@transaction.atomic
def hand_over_work(
    *, account_ids: Collection[int], owner: User, to: User, by: User, at: dt.datetime
) -> tuple[int, int]:
    """Give a person's unfinished tasks and runs at some accounts to somebody else; returns how many of each."""
    if not to.is_active:
        raise Refused(_("%(name)s can no longer sign in. Choose someone else.") % {"name": to}, field="work_to")
    if to.pk == owner.pk:
        return 0, 0
    tasks = Task.objects.unfinished().filter(assignee=owner, account__in=account_ids)
    moved = list(tasks.order_by("pk").values_list("pk", flat=True))
    Task.objects.filter(pk__in=moved).update(assignee=to, version=F("version") + 1)
    runs = Run.objects.unfinished().filter(owner=owner, account__in=account_ids)
    count = runs.update(owner=to, edit_version=F("edit_version") + 1)
    if moved or count:
        changes = {"from": [owner.pk, to.pk], "tasks": [None, moved[:500]], "runs": [None, count]}
        leave_audit("work.handed_over", to, by=by, at=at, changes=changes)
    if moved and to.pk != by.pk:
        number = len(moved)
        notify_people(
            [to],
            kind="task",
            title=lambda: ngettext("%(count)s task of %(name)s is yours now",
                                   "%(count)s tasks of %(name)s are yours now", number)
            % {"count": number, "name": owner},
            body="",
            cause=f"work:{owner.pk}:{to.pk}:{at:%Y%m%d%H%M%S}",
            url=TASKS_PATH,
            account=None,
            at=at,
        )  # fmt: skip
    return len(moved), count
