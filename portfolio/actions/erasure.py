"""How is a person of a customer taken out of the book for good?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.db import models, transaction

from accounts.actions.traces import leave_audit, rescore, today
from accounts.models import Contact, User
from playbooks.models import StepMail
from portfolio.queries.erasure import names_of, places
from usage.models import AccountPersonUse, FeatureUsageDay, UsageEvent

# Where usage says which person it was: a mail address, when the product sends that.
USE: tuple[type[models.Model], ...] = (UsageEvent, FeatureUsageDay, AccountPersonUse)


def ledger() -> Path:
    """The list of contacts that were erased, by number: it outlives the restoring of an older backup."""
    return Path(settings.DATA_DIR) / "erased_contacts.txt"


@transaction.atomic
def erase_contact(*, contact: Contact, by: User | None, at: dt.datetime) -> int:
    """Forget who a contact was: blank texts that name them, drop mails to them; returns in how many texts.

    The row stays, without a name, so that answers and revenue of the account keep adding up. Nobody can undo it.
    """
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    names, count = names_of(locked), 0
    for place in places():
        for row in place.naming(locked).iterator(chunk_size=500):
            if blank := place.blanked(row, names):
                place.model._default_manager.filter(pk=row.pk).update(**blank)
                count += 1
    StepMail.objects.filter(contact=locked).delete()
    alias = f"erased-{locked.pk}"
    if locked.email:
        for model in USE:
            model._default_manager.filter(
                account=locked.account_id, person__in={locked.email, locked.email.lower()}
            ).update(person=alias)
    locked.name, locked.title, locked.email, locked.phone = f"[{locked.pk}]", "", "", ""
    locked.external_id = alias if locked.external_id else None
    locked.left_on = locked.left_on or today(at)
    locked.unsubscribed_at = locked.unsubscribed_at or at
    locked.version += 1
    locked.save()
    leave_audit("contact.erased", locked, by=by, at=at, changes={"texts": [count, 0]})
    rescore(locked.account_id)
    transaction.on_commit(lambda: _remember(locked.pk, at))
    return count


def _remember(pk: int, at: dt.datetime) -> None:
    with ledger().open("a", encoding="utf-8") as lines:
        lines.write(f"{pk} {at:%Y-%m-%dT%H:%M:%SZ}\n")


def repeat_erasures(*, at: dt.datetime) -> int:
    """Erase again whom an older backup has brought back; returns how many."""
    if not ledger().exists():
        return 0
    known = {int(line.split()[0]) for line in ledger().read_text(encoding="utf-8").splitlines() if line.strip()}
    back = [one for one in Contact.objects.filter(pk__in=known) if one.name != f"[{one.pk}]"]
    for contact in back:
        erase_contact(contact=contact, by=None, at=at)
    return len(back)
