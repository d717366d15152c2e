"""Which figures follow from what an import has written, also if the import was stopped half-way?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from accounts.models import Account, Organisation
from common.jobs import enqueue
from common.models import Job
from revenue.actions import derive_movements, sync_renewals
from usage.actions import replay_waiting
from usage.actions.events import ask_for_scores

TASK = "portfolio.follow_import"
# After this long without a word from the import, the worker brings the figures in line by itself.
PATIENCE = dt.timedelta(hours=2)


def begin(run: str, *, at: dt.datetime) -> bool:
    """Leave word that figures will have to follow; say whether an import before this one never came to it."""
    unfinished = Job.objects.queued().filter(task=TASK).exists()
    enqueue(TASK, once=f"import:{run}", run_after=at + PATIENCE)
    return unfinished


def end(run: str) -> None:
    """Take the word back: the figures have followed."""
    Job.objects.queued().filter(task=TASK, once=f"import:{run}").delete()


def settle(touched: Mapping[str, set[int]], *, at: dt.datetime, everything: bool = False) -> None:
    """Derive movements and renewals, take in waiting events, and ask for scores of the accounts that were touched."""
    revenue = touched.get("revenue", set())
    on = Organisation.load().day_of(at)
    if everything or revenue:
        accounts = None if everything else revenue
        derive_movements(account_ids=accounts)
        sync_renewals(on=on, at=at, account_ids=accounts)
    if everything or touched.get("facts"):
        replay_waiting(at=at)
    if everything:
        ask_for_scores(Account.objects.order_by().values_list("pk", flat=True))
    else:
        ask_for_scores(set().union(*touched.values()))
