"""How does a customer's timeline tell that its health changed?"""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.utils.translation import gettext as _

from accounts.models import TimelineEntry
from common.bulk import Coded
from common.periods import start_of_day
from health.models import HealthScore
from health.queries.indicators.book import Book
from health.rules.score import Words

ONE_SECOND = dt.timedelta(seconds=1)


def record_band_changes(*, book: Book, before: Words, after: Words, scores: Coded, at: dt.datetime, again: bool) -> int:
    """Write one timeline entry per account whose band differs from its reading before; return how many.

    One entry per account and day: when a day is scored `again`, its entries are brought up to date or taken back.
    """
    changed = np.flatnonzero((before != "") & (before != after))
    if again:
        _take_back(book, np.delete(np.arange(len(book.ids)), changed))
    when = _moment(book, at)
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                account_id=int(book.ids[row]),
                external_id=_key(book, int(book.ids[row])),
                kind=TimelineEntry.Kind.HEALTH,
                at=when,
                title=_("Health: %(before)s → %(after)s")
                % {"before": _label(before[row]), "after": _label(after[row])},
                details={
                    "on": book.on.isoformat(),
                    "before": str(before[row]),
                    "after": str(after[row]),
                    "score": None if scores[row] is None else str(scores[row]),
                },
            )
            for row in changed.tolist()
        ],
        update_conflicts=True,
        unique_fields=["external_id"],
        update_fields=["at", "title", "details"],
        batch_size=1000,
    )
    return len(changed)


def _take_back(book: Book, rows: np.ndarray) -> None:
    """Delete the day's entries of accounts whose band did not change after all."""
    entries = TimelineEntry.objects.filter(kind=TimelineEntry.Kind.HEALTH, external_id__startswith=_key(book, None))
    kept = set(book.ids[rows].tolist())
    stale = [pk for pk, account in book.only(entries).values_list("pk", "account_id") if account in kept]
    if stale:
        TimelineEntry.objects.filter(pk__in=stale).delete()


def _key(book: Book, account: int | None) -> str:
    return f"health:{book.on.isoformat()}:{'' if account is None else account}"


def _moment(book: Book, at: dt.datetime) -> dt.datetime:
    """Now for today's score, the end of the day for a past one."""
    end = start_of_day(book.on + dt.timedelta(days=1), book.zone)
    return min(at, end - ONE_SECOND)


def _label(band: str) -> str:
    return str(HealthScore.Band(str(band)).label)
