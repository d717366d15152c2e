"""How is a playbook started by hand for many accounts at once?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.bulk_runs import BulkAct, Done
from accounts.actions.traces import leave_audit, today
from accounts.models import Account, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.formats import number
from playbooks.actions.settling import end_runs
from playbooks.actions.starting import Start, Starter
from playbooks.models import Playbook, PlaybookVersion, Run, Task

# So many are started with one set of statements.
BATCH = 500


@dataclass(frozen=True)
class Started:
    """What came of a start for many accounts: the runs, and why others were passed over, by account."""

    runs: Sequence[int] = ()
    skipped: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def start_runs(*, playbook: Playbook, accounts: Sequence[Account], by: User, at: dt.datetime) -> Started:
    """Start a playbook for accounts; those for which it makes no sense are passed over, with the reason."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    version = locked.versions.order_by("-number").first()
    if locked.is_archived or version is None:
        raise Refused(_("This playbook cannot be started: it is archived, or nothing of it is published."))
    starter = Starter(version, on=today(at), at=at, by=by)
    skipped = _passed_over(locked, version, starter, accounts)
    chosen = [account.pk for account in accounts if account.pk not in skipped]
    runs: list[int] = []
    for begin in range(0, len(chosen), BATCH):
        made = starter.start([Start(pk) for pk in chosen[begin : begin + BATCH]])
        runs += [run.pk for run in made]
    leave_audit("playbook.started", locked, by=by, at=at, changes={"runs": [None, len(runs)]})
    return Started(runs, skipped)


def _passed_over(
    playbook: Playbook, version: PlaybookVersion, starter: Starter, accounts: Sequence[Account]
) -> dict[int, str]:
    """Say of which accounts a start makes no sense, and why."""
    ids = [account.pk for account in accounts]
    going: set[int] = set()
    for begin in range(0, len(ids), BATCH):
        rows = Run.objects.unfinished().filter(playbook=playbook, account__in=ids[begin : begin + BATCH])
        going.update(rows.values_list("account_id", flat=True))
    found = {}
    for account in accounts:
        if account.pk in going:
            found[account.pk] = _("already running")
        elif account.stage == Account.Stage.CHURNED and not version.parsed.with_churned:
            found[account.pk] = _("the customer left")
        elif not starter.has_steps_for(account.tier):
            found[account.pk] = _("no step for how they are served")
    return found


class StartRuns(BulkAct):
    """Start a playbook for accounts."""

    key = "playbooks.start"
    capability = Capability.EDIT_ACCOUNTS

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the playbook."""
        return _("Start “%(name)s”") % {"name": Playbook.objects.get(pk=given["playbook"]).shown_name}

    def rows(self, by: User) -> QuerySet[Account]:
        """The accounts that a person sees."""
        return Account.objects.visible_to(by)

    def name(self, row: Account) -> str:
        """An account by its name."""
        return row.name

    def account_id(self, row: Account) -> int:
        """The account itself."""
        return row.pk

    def said(self, count: int) -> str:
        """Say for how many it was started."""
        return ngettext("%(count)s started", "%(count)s started", count) % {"count": number(count)}

    def do(self, rows: Sequence[Account], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Start it where it makes sense."""
        started = start_runs(playbook=Playbook.objects.get(pk=given["playbook"]), accounts=rows, by=by, at=at)
        made = Run.objects.filter(pk__in=started.runs).values_list("account_id", "pk")
        return Done(dict(made), started.skipped)

    def undo(
        self, rows: Sequence[Account], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """End the runs in which nobody has done anything yet."""
        locked = Run.objects.select_for_update(of=("self",)).unfinished().filter(pk__in=list(was.values()))
        runs = {run.account_id: run for run in locked.select_related("playbook", "account")}
        touched = set(
            Task.objects.filter(run__in=list(runs.values()), done_by__isnull=False).values_list(
                "run__account", flat=True
            )
        )
        ending = [run for account_id, run in runs.items() if account_id not in touched]
        end_runs(ending, Run.Outcome.STOPPED, on=today(at), at=at, by=by, note=_("Taken back"))
        stay = {pk: _("work on it has begun") if pk in touched else _("ended since") for pk in was}
        back = {run.account_id: None for run in ending}
        return Done(back, {pk: why for pk, why in stay.items() if pk not in back})
