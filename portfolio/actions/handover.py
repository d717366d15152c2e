"""How does a whole book pass to a colleague, with all the work that goes on in it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.actions.service_team import transfer_accounts
from accounts.models import Account, User
from playbooks.actions.handover import hand_over_work


@dataclass(frozen=True)
class HandedOver:
    """What changed hands."""

    accounts: int
    tasks: int
    runs: int


@transaction.atomic
def hand_over_book(
    *, accounts: Sequence[Account], owner: User, to: User, work_to: User, note: str, by: User, at: dt.datetime
) -> HandedOver:
    """Give accounts to another owner, and what the former owner had still to do for them to an explicit person."""
    moved = transfer_accounts(accounts=accounts, to=to, note=note, by=by, at=at)
    tasks, runs = hand_over_work(
        account_ids=[account.pk for account in accounts], owner=owner, to=work_to, by=by, at=at
    )
    return HandedOver(moved, tasks, runs)
