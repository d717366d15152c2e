"""How does a person write down a touch, and what follows from it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, rescore, today
from accounts.models import Account, Contact, TimelineEntry, User
from accounts.rules.roles import Capability
from common.errors import Refused

Kind = TimelineEntry.Kind
COPIED = ("kind", "title", "body", "is_private", "external_id", "details")
# A clock that runs a little ahead is no reason to refuse a note.
AHEAD = dt.timedelta(minutes=10)


def _check(account: Account, kind: str, contacts: Sequence[Contact], happened_at: dt.datetime, at: dt.datetime) -> None:
    if kind not in TimelineEntry.BY_HAND:
        raise Refused(_("Choose a note, call, meeting, e-mail, training or business review."), field="kind")
    if happened_at > at + AHEAD:
        raise Refused(_("A touch cannot be in the future."), field="at")
    if any(contact.account_id != account.pk for contact in contacts):
        raise Refused(_("Someone you chose belongs to another account."), field="contacts")


def _touch(entry: TimelineEntry, contacts: Sequence[Contact]) -> None:
    """Move the last touch of everybody who took part forward, never back."""
    if entry.kind not in TimelineEntry.TOUCHES or not contacts:
        return
    day = today(entry.at)
    behind = Contact.objects.filter(pk__in=[contact.pk for contact in contacts])
    behind.filter(Q(touched_on=None) | Q(touched_on__lt=day)).update(touched_on=day)


@transaction.atomic
def log_entry(
    *, account: Account, kind: str, title: str, by: User, at: dt.datetime, happened_at: dt.datetime | None = None,
    body: str = "", contacts: Sequence[Contact] = (), is_private: bool = False, follow_up_on: dt.date | None = None,
    external_id: str | None = None, template: str = "",
) -> TimelineEntry:  # fmt: skip
    """Write down a note or a touch; with the people spoken to and the day on which to come back to it."""
    happened = happened_at or at
    _check(account, kind, contacts, happened, at)
    if external_id and TimelineEntry.objects.filter(external_id=external_id).exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
    entry = TimelineEntry.objects.create(
        account=account,
        kind=kind,
        title=title,
        body=body,
        at=happened,
        author=by,
        is_private=is_private,
        follow_up_on=follow_up_on,
        external_id=external_id or None,
        details={"template": template} if template else {},
    )
    entry.contacts.set(contacts)
    _touch(entry, contacts)
    leave_audit("timeline.added", entry, by=by, at=at, changes={"kind": [None, str(kind)]})
    rescore(account.pk)
    return entry


def may_change(entry: TimelineEntry, by: User) -> bool:
    """Say whether a person may change an entry: their own, or any for who assigns owners; never the system's."""
    if entry.kind not in TimelineEntry.BY_HAND:
        return False
    return entry.author_id == by.pk or by.can(Capability.ASSIGN_OWNERS)


def _check_may_change(entry: TimelineEntry, by: User) -> None:
    if not may_change(entry, by):
        raise Refused(_("Only who wrote this entry may change it."), code="not_yours")


@transaction.atomic
def update_entry(
    *, entry: TimelineEntry, by: User, at: dt.datetime, contacts: Sequence[Contact] | None = None,
    happened_at: dt.datetime | None = None, **values: Any,
) -> TimelineEntry:  # fmt: skip
    """Correct an entry that a person wrote."""
    _check_may_change(entry, by)
    people = list(entry.contacts.all()) if contacts is None else contacts
    values["at"] = happened_at or entry.at
    _check(entry.account, values.get("kind", entry.kind), people, values["at"], at)
    changes = differences(entry, values, private=frozenset({"title", "body"}))
    for name, value in values.items():
        setattr(entry, name, value)
    entry.save()
    if contacts is not None:
        entry.contacts.set(contacts)
    _touch(entry, people)
    leave_audit("timeline.changed", entry, by=by, at=at, changes=changes)
    rescore(entry.account_id)
    return entry


@transaction.atomic
def finish_follow_up(*, entry: TimelineEntry, by: User, at: dt.datetime) -> TimelineEntry:
    """Tick off a follow-up; ticked twice it stays as it was."""
    locked = TimelineEntry.objects.select_for_update().get(pk=entry.pk)
    if locked.follow_up_on is None:
        raise Refused(_("This entry has no follow-up."))
    if locked.follow_up_done_at is None:
        locked.follow_up_done_at = at
        locked.save(update_fields=["follow_up_done_at"])
        leave_audit("timeline.follow_up_done", locked, by=by, at=at)
    return locked


@transaction.atomic
def reopen_follow_up(*, entry: TimelineEntry, by: User, at: dt.datetime) -> None:
    """Take back that a follow-up was done."""
    TimelineEntry.objects.filter(pk=entry.pk).update(follow_up_done_at=None)
    leave_audit("timeline.follow_up_reopened", entry, by=by, at=at)


@transaction.atomic
def delete_entry(*, entry: TimelineEntry, by: User, at: dt.datetime) -> dict[str, Any]:
    """Throw away an entry that a person wrote; answers with what `restore_entry` needs to bring it back."""
    _check_may_change(entry, by)
    copy = {name: getattr(entry, name) for name in COPIED} | {
        "account": entry.account_id,
        "author": entry.author_id,
        "at": entry.at.isoformat(),
        "follow_up_on": entry.follow_up_on.isoformat() if entry.follow_up_on else None,
        "follow_up_done_at": entry.follow_up_done_at.isoformat() if entry.follow_up_done_at else None,
        "contacts": list(entry.contacts.values_list("pk", flat=True)),
    }
    leave_audit("timeline.deleted", entry, by=by, at=at, changes={"account": entry.account_id})
    account_id = entry.account_id
    entry.delete()
    rescore(account_id)
    return copy


@transaction.atomic
def restore_entry(*, account: Account, copy: Mapping[str, Any], by: User, at: dt.datetime) -> TimelineEntry:
    """Bring back an entry as it was when it was deleted."""
    done, due = copy["follow_up_done_at"], copy["follow_up_on"]
    entry = TimelineEntry.objects.create(
        account=account,
        author_id=copy["author"],
        at=dt.datetime.fromisoformat(copy["at"]),
        follow_up_on=parse_date(due) if due else None,
        follow_up_done_at=parse_datetime(done) if done else None,
        **{name: copy[name] for name in COPIED},
    )
    entry.contacts.set(Contact.objects.filter(account=account, pk__in=copy["contacts"]))
    leave_audit("timeline.restored", entry, by=by, at=at)
    rescore(account.pk)
    return entry
