"""Is a quarter planned for the most customers, with what is in the way said in words?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent
from common.errors import Refused
from common.models import Job
from roadmap import actions
from roadmap.actions import estimates
from roadmap.actions import planning as plans
from roadmap.actions.duplicates import merge_requests
from roadmap.actions.ranking import rank_all
from roadmap.models import PlannedRequest, QuarterPlan, RequestEstimate, RequestNeed
from roadmap.queries.planning import unserved_accounts
from tests.factories import AT, make_account, make_evidence, make_request, make_user
from tests.roadmap.conftest import ON, pay

pytestmark = pytest.mark.django_db
QUARTER = dt.date(2026, 7, 1)


@pytest.fixture
def who():
    return {"by": make_user("product_manager"), "at": AT}


@pytest.fixture
def estimated(small_book, who):
    """Shared takes 6 weeks, Shouted 5; a third that four customers want takes 3."""
    third = make_request(title="Third")
    for account in small_book.small[:4]:
        make_evidence(account, third)
    for request, effort in ((small_book.shared, "6"), (small_book.shouted, "5"), (third, "3")):
        estimates.change_estimate(request=request, effort=Decimal(effort), **who)
    rank_all(on=ON)
    small_book.third = third
    return small_book


def planned(who, capacity, **values):
    plan = plans.add_plan(name="Q3", starts_on=QUARTER, capacity=Decimal(capacity), **values, **who)
    return plans.start_plan(plan=plan, on=ON)


def titles(plan, **filters):
    return set(plan.requests.filter(**filters).values_list("request__title", flat=True))


def test_the_set_that_serves_the_most_customers_is_found(estimated, who):
    plan = planned(who, 9)
    assert (plan.state, titles(plan, is_in=True)) == ("solved", {"Shared", "Third"})
    figures = plan.outcome["plan"]
    assert (figures["effort"], figures["value"], figures["needs"], figures["all_needs"]) == ("9", 16, 16, 18)
    assert (figures["customers"], figures["asking"], figures["unserved"]) == (12, 14, 2)
    assert (figures["unserved_arr"], figures["at_risk_arr"]) == ("1010000.00", "1010000.00")
    assert not Job.objects.filter(task="roadmap.solve_plan").exists()
    gains = dict(plan.requests.values_list("request__title", "gain"))
    assert gains == {"Shared": 12, "Third": 4, "Shouted": 2}
    assert dict(plan.requests.exclude(reason="").values_list("request__title", "reason")) == {"Shouted": "no_room"}


def test_customers_may_count_once_whatever_is_built_for_them(estimated, who):
    plan = planned(who, 11, counts="customers")
    # Third serves nobody whom Shared does not serve; the giants are fourteen in all.
    assert (titles(plan, is_in=True), plan.outcome["plan"]["value"]) == ({"Shared", "Shouted"}, 14)
    assert plan.requests.get(request__title="Third").reason == "no_gain"


def test_customers_may_be_weighed_by_value(estimated, who):
    plan = planned(who, 6, by_value=True)
    assert titles(plan, is_in=True) == {"Shouted"}
    assert plan.outcome["plan"]["value"] == 1_010_000_00
    assert titles(planned(who, 6), is_in=True) == {"Shared"}


def test_who_gets_nothing_is_listed_for_who_may_see_them(estimated, who):
    plan = planned(who, 9)
    found = unserved_accounts(plan, who["by"], ON)
    assert [(row.account.name, row.arr, row.needs, row.has_blocker) for row in found] == [
        ("Giant 0", Decimal(505_000), 1, True), ("Giant 1", Decimal(505_000), 1, True),
    ]  # fmt: skip
    assert unserved_accounts(plan, make_user("csm"), ON) == []


def test_must_haves_are_in_with_what_they_need(estimated, who):
    ground = make_request(title="Ground")
    estimates.change_estimate(request=ground, effort=Decimal(2), **who)
    estimates.change_needs(request=estimated.shouted, needed=[ground], **who)
    plan = planned(who, 10, must_haves=[estimated.shouted])
    assert titles(plan, is_in=True) == {"Shouted", "Ground", "Third"}
    assert titles(plan, is_must=True) == {"Shouted"}


def test_must_haves_that_do_not_fit_are_explained(estimated, who):
    plan = planned(who, 10, must_haves=[estimated.shared, estimated.shouted])
    assert (plan.state, plan.outcome["obstacle"], plan.outcome["effort"]) == ("impossible", "too_much", "11")
    assert set(plan.outcome["requests"]) == {estimated.shared.pk, estimated.shouted.pk}
    assert not PlannedRequest.objects.exists()
    assert plans.start_plan(plan=plans.change_plan(plan=plan, capacity=Decimal(11), **who), on=ON).state == "solved"


def test_a_must_have_that_nobody_estimated_is_named(estimated, who):
    vague = make_request(title="Vague")
    plan = planned(who, 10, must_haves=[vague])
    assert (plan.outcome["obstacle"], plan.outcome["blocked"]) == ("not_allowed", [vague.pk])


def test_what_needs_something_declined_or_left_out_is_not_chosen(estimated, who):
    base = make_request(title="Base")
    estimates.change_needs(request=estimated.shared, needed=[base], **who)
    estimates.change_estimate(request=base, effort=Decimal(1), **who)
    assert "Shared" not in titles(planned(who, 20, left_out=[base]), is_in=True)
    actions.change_state(request=base, state="declined", decline_reason="No.", **who)
    plan = planned(who, 20)
    assert plan.requests.get(request=estimated.shared).reason == "not_allowed"
    actions.change_state(request=base, state="shipped", **who)
    assert "Shared" in titles(planned(who, 20), is_in=True)


@pytest.mark.parametrize("effort", ["0", "-3", "0.04"])
def test_an_effort_of_nothing_is_refused(small_book, who, effort):
    with pytest.raises(Refused, match=r"at least 0\.1") as refusal:
        estimates.change_estimate(request=small_book.shared, effort=Decimal(effort), **who)
    assert refusal.value.field == "effort"
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestEstimate.objects.create(request=small_book.shared, effort=Decimal(0), changed_at=AT)


@pytest.mark.parametrize("capacity", ["0", "-1"])
def test_a_capacity_of_nothing_is_refused(who, capacity):
    with pytest.raises(Refused, match="above 0") as refusal:
        planned(who, capacity)
    assert refusal.value.field == "capacity"


def test_what_makes_no_plan_is_refused(small_book, who):
    with pytest.raises(Refused, match="first day of a month"):
        plans.add_plan(name="Q", starts_on=dt.date(2026, 7, 2), capacity=Decimal(1), **who)
    with pytest.raises(Refused, match="cannot be a must-have and left out"):
        planned(who, 5, must_haves=[small_book.shared], left_out=[small_book.shared])
    shipped = actions.change_state(request=small_book.shared, state="shipped", **who)
    with pytest.raises(Refused, match="shipped or declined"):
        planned(who, 5, must_haves=[shipped])


def test_needs_cannot_lead_back_to_themselves(small_book, who):
    one, two, three = small_book.shared, small_book.shouted, make_request()
    estimates.change_needs(request=one, needed=[two], **who)
    estimates.change_needs(request=two, needed=[three], **who)
    with pytest.raises(Refused, match="circle"):
        estimates.change_needs(request=three, needed=[one], **who)
    with pytest.raises(Refused, match="itself"):
        estimates.change_needs(request=one, needed=[one], **who)
    estimates.change_needs(request=one, needed=[three], **who)
    assert list(RequestNeed.objects.filter(request=one).values_list("needed", flat=True)) == [three.pk]


def test_one_plan_of_a_quarter_is_the_plan(estimated, who):
    first, second = planned(who, 9), planned(who, 6)
    plans.choose_plan(plan=first, **who)
    plans.choose_plan(plan=second, **who)
    assert QuarterPlan.objects.get(is_chosen=True) == second
    impossible = planned(who, 1, must_haves=[estimated.shared])
    with pytest.raises(Refused, match="worked out"):
        plans.choose_plan(plan=impossible, **who)


def test_a_large_book_is_worked_out_in_the_background(estimated, who, monkeypatch):
    monkeypatch.setattr(plans, "FEW_VOICES", 3)
    plan = planned(who, 9)
    assert plan.state == "waiting"
    job = Job.objects.get(task="roadmap.solve_plan")
    from roadmap.tasks import solve_quarter_plan

    assert solve_quarter_plan(**job.kwargs) == {"planned": 1}
    plan.refresh_from_db()
    assert plan.state == "solved"
    plans.delete_plan(plan=plan, **who)
    assert solve_quarter_plan(**job.kwargs) == {"planned": 0}


def test_what_time_ran_out_for_goes_on_in_the_background(estimated, who, monkeypatch):
    monkeypatch.setattr("roadmap.actions.solving._solver_answer", lambda problem, seconds: None)
    plan = planned(who, 9)
    assert (plan.state, plan.outcome["bound"]) == ("best_found", 18)
    assert Job.objects.filter(task="roadmap.solve_plan").count() == 1


def test_voices_of_who_does_not_pay_serve_nobody(estimated, who):
    gone = make_account()
    pay(gone, 1_000, starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2025, 6, 1))
    make_evidence(gone, estimated.third)
    assert planned(who, 9).outcome["plan"]["asking"] == 14


def test_every_change_of_a_plan_leaves_a_trace(estimated, who):
    plan = planned(who, 9)
    plans.change_plan(plan=plan, name="Q3, bold", must_haves=[estimated.third], **who)
    plans.delete_plan(plan=plan, **who)
    verbs = AuditEvent.objects.filter(verb__startswith="quarter_plan").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["quarter_plan.added", "quarter_plan.changed", "quarter_plan.deleted"]


def test_a_plan_follows_requests_that_were_merged(estimated, who):
    twin = make_request(title="Twin")
    estimates.change_needs(request=estimated.third, needed=[twin], **who)
    plan = planned(who, 9, must_haves=[twin])
    merge_requests(request=twin, into=estimated.shared, **who)
    plan = plans.start_plan(plan=plan, on=ON)
    # The must-have and the need lead to the request that has the voices now.
    assert titles(plan, is_must=True) == {"Shared"}
    assert titles(plan, is_in=True) == {"Shared", "Third"}
