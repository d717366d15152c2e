"""How does somebody without a password get in, once?"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.actions.passwords import set_password
from accounts.models import User
from common import jobs
from common.errors import Refused

VALID_FOR = dt.timedelta(hours=24)
SALT = "accounts.invitation"


def stamp_of(person: User) -> str:
    """What a link remembers of its person: a new password or a sign-in uses it up."""
    state = f"{person.pk}:{person.email}:{person.password}:{person.last_login}:{person.is_active}"
    return salted_hmac(SALT, state, algorithm="sha256").hexdigest()[:32]


def make_link(*, person: User, at: dt.datetime) -> str:
    """Write the address at which a person chooses a password: valid for 24 hours, and once."""
    sealed: str = signing.Signer(salt=SALT).sign_object([person.pk, int(at.timestamp()), stamp_of(person)])
    return str(settings.SITE_URL).rstrip("/") + reverse("choose_password", args=[sealed])


def person_of_link(sealed: str, *, at: dt.datetime) -> User | None:
    """Find whose link this is; None if it is no link of ours, used up, too old, or of somebody shut out."""
    try:
        pk, made, stamp = signing.Signer(salt=SALT).unsign_object(sealed)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if not dt.timedelta() <= at - dt.datetime.fromtimestamp(made, dt.UTC) <= VALID_FOR:
        return None
    person = User.objects.active().filter(pk=pk).first()
    return person if person and constant_time_compare(stamp_of(person), stamp) else None


@transaction.atomic
def send_link(*, person: User, by: User | None, at: dt.datetime) -> None:
    """Have a link mailed to a person who may sign in; asked again within the same minute, one mail goes out."""
    if not person.is_active:
        raise Refused(_("This person may not sign in. Let them in again first."))
    audit.record("person.link_sent", by=by, at=at, obj=person)
    jobs.enqueue("accounts.send_link", key=f"link:{person.pk}:{at:%Y%m%d%H%M}", user_id=person.pk)


@transaction.atomic
def use_link(sealed: str, *, password: str, at: dt.datetime) -> User:
    """Set the password that a link's person chose; of two who use it at once the second comes too late."""
    person = person_of_link(sealed, at=at)
    locked: User | None = User.objects.select_for_update().filter(pk=person.pk).first() if person else None
    if locked is None or person_of_link(sealed, at=at) is None:
        raise Refused(_("This link has been used. Ask for a new one."))
    set_password(person=locked, password=password, by=locked, at=at)
    return locked
