"""Who waits for an answer, did those who asked hear in time, and do they use what was shipped?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account, Organisation, ServiceAssignment, User
from revenue.queries import arr_by_account
from roadmap.models import FeatureRequest, RequestAnswer, RequestEvidence
from roadmap.rules.loop import LOOKS, days_late, is_told_in_time, told_rate, use_verdict, used_within
from usage.models import AccountFeatureUse

State, Why = RequestAnswer.State, RequestAnswer.Why
# Use counts as of now if it was within so many days.
RECENT_DAYS = 30


@dataclass(frozen=True)
class Told:
    """How many customers heard in time, of those who were to hear within a span of days."""

    asked: int
    told: int
    in_time: int
    late: int
    waiting: int
    overdue: int
    replied: int
    not_applicable: int
    rate: Fraction | None


@dataclass(frozen=True)
class Use:
    """Whether those who asked use what was shipped, against what was expected."""

    name: str
    asked: int
    using: int
    tried: int
    looks: Sequence[tuple[int, Fraction | None]]
    verdict: str
    late_days: int | None

    @property
    def rate(self) -> Fraction | None:
        """The share of who asked that uses it now."""
        return Fraction(self.using, self.asked) if self.asked else None


def with_words(answers: QuerySet[RequestAnswer]) -> QuerySet[Any]:
    """Add what each customer said last about the request, in its own words, and when."""
    voices = RequestEvidence.objects.filter(request=OuterRef("request"), account=OuterRef("account"))
    newest = voices.order_by("-asked_on", "-pk")
    spoken = newest.exclude(verbatim="")
    return answers.annotate(
        words=Subquery(spoken.values("verbatim")[:1]),
        asked_by=Subquery(spoken.values("contact__name")[:1]),
        asked_on=Subquery(newest.values("asked_on")[:1]),
    )


def with_answerer(answers: QuerySet[RequestAnswer]) -> QuerySet[Any]:
    """Add the CSM of the account, who gives the answer: when the owner changes, the answer goes along."""
    owners = ServiceAssignment.objects.current().owners().filter(account=OuterRef("account")).order_by("pk")
    return answers.annotate(
        owner_id=Subquery(owners.values("user")[:1]), owner_name=Subquery(owners.values("user__name")[:1])
    )


def answers_of(user: User) -> QuerySet[RequestAnswer]:
    """The answers that a person gives: those of the accounts that they own."""
    mine = ServiceAssignment.objects.current().owners().filter(user=user, account=OuterRef("account"))
    found: QuerySet[RequestAnswer] = RequestAnswer.objects.visible_to(user).filter(Exists(mine))
    return found


def answers_to(account: Account) -> list[Any]:
    """What an account has still to hear, with its own words, what is due first."""
    waiting = RequestAnswer.objects.waiting().filter(account=account).order_by("due_on", "pk")
    return list(with_words(waiting).select_related("request", "change"))


def waiting_for(user: User, on: dt.date) -> tuple[int, int]:
    """How many answers a person has to give, and how many of them are overdue."""
    counts = answers_of(user).waiting().aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))  # type: ignore[attr-defined]
    return counts["all"], counts["late"]


def told_report(answers: QuerySet[RequestAnswer], on: dt.date) -> Told:
    """Count who heard in time; who left counts nowhere, and what a later decision overtook only if it was late then."""
    zone = Organisation.load().zone
    rows = answers.order_by().values_list("state", "why", "due_on", "told_at", "overtaken_by__at")
    verdicts: list[bool | None] = []
    counts = dict.fromkeys([*State.values, "overdue"], 0)
    for state, why, due_on, told_at, overtaken_at in rows:
        counts[state] += 1
        counts["overdue"] += state == State.WAITING and due_on < on
        told_on = told_at.astimezone(zone).date() if told_at else None
        if state != State.NOT_APPLICABLE:
            verdicts.append(is_told_in_time(due_on, told_on, on))
        elif why == Why.OVERTAKEN and overtaken_at and overtaken_at.astimezone(zone).date() > due_on:
            verdicts.append(False)
    told = counts[State.TOLD] + counts[State.REPLIED]
    return Told(
        asked=told + counts[State.WAITING],
        told=told,
        in_time=sum(verdict is True for verdict in verdicts),
        late=sum(verdict is False for verdict in verdicts),
        waiting=counts[State.WAITING],
        overdue=counts["overdue"],
        replied=counts[State.REPLIED],
        not_applicable=counts[State.NOT_APPLICABLE],
        rate=told_rate(verdicts),
    )


def use_of(request: FeatureRequest, user: User | AnonymousUser, on: dt.date) -> Use | None:
    """Say how many of the paying accounts that asked use what was shipped; None where nothing can be measured."""
    if request.state != FeatureRequest.State.SHIPPED or request.shipped_on is None:
        return None
    if request.feature is None and request.module is None:
        return None
    voices = RequestEvidence.objects.visible_to(user).filter(request=request).order_by()
    asked = sorted(arr_by_account(on, voices.values_list("account", flat=True).distinct()))
    uses = AccountFeatureUse.objects.filter(account__in=asked, last_on__gte=request.shipped_on)
    uses = uses.filter(feature=request.feature) if request.feature else uses.filter(feature__module=request.module)
    first: dict[int, dt.date] = {}
    last: dict[int, dt.date] = {}
    for account, began, ended in uses.values_list("account", "first_on", "last_on"):
        began = max(began, request.shipped_on)
        first[account] = min(began, first.get(account, began))
        last[account] = max(ended, last.get(account, ended))
    using = sum(day > on - dt.timedelta(days=RECENT_DAYS) for day in last.values())
    days = [first.get(account) for account in asked]
    return Use(
        name=(request.feature or request.module).name,  # type: ignore[union-attr]
        asked=len(asked),
        using=using,
        tried=len(first),
        looks=[(look, used_within(request.shipped_on, days, look, on)) for look in LOOKS],
        verdict=use_verdict(using, len(asked), request.use_goal_percent, request.use_goal_on, on),
        late_days=days_late(request.promised_on, request.shipped_on, on),
    )
