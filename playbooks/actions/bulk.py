"""How is a playbook started by hand for many accounts at once?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Account, User
from common.errors import Refused
from playbooks.actions.starting import Start, Starter
from playbooks.models import Playbook, PlaybookVersion, Run

# So many are started with one set of statements.
BATCH = 500


@dataclass(frozen=True)
class Started:
    """What came of a start for many accounts: the runs, and why others were passed over, by account."""

    runs: Sequence[int] = ()
    skipped: dict[int, str] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """How many were passed over for which reason."""
        return Counter(self.skipped.values()).most_common()


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
