"""What is done about people after a request has answered?"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import bulk_runs, mails, notifications
from accounts.actions.invitations import make_link
from accounts.models import BulkRun, Organisation, User
from common import jobs


@jobs.task("accounts.send_link")
def send_link(user_id: int) -> None:
    """Mail a person the link with which they choose a password. A mail that goes out twice does no harm."""
    person = User.objects.active().filter(pk=user_id).first()
    if person is None:
        return
    with translation.override(person.language or settings.LANGUAGE_CODE):
        is_new = not person.has_usable_password()
        subject = _("Your access to Mainstay") if is_new else _("Choose a new password for Mainstay")
        send_mail(subject, _words(person, is_new=is_new), settings.DEFAULT_FROM_EMAIL, [person.email])


def _words(person: User, *, is_new: bool) -> str:
    """Write the mail; the address in it is the configured one, never the one a request named."""
    lines = [
        _("Hello %(name)s,") % {"name": person.name},
        _("%(organisation)s gave you access to Mainstay. Choose a password here:")
        % {"organisation": Organisation.load().name}
        if is_new
        else _("Somebody, probably you, asked for a new password. Choose it here:"),
        make_link(person=person, at=timezone.now()),
        _("The link works once and for 24 hours.")
        if is_new
        else _("The link works once and for 24 hours. If you did not ask, do nothing: your password stays as it is."),
    ]
    return "\n\n".join(lines) + "\n"


@jobs.task("accounts.mail_notifications")
def mail_notifications(user_id: int) -> dict[str, int]:
    """Write the mail of what a person is to hear of at once; a burst of things is one mail."""
    mail = mails.write_mail(user_id=user_id, at=timezone.now())
    return {"mail": mail.pk if mail else 0}


@jobs.task("accounts.send_mail", atomic=False, limit=120, lease=120)
def send_mail_of_notifications(mail_id: int) -> dict[str, str]:
    """Send one mail, at most once: it is not atomic, for what was noted before must stand when the worker dies."""
    return {"state": mails.send_mail(mail_id=mail_id, at=timezone.now())}


@jobs.task("accounts.send_digests", every=dt.timedelta(minutes=15))
def send_digests() -> dict[str, int]:
    """Write the daily mails from the organisation's hour on; each person gets one a day, however often this runs."""
    return {"mails": mails.write_digests(at=timezone.now())}


@jobs.task("accounts.tell_of_parked_jobs", every=dt.timedelta(minutes=10))
def tell_of_parked_jobs() -> dict[str, int]:
    """Tell admins of background work that was given up."""
    return {"told": notifications.tell_of_parked_jobs(at=timezone.now())}


@jobs.task("accounts.forget_notifications", daily_at="03:45")
def forget_notifications() -> dict[str, int]:
    """Delete what people were told half a year ago."""
    return {"deleted": notifications.forget_old(at=timezone.now())}


@jobs.task("accounts.carry_out_bulk", atomic=False, lease=300)
def carry_out_bulk(job: jobs.Running, run_id: str) -> dict[str, int]:
    """Do an act to many rows, from where it was left."""
    with _language_of(run_id):
        return {"changed": bulk_runs.carry_out(run_id, at=timezone.now(), told=job.progress)}


@jobs.task("accounts.take_back_bulk", atomic=False, lease=300)
def take_back_bulk(job: jobs.Running, run_id: str) -> None:
    """Take an act on many rows back, from where it was left."""
    with _language_of(run_id):
        bulk_runs.carry_back(run_id, at=timezone.now(), told=job.progress)


def _language_of(run_id: str) -> translation.override:
    """What is written for good is in the language of whoever asked for it."""
    run = BulkRun.objects.only("language").get(pk=run_id)
    return translation.override(run.language or None)


@jobs.task("accounts.forget_bulk_runs", daily_at="04:10")
def forget_bulk_runs() -> dict[str, int]:
    """Delete what was done to many rows and can no longer be taken back."""
    return {"deleted": bulk_runs.forget_bulk_runs(at=timezone.now())}
