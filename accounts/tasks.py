"""What is done about people after a request has answered?"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.invitations import make_link
from accounts.models import Organisation, User
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
