"""How is the plan of a quarter made, worked out, changed and chosen?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import differences, leave_audit
from accounts.models import User
from common.errors import Refused
from common.formats import number
from common.jobs import enqueue
from roadmap.actions.solving import Solution, solve
from roadmap.models import FeatureRequest, PlannedRequest, QuarterPlan, RequestEvidence
from roadmap.queries.planning import TENTHS, Quarter, quarter_of
from roadmap.rules.planning import effort_of, marginal_gains, obstacle, why_left_out, with_needs

State = QuarterPlan.State
PLAN_FIELDS = frozenset({"name", "starts_on", "capacity", "counts", "by_value"})
# With so many voices a plan is worked out while somebody waits, within the seconds below; with more, in the background.
FEW_VOICES = 20_000
AT_ONCE_SECONDS = 1.5
MOST_CAPACITY = Decimal(99_999)


@transaction.atomic
def add_plan(
    *, by: User, at: dt.datetime, must_haves: Collection[FeatureRequest] = (),
    left_out: Collection[FeatureRequest] = (), **values: Any,
) -> QuarterPlan:  # fmt: skip
    """Begin a scenario; `solve_plan` works it out."""
    plan = QuarterPlan(made_by=by, made_at=at, **values)
    _check(plan, must_haves, left_out)
    plan.save()
    plan.must_haves.set(must_haves)
    plan.left_out.set(left_out)
    leave_audit("quarter_plan.added", plan, by=by, at=at, changes={"name": [None, plan.name]})
    return plan


@transaction.atomic
def change_plan(
    *, plan: QuarterPlan, by: User, at: dt.datetime, must_haves: Collection[FeatureRequest] | None = None,
    left_out: Collection[FeatureRequest] | None = None, **values: Any,
) -> QuarterPlan:  # fmt: skip
    """Give a scenario other numbers; what came out before is dropped."""
    locked: QuarterPlan = QuarterPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    unknown = set(values) - PLAN_FIELDS
    if unknown:
        raise ValueError(f"not a field that may change: {', '.join(sorted(unknown))}")
    changes = differences(locked, values)
    for name, value in values.items():
        setattr(locked, name, value)
    chosen: dict[str, Collection[FeatureRequest]] = {}
    for field, given in (("must_haves", must_haves), ("left_out", left_out)):
        now = list(getattr(locked, field).all())
        chosen[field] = now if given is None else given
        if {row.pk for row in now} != {row.pk for row in chosen[field]}:
            changes[field] = [sorted(row.pk for row in now), sorted(row.pk for row in chosen[field])]
    _check(locked, **chosen)
    if changes:
        locked.state = State.WAITING
        locked.save()
        locked.must_haves.set(chosen["must_haves"])
        locked.left_out.set(chosen["left_out"])
        leave_audit("quarter_plan.changed", locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def delete_plan(*, plan: QuarterPlan, by: User, at: dt.datetime) -> None:
    """Throw a scenario away."""
    leave_audit("quarter_plan.deleted", plan, by=by, at=at, changes={"name": [plan.name, None]})
    plan.delete()


@transaction.atomic
def choose_plan(*, plan: QuarterPlan, by: User, at: dt.datetime) -> QuarterPlan:
    """Make a scenario the plan of its quarter, instead of another."""
    rows = QuarterPlan.objects.select_for_update(of=("self",)).filter(starts_on=plan.starts_on).order_by("pk")
    same_quarter = {row.pk: row for row in rows}
    chosen = same_quarter[plan.pk]
    if chosen.state not in (State.SOLVED, State.BEST_FOUND):
        raise Refused(_("Only what was worked out can be the plan."))
    if not chosen.is_chosen:
        QuarterPlan.objects.filter(starts_on=plan.starts_on, is_chosen=True).update(is_chosen=False)
        chosen.is_chosen = True
        chosen.save(update_fields=["is_chosen"])
        leave_audit("quarter_plan.chosen", chosen, by=by, at=at, changes={"is_chosen": [False, True]})
    return chosen


def start_plan(*, plan: QuarterPlan, on: dt.date) -> QuarterPlan:
    """Work a scenario out at once if that is quick, and in the background otherwise or as far as it is not proved."""
    if RequestEvidence.objects.count() <= FEW_VOICES:
        plan = solve_plan(plan=plan, on=on, seconds=AT_ONCE_SECONDS)
    if plan.state in (State.WAITING, State.BEST_FOUND):
        enqueue("roadmap.solve_plan", key=f"plan:{plan.pk}", plan_id=plan.pk)
    return plan


def solve_plan(*, plan: QuarterPlan, on: dt.date, seconds: float) -> QuarterPlan:
    """Find the set that serves the most, and keep what it comes to beside the two plain ways."""
    quarter = quarter_of(plan, on)
    reason = obstacle(quarter.problem)
    found = None if reason else solve(quarter.problem, quarter.rank, seconds=seconds)
    with transaction.atomic():
        locked = QuarterPlan.objects.select_for_update(of=("self",)).filter(pk=plan.pk).first()
        if locked is None:
            return plan
        PlannedRequest.objects.filter(plan=locked).delete()
        if found is None:
            locked.state, locked.outcome = State.IMPOSSIBLE, _obstacle(quarter, reason)
        else:
            locked.state = State.SOLVED if found.is_proved else State.BEST_FOUND
            locked.outcome = _outcome(quarter, found)
            PlannedRequest.objects.bulk_create(_rows(locked, quarter, found), batch_size=500)
        locked.solved_on = on
        locked.save(update_fields=["state", "outcome", "solved_on"])
    return locked


def _check(plan: QuarterPlan, must_haves: Collection[FeatureRequest], left_out: Collection[FeatureRequest]) -> None:
    """Refuse what makes no plan."""
    if plan.capacity is None or plan.capacity <= 0:
        raise Refused(_("The capacity is above 0 person-weeks."), field="capacity")
    if plan.capacity > MOST_CAPACITY:
        most = {"most": number(MOST_CAPACITY)}
        raise Refused(_("The capacity is at most %(most)s person-weeks.") % most, field="capacity")
    if plan.starts_on.day != 1:
        raise Refused(_("A quarter starts on the first day of a month."), field="starts_on")
    both = {row.pk for row in must_haves} & {row.pk for row in left_out}
    for row in must_haves:
        if row.pk in both:
            raise Refused(_("“%(title)s” cannot be a must-have and left out.") % {"title": row.title}, field="left_out")
        if row.state in (FeatureRequest.State.SHIPPED, FeatureRequest.State.DECLINED):
            message = _("“%(title)s” is shipped or declined, so it cannot be planned.") % {"title": row.title}
            raise Refused(message, field="must_haves")


def _obstacle(quarter: Quarter, reason: str) -> dict[str, Any]:
    """Why nothing can be planned: what the must-haves come to, or which of them cannot be built."""
    wanted = with_needs(quarter.problem, quarter.problem.must)
    return {
        "obstacle": reason,
        "effort": str(Decimal(effort_of(quarter.problem, wanted)) / TENTHS),
        "requests": quarter.requests[wanted].tolist(),
        "blocked": list(quarter.blocked),
    }


def _outcome(quarter: Quarter, found: Solution) -> dict[str, Any]:
    everything = quarter.problem.may
    return {
        "plan": quarter.figures(found.chosen),
        "top": quarter.figures(found.top),
        "greedy": quarter.figures(found.greedy),
        "all": quarter.figures(everything),
        "bound": found.bound,
    }


def _rows(plan: QuarterPlan, quarter: Quarter, found: Solution) -> list[PlannedRequest]:
    problem, chosen = quarter.problem, found.chosen
    gains = marginal_gains(problem, chosen)
    accounts = np.bincount(quarter.support.request, minlength=problem.requests)
    return [
        PlannedRequest(
            plan=plan,
            request_id=pk,
            rank=int(quarter.rank[place]),
            effort=Decimal(int(problem.effort[place])) / TENTHS if quarter.is_estimated[place] else None,
            accounts=int(accounts[place]),
            is_in=bool(chosen[place]),
            is_must=bool(problem.must[place]),
            in_top=bool(found.top[place]),
            in_greedy=bool(found.greedy[place]),
            gain=int(gains[place]),
            reason="" if chosen[place] else why_left_out(
                problem, chosen, place, int(gains[place]), bool(quarter.is_estimated[place])
            ),
        )
        for place, pk in enumerate(quarter.requests.tolist())
    ]  # fmt: skip
