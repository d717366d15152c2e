"""What stands in the way of an ask, in words with its numbers?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocacy.models import AskKind
from advocacy.rules.limits import Hard, Limits, Soft, Standing
from common.formats import number

Numbers = Mapping[str, Any]


def numbers_of(standing: Standing, row: int) -> dict[str, Any]:
    """The numbers of one person: whole ones, None for what is not known."""
    return {
        name: None if np.isnan(value := float(getattr(standing, name)[row])) else int(value)
        for name in ("nps", "asks", "since", "critical", "trouble", "renewal", "waiting", "declined", "colleague")
    }


def hard_sentence(limit: Hard, numbers: Numbers, limits: Limits, kind: str = "") -> str:
    """Say what forbids an ask, with its numbers."""
    if limit == Hard.CONSENT:
        return _("There is no consent in force that covers this: %(kind)s.") % {
            "kind": AskKind(kind).label if kind else _("any ask")
        }
    return HARD[limit](numbers, limits)


def soft_sentence(limit: Soft, numbers: Numbers, limits: Limits) -> str:
    """Say what asks for a reason, with its numbers."""
    return SOFT[limit](numbers, limits)


def day_of(on: dt.date, days_ago: int | None) -> dt.date | None:
    """The day so many days ago."""
    return None if days_ago is None else on - dt.timedelta(days=days_ago)


def _nps(numbers: Numbers, limits: Limits) -> str:
    return _("The latest NPS answer is %(nps)s, below %(floor)s.") % {"nps": numbers["nps"], "floor": limits.nps_floor}


def _asks(numbers: Numbers, limits: Limits) -> str:
    text = ngettext(
        "Asked %(count)s time within %(days)s days; from %(most)s on nobody asks again.",
        "Asked %(count)s times within %(days)s days; from %(most)s on nobody asks again.",
        numbers["asks"],
    )
    return text % {"count": number(numbers["asks"]), "days": limits.asks_days, "most": limits.most_asks}


def _rest(numbers: Numbers, limits: Limits) -> str:
    if not numbers["since"]:
        return _("Asked today; after an ask there are %(rest)s days of rest.") % {"rest": limits.rest_days}
    text = ngettext(
        "Asked %(count)s day ago; after an ask there are %(rest)s days of rest.",
        "Asked %(count)s days ago; after an ask there are %(rest)s days of rest.",
        numbers["since"],
    )
    return text % {"count": number(numbers["since"]), "rest": limits.rest_days}


def _ticket(numbers: Numbers, limits: Limits) -> str:
    text = ngettext("%(count)s critical ticket is open.", "%(count)s critical tickets are open.", numbers["critical"])
    return text % {"count": number(numbers["critical"])}


def _renewal(numbers: Numbers, limits: Limits) -> str:
    left = numbers["renewal"]
    if left < 0:
        return _("The renewal is overdue.")
    text = ngettext(
        "The renewal is due in %(count)s day; nobody asks within %(days)s days of it.",
        "The renewal is due in %(count)s days; nobody asks within %(days)s days of it.",
        left,
    )
    return text % {"count": number(left), "days": limits.renewal_days}


def _next_renewal(numbers: Numbers, limits: Limits) -> str:
    text = ngettext("The renewal is due in %(count)s day.", "The renewal is due in %(count)s days.", numbers["renewal"])
    return text % {"count": number(numbers["renewal"])}


def _waiting(numbers: Numbers, limits: Limits) -> str:
    text = ngettext(
        "%(count)s ask still waits for an answer.", "%(count)s asks still wait for an answer.", numbers["waiting"]
    )
    return text % {"count": number(numbers["waiting"])}


def _trouble(numbers: Numbers, limits: Limits) -> str:
    text = ngettext(
        "%(count)s grave or escalated ticket is open.", "%(count)s grave or escalated tickets are open.",
        numbers["trouble"],
    )  # fmt: skip
    return text % {"count": number(numbers["trouble"])}


def _declined(numbers: Numbers, limits: Limits) -> str:
    text = ngettext("Said no %(count)s day ago.", "Said no %(count)s days ago.", numbers["declined"])
    return text % {"count": number(numbers["declined"])}


def _colleague(numbers: Numbers, limits: Limits) -> str:
    text = ngettext(
        "Somebody else of this account was asked %(count)s day ago.",
        "Somebody else of this account was asked %(count)s days ago.",
        numbers["colleague"],
    )
    return text % {"count": number(numbers["colleague"])}


Sentence = Callable[[Numbers, Limits], str]
HARD: dict[Hard, Sentence] = {
    Hard.RED: lambda _numbers, _limits: _("The account’s health is red."),
    Hard.NPS: _nps,
    Hard.ASKS: _asks,
    Hard.REST: _rest,
    Hard.TICKET: _ticket,
    Hard.RENEWAL: _renewal,
    Hard.LEFT: lambda _numbers, _limits: _("This contact has left the customer."),
    Hard.GONE: lambda _numbers, _limits: _("The account is no longer a customer."),
    Hard.WITHDRAWN: lambda _numbers, _limits: _("This advocate has withdrawn. Take them up again before you ask."),
}
SOFT: dict[Soft, Sentence] = {
    Soft.WATCH: lambda _numbers, _limits: _("The account’s health is yellow."),
    Soft.UNKNOWN: lambda _numbers, _limits: _("Too little is known of the account’s health yet."),
    Soft.WAITING: _waiting,
    Soft.NEXT_RENEWAL: _next_renewal,
    Soft.TROUBLE: _trouble,
    Soft.DECLINED: _declined,
    Soft.COLLEAGUE: _colleague,
}
