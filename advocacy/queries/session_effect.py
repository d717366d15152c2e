"""Did the use of those who came to a session change, more than that of those who did not come?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Case, Count, Max, Min, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from advocacy.models import SessionInvitation, SharingSession
from advocacy.rules.sessions import EFFECT_DAYS, FEWEST, Change, EffectVerdict, difference_of_changes, mean_change
from common.charts import Chart, Item, bars
from common.columns import MANY_IDS, DaysLater
from common.formats import number, signed
from revenue.models import ContractLine
from usage.models import AccountUsageDay

State = SharingSession.State


@dataclass(frozen=True)
class Effect:
    """Days of use in the 30 days after a session less those in the 30 before: of who came, of who did not, and apart.

    Every number is of customers. `left_out` are those that had not been customers for 30 days, or were none any more;
    `open_sessions` those that are not 30 days ago yet.
    """

    came: Change
    stayed: Change
    difference: Change
    left_out: int
    open_sessions: int

    @property
    def is_empty(self) -> bool:
        """Whether nobody can be compared at all."""
        return not self.came.count and not self.stayed.count


def effect_of_sessions(sessions: Sequence[SharingSession], user: User, on: dt.date) -> Effect:
    """Compare use before and after sessions, over the customers that a person may see.

    A customer of several sessions counts once, with the mean of its changes, so that none weighs more than another.
    """
    over = [one for one in sessions if one.state == State.HELD and one.on + dt.timedelta(days=EFFECT_DAYS) < on]
    changes, left_out = _changes(over, user)
    came, stayed = ([float(np.mean(values)) for values in changes[side].values()] for side in (True, False))
    return Effect(
        came=mean_change(came),
        stayed=mean_change(stayed),
        difference=difference_of_changes(came, stayed),
        left_out=left_out,
        open_sessions=sum(one.state == State.HELD for one in sessions) - len(over),
    )


def _changes(sessions: Sequence[SharingSession], user: User) -> tuple[dict[bool, dict[int, list[float]]], int]:
    """The changes of each account, by whether it came to the session; and how many are left out."""
    rows = SessionInvitation.objects.visible_to(user).filter(session__in=[one.pk for one in sessions]).order_by("pk")
    # Who came without an invitation came; who was neither is no row of a session.
    found = list(rows.annotate(change=_change()).values_list("session", "account", "attendance", "change"))
    days, span = {one.pk: one.on for one in sessions}, _customers_since({account for _session, account, *_ in found})
    changes: dict[bool, dict[int, list[float]]] = {True: defaultdict(list), False: defaultdict(list)}
    left_out = 0
    for session, account, fact, change in found:
        if _is_customer(span.get(account), days[session]):
            changes[fact is not None][account].append(float(change))
        else:
            left_out += 1
    return changes, left_out


def _change() -> Coalesce:
    """Days on which an invited account used the product after the session's day less those before it.

    The day itself is in neither.
    """
    day = OuterRef("session__on")
    used = AccountUsageDay.objects.filter(
        account=OuterRef("account"), day__gte=DaysLater(day, -EFFECT_DAYS), day__lte=DaysLater(day, EFFECT_DAYS)
    )
    counted = Sum(Case(When(day__gt=day, then=1), When(day__lt=day, then=-1), default=0))
    rows = used.filter(events__gt=0).order_by().values("account").annotate(change=counted)
    return Coalesce(Subquery(rows.values("change")), 0)


def _is_customer(span: tuple[dt.date, dt.date | None] | None, on: dt.date) -> bool:
    """Whether somebody had paid for 30 days by a day, and still paid on it."""
    if span is None or span[0] > on - dt.timedelta(days=EFFECT_DAYS):
        return False
    return span[1] is None or span[1] > on


def _customers_since(wanted: set[int]) -> dict[int, tuple[dt.date, dt.date | None]]:
    """Since when each account has paid, and until when; None for no end."""
    rows = ContractLine.objects.order_by()
    rows = rows.filter(account__in=wanted) if len(wanted) <= MANY_IDS else rows
    found = rows.values_list("account").annotate(
        first=Min("starts_on"), last=Max("ends_on"), open=Count("pk", filter=Q(ends_on=None))
    )
    return {pk: (first, None if open_ended else last) for pk, first, last, open_ended in found if pk in wanted}


def effect_chart(effect: Effect) -> Chart:
    """Draw the mean changes of who came and who did not."""
    items = [
        Item(_("Came"), effect.came.mean, text=_change_text(effect.came)),
        Item(_("Invited, did not come"), effect.stayed.mean, text=_change_text(effect.stayed)),
    ]
    return bars(items, heads=(_("Customers"), _("Days of use, change")), height=150)


def _change_text(change: Change) -> str:
    return signed(change.mean, 1) if change.mean is not None else _("too few")


def effect_title(effect: Effect) -> str:
    """Say what may be said, and no more."""
    apart, verdict = effect.difference, effect.difference.verdict
    if verdict == EffectVerdict.TOO_FEW:
        if effect.came.verdict in (EffectVerdict.UP, EffectVerdict.DOWN) and effect.came.mean is not None:
            words = {"change": signed(effect.came.mean, 1)}
            return _("Days of use of who came: %(change)s; too few to compare with who did not") % words
        return _("Too few customers to say whether use changed")
    words = {"change": number(abs(apart.mean or 0), 1)}
    if verdict == EffectVerdict.UP:
        return _("Who came used it on %(change)s days more than who did not") % words
    if verdict == EffectVerdict.DOWN:
        return _("Who came used it on %(change)s days less than who did not") % words
    return _("No clear difference between who came and who did not")


@dataclass(frozen=True)
class EffectLine:
    """One change in words: of whom, how much, within which interval, of how many; or that they are too few."""

    label: str
    change: str
    interval: str
    customers: str
    is_too_few: bool


def effect_lines(effect: Effect) -> list[EffectLine]:
    """The figures in words, each with its interval and its count."""
    return [
        _line(_("Who came, after less before"), effect.came),
        _line(_("Invited and did not come, after less before"), effect.stayed),
        _line(_("Difference between the two"), effect.difference, [effect.came.count, effect.stayed.count]),
    ]


def _line(label: str, change: Change, counts: Sequence[int] = ()) -> EffectLine:
    customers = " / ".join(number(count) for count in counts or [change.count])
    if change.mean is None or change.low is None or change.high is None:
        few = _("Too few to say: %(least)s are needed") % {"least": number(FEWEST)}
        return EffectLine(label, "–", few, customers, is_too_few=True)
    interval = _("%(low)s to %(high)s") % {"low": signed(change.low, 1), "high": signed(change.high, 1)}
    return EffectLine(label, signed(change.mean, 1), interval, customers, is_too_few=False)
