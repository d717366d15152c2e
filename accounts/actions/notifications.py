"""How are people told what concerns them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.utils import translation

from accounts.models import Account, Notification, User

# A text, or what gives it in the language that is active when it is called.
Words = str | Callable[[], str]


def notify_people(
    people: Iterable[User],
    *,
    kind: str,
    title: Words,
    cause: str,
    at: dt.datetime,
    body: Words = "",
    url: str = "",
    account: Account | None = None,
) -> int:
    """Tell people something, each in their own language and once per cause; return how many were to be told.

    title, body: text, or a function that gives it in the active language (`lambda: _("…") % values`). cause: names
    what happened, like "handoff:12:submitted", at most 100 characters. url: where to act on it, a path of this site.
    People who may not sign in any more are left out.
    """
    told = []
    for person in people:
        if not person.is_active:
            continue
        with translation.override(person.language or None):
            told.append(
                Notification(
                    user=person, account=account, kind=kind, title=_said(title)[:200], body=_said(body)[:4_000],
                    url=url, cause=cause, at=at,
                )
            )  # fmt: skip
    Notification.objects.bulk_create(told, ignore_conflicts=True)
    return len(told)


def _said(words: Words) -> str:
    return words() if callable(words) else words
