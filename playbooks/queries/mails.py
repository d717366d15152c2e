"""What does an e-mail step say to each contact, who gets it, and who does not?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Organisation, ServiceAssignment, User
from common.formats import date, number
from playbooks.models import MailSettings, StepMail, Task
from playbooks.rules.mails import BREAKS, MailRefused, fill, head_line, missing_values
from playbooks.rules.words import in_language
from revenue.queries.renewals import next_renewal

SALT = "playbooks.unsubscribe"


@dataclass(frozen=True)
class Recipient:
    """One contact of an account, and why a step does not write to them; empty if it does."""

    contact: Contact
    left_out: str = ""


@dataclass(frozen=True)
class Letter:
    """One mail as it would go out now."""

    task: Task
    contact: Contact
    subject: str
    body: str
    language: str
    # Placeholders without a value, and what else forbids it to be sent; empty if nothing does.
    missing: tuple[str, ...] = ()
    problem: str = ""

    @property
    def may_go(self) -> bool:
        """Whether it can be sent."""
        return not self.problem


@dataclass(frozen=True)
class Post:
    """Everything about the mails of one step."""

    task: Task
    recipients: tuple[Recipient, ...]
    letters: tuple[Letter, ...]
    sent: tuple[StepMail, ...] = ()
    languages: tuple[str, ...] = field(default=())

    @property
    def writable(self) -> tuple[Letter, ...]:
        """The mails that can be sent and were not."""
        done = {mail.contact_id for mail in self.sent}
        return tuple(letter for letter in self.letters if letter.may_go and letter.contact.pk not in done)

    @property
    def problems(self) -> tuple[str, ...]:
        """What forbids mails to be sent, each once."""
        return tuple(dict.fromkeys(letter.problem for letter in self.letters if letter.problem))


def posts_of(tasks: Sequence[Task], on: dt.date, language: str = "") -> list[Post]:
    """Write the mails of any number of e-mail steps in a few queries; without a language in that of each owner."""
    ids = {task.account_id for task in tasks}
    organisation, mail_settings = Organisation.load(), MailSettings.load()
    owners, renewals = _owners(ids, on), next_renewal(on, ids)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(account__in=ids).order_by("name", "pk"):
        contacts[contact.account_id].append(contact)
    sent: dict[int, list[StepMail]] = defaultdict(list)
    for mail in StepMail.objects.filter(task__in=[task.pk for task in tasks]).select_related("contact").order_by("pk"):
        sent[mail.task_id].append(mail)
    posts = []
    for task in tasks:
        owner = owners.get(task.account_id)
        chosen = language or (owner.language if owner else "") or settings.LANGUAGE_CODE
        own = contacts[task.account_id]
        roles = (task.step.get("mail") or {}).get("to") or []
        recipients = tuple(Recipient(one, _why_not(one, roles, on)) for one in own)
        with translation.override(chosen):
            values = _values(task.account, owner, organisation, mail_settings, renewals.get(task.account_id), on)
            letters = tuple(_letter(task, one.contact, values, chosen) for one in recipients if not one.left_out)
        words = (task.step.get("mail") or {}).get("subject") or {}
        posts.append(Post(task, recipients, letters, tuple(sent[task.pk]), tuple(words)))
    return posts


def _owners(account_ids: Iterable[int], on: dt.date) -> dict[int, User]:
    rows = ServiceAssignment.objects.owners().active_on(on).filter(account__in=account_ids).select_related("user")
    return {row.account_id: row.user for row in rows if row.user.is_active}


def _why_not(contact: Contact, roles: Sequence[str], on: dt.date) -> str:
    """Say why a contact gets no mail, in words."""
    if contact.left_on is not None and contact.left_on <= on:
        return _("has left")
    if roles and contact.role not in roles:
        return _("has another role")
    if not contact.email:
        return _("has no e-mail address")
    if contact.unsubscribed_at is not None:
        return _("has unsubscribed")
    return "" if is_deliverable(contact.email) else _("has an e-mail address that is none")


def is_deliverable(address: str) -> bool:
    """Say whether a mail may be addressed like this: one address, on one line."""
    if BREAKS.search(address) or "," in address:
        return False
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _values(
    account: Account, owner: User | None, organisation: Organisation, mail: MailSettings, renewal: dt.date | None,
    on: dt.date,
) -> dict[str, str]:  # fmt: skip
    """The values of the placeholders in the active language; the contact's name comes with the contact."""
    return {
        "account": account.name,
        "owner": owner.name if owner else mail.sender_name or organisation.name,
        "owner_email": owner.email if owner else mail.reply_to,
        "organisation": organisation.name,
        "signed_on": date(account.signed_on) if account.signed_on else "",
        "live_on": date(account.live_on) if account.live_on else "",
        "renewal_on": date(renewal) if renewal else "",
        "days_to_renewal": number((renewal - on).days) if renewal else "",
        "guide": mail.guide_url,
        "manual": mail.manual_url,
    }


def _letter(task: Task, contact: Contact, values: dict[str, str], language: str) -> Letter:
    mail = task.step.get("mail") or {}
    subject, body = (in_language(mail.get(part) or {}, language) for part in ("subject", "body"))
    known = {**values, "contact": contact.name}
    missing = missing_values(subject + body, known)
    problem = ""
    if missing:
        names = ", ".join("{{" + name + "}}" for name in missing)
        problem = _("There is no value for %(names)s.") % {"names": names}
    line = fill(subject, known)
    try:
        line = head_line(line)[:400]
    except MailRefused:
        problem = _("The subject holds a line break.")
    return Letter(task, contact, line, fill(body, known), language, tuple(missing), problem)


def unsubscribe_link(contact: Contact) -> str:
    """The address at which this contact, and nobody else, says that no more such mails shall come."""
    token = signing.dumps(contact.pk, salt=SALT)
    return str(settings.SITE_URL).rstrip("/") + reverse("unsubscribe", args=[token])


def contact_of(token: str) -> Contact | None:
    """Whose address it is; None for one that was made up. It does not age: an old mail must be good for it too."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return Contact.objects.select_related("account").filter(pk=pk).first() if isinstance(pk, int) else None
