"""Whom did customers bring, how far have they come, and what do they pay?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, User
from advocacy.models import Referral, SessionTalk, SharingSession
from advocacy.rules.referrals import FunnelStep, next_referral_states, referral_funnel
from common.charts import Chart, Item, bars
from common.formats import number, percent
from revenue.models import ContractLine
from revenue.queries import arr_by_account
from usage.models import AccountUsageDay

State = Referral.State
EXPORTED = (
    *("referrer_external_id", "referrer", "contact", "company", "account_external_id", "account", "state"),
    *(f"{state}_on" for state in State.values),
    *("lost_reason", "thanked_on", "thanks", "note"),
)


@dataclass(frozen=True)
class ReferralLine:
    """One referral as its reader may see it; of an account that they may not see they read the company's name alone."""

    referral: Referral
    account: Account | None
    arr: Decimal | None
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReferralSummary:
    """What all the referrals of a list have come to; ARR of accounts that the reader may see."""

    steps: tuple[FunnelStep, ...]
    lost: int
    to_thank: int
    arr: Decimal | None

    @property
    def count(self) -> int:
        """How many there are."""
        return self.steps[0].count

    @property
    def signed(self) -> int:
        """How many signed."""
        return self.steps[-1].count


def referral_lines(referrals: Sequence[Referral], user: User, on: dt.date, *, with_money: bool) -> list[ReferralLine]:
    """Read what stands beside some referrals: the accounts that the person may see, and what they pay."""
    seen = _seen_accounts({one.account_id for one in referrals if one.account_id}, user)
    paid = arr_by_account(on, list(seen)) if with_money and seen else {}
    return [
        ReferralLine(
            referral=one,
            account=seen.get(one.account_id or 0),
            arr=paid.get(one.account_id, Decimal(0)) if with_money and one.account_id in seen else None,
            ways=tuple((str(state), str(State(state).label)) for state in next_referral_states(one.state)),
        )
        for one in referrals
    ]


def _seen_accounts(ids: set[int], user: User) -> dict[int, Account]:
    if not ids:
        return {}
    return {account.pk: account for account in Account.objects.visible_to(user).filter(pk__in=ids)}


def referral_summary(rows: QuerySet[Referral], user: User, on: dt.date, *, with_money: bool) -> ReferralSummary:
    """Sum up some referrals; each account's ARR counts once."""
    found = list(rows.order_by().only("pk", "state", "account_id", "thanked_on", *Referral.DAYS.values()))
    signed = {one.account_id for one in found if one.state == State.SIGNED and one.account_id}
    arr = None
    if with_money:
        seen = Account.objects.visible_to(user).filter(pk__in=signed).order_by().values_list("pk", flat=True)
        arr = sum(arr_by_account(on, list(seen)).values(), Decimal(0)) if signed else Decimal(0)
    return ReferralSummary(
        steps=referral_funnel(one.furthest for one in found),
        lost=sum(one.state == State.LOST for one in found),
        to_thank=sum(one.state == State.SIGNED and one.thanked_on is None for one in found),
        arr=arr,
    )


def funnel_chart(summary: ReferralSummary, href: Any) -> Chart:
    """Draw the growth loop: how many came at least as far as each stage. `href` gives the list behind a stage."""
    items = [
        Item(str(State(step.state).label), step.count, text=_step_text(step), href=href(step.state))
        for step in summary.steps
    ]
    heads = (_("Stage"), _("Companies that came as far"))
    return bars(items, heads=heads, height=210)


def _step_text(step: FunnelStep) -> str:
    if step.of_previous is None:
        return number(step.count)
    return _("%(count)s (%(share)s)") % {"count": number(step.count), "share": percent(step.of_previous)}


def funnel_title(summary: ReferralSummary) -> str:
    """Say what the picture shows."""
    words = ngettext(
        "%(signed)s of %(count)s company brought has signed", "%(signed)s of %(count)s companies brought have signed",
        summary.count,
    )  # fmt: skip
    return words % {"signed": number(summary.signed), "count": number(summary.count)}


FUNNEL_NOTE = gettext_lazy(
    "Each bar counts the companies that came at least as far, lost ones included; in brackets the share of the stage "
    "before."
)


def exported_referrals(rows: QuerySet[Referral], user: User, on: dt.date, *, with_money: bool) -> Iterator[list[Any]]:
    """Write referrals as rows of a file, some hundreds at a time."""
    part: list[Referral] = []
    for one in rows.select_related("referrer", "contact").iterator(chunk_size=500):
        part.append(one)
        if len(part) == 500:
            yield from _cells(part, user, on, with_money=with_money)
            part = []
    yield from _cells(part, user, on, with_money=with_money)


def _cells(part: list[Referral], user: User, on: dt.date, *, with_money: bool) -> Iterator[list[Any]]:
    for line in referral_lines(part, user, on, with_money=with_money):
        one, account = line.referral, line.account
        cells: list[Any] = [
            *(one.referrer.external_id, one.referrer.name, one.contact.name if one.contact else ""),
            *(one.company, account.external_id if account else "", account.name if account else ""),
            *(one.get_state_display(), *(one.day_of(state) for state in State.values)),
            *(one.lost_reason, one.thanked_on, one.thanks, one.note),
        ]
        yield [*cells, line.arr] if with_money else cells


@dataclass(frozen=True)
class BroughtFacts:
    """What is known of an account that somebody brought: the first days of use, of bringing others, of paying."""

    uses_on: dt.date | None
    shares_on: dt.date | None
    pays_on: dt.date | None


def brought_facts(account_ids: Sequence[int], on: dt.date) -> dict[int, BroughtFacts]:
    """Read those first days for some accounts up to a day: who brought others or spoke in a session shares."""
    uses = _first(AccountUsageDay.objects.filter(account__in=account_ids, day__lte=on, events__gt=0), "account", "day")
    brings = _first(Referral.objects.filter(referrer__in=account_ids, invited_on__lte=on), "referrer", "invited_on")
    held = SessionTalk.objects.filter(advocate__account__in=account_ids, session__on__lte=on)
    speaks = _first(held.filter(session__state=SharingSession.State.HELD), "advocate__account", "session__on")
    lines = ContractLine.objects.filter(account__in=account_ids, starts_on__lte=on, arr__gt=0)
    pays = _first(lines, "account", "starts_on")
    shares = {pk: min(day for day in (brings.get(pk), speaks.get(pk)) if day) for pk in {*brings, *speaks}}
    return {pk: BroughtFacts(uses.get(pk), shares.get(pk), pays.get(pk)) for pk in account_ids}


def _first(rows: QuerySet[Any], account: str, day: str) -> dict[int, dt.date]:
    return dict(rows.order_by().values_list(F(account)).annotate(first=Min(day)))
