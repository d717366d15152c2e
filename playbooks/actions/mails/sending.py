"""How is one mail handed to the mail server, once, whatever dies meanwhile?

The row says `sending` before the server gets the mail and `sent` after it took it. A job that finds `sending` was
killed in between, and nobody knows whether the mail went out: it is marked unsure and not sent again by itself.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from collections import Counter
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify_people
from accounts.actions.traces import leave_audit, leave_entry
from accounts.models import Contact, TimelineEntry, User
from common.errors import Refused
from common.jobs import enqueue
from common.text import markdown
from playbooks.actions.tasks import complete_task
from playbooks.models import MailSettings, StepMail, Task
from playbooks.queries.mails import unsubscribe_link
from playbooks.rules.mails import step_outcome

State = StepMail.State
# Temporary refusals of a mail server begin with 4: it asks to come again.
COME_AGAIN = range(400, 500)


class NotReached(Exception):
    """The mail server was not reached, or asked to come again: the mail was surely not sent, and the job comes back."""


def deliver_mail(*, mail_id: int, at: dt.datetime) -> str:
    """Send one mail if it still waits; answers with the state in which it then is."""
    mail = _found(mail_id)
    if mail is None or mail.state not in (State.QUEUED, State.SENDING):
        return mail.state if mail else ""
    if mail.state == State.SENDING:
        return _settle(mail, State.UNSURE, at=at, error=_("The worker stopped while the mail was handed over."))
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotReached(str(error)[:300]) from error
    try:
        message = _message(mail, connection)
        if not _claim(mail, at):
            return mail.state
        return _hand_over(mail, message, at)
    finally:
        connection.close()


def _found(mail_id: int) -> StepMail | None:
    rows = StepMail.objects.select_related("task__account", "contact", "queued_by", "task__run__owner")
    return rows.filter(pk=mail_id).first()


def _claim(mail: StepMail, at: dt.datetime) -> bool:
    """Write down that the mail is handed over now; who unsubscribed since it was queued is left out."""
    with transaction.atomic():
        locked = StepMail.objects.select_for_update().filter(pk=mail.pk, state=State.QUEUED).first()
        if locked is None:
            return False
        if Contact.objects.filter(pk=mail.contact_id).exclude(unsubscribed_at=None).exists():
            _settle(mail, State.LEFT_OUT, at=at)
            return False
        mail.state = locked.state = State.SENDING
        mail.handed_at = locked.handed_at = at
        locked.save(update_fields=["state", "handed_at"])
    return True


def _hand_over(mail: StepMail, message: EmailMultiAlternatives, at: dt.datetime) -> str:
    """Give it to the server, and write down what that said."""
    try:
        message.send()
    except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        code, said = _answer_of(error)
        if code in COME_AGAIN:
            StepMail.objects.filter(pk=mail.pk).update(state=State.QUEUED, handed_at=None, error=said)
            raise NotReached(said) from error
        return _settle(mail, State.FAILED, at=at, error=said)
    except (OSError, smtplib.SMTPException) as error:
        return _settle(mail, State.UNSURE, at=at, error=str(error)[:500])
    return _settle(mail, State.SENT, at=at)


def _answer_of(error: smtplib.SMTPException) -> tuple[int, str]:
    """The code and the words with which a server refused."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (550, b""))
    else:
        code, said = error.smtp_code, error.smtp_error  # type: ignore[attr-defined]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return code, f"{code} {text}"[:500]


