"""Is a customer called stabilized only when the data say so, or when a manager answers for it?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, AuditEvent, Notification, TimelineEntry, User
from common.errors import Conflict, Refused
from health.models import EarlyWarning, HealthScore, WarningRule
from playbooks.actions.stabilization import (
    change_plan,
    discard_plan,
    follow_plans,
    give_verdict,
    start_plan,
    take_back_verdict,
)
from playbooks.models import Checkpoint, StabilizationPlan
from playbooks.queries.stabilization import draft_plan, plan_page, record_of
from revenue.models import Renewal
from tests.factories import make_account, make_line, make_user
from tests.playbooks.made import score_of

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
ON = AT.date()
State, Verdict = StabilizationPlan.State, Checkpoint.Verdict
HEALTHY = {"measure": "health_score", "comparison": "at_least", "threshold": 60.0}


def later(days: int) -> dt.datetime:
    return AT + dt.timedelta(days=days)


@pytest.fixture
def csm() -> User:
    return make_user(name="Ana")


@pytest.fixture
def manager() -> User:
    return make_user("cs_manager", visibility="all", name="Max")


@pytest.fixture
def account(csm: User) -> Account:
    made = make_account(csm, name="Harbour", tier="elephant")
    make_line(made, 12_000)
    score_of(made, 41, on=ON)
    return made


def started(account: Account, csm: User, **given: Any) -> StabilizationPlan:
    given = {
        "drivers": [{"text": "Core use fell", "owner": csm}],
        "criteria": [HEALTHY],
        "by": csm,
        "at": AT,
    } | given
    return start_plan(account=account, **given)


def test_the_baseline_is_frozen(account: Account, csm: User) -> None:
    plan = started(account, csm)

    score_of(account, 88, on=ON + dt.timedelta(days=3))
    change_plan(plan=plan, drivers=[{"text": "Another", "owner": csm}], by=csm, at=later(3))
    plan.refresh_from_db()

    assert (plan.baseline_score, plan.baseline_band) == (Decimal(41), "red")
    assert [one.baseline for one in plan.criteria.all()] == [41.0]
    assert [one.text for one in plan.drivers.all()] == ["Another"]
    assert [one.day for one in plan.checkpoints.all()] == [7, 14, 30]


def test_stabilized_is_refused_while_a_criterion_is_unmet_then_extended_then_stabilized(
    account: Account, csm: User, manager: User
) -> None:
    plan = started(account, csm)
    score_of(account, 45, on=ON + dt.timedelta(days=7))
    with pytest.raises(Refused, match="Health score: at least 60") as refused:
        give_verdict(plan=plan, verdict="stabilized", by=csm, at=later(7))
    assert refused.value.code == "unmet"
    give_verdict(plan=plan, verdict="continue", by=csm, at=later(7))
    give_verdict(plan=plan, verdict="continue", by=csm, at=later(14))
    with pytest.raises(Refused, match="last checkpoint"):
        give_verdict(plan=plan, verdict="continue", by=csm, at=later(30))

    give_verdict(plan=plan, verdict="extended", note="Training is booked.", by=csm, at=later(30))
    assert [one.day for one in plan.checkpoints.all()] == [7, 14, 30, 60, 90]
    with pytest.raises(Refused, match="extended once"):
        give_verdict(plan=plan, verdict="extended", note="Again.", by=csm, at=later(60))

    score_of(account, 71, on=ON + dt.timedelta(days=60))
    ended = give_verdict(plan=plan, verdict="stabilized", by=csm, at=later(60))

    assert (ended.state, ended.ended_on, ended.override_reason) == (State.STABILIZED, ON + dt.timedelta(days=60), "")
    titles = TimelineEntry.objects.filter(account=account).values_list("title", flat=True)
    assert "Stabilization plan, day 60: Stabilized" in set(titles)
    with pytest.raises(Refused, match="over"):
        give_verdict(plan=plan, verdict="failed", note="x", by=csm, at=later(61))


def test_a_manager_overrides_with_a_reason_that_stands_in_the_audit(account: Account, csm: User, manager: User) -> None:
    plan = started(account, csm)
    with pytest.raises(Refused, match="Only a manager"):
        give_verdict(plan=plan, verdict="stabilized", override_reason="I feel it.", by=csm, at=later(7))
    with pytest.raises(Refused, match="Unmet"):
        give_verdict(plan=plan, verdict="stabilized", override_reason="  ", by=manager, at=later(7))

    give_verdict(plan=plan, verdict="stabilized", override_reason="They renewed early.", by=manager, at=later(7))

    plan.refresh_from_db()
    assert (plan.state, plan.override_reason) == (State.STABILIZED, "They renewed early.")
    event = AuditEvent.objects.get(verb="stabilization.overridden")
    assert event.actor == manager
    assert event.changes["reason"] == "They renewed early."
    assert event.changes["unmet"] == ["health_score at_least 60"]


def test_what_is_not_known_does_not_count_as_met(account: Account, csm: User) -> None:
    plan = started(account, csm, criteria=[{"measure": "nps", "comparison": "at_least", "threshold": 0}])

    with pytest.raises(Refused, match="NPS"):
        give_verdict(plan=plan, verdict="stabilized", by=csm, at=later(7))


def test_an_escalation_tells_the_managers_who_see_the_account_once(account: Account, csm: User, manager: User) -> None:
    elsewhere = make_user("cs_manager", visibility="own")
    plan = started(account, csm)
    with pytest.raises(Refused, match="Say why"):
        give_verdict(plan=plan, verdict="escalated", by=csm, at=later(7))

    give_verdict(plan=plan, verdict="escalated", note="The sponsor left.", by=csm, at=later(7))

    told = Notification.objects.get()
    assert (told.user, told.title, told.body) == (manager, "Harbour is escalated by Ana", "The sponsor left.")
    assert told.user != elsewhere
    assert StabilizationPlan.objects.get().state == State.ESCALATED


def test_after_an_escalation_on_the_last_day_a_final_word_is_possible(account: Account, csm: User) -> None:
    plan = started(account, csm)
    for day in (7, 14):
        give_verdict(plan=plan, verdict="continue", by=csm, at=later(day))
    give_verdict(plan=plan, verdict="escalated", note="No answer.", by=csm, at=later(30))

    give_verdict(plan=plan, verdict="failed", note="They leave.", by=csm, at=later(41))

    assert [(one.day, one.verdict) for one in plan.checkpoints.all()][-1] == (41, Verdict.FAILED)


def test_the_last_verdict_is_taken_back_on_its_day_only(account: Account, csm: User) -> None:
    plan = started(account, csm)
    give_verdict(plan=plan, verdict="extended", note="More time.", by=csm, at=later(7))
    with pytest.raises(Refused, match="no longer"):
        take_back_verdict(plan=plan, by=csm, at=later(8))
    with pytest.raises(Refused, match="Only who gave"):
        take_back_verdict(plan=plan, by=make_user(), at=later(7))

    again = take_back_verdict(plan=plan, by=csm, at=later(7))

    assert (again.extended_on, again.due_on) == (None, ON + dt.timedelta(days=7))
    assert [one.day for one in plan.checkpoints.filter(verdict="")] == [7, 14, 30]


def test_a_plan_needs_a_driver_with_an_owner_and_a_criterion(account: Account, csm: User) -> None:
    gone = make_user(is_active=False, name="Gone")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"drivers": []}, "at least one driver"),
        ({"drivers": [{"text": f"D{n}", "owner": csm} for n in range(4)]}, "at most three"),
        ({"drivers": [{"text": "D", "owner": None}]}, "needs one owner"),
        ({"drivers": [{"text": "D", "owner": gone}]}, "Gone no longer signs in"),
        ({"criteria": []}, "at least one exit criterion"),
        ({"criteria": [{**HEALTHY, "measure": "mood"}]}, "what is measured"),
        ({"criteria": [{**HEALTHY, "threshold": float("nan")}]}, "threshold"),
        ({"criteria": [{**HEALTHY, "comparison": "like"}]}, "compared"),
        ({"length": 45}, "30 or 90"),
    ]
    for given, message in wrong:
        with pytest.raises(Refused, match=message):
            started(account, csm, **given)
    assert not StabilizationPlan.objects.exists()

    started(account, csm)
    with pytest.raises(Refused, match="open for this account"):
        started(account, csm)


def test_two_people_do_not_overwrite_each_other(account: Account, csm: User) -> None:
    plan = started(account, csm)
    change_plan(plan=plan, drivers=[{"text": "Mine", "owner": csm}], by=csm, at=AT, version=plan.version)

    with pytest.raises(Conflict):
        change_plan(plan=plan, drivers=[{"text": "Yours", "owner": csm}], by=csm, at=AT, version=plan.version)


def test_a_plan_begun_by_mistake_is_thrown_away_on_its_first_day_only(account: Account, csm: User) -> None:
    plan = started(account, csm)
    with pytest.raises(Refused, match="has begun"):
        discard_plan(plan=plan, by=csm, at=later(1))

    discard_plan(plan=plan, by=csm, at=AT)

    assert not StabilizationPlan.objects.exists()
    assert not TimelineEntry.objects.filter(account=account).exists()


def test_every_night_the_plans_are_measured_and_verdicts_announced_once(
    account: Account, csm: User, django_assert_max_num_queries: Any
) -> None:
    plan = started(account, csm)
    score_of(account, 66, on=ON + dt.timedelta(days=7))
    on = ON + dt.timedelta(days=7)

    assert follow_plans(on=on, at=later(7)).announced == 1
    assert follow_plans(on=on, at=later(7)).announced == 0

    plan.refresh_from_db()
    assert (plan.criteria_met, plan.measured_on) == (1, on)
    checkpoint = plan.checkpoints.get(day=7)
    assert checkpoint.measured == [{"criterion": plan.criteria.get().pk, "value": 66.0, "is_met": True}]
    assert Notification.objects.get().title == "Verdict due for Harbour: day 7 of the plan"


def test_many_plans_cost_as_many_queries_as_one(csm: User, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def night(day: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            follow_plans(on=ON + dt.timedelta(days=day), at=later(day))
        return len(seen)

    def plans(count: int) -> None:
        for _ in range(count):
            one = make_account(csm)
            make_line(one)
            started(one, csm)

    plans(1)
    few = night(1)
    plans(9)
    assert night(1) == few


@pytest.mark.parametrize(
    ("stage", "paid", "result", "right"),
    [("won", 12_000, "kept", True), ("won", 6_000, "shrunk", True), ("lost", 0, "lost", False)],
)
def test_a_verdict_is_later_set_beside_what_the_renewal_brought(
    account: Account, csm: User, stage: str, paid: int, result: str, right: bool
) -> None:
    from revenue.actions import derive_movements

    plan = started(account, csm, criteria=[{**HEALTHY, "threshold": 40.0}])
    score_of(account, 44, on=ON + dt.timedelta(days=7))
    give_verdict(plan=plan, verdict="stabilized", by=csm, at=later(7))
    due = ON + dt.timedelta(days=60)
    Renewal.objects.create(account=account, due_on=due, stage=stage, arr=Decimal(12_000))
    account.contract_lines.update(ends_on=due)
    if paid:
        make_line(account, paid, starts_on=due)
    derive_movements()

    assert follow_plans(on=due - dt.timedelta(days=1), at=later(59)).compared == 0
    assert follow_plans(on=due, at=later(60)).compared == 1

    plan.refresh_from_db()
    assert (plan.renewal_result, plan.was_right) == (result, right)
    assert record_of(make_user("admin")).judged == 1


def test_a_plan_is_prefilled_from_warnings_and_scores(account: Account, csm: User) -> None:
    rule, _made = WarningRule.objects.update_or_create(
        key="silent_7d",
        defaults={
            "name": "Silent for a week",
            "definition": {"tests": [{"measure": "silence", "comparison": "at_least", "threshold": 7}]},
        },
    )
    evidence = [{"measure": "silence", "value": 9, "last_on": "2026-06-06", "comparison": "at_least", "threshold": 7}]
    EarlyWarning.objects.create(account=account, rule=rule, opened_on=ON, last_seen_on=ON, evidence=evidence)

    draft = draft_plan(account, ON, csm)

    assert draft.owner == csm
    assert draft.drivers[0]["text"].startswith("Silent for a week: No login for 9 days")
    assert draft.criteria == [
        {"measure": "health_score", "comparison": "at_least", "threshold": 51, "days": None},
        {"measure": "silence", "comparison": "less_than", "threshold": 7.0, "days": None},
    ]
    plan = start_plan(account=account, drivers=draft.drivers, criteria=draft.criteria, by=csm, at=AT)
    page = plan_page(plan, ON)
    assert page.reasons[0].startswith("Silent for a week: No login for 9 days")
    assert [row.words for row in page.criteria] == ["Health score: at least 51", "Days without a login: less than 7"]
    assert HealthScore.objects.count() == 1
