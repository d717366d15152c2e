"""Which playbook does each of some accounts ask for?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import User
from health.models import EarlyWarning
from playbooks.models import Playbook, PlaybookVersion, Run
from playbooks.queries.starting import startable
from portfolio.models import AccountRow
from portfolio.rules.plays import fitting_category
from revenue.models import Renewal


@dataclass(frozen=True)
class Suggestion:
    """The playbook that an account asks for."""

    playbook: Playbook
    account_id: int


def recommended_playbooks(rows: Sequence[AccountRow], user: User, on: dt.date) -> dict[int, Suggestion]:
    """Name a playbook for each account that asks for one and for which none of its kind runs: four queries."""
    ids = [row.pk for row in rows]
    if not ids:
        return {}
    warnings, talks, running = _warnings(ids), _talks(ids, on), _running(ids)
    books = _books(user)
    found = {}
    for row in rows:
        left = (row.renewal_on - on).days if row.renewal_on else None
        category = fitting_category(
            band=row.band, stage=row.stage, days_to_renewal=left, warnings=warnings[row.pk],
            talks_begun=row.pk not in talks,
        )  # fmt: skip
        book = _fitting(books, category, row) if category and category not in running[row.pk] else None
        if book is not None:
            found[row.pk] = Suggestion(book, row.pk)
    return found


def _warnings(ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = EarlyWarning.objects.unresolved().filter(account__in=ids).order_by()
    for account, key in rows.values_list("account", "rule__key"):
        found[account].add(key)
    return found


def _talks(ids: Sequence[int], on: dt.date) -> set[int]:
    """The accounts with a renewal ahead of which nobody has spoken."""
    rows = Renewal.objects.filter(account__in=ids, stage=Renewal.Stage.NOT_STARTED, due_on__gte=on).order_by()
    return set(rows.values_list("account", flat=True))


def _running(ids: Sequence[int]) -> dict[int, set[str]]:
    """The kinds of playbook that run for each account."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Run.objects.unfinished().filter(account__in=ids).order_by()
    for account, category in rows.values_list("account", "playbook__category"):
        found[account].add(category)
    return found


def _books(user: User) -> list[tuple[Playbook, Mapping[str, Any]]]:
    """The playbooks that can be started, each with what it says of whom it is for."""
    newest = PlaybookVersion.objects.filter(playbook=OuterRef("pk")).order_by("-number")
    rows = startable(user).annotate(definition=Subquery(newest.values("definition")[:1]))
    return [(row, row.definition.get("entry", {})) for row in rows]


def _fitting(books: Iterable[tuple[Playbook, Mapping[str, Any]]], category: str, row: AccountRow) -> Playbook | None:
    """The first playbook of a kind that is meant for the account; one of its industry before a general one."""
    meant = [book for book, entry in books if book.category == category and _is_meant(entry, row)]
    own = [book for book in meant if book.industry]
    return next(iter([*own, *meant]), None)


def _is_meant(entry: Mapping[str, Any], row: AccountRow) -> bool:
    """Whether the plain fields of an account do not speak against the entry rule; the rest is judged at its start."""
    values = {"tier": row.tier, "industry": row.industry, "stage": row.stage, "purchase_level": row.purchase_level}
    for condition in entry.get("conditions", []):
        value = values.get(condition.get("field", ""))
        given, operator = condition.get("value"), condition.get("operator", "is")
        if value is None or operator not in ("is", "in"):
            continue
        if value not in (given if isinstance(given, list) else [given]):
            return False
    return True
