"""Does the page of a plan say what fits, what does not and why, and who gets nothing?"""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import User
from common.models import Job
from roadmap.actions import estimates
from roadmap.actions import planning as plans
from roadmap.models import QuarterPlan
from tests.factories import AT, make_evidence, make_request, make_user
from tests.roadmap.test_views_ranking import page, planner, post, ranked, today  # noqa: F401

pytestmark = pytest.mark.django_db
FORM = {"name": "Q3", "starts_on": "2026-07-01", "capacity": "9", "counts": "needs"}


@pytest.fixture
def estimated(ranked, planner):  # noqa: F811
    third = make_request(title="Third")
    for account in ranked.small[:4]:
        make_evidence(account, third)
    for request, effort in ((ranked.shared, "6"), (ranked.shouted, "5"), (third, "3")):
        estimates.change_estimate(request=request, effort=Decimal(effort), by=planner, at=AT)
    ranked.third = third
    return ranked


def test_a_scenario_is_worked_out_at_once_when_that_is_quick(estimated, planner):  # noqa: F811
    text = page(planner, reverse("quarter_plan_new")).content.decode()
    assert 'value="Q3 2026"' in text
    assert 'value="2026-07-01"' in text
    answer = post(planner, reverse("quarter_plan_new"), **FORM)
    plan = QuarterPlan.objects.get()
    assert answer.url == reverse("quarter_plan", args=[plan.pk])
    shown = page(planner, answer.url).content.decode()
    assert "2 requests serve 12 of 14 customers who ask" in shown
    assert "Proved: no set within the capacity serves more." in shown
    assert "2 customers ask and get nothing" in shown
    assert "Others serve more for their effort" in shown
    assert "$" not in shown.split("</header>")[1]
    assert "$1M" in page(make_user("admin"), answer.url).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"capacity": "0"}, {"capacity": "-4"}, {"capacity": "x"}, {"capacity": "1e6"},
              {"starts_on": "2026-07-02"},
              {"counts": "votes"}, {"name": ""}, {"starts_on": ""}],
)  # fmt: skip
def test_what_makes_no_plan_keeps_the_form(estimated, planner, wrong):  # noqa: F811
    answer = post(planner, reverse("quarter_plan_new"), **FORM | wrong)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not QuarterPlan.objects.exists()


def test_must_haves_that_do_not_fit_are_explained_in_words(estimated, planner):  # noqa: F811
    must = [estimated.shared.pk, estimated.shouted.pk]
    plan_url = post(planner, reverse("quarter_plan_new"), **FORM, must_haves=must).url
    text = page(planner, plan_url).content.decode()
    assert "The must-haves do not fit" in text
    assert "take 11.0 person-weeks; the capacity is 9.0." in text
    assert "“Shared”, “Shouted”" in text
    vague = make_request(title="Vague")
    other = post(planner, reverse("quarter_plan_new"), **FORM, must_haves=[vague.pk]).url
    assert "cannot be chosen: “Vague”." in page(planner, other).content.decode()


def test_scenarios_are_compared_side_by_side(estimated, planner):  # noqa: F811
    for capacity in ("9", "6"):
        post(planner, reverse("quarter_plan_new"), **FORM | {"name": f"With {capacity}", "capacity": capacity})
    ids = list(QuarterPlan.objects.values_list("pk", flat=True))
    text = page(planner, reverse("quarter_plans"), plan=ids).content.decode()
    assert "Side by side" in text
    assert text.count(">in<") == 3
    assert page(planner, reverse("quarter_plans"), plan=["x", "99999"]).status_code == 200


def test_a_scenario_is_changed_copied_chosen_and_thrown_away(estimated, planner):  # noqa: F811
    post(planner, reverse("quarter_plan_new"), **FORM)
    plan = QuarterPlan.objects.get()
    edit = reverse("quarter_plan_edit", args=[plan.pk])
    assert page(planner, edit).status_code == 200
    post(planner, edit, **FORM | {"capacity": "6"})
    plan.refresh_from_db()
    assert (plan.capacity, plan.outcome["plan"]["requests"]) == (6, 1)
    post(planner, edit, **FORM | {"name": "Bolder", "capacity": "14"}, copy="1")
    assert list(QuarterPlan.objects.order_by("pk").values_list("name", "capacity")) == [("Q3", 6), ("Bolder", 14)]
    post(planner, reverse("quarter_plan_choose", args=[plan.pk]))
    assert "The plan" in page(planner, reverse("quarter_plans")).content.decode()
    post(planner, reverse("quarter_plan_delete", args=[plan.pk]))
    assert QuarterPlan.objects.get().name == "Bolder"


def test_only_what_was_worked_out_is_chosen(estimated, planner):  # noqa: F811
    plan = plans.add_plan(
        name="Later", starts_on=AT.date().replace(day=1, month=7), capacity=Decimal(3), by=planner, at=AT
    )
    answer = post(planner, reverse("quarter_plan_choose", args=[plan.pk]))
    assert "Only what was worked out" in page_after(planner, answer)
    assert not QuarterPlan.objects.filter(is_chosen=True).exists()


def page_after(user: User, answer) -> str:
    """The page that a person comes to, with the messages of the answer that led there."""
    return answer.client.get(answer.url).content.decode()


def test_a_large_book_waits_and_looks_again(estimated, planner, monkeypatch):  # noqa: F811
    monkeypatch.setattr(plans, "FEW_VOICES", 1)
    answer = post(planner, reverse("quarter_plan_new"), **FORM)
    text = page(planner, answer.url).content.decode()
    assert "Being worked out" in text
    assert "hx-trigger" in text
    assert Job.objects.filter(task="roadmap.solve_plan").count() == 1


def test_by_value_amounts_are_shares_for_who_may_not_see_money(estimated, planner):  # noqa: F811
    answer = post(planner, reverse("quarter_plan_new"), **FORM, by_value="on")
    plan = QuarterPlan.objects.get()
    shown = page(planner, answer.url).content.decode()
    assert "of the value" in shown
    assert "$" not in shown.split("</header>")[1]
    assert "$1.2M" in page(make_user("admin"), answer.url).content.decode()
    rows = list(csv.reader(io.StringIO(
        page(planner, reverse("quarter_plan_export", args=[plan.pk, "csv"])).getvalue().decode("utf-8-sig")
    )))  # fmt: skip
    assert "adds" not in rows[0]
    assert {row[0] for row in rows[1:]} == {"Shared", "Shouted", "Third"}


def test_an_empty_place_and_what_is_not_estimated(ranked, planner):  # noqa: F811
    text = page(planner, reverse("quarter_plans")).content.decode()
    assert "No scenario yet" in text
    assert "Not estimated yet" in text
    assert "Shared" in text


def test_who_does_not_plan_finds_nothing(estimated, planner):  # noqa: F811
    post(planner, reverse("quarter_plan_new"), **FORM)
    plan = QuarterPlan.objects.get()
    for role in ("csm", "cs_manager", "viewer"):
        assert page(make_user(role), reverse("quarter_plan", args=[plan.pk])).status_code == 404
    narrow = make_user("product_manager", visibility=User.Visibility.OWN)
    assert page(narrow, reverse("quarter_plan", args=[plan.pk])).status_code == 404
    assert "Plans are of the whole book" in page(narrow, reverse("quarter_plans")).content.decode()
