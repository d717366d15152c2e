"""What do tickets, answers, readings and milestones say of a customer?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Account
from usage.models import Metric, Milestone, MilestoneReached, Reading, SurveyAnswer, Ticket


@dataclass(frozen=True)
class TicketSummary:
    """An account's tickets in numbers; the rates of the last 90 days are of those that were due."""

    open: int
    overdue: int
    escalated: int
    opened_30_days: int
    complaints_30_days: int
    due_90_days: int
    met_90_days: int

    @property
    def met_rate(self) -> Decimal | None:
        """Share of the tickets due that were resolved in time; None if none was due."""
        return Decimal(self.met_90_days) / self.due_90_days if self.due_90_days else None


@dataclass(frozen=True)
class MilestoneState:
    """One milestone, when it is due for an account, and when it was reached."""

    milestone: Milestone
    due_on: dt.date | None
    reached_on: dt.date | None
    is_overdue: bool


def ticket_summary(account: Account, at: dt.datetime) -> TicketSummary:
    """Count an account's tickets, in one query."""
    is_open = Q(resolved_at=None) | Q(resolved_at__gt=at)
    month, quarter = (Q(opened_at__gt=at - dt.timedelta(days=days)) for days in (30, 90))
    met = Q(resolved_at__lte=F("target_at"), resolved_at__isnull=False)
    counted = Ticket.objects.filter(account=account, opened_at__lte=at).aggregate(
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(target_at__lt=at)),
        escalated=Count("pk", filter=is_open & Q(is_escalated=True)),
        opened_30_days=Count("pk", filter=month),
        complaints_30_days=Count("pk", filter=month & Q(is_complaint=True)),
        due_90_days=Count("pk", filter=quarter & (Q(target_at__lte=at) | Q(resolved_at__lte=at))),
        met_90_days=Count("pk", filter=quarter & met & Q(resolved_at__lte=at)),
    )
    return TicketSummary(**counted)


def answers_of(account: Account, *, limit: int = 50) -> QuerySet[SurveyAnswer]:
    """The latest survey answers of an account, with who gave them."""
    return SurveyAnswer.objects.filter(account=account).select_related("contact")[:limit]


def metrics_of(account: Account) -> QuerySet[Metric]:
    """The metrics of which an account has readings."""
    return Metric.objects.filter(pk__in=Reading.objects.filter(account=account).values("metric"))


def reading_series(
    account: Account, metric: Metric, first: dt.date, last: dt.date, *, period: str = Reading.Period.DAY
) -> list[tuple[dt.date, Decimal]]:
    """The readings of one metric from one day to another (both included), oldest first."""
    rows = Reading.objects.filter(account=account, metric=metric, period=period, on__range=(first, last))
    return list(rows.order_by("on", "pk").values_list("on", "value"))


def milestones_of(account: Account, on: dt.date) -> list[MilestoneState]:
    """Every milestone for an account; due so many days after it signed, unknown before that."""
    reached = dict(MilestoneReached.objects.filter(account=account).values_list("milestone", "on"))
    found = []
    for milestone in Milestone.objects.all():
        signed_on, reached_on = account.signed_on, reached.get(milestone.pk)
        due_on = signed_on + dt.timedelta(days=milestone.due_after_days) if signed_on else None
        is_overdue = reached_on is None and due_on is not None and due_on < on
        found.append(MilestoneState(milestone, due_on, reached_on, is_overdue))
    return found
