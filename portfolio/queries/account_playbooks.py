"""What is done for one account: its runs, its tasks, and what could be started?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from accounts.models import Account, User
from playbooks.models import Run, Task
from playbooks.queries.run_page import with_progress
from playbooks.queries.work import listed
from portfolio.models import AccountRow
from portfolio.queries.recommended import Suggestion, recommended_playbooks

ENDED_SHOWN = 20


@dataclass(frozen=True)
class AccountPlaybooks:
    """The runs that go on and those that ended, the open tasks, and the playbook that the state of the account asks."""

    going: Sequence[Run]
    ended: Sequence[Run]
    tasks: Sequence[Task]
    suggestion: Suggestion | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever done here."""
        return not self.going and not self.ended and not self.tasks


def account_playbooks(account: Account, user: User, on: dt.date) -> AccountPlaybooks:
    """Read the tab of one account in a handful of queries."""
    runs = Run.objects.visible_to(user).filter(account=account).select_related("playbook", "owner", "account")
    tasks = Task.objects.visible_to(user).unfinished().filter(account=account)
    rows = AccountRow.objects.filter(pk=account.pk)
    return AccountPlaybooks(
        going=list(with_progress(runs.unfinished()).order_by("-started_on", "-pk")),
        ended=list(with_progress(runs.filter(state=Run.State.ENDED)).order_by("-ended_on", "-pk")[:ENDED_SHOWN]),
        tasks=list(listed(tasks).order_by(F("due_on").asc(nulls_last=True), "pk")),
        suggestion=recommended_playbooks(list(rows), user, on).get(account.pk),
    )