def _message(mail: StepMail, connection: object) -> EmailMultiAlternatives:
    """The mail with its head: one recipient, an id of its own, and how one unsubscribes by one click (RFC 8058)."""
    shown = MailSettings.load()
    link = unsubscribe_link(mail.contact)
    with translation.override(mail.language or settings.LANGUAGE_CODE):
        foot = _("If you do not want such mails any more: %(link)s") % {"link": link}
    text = "\n\n".join([mail.body, "-- \n" + "\n".join(filter(None, [shown.footer, foot]))])
    host = urlsplit(str(settings.SITE_URL)).hostname or "localhost"
    sender = formataddr((shown.sender_name, settings.DEFAULT_FROM_EMAIL)) if shown.sender_name else None
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=text,
        from_email=sender or settings.DEFAULT_FROM_EMAIL,
        to=[mail.address],
        reply_to=[shown.reply_to] if shown.reply_to else None,
        connection=connection,
        headers={
            "Message-ID": f"<{mail.key.hex}@{host}>",
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(f"<html><body>{markdown(text)}</body></html>", "text/html")
    return message


@transaction.atomic
def _settle(mail: StepMail, state: str, *, at: dt.datetime, error: str = "") -> str:
    """Write down what became of a mail; the step is finished with its last one."""
    mail.state, mail.error = state, error
    mail.sent_at = at if state == State.SENT else None
    mail.save(update_fields=["state", "error", "sent_at"])
    leave_audit(f"step_mail.{state}", mail, by=mail.queued_by, at=at, changes={"contact": mail.contact_id})
    if state == State.SENT:
        # What the program sends by itself is no touch: nobody spoke with the customer.
        kind = TimelineEntry.Kind.EMAIL if mail.queued_by else TimelineEntry.Kind.PLAYBOOK
        entry = leave_entry(
            mail.task.account, kind, mail.subject, by=mail.queued_by, at=at, body=mail.body,
            details={"step_mail": mail.pk, "task": mail.task_id, "run": mail.task.run_id},
        )  # fmt: skip
        entry.contacts.add(mail.contact)
    elif state in (State.FAILED, State.UNSURE):
        _tell(mail, at)
    _finish_step(mail.task, by=mail.queued_by, at=at)
    return state


def _finish_step(task: Task, *, by: User | None, at: dt.datetime) -> None:
    """Finish a step when none of its mails waits any more and one at least went out."""
    locked = Task.objects.select_for_update(of=("self",)).select_related("account").get(pk=task.pk)
    states = Counter(StepMail.objects.filter(task=task.pk).values_list("state", flat=True))
    if locked.state == Task.State.OPEN and step_outcome(states) == "sent":
        complete_task(task=locked, by=by, at=at, is_told=False)


def _tell(mail: StepMail, at: dt.datetime) -> None:
    """Tell who sent it, or who answers for the run, that a mail did not go out for sure."""
    run = mail.task.run
    person = mail.queued_by or mail.task.assignee or (run.owner if run else None)
    if person is None:
        return
    words = {"account": mail.task.account.name, "state": mail.get_state_display()}
    notify_people(
        [person],
        kind="mail",
        title=lambda: _("Mail to %(account)s: %(state)s") % words,
        body=mail.error,
        cause=f"step_mail:{mail.pk}:{mail.state}:{at:%Y%m%d%H%M}",
        at=at,
        url=f"/tasks/{mail.task_id}/mail/",
        account=mail.task.account,
    )


@transaction.atomic
def send_again(*, mail: StepMail, by: User, at: dt.datetime) -> StepMail:
    """Send a mail again of which nobody knows whether it went out, or which was refused: by a person's word alone."""
    locked = StepMail.objects.select_for_update(of=("self",)).select_related("contact").get(pk=mail.pk)
    if locked.state not in (State.UNSURE, State.FAILED):
        raise Refused(_("This mail went out, or is on its way."))
    if locked.contact.unsubscribed_at is not None:
        raise Refused(_("%(name)s has unsubscribed.") % {"name": locked.contact.name})
    locked.state, locked.handed_at, locked.error = State.QUEUED, None, ""
    locked.address, locked.queued_by = locked.contact.email, by
    locked.save(update_fields=["state", "handed_at", "error", "address", "queued_by"])
    leave_audit("step_mail.again", locked, by=by, at=at, changes={"contact": locked.contact_id})
    enqueue("playbooks.deliver_mail", key=f"step_mail:{locked.pk}", mail_id=locked.pk)
    return locked
