"""What does every change of a customer's record leave behind: an audit row, a timeline entry, a new score?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from accounts.actions import audit
from accounts.actions.audit import differences
from accounts.models import Account, Organisation, TimelineEntry, User
from common import jobs

__all__ = [
    "differences",
    "judge_triggers",
    "leave_audit",
    "leave_entry",
    "rescore",
    "rescore_all",
    "today",
]


def today(at: dt.datetime) -> dt.date:
    """Give the organisation's local day of an instant."""
    return Organisation.load().day_of(at)


def leave_audit(
    verb: str, row: models.Model, *, by: User | None, at: dt.datetime, changes: Mapping[str, Any] | None = None
) -> None:
    """Write who did what to which row."""
    audit.record(verb, by=by, at=at, obj=row, changes=changes)


def rescore(account_id: int) -> None:
    """Ask for a new score of one account; that job also refreshes its row in the list."""
    jobs.enqueue("health.score_accounts", key=f"score:{account_id}", account_ids=[account_id])


def rescore_all(account_ids: Iterable[int]) -> None:
    """Ask for new scores of many accounts, one job each, so that none waits for all."""
    jobs.enqueue_many("health.score_accounts", ((f"score:{pk}", {"account_ids": [pk]}) for pk in account_ids))


def judge_triggers(account_id: int | None = None) -> None:
    """Have it judged whether something starts by itself for an account, or for all of them: a burst is one job."""
    if account_id is None:
        jobs.enqueue("playbooks.evaluate_triggers", key="all")
    else:
        jobs.enqueue("playbooks.evaluate_triggers", key=f"account:{account_id}", account_ids=[account_id])


def leave_entry(
    account: Account,
    kind: str,
    title: str,
    *,
    by: User | None,
    at: dt.datetime,
    body: str = "",
    details: Mapping[str, Any] | None = None,
) -> TimelineEntry:
    """Write on the account's timeline what the system did."""
    return TimelineEntry.objects.create(
        account=account, kind=kind, title=title[:200], body=body, author=by, at=at, details=dict(details or {})
    )
