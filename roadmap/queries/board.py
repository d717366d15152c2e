"""What comes when, and what of it may customers read?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account, User
from roadmap.models import FeatureRequest, RequestEvidence, SharedRoadmap
from roadmap.queries.requests import with_voices
from roadmap.rules.board import column_of, quarter_after, quarter_name, quarter_of

State = FeatureRequest.State
# Quarters after the present one that have a column of their own.
AHEAD = 3
CARDS = 40
# A name shorter than this stands in many words.
SHORTEST_NAME = 3
# What was shipped longer ago than this left the board.
SHIPPED_QUARTERS = 1
ORDER = {State.SHIPPED: 0, State.BUILDING: 1, State.PLANNED: 2, State.UNDER_REVIEW: 3, State.NEW: 4}


@dataclass(frozen=True)
class BoardColumn:
    """One quarter of the board with its requests."""

    title: str
    quarter: dt.date | None
    cards: Sequence[Any]
    count: int

    @property
    def more(self) -> int:
        """How many do not find room."""
        return self.count - len(self.cards)


@dataclass(frozen=True)
class SharedItem:
    """What a customer reads of one request: nothing else of it leaves."""

    title: str
    text: str
    quarter: str


def board(user: User | AnonymousUser, on: dt.date) -> list[BoardColumn]:
    """Give the columns: what waits for a quarter, what is late, this quarter, the next ones, later."""
    now = quarter_of(on)
    rows = FeatureRequest.objects.visible_to(user).standing()
    timed = rows.filter(state__in=(State.PLANNED, State.BUILDING))
    done = rows.filter(state=State.SHIPPED, quarter__gte=quarter_after(now, -SHIPPED_QUARTERS))
    review = rows.filter(state=State.UNDER_REVIEW)
    found: dict[int, list[Any]] = {}
    for one in with_voices(timed | done | review, user).select_related("module").order_by("quarter", "-pk"):
        found.setdefault(column_of(one.quarter, now, AHEAD), []).append(one)
    return [_column(number, now, found.get(number, [])) for number in range(AHEAD + 4)]


def _column(number: int, now: dt.date, rows: list[Any]) -> BoardColumn:
    rows.sort(key=lambda one: (ORDER[one.state], -one.account_count, one.pk))
    quarter = quarter_after(now, number - 2) if 2 <= number <= AHEAD + 2 else None
    names = {0: _("No quarter yet"), 1: _("Earlier quarters"), AHEAD + 3: _("Later")}
    title = quarter_name(quarter) if quarter else names[number]
    return BoardColumn(title, quarter, rows[:CARDS], len(rows))


def quarters_to_choose(on: dt.date, also: dt.date | None = None) -> list[tuple[str, str]]:
    """The quarters that a request can be put into: the present and the next ones, and the one that it has."""
    now = quarter_of(on)
    days = {quarter_after(now, step) for step in range(AHEAD * 2 + 1)}
    if also is not None:
        days.add(quarter_of(also))
    return [("", _("No quarter yet")), *((day.isoformat(), quarter_name(day)) for day in sorted(days))]


def named_customers(request: FeatureRequest, text: str) -> list[str]:
    """Name the customers who asked for a request and stand in a text that others would read."""
    if not text.strip():
        return []
    asked = Account.objects.filter(request_evidence__request=request).order_by().distinct()
    return _named(text, asked.values_list("name", flat=True))


def _named(text: str, names: Iterable[str]) -> list[str]:
    folded = text.casefold()
    return [name for name in names if len(name) >= SHORTEST_NAME and name.casefold() in folded]


def shared_items(page: SharedRoadmap, on: dt.date) -> dict[str, list[SharedItem]]:
    """What an address shows, by state: the texts for customers and the quarter, of nothing and nobody else.

    A text that names a customer who asked, though it did not when it was written, is held back.
    """
    since = on - dt.timedelta(days=page.shipped_days)
    recent = ~Q(state=State.SHIPPED) | Q(shipped_on__gte=since)
    rows = list(FeatureRequest.objects.shared().filter(recent).order_by("quarter", "shared_title", "pk"))
    names: dict[int, set[str]] = {}
    asked = RequestEvidence.objects.filter(request__in=[row.pk for row in rows]).order_by()
    for pk, name in asked.values_list("request", "account__name").distinct():
        names.setdefault(pk, set()).add(name)
    found: dict[str, list[SharedItem]] = {state: [] for state in FeatureRequest.SHOWN}
    for row in rows:
        if not _named(f"{row.shared_title}\n{row.shared_text}", names.get(row.pk, ())):
            quarter = quarter_name(row.quarter) if row.quarter else ""
            found[row.state].append(SharedItem(row.shared_title, row.shared_text, quarter))
    return found
