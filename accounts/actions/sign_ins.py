"""How is it kept who is signed in where, and how does it end?"""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.actions import audit
from accounts.models import SignIn, User

BROWSER_LENGTH = 200


def session_store(key: str | None = None) -> Any:
    """Open the store in which Django keeps sessions."""
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


@transaction.atomic
def start(
    *, person: User, session_key: str, address: str | None, browser: str, at: dt.datetime, method: str = ""
) -> SignIn:
    """Note that a person signed in in a browser, and by what."""
    audit.record("sign_in.succeeded", by=person, at=at, obj=person, changes={"method": [None, method]})
    return SignIn.objects.create(
        user=person,
        session_key=session_key,
        started_at=at,
        seen_at=at,
        address=address,
        browser=browser[:BROWSER_LENGTH],
    )


def note_failure(*, email: str, at: dt.datetime) -> None:
    """Note a wrong password; an address that nobody here has is not kept."""
    audit.record("sign_in.failed", by=None, at=at, obj=User.objects.filter(email=email.strip().lower()).first())


def note_visit(*, sign_in_id: int, session_key: str, address: str | None, at: dt.datetime) -> None:
    """Note that a session is in use, and under which key Django keeps it by now."""
    SignIn.objects.filter(pk=sign_in_id).update(session_key=session_key, seen_at=at, address=address)


def note_sign_out(*, sign_in_id: int, at: dt.datetime) -> None:
    """Note that a person signed out."""
    SignIn.objects.filter(pk=sign_in_id, ended_at=None).update(ended_at=at)


@transaction.atomic
def end(*, sign_in: SignIn, by: User, at: dt.datetime) -> bool:
    """End one session, at its next request; say whether it still ran."""
    if not SignIn.objects.filter(pk=sign_in.pk, ended_at=None).update(ended_at=at):
        return False
    session_store().delete(SignIn.objects.values_list("session_key", flat=True).get(pk=sign_in.pk))
    audit.record("sign_in.ended", by=by, at=at, obj=sign_in.user, changes={"sign_in": [sign_in.pk, None]})
    return True


@transaction.atomic
def end_all(*, person: User, by: User | None, at: dt.datetime, why: str = "asked", except_key: str = "") -> int:
    """End all sessions of a person, but for the one that asks; say how many there were."""
    running = SignIn.objects.select_for_update().filter(user=person, ended_at=None).exclude(session_key=except_key)
    keys = list(running.values_list("session_key", flat=True))
    for key in keys:
        session_store().delete(key)
    SignIn.objects.filter(session_key__in=keys).update(ended_at=at)
    if keys:
        audit.record("sign_in.all_ended", by=by, at=at, obj=person, changes={"count": len(keys), "why": why})
    return len(keys)
