"""What happens when a customer speaks of us in public?"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Account, Contact, User
from advocacy.models import PublicMention
from common.errors import Refused


@transaction.atomic
def add_mention(
    *, account: Account, kind: str, title: str, on: dt.date, by: User | None, at: dt.datetime,
    contact: Contact | None = None, url: str = "",
) -> PublicMention:  # fmt: skip
    """Write down where a customer spoke of us."""
    if on > today(at):
        raise Refused(_("The day cannot be in the future."), field="on")
    if contact is not None and contact.account_id != account.pk:
        raise Refused(_("This contact belongs to another account."), field="contact")
    mention = PublicMention(
        account=account, contact=contact, kind=kind, title=title.strip(), url=url, on=on, added_by=by
    )
    try:
        mention.full_clean(exclude=["account", "contact", "added_by"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from None
    mention.save()
    leave_audit("public_mention.added", mention, by=by, at=at, changes={"title": [None, mention.title]})
    return mention


@transaction.atomic
def delete_mention(*, mention: PublicMention, by: User | None, at: dt.datetime) -> None:
    """Take a mention away that never was."""
    leave_audit("public_mention.deleted", mention, by=by, at=at, changes={"title": [mention.title, None]})
    mention.delete()
