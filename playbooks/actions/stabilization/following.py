"""What is done every night about the plans that go on, and about those whose renewal has come?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify_people
from accounts.models import User
from health.queries.scores import latest_scores
from playbooks.models import Checkpoint, ExitCriterion, StabilizationPlan
from playbooks.queries.stabilization.criteria import Reading, read_criteria
from playbooks.rules.stabilization import renewal_result
from revenue.models import Renewal
from revenue.queries import arr_by_account


@dataclass(frozen=True)
class Followed:
    """How many plans were measured, verdicts announced as due, and verdicts set beside a renewal."""

    measured: int
    announced: int
    compared: int


@transaction.atomic
def follow_plans(*, on: dt.date, at: dt.datetime) -> Followed:
    """Measure the open plans, put due checkpoints down, tell who owes a verdict, compare old verdicts with renewals."""
    plans = list(StabilizationPlan.objects.open().select_related("account", "owner").order_by("pk"))
    criteria, readings = _measure(plans, on)
    due = _put_down(plans, criteria, readings, on)
    for checkpoint in due:
        _announce(checkpoint, at)
    return Followed(len(plans), len(due), compare_with_renewals(on=on))


def _measure(
    plans: Sequence[StabilizationPlan], on: dt.date
) -> tuple[dict[int, list[ExitCriterion]], dict[int, list[Reading]]]:
    """Measure all criteria of all open plans at once, and keep how many hold."""
    every = list(ExitCriterion.objects.filter(plan__in=[plan.pk for plan in plans]).order_by("plan", "pk"))
    account_of = {plan.pk: plan.account_id for plan in plans}
    criteria, readings = defaultdict(list), defaultdict(list)
    for one, reading in zip(every, read_criteria([(account_of[one.plan_id], one) for one in every], on), strict=True):
        criteria[one.plan_id].append(one)
        readings[one.plan_id].append(reading)
    for plan in plans:
        plan.criteria_met, plan.measured_on = sum(one.is_met for one in readings[plan.pk]), on
    StabilizationPlan.objects.bulk_update(plans, ["criteria_met", "measured_on"], batch_size=500)
    return dict(criteria), dict(readings)


def _put_down(
    plans: Sequence[StabilizationPlan], criteria: dict[int, list[ExitCriterion]],
    readings: dict[int, list[Reading]], on: dt.date,
) -> list[Checkpoint]:  # fmt: skip
    """Keep what was measured at the checkpoints whose day has come; nothing is measured twice."""
    by_pk = {plan.pk: plan for plan in plans}
    due = list(
        Checkpoint.objects.filter(plan__in=list(by_pk), due_on__lte=on, verdict="", measured_on=None).order_by("pk")
    )
    accounts = {by_pk[one.plan_id].account_id for one in due}
    scores = {score.account_id: score for score in latest_scores(on, accounts)} if due else {}
    for one in due:
        plan = by_pk[one.plan_id]
        score = scores.get(plan.account_id)
        one.plan, one.measured_on = plan, on
        one.score, one.band = (None, "") if score is None else (score.shown_score, score.band)
        pairs = zip(criteria.get(plan.pk, []), readings.get(plan.pk, []), strict=True)
        one.measured = [{"criterion": c.pk, "value": r.value, "is_met": r.is_met} for c, r in pairs]
    Checkpoint.objects.bulk_update(due, ["measured_on", "score", "band", "measured"], batch_size=500)
    return due


def _announce(checkpoint: Checkpoint, at: dt.datetime) -> None:
    """Tell the owner of a plan, once, that a verdict is due."""
    plan = checkpoint.plan
    owner: User | None = plan.owner
    if owner is None:
        return
    words = {"account": plan.account.name, "day": checkpoint.day}
    notify_people(
        [owner],
        kind="stabilization",
        title=lambda: _("Verdict due for %(account)s: day %(day)s of the plan") % words,
        cause=f"stabilization:{plan.pk}:{checkpoint.day}:due",
        at=at,
        url=reverse("stabilization_plan", args=[plan.pk]),
        account=plan.account,
    )


def compare_with_renewals(*, on: dt.date) -> int:
    """Set beside each verdict what the first renewal after the start brought; returns how many were new."""
    waiting = list(StabilizationPlan.objects.exclude(state__in=StabilizationPlan.OPEN).filter(renewal_result=""))
    settled = Renewal.objects.filter(
        account__in={plan.account_id for plan in waiting}, due_on__lte=on, stage__in=["won", "lost"]
    ).order_by("due_on", "pk")
    by_account = defaultdict(list)
    for renewal in settled:
        by_account[renewal.account_id].append(renewal)
    found: dict[dt.date, list[tuple[StabilizationPlan, Renewal]]] = defaultdict(list)
    for plan in waiting:
        for renewal in by_account[plan.account_id]:
            if renewal.due_on >= plan.started_on:
                found[renewal.due_on].append((plan, renewal))
                break
    for due_on, pairs in found.items():
        paid = arr_by_account(due_on, {plan.account_id for plan, _renewal in pairs})
        for plan, renewal in pairs:
            kept = Decimal(0) if renewal.stage == Renewal.Stage.LOST else paid.get(plan.account_id, Decimal(0))
            plan.renewal = renewal
            plan.renewal_result = renewal_result(renewal.arr or plan.baseline_arr, kept)
    judged = [plan for pairs in found.values() for plan, _renewal in pairs]
    StabilizationPlan.objects.bulk_update(judged, ["renewal", "renewal_result"], batch_size=500)
    return len(judged)
