"""Which figures follow from what an import has written, also if the import was stopped half-way?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from accounts.models import Account, Organisation
from common.errors import Refused
from common.jobs import enqueue
from common.models import Job
from portfolio.actions import refresh_rows
from revenue.actions import derive_movements, remember_renewals, sync_renewals
from usage.actions import replay_waiting
from usage.actions.events import ask_for_scores

TASK = "portfolio.follow_import"
# More accounts than this are not named one by one.
MANY = 10_000
# After this long without a word from the import, the worker brings the figures in line by itself.
PATIENCE = dt.timedelta(hours=2)


def begin(run: str, *, at: dt.datetime) -> bool:
    """Leave word that figures will have to follow; say whether an import before this one never came to it."""
    unfinished = Job.objects.queued().filter(task=TASK).exists()
    enqueue("portfolio.follow_import", once=f"import:{run}", run_after=at + PATIENCE)
    return unfinished


def end(run: str) -> None:
    """Take the word back: the figures have followed."""
    Job.objects.queued().filter(task=TASK, once=f"import:{run}").delete()


def settle(touched: Mapping[str, set[int]], *, at: dt.datetime, everything: bool = False) -> list[str]:
    """Derive movements and renewals, take in waiting events, show the accounts in the list and ask for their scores.

    What cannot be worked out, as an amount without its exchange rate, is said and does not undo the import.
    """
    on = Organisation.load().day_of(at)
    accounts = None if everything else set().union(*touched.values())
    revenue = None if everything else touched.get("revenue", set())
    steps: list[Callable[[], object]] = []
    if everything or revenue:
        steps.append(lambda: derive_movements(account_ids=revenue))
        steps.append(lambda: sync_renewals(on=on, at=at, account_ids=revenue))
        steps.append(lambda: remember_renewals(on=on, account_ids=revenue))
    if everything or touched.get("facts"):
        steps.append(lambda: replay_waiting(at=at))
    if everything or accounts:
        steps.append(lambda: refresh_rows(on=on, account_ids=_or_all(accounts)))
        steps.append(lambda: ask_for_scores(_ids(accounts)))
    said = []
    for step in steps:
        try:
            step()
        except Refused as refusal:
            said.append(str(refusal))
    return list(dict.fromkeys(said))


def _or_all(accounts: set[int] | None) -> set[int] | None:
    """Some accounts, or all where a list of them would be longer than a database takes."""
    return accounts if accounts is not None and len(accounts) <= MANY else None


def _ids(accounts: set[int] | None) -> Iterable[int]:
    return Account.objects.order_by().values_list("pk", flat=True) if accounts is None else accounts
