"""What happened with a customer, newest first, a page at a time?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from accounts.models import Account, TimelineEntry, User

PAGE_SIZE = 30


@dataclass(frozen=True)
class TimelinePage:
    """One page of entries, and the key after which the next one begins."""

    entries: tuple[TimelineEntry, ...]
    after: str


def cursor_of(entry: TimelineEntry) -> str:
    """Give the key of an entry: its instant and its id."""
    return f"{entry.at.isoformat()}~{entry.pk}"


def _position(cursor: str) -> tuple[dt.datetime, int] | None:
    """Read a key; one that is no key means the first page."""
    instant, _sep, number = cursor.partition("~")
    try:
        at = parse_datetime(instant.replace(" ", "+"))
    except ValueError:
        return None
    if at is None or at.tzinfo is None or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    return at, int(number)


def timeline_page(
    account: Account, user: User, *, kinds: Collection[str] = (), after: str = "", size: int = PAGE_SIZE
) -> TimelinePage:
    """Read one page of what a person may see, of some kinds or all; costs the same on every page."""
    entries = TimelineEntry.objects.visible_to(user).filter(account=account)
    if kinds:
        entries = entries.filter(kind__in=list(kinds))
    position = _position(after) if after else None
    if position is not None:
        at, pk = position
        entries = entries.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    found = list(entries.select_related("author").prefetch_related("contacts").order_by("-at", "-pk")[: size + 1])
    shown = tuple(found[:size])
    return TimelinePage(entries=shown, after=cursor_of(shown[-1]) if len(found) > size else "")


def open_follow_ups(account: Account, user: User) -> list[TimelineEntry]:
    """List the follow-ups of an account that nobody has ticked off, most urgent first."""
    return list(
        TimelineEntry.objects.visible_to(user)
        .filter(account=account, follow_up_on__isnull=False, follow_up_done_at=None)
        .select_related("author")
        .order_by("follow_up_on", "pk")[:50]
    )


def due_follow_ups(user: User, on: dt.date, limit: int = 20) -> list[TimelineEntry]:
    """List the follow-ups that a person promised to do by a day, oldest first."""
    return list(
        TimelineEntry.objects.visible_to(user)
        .filter(author=user, follow_up_on__lte=on, follow_up_done_at=None)
        .select_related("account")
        .order_by("follow_up_on", "pk")[:limit]
    )
