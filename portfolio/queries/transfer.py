"""Which accounts would change hands, how urgent is each, and how much does everybody carry?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from accounts.models import Account, Organisation, ServiceAssignment, TimelineEntry, User
from accounts.queries.accounts import load_of, people_who_serve
from accounts.rules.roles import Capability
from accounts.rules.transfer import Triage, triage
from playbooks.models import Run, Task
from portfolio.models import AccountRow

# An open follow-up of an escalation call counts as an open escalation.
ESCALATION = "escalation"
MOST = 500


@dataclass(frozen=True)
class TransferLine:
    """One account that may move."""

    account: Account
    triage: Triage
    band: str
    renewal_on: dt.date | None
    arr: Decimal | None
    open_follow_ups: int
    # What the outgoing owner has still to do there.
    open_tasks: int = 0
    open_runs: int = 0


@dataclass(frozen=True)
class Load:
    """One person and how many accounts they own."""

    user: User
    accounts: int


@dataclass(frozen=True)
class TransferPage:
    """The outgoing owner, their accounts by urgency, and what everybody carries now."""

    owner: User | None
    lines: tuple[TransferLine, ...]
    loads: tuple[Load, ...]
    shows_money: bool
    currency: str

    @property
    def tasks(self) -> int:
        """How many open tasks of the outgoing owner would be moved with all of the accounts."""
        return sum(line.open_tasks for line in self.lines)

    @property
    def runs(self) -> int:
        """How many runs of theirs."""
        return sum(line.open_runs for line in self.lines)

    def count(self, level: str) -> int:
        """Count the accounts of one urgency."""
        return sum(line.triage == level for line in self.lines)


def transfer_page(user: User, owner: User | None, on: dt.date) -> TransferPage:
    """Read what the page of an ownership transfer shows, in a handful of queries."""
    people = list(people_who_serve())
    carried = load_of(people, seen_by=user)
    loads = tuple(Load(person, carried[person.pk]) for person in people)
    lines = _lines(user, owner, on) if owner else ()
    return TransferPage(
        owner=owner,
        lines=lines,
        loads=loads,
        shows_money=user.can(Capability.SEE_MONEY),
        currency=Organisation.load().reporting_currency,
    )


def _lines(user: User, owner: User, on: dt.date) -> tuple[TransferLine, ...]:
    owned = ServiceAssignment.objects.current().owners().filter(user=owner).values("account")
    accounts = list(Account.objects.visible_to(user).filter(pk__in=owned).order_by("name", "pk")[:MOST])
    ids = [account.pk for account in accounts]
    rows = AccountRow.objects.in_bulk(ids)
    waiting: dict[int, list[str | None]] = defaultdict(list)
    open_entries = TimelineEntry.objects.filter(account__in=ids, follow_up_on__isnull=False, follow_up_done_at=None)
    for account_id, template in open_entries.values_list("account", "details__template"):
        waiting[account_id].append(template)
    tasks, runs = open_work_of(owner, ids)
    lines = [
        _line(account, rows.get(account.pk), waiting[account.pk], on, tasks.get(account.pk, 0), runs.get(account.pk, 0))
        for account in accounts
    ]
    return tuple(sorted(lines, key=lambda line: (line.triage, line.account.name)))


def open_work_of(owner: User, account_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Count the unfinished tasks and runs of a person by account."""
    tasks = Task.objects.unfinished().filter(assignee=owner, account__in=account_ids).order_by().values("account")
    runs = Run.objects.unfinished().filter(owner=owner, account__in=account_ids).order_by().values("account")
    counted = (rows.annotate(rows=Count("pk")).values_list("account", "rows") for rows in (tasks, runs))
    found = [dict(rows) for rows in counted]
    return found[0], found[1]


def _line(
    account: Account, row: AccountRow | None, waiting: list[str | None], on: dt.date, tasks: int, runs: int
) -> TransferLine:
    renewal_on = row.renewal_on if row else None
    days = (renewal_on - on).days if renewal_on else None
    band = row.band if row else "unknown"
    return TransferLine(
        account=account,
        triage=triage(band, days, has_open_escalation=ESCALATION in waiting),
        band=band,
        renewal_on=renewal_on,
        arr=row.arr if row else None,
        open_follow_ups=len(waiting),
        open_tasks=tasks,
        open_runs=runs,
    )
