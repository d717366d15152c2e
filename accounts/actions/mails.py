"""How do notifications leave as mail, each at most once?

A mail is written down before it is sent and again after. Where the mail server clearly did not take it, it is tried
again; where nobody can say (the line broke after it was sent, or the worker died meanwhile), it is not.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Sequence
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Mail, Notification, Organisation, User, Way
from accounts.queries.notifications import to_mail
from accounts.rules.notifications import digest_day
from common import jobs

State = Mail.State
# More than this does not help anybody in one mail; the rest stands in the app.
MOST = 50


class NotTaken(Exception):
    """The mail server did not take it, so it may be tried again."""


@transaction.atomic
def write_mail(*, user_id: int, at: dt.datetime) -> Mail | None:
    """Put into one mail what a person is to hear of at once and has not been mailed yet."""
    person = User.objects.select_for_update().active().filter(pk=user_id).first()
    return _gather(person, Way.AT_ONCE, at) if person else None


@transaction.atomic
def write_digests(*, at: dt.datetime) -> int:
    """Put into one mail for each person what they hear of once a day, once a day of the organisation's zone."""
    organisation = Organisation.load()
    day = digest_day(at.astimezone(organisation.zone), organisation.digest_at)
    asked = Notification.objects.unread().filter(way=Way.DIGEST, mail=None).order_by().values("user")
    had = Mail.objects.filter(digest_on__gte=day).values("user")
    people = User.objects.select_for_update().active().filter(pk__in=asked).exclude(pk__in=had).order_by("pk")
    return sum(_gather(person, Way.DIGEST, at, day) is not None for person in people)


def _gather(person: User, way: Way, at: dt.datetime, day: dt.date | None = None) -> Mail | None:
    waiting = list(to_mail(person, way).values_list("pk", flat=True))
    if not waiting:
        return None
    mail = Mail.objects.create(user=person, digest_on=day, made_at=at)
    Notification.objects.filter(pk__in=waiting).update(mail=mail)
    jobs.enqueue("accounts.send_mail", once=f"mail:{mail.pk}", mail_id=mail.pk)
    return mail


def send_mail(*, mail_id: int, at: dt.datetime) -> str:
    """Send one mail and answer with what became of it; raises if the server did not take it."""
    mail = _begin(mail_id, at)
    if mail is None:
        return str(Mail.objects.get(pk=mail_id).state)
    message = _message(mail)
    try:
        if message is not None:
            _hand_over(message)
    except NotTaken as error:
        _end(mail, State.WAITING, at, str(error))
        raise
    except smtplib.SMTPRecipientsRefused as error:
        _end(mail, State.REFUSED, at, _said(error))
    except (smtplib.SMTPException, OSError) as error:
        _end(mail, State.UNCERTAIN, at, str(error))
    else:
        _end(mail, State.SENT, at)
    return str(mail.state)


@transaction.atomic
def _begin(mail_id: int, at: dt.datetime) -> Mail | None:
    """Note that a mail begins to be sent; None if it must not be sent, or not again."""
    mail = Mail.objects.select_for_update(of=("self",)).select_related("user").get(pk=mail_id)
    if mail.state == State.SENDING:
        # The worker that began died on the way: perhaps after the server took it.
        _end(mail, State.UNCERTAIN, at, "The worker stopped while sending.")
    if mail.state != State.WAITING:
        return None
    mail.state, mail.started_at, mail.error = State.SENDING, at, ""
    mail.save(update_fields=["state", "started_at", "error"])
    return mail


def _end(mail: Mail, state: State, at: dt.datetime, error: str = "") -> None:
    mail.state, mail.ended_at, mail.error = state, at, error[:500]
    mail.save(update_fields=["state", "ended_at", "error"])


def _hand_over(message: EmailMessage) -> None:
    """Give a mail to the server; say clearly where it was not taken."""
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(_said(error)) from error
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _words in error.recipients.values()):
            raise
        raise NotTaken(_said(error)) from error
    except smtplib.SMTPResponseException as error:
        raise NotTaken(_said(error)) from error
    finally:
        connection.close()


def _said(error: Exception) -> str:
    """What the server said, without the person's address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {words!r}" for code, words in error.recipients.values())
    return f"{type(error).__name__}: {error}"


def _message(mail: Mail) -> EmailMessage | None:
    """Write a mail in the person's language; None if there is nothing left that they may be told."""
    person = mail.user
    told = list(Notification.objects.visible_to(person).filter(mail=mail).order_by("at", "pk"))
    if not told:
        return None
    with translation.override(person.language or settings.LANGUAGE_CODE):
        message = EmailMessage(_subject(told, mail), _text(told, person), to=[person.email])
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    # The same mail has the same name, so that whoever gets it twice can tell.
    message.extra_headers = {"Message-ID": make_msgid(f"mail.{mail.pk}", host), "Auto-Submitted": "auto-generated"}
    return message


def _subject(told: Sequence[Notification], mail: Mail) -> str:
    if len(told) == 1 and mail.digest_on is None:
        return " ".join(told[0].title.split())
    words = ngettext("Mainstay: %(count)s thing for you", "Mainstay: %(count)s things for you", len(told))
    return words % {"count": len(told)}


def _text(told: Sequence[Notification], person: User) -> str:
    """Each thing with its place; every address is the configured one."""
    parts = [_("Hello %(name)s,") % {"name": person.name}]
    for one in told[:MOST]:
        lines = [one.title, one.body, f"{settings.SITE_URL}{one.url}" if one.url else ""]
        parts.append("\n".join(filter(None, lines)))
    if len(told) > MOST:
        more = ngettext("And %(count)s more, in Mainstay.", "And %(count)s more, in Mainstay.", len(told) - MOST)
        parts.append(more % {"count": len(told) - MOST})
    parts.append("--\n" + _("All notifications: %(url)s") % {"url": f"{settings.SITE_URL}{reverse('notifications')}"})
    choose = f"{settings.SITE_URL}{reverse('notification_settings')}"
    parts[-1] += "\n" + _("Choose what you hear of, and how: %(url)s") % {"url": choose}
    return "\n\n".join(parts) + "\n"
