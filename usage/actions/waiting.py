"""What becomes of events that came before their account did?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

from django.db import transaction

from accounts.models import Account
from usage.actions.events import Outcome, ask_for_scores, record_events
from usage.models import WaitingEvent
from usage.rules.events import Event

BATCH = 5_000
SETTLED = {Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.CONFLICT}


def replay_waiting(account_external_ids: Iterable[str] | None = None, *, at: dt.datetime) -> dict[str, int]:
    """Take in the waiting events of some accounts, or of every account that is known by now; say what became of them.

    What is taken in leaves the waiting list; an event whose feature is gone stays.
    """
    rows = WaitingEvent.objects.filter(account_external_id__in=Account.objects.values("external_id"))
    if account_external_ids is not None:
        rows = rows.filter(account_external_id__in=list(account_external_ids))
    ids = iter(list(rows.order_by("pk").values_list("pk", flat=True)))
    counts: dict[str, int] = defaultdict(int)
    touched: set[int] = set()
    while part := list(islice(ids, BATCH)):
        _replay(part, at, counts, touched)
    ask_for_scores(touched)
    return dict(counts)


@transaction.atomic
def _replay(ids: list[int], at: dt.datetime, counts: dict[str, int], touched: set[int]) -> None:
    """Take one part in; rows that another worker holds are left to it."""
    by_source: dict[str, list[WaitingEvent]] = defaultdict(list)
    for row in WaitingEvent.objects.select_for_update(skip_locked=True).filter(pk__in=ids).order_by("pk"):
        by_source[row.source].append(row)
    for source, rows in by_source.items():
        found = record_events([_event(row) for row in rows], source=source, at=at, rescore=False)
        touched |= found.account_ids
        for word, number in found.counts.items():
            counts[word] += number
        done = [row.pk for row, word in zip(rows, found.outcomes, strict=True) if word in SETTLED]
        WaitingEvent.objects.filter(pk__in=done).delete()


def _event(row: WaitingEvent) -> Event:
    """Read a kept event back."""
    kept = row.payload
    return Event(
        row.message_id,
        row.account_external_id,
        kept["feature"],
        dt.datetime.fromisoformat(kept["at"]),
        kept["person"],
        kept["quantity"],
    )
