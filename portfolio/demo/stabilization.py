"""Which demo customers are being stabilized, and what became of those who were?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account, User
from accounts.queries.accounts import owner_of
from accounts.rules.roles import Role
from common.errors import Refused
from health.models import HealthScore
from playbooks.actions.stabilization import follow_plans, give_verdict, start_plan
from playbooks.models import StabilizationPlan
from playbooks.queries.stabilization import draft_plan
from portfolio.demo.load import Plan


@dataclass(frozen=True)
class Course:
    """How one plan went: begun so many weeks ago, with verdicts as (day, verdict, note, why in spite of the data)."""

    weeks: int
    length: int
    verdicts: Sequence[tuple[int, str, str, str]] = ()
    easy: bool = False


ESCALATED = "The sponsor left and nobody answers. We need the director."
COURSES = (
    Course(1, 30),
    Course(2, 30, ((7, "continue", "Both owners have called; the cause is the new team.", ""),)),
    Course(5, 90, ((7, "continue", "", ""), (14, "continue", "Training is booked.", ""),
                   (30, "escalated", ESCALATED, ""))),
    Course(5, 30, ((7, "continue", "", ""), (14, "continue", "", ""),
                   (30, "extended", "Use rises; the report is not rebuilt yet.", ""))),
    Course(14, 30, ((7, "continue", "", ""), (14, "continue", "", ""), (30, "stabilized", "", "")), easy=True),
    Course(18, 30, ((7, "continue", "", ""), (14, "continue", "", ""),
                    (30, "stabilized", "", "They signed for three years; use follows with the new site."))),
    Course(20, 30, ((7, "continue", "", ""), (14, "failed", "They have chosen another system.", ""))),
)  # fmt: skip


def stabilize(plan: Plan) -> None:
    """Begin plans in the past, judge them as time went by, and measure those that go on."""
    manager = User.objects.filter(role=Role.CS_MANAGER).order_by("pk").first()
    if manager is None:
        return
    taken: set[int] = set()
    for course in COURSES:
        on = plan.on - dt.timedelta(weeks=course.weeks)
        account = _customer(on, taken)
        if account is not None:
            taken.add(account.pk)
            _live(account, course, on, manager)
    follow_plans(on=plan.on, at=plan.at)


def _customer(on: dt.date, taken: set[int]) -> Account | None:
    """The largest customer that fared badly on a day."""
    week = (on - dt.timedelta(days=6), on)
    bad = HealthScore.objects.filter(on__range=week, band__in=["red", "yellow"]).exclude(account__in=taken)
    bad = bad.exclude(account__stage=Account.Stage.CHURNED).exclude(account__tier=Account.Tier.RABBIT)
    found = bad.select_related("account").order_by("score", "pk").first()
    return found.account if found else None


def _live(account: Account, course: Course, on: dt.date, manager: User) -> None:
    """Live through one plan; a verdict that the data do not allow is not given."""
    by = owner_of(account, on) or manager
    draft = draft_plan(account, on, by, length=course.length)
    criteria = draft.criteria[:3]
    if course.easy:
        criteria = [{"measure": "health_score", "comparison": "at_least", "threshold": 1.0, "days": None}]
    made = start_plan(
        account=account, drivers=draft.drivers, criteria=criteria, planned=draft.planned, length=course.length,
        owner=draft.owner, by=by, at=_noon(on),
    )  # fmt: skip
    for day, verdict, note, reason in course.verdicts:
        fresh = StabilizationPlan.objects.get(pk=made.pk)
        who = manager if reason else by
        try:
            give_verdict(
                plan=fresh, verdict=verdict, note=note, override_reason=reason, by=who,
                at=_noon(on + dt.timedelta(days=day)),
            )  # fmt: skip
        except Refused:
            return


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
