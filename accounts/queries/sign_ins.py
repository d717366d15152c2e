"""Where is a person signed in right now?"""

from __future__ import annotations

import datetime as dt
from importlib import import_module

from django.conf import settings

from accounts.models import SignIn, User


def running_sign_ins(person: User, at: dt.datetime) -> list[SignIn]:
    """A person's sessions that would still be let in, newest use first."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    noted = SignIn.objects.filter(user=person).open_at(
        at,
        idle=dt.timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        longest=dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    return [sign_in for sign_in in noted if store.exists(sign_in.session_key)]
