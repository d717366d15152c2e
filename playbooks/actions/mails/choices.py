"""How does a contact say that no more mails shall come, and an admin from whom they come?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry
from accounts.models import Contact, TimelineEntry, User
from playbooks.models import MailSettings


@transaction.atomic
def unsubscribe(*, contact: Contact, at: dt.datetime) -> Contact:
    """Write nothing more to a contact that nobody wrote for them alone; said twice it stays as it was."""
    locked = Contact.objects.select_for_update(of=("self",)).select_related("account").get(pk=contact.pk)
    if locked.unsubscribed_at is None:
        locked.unsubscribed_at = at
        _leave(locked, "unsubscribed", _("Unsubscribed from mails: %(name)s"), at)
    return locked


@transaction.atomic
def resubscribe(*, contact: Contact, at: dt.datetime) -> Contact:
    """Take back, by the contact's own word, that nothing more shall come."""
    locked = Contact.objects.select_for_update(of=("self",)).select_related("account").get(pk=contact.pk)
    if locked.unsubscribed_at is not None:
        locked.unsubscribed_at = None
        _leave(locked, "resubscribed", _("Subscribed to mails again: %(name)s"), at)
    return locked


def _leave(contact: Contact, event: str, title: str, at: dt.datetime) -> None:
    contact.save(update_fields=["unsubscribed_at"])
    leave_audit(f"contact.{event}", contact, by=None, at=at)
    leave_entry(
        contact.account, TimelineEntry.Kind.CONTACT, title % {"name": contact.name}, by=None, at=at,
        details={"event": event, "contact": contact.pk, "person": contact.name},
    )  # fmt: skip


@transaction.atomic
def change_mail_settings(*, by: User, at: dt.datetime, **values: Any) -> MailSettings:
    """Change from whom the mails come, and where guide and manual stand."""
    found = MailSettings.objects.select_for_update().filter(pk=1).first() or MailSettings(pk=1)
    changes = differences(found, values)
    for name, value in values.items():
        setattr(found, name, value)
    if changes:
        found.save()
        leave_audit("mail_settings.changed", found, by=by, at=at, changes=changes)
    return found
