"""How does the list of people at a customer change?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry, rescore, today
from accounts.models import Account, Contact, TimelineEntry, User
from common.errors import Conflict, Refused

# Ids only: the audit is kept for ever, so what identifies a person stays out of it.
PERSONAL = frozenset({"name", "title", "email", "phone"})


@transaction.atomic
def add_contact(*, account: Account, by: User, at: dt.datetime, **values: Any) -> Contact:
    """Write down a person at a customer."""
    _check_days(values, at)
    contact = Contact.objects.create(account=account, **values)
    leave_audit("contact.added", contact, by=by, at=at, changes={"role": [None, contact.role]})
    rescore(account.pk)
    return contact


@transaction.atomic
def update_contact(
    *, contact: Contact, by: User, at: dt.datetime, version: int | None = None, **values: Any
) -> Contact:
    """Change what is known of a person; whoever edited an older version is told both values."""
    locked = Contact.objects.select_for_update(of=("self",)).select_related("account").get(pk=contact.pk)
    if version is not None and version != locked.version:
        both = {name: (getattr(locked, name), new) for name, new in values.items() if getattr(locked, name) != new}
        raise Conflict(_("Someone else saved this contact while you were editing. Nothing was overwritten."), both)
    _check_days(values, at)
    changes = differences(locked, values, private=PERSONAL)
    if not changes:
        return locked
    had_left = locked.left_on
    for name, value in values.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save()
    leave_audit("contact.changed", locked, by=by, at=at, changes=changes)
    if locked.left_on and not had_left:
        _tell_left(locked, by=by, at=at)
    rescore(locked.account_id)
    return locked


def _check_days(values: dict[str, Any], at: dt.datetime) -> None:
    """Refuse days that have not come."""
    for name, message in (
        ("touched_on", _("Last touched cannot be in the future.")),
        ("left_on", _("Left on cannot be in the future.")),
    ):
        if values.get(name) is not None and values[name] > today(at):
            raise Refused(message, field=name)


def _tell_left(contact: Contact, *, by: User, at: dt.datetime) -> None:
    title = _("%(name)s (%(role)s) left") % {"name": contact.name, "role": contact.get_role_display()}
    details = {"contact": contact.pk, "role": contact.role}
    leave_entry(contact.account, TimelineEntry.Kind.CONTACT, title, by=by, at=at, details=details)


def mark_contact_left(*, contact: Contact, by: User, at: dt.datetime, left_on: dt.date | None = None) -> Contact:
    """Write down that a person left the customer; a champion's leaving is a warning elsewhere."""
    if contact.left_on is not None:
        raise Refused(_("%(name)s had already left.") % {"name": contact.name})
    return update_contact(contact=contact, by=by, at=at, left_on=left_on or today(at))


@transaction.atomic
def mark_contact_back(*, contact: Contact, by: User, at: dt.datetime) -> Contact:
    """Take back that a person left."""
    TimelineEntry.objects.filter(
        account=contact.account_id, kind=TimelineEntry.Kind.CONTACT, details__contact=contact.pk
    ).delete()
    return update_contact(contact=contact, by=by, at=at, left_on=None)
