"""Who is told that a token of theirs ends soon?"""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import Notice, notify_each
from common.formats import date
from integrations.models import ApiToken

NOTICE = dt.timedelta(days=14)


def tell_of_expiring_tokens(*, at: dt.datetime) -> int:
    """Tell owners of tokens that expire within 14 days, once for each token."""
    ending = ApiToken.objects.usable_at(at).filter(expires_at__lte=at + NOTICE).select_related("owner")
    return notify_each(
        [
            Notice(
                person=token.owner,
                kind="token_expires",
                title=partial(_ends, token),
                body=partial(_what_to_do),
                cause=f"token:{token.pk}:expires",
                url=reverse("tokens"),
            )
            for token in ending.order_by("pk")
        ],
        at=at,
    )


def _ends(token: ApiToken) -> str:
    return _("The API token “%(name)s” works until %(day)s") % {"name": token.name, "day": date(token.expires_at)}


def _what_to_do() -> str:
    return _("Make a new one and give it to the program before that day.")
