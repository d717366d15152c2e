"""Does the API tell ranks, estimates and plans as the pages do?"""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from roadmap.models import QuarterPlan, RankingSettings, RequestEstimate
from tests.factories import make_user
from tests.roadmap.test_views_ranking import planner, ranked, today  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    from tests.factories import AT

    monkeypatch.setattr("roadmap.viewsets.ranking.timezone.now", lambda: AT)


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_ranks_are_told_in_order_with_every_part(ranked, planner):  # noqa: F811
    answer = api(planner).get("/api/v1/request-ranks/").json()
    assert [(row["title"], row["rank"], row["is_common"]) for row in answer["results"]] == [
        ("Shared", 1, True), ("Shouted", 2, False),
    ]  # fmt: skip
    first = answer["results"][0]
    assert (first["accounts"], first["validation"], first["arr_rank"]) == (12, 1.0, 2)
    assert "arr" not in first
    assert api(make_user("admin")).get("/api/v1/request-ranks/").json()["results"][0]["arr"] == "600000.00"


def test_ranks_take_the_filters_of_the_page(ranked, planner):  # noqa: F811
    client = api(planner)
    assert client.get("/api/v1/request-ranks/?common=false").json()["count"] == 1
    part = client.get("/api/v1/request-ranks/?tier=elephant").json()["results"]
    assert [(row["title"], row["accounts"]) for row in part] == [("Shouted", 2), ("Shared", 0)]
    assert client.get("/api/v1/request-ranks/?tier=whale").status_code == 400
    assert client.get("/api/v1/request-ranks/?colour=red").status_code == 400
    assert client.get("/api/v1/request-ranks/?sort=-accounts").json()["results"][0]["title"] == "Shared"


def test_a_csm_gets_the_ranking_of_their_accounts(ranked):  # noqa: F811
    rows = api(make_user("csm")).get("/api/v1/request-ranks/").json()["results"]
    assert {row["accounts"] for row in rows} == {0}


def test_why_a_rank_is_told_with_the_customers_behind_it(ranked, planner):  # noqa: F811
    told = api(planner).get(f"/api/v1/request-ranks/{ranked.shouted.pk}/").json()
    assert (told["of"], told["all_supporters"], told["not_paying"]) == (2, 2, 0)
    assert [row["name"] for row in told["supporters"]] == ["Giant 0", "Giant 1"]
    assert "arr" not in told["supporters"][0]
    assert set(told["swing"]) == {"asks", "accounts", "spread", "users", "weighted"}
    assert api(planner).get("/api/v1/request-ranks/99999/").status_code == 404


def test_estimates_are_written_with_what_is_needed(ranked, planner):  # noqa: F811
    client = api(planner)
    body = {"request": ranked.shared.pk, "effort": "4.5", "needed": [ranked.shouted.pk]}
    answer = client.post("/api/v1/request-estimates/", body, format="json")
    assert (answer.status_code, answer.json()["needed"]) == (201, [ranked.shouted.pk])
    changed = client.patch(f"/api/v1/request-estimates/{ranked.shared.pk}/", {"confidence": 80}, format="json")
    assert (changed.json()["confidence"], changed.json()["effort"]) == (80, "4.5")
    assert RequestEstimate.objects.get().effort == Decimal("4.5")


@pytest.mark.parametrize(
    "wrong", [{"effort": 0}, {"effort": -1}, {"effort": "x"}, {"confidence": 101}, {"business_value": 21},
              {"reach": -1},
              {"impact": "9"}, {"colour": "red"}],
)  # fmt: skip
def test_an_estimate_that_makes_no_sense_is_refused(ranked, planner, wrong):  # noqa: F811
    answer = api(planner).post("/api/v1/request-estimates/", {"request": ranked.shared.pk} | wrong, format="json")
    assert answer.status_code == 400
    assert not RequestEstimate.objects.exists()


def test_plans_are_made_changed_chosen_and_thrown_away(ranked, planner):  # noqa: F811
    client = api(planner)
    client.post("/api/v1/request-estimates/", {"request": ranked.shared.pk, "effort": "4"}, format="json")
    body = {"name": "Q3", "starts_on": "2026-07-01", "capacity": "5", "must_haves": [ranked.shared.pk]}
    made = client.post("/api/v1/quarter-plans/", body, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "solved")
    assert "served_arr" not in made.json()["outcome"]["plan"]
    assert made.json()["requests"][0]["is_in"]
    address = f"/api/v1/quarter-plans/{made.json()['id']}/"
    assert api(make_user("admin")).get(address).json()["outcome"]["plan"]["served_arr"] == "600000.00"
    assert client.patch(address, {"capacity": "3"}, format="json").json()["state"] == "impossible"
    assert client.patch(address, {"capacity": "0"}, format="json").status_code == 400
    client.patch(address, {"capacity": "6"}, format="json")
    assert client.post(f"{address}choose/").json()["is_chosen"]
    assert client.delete(address).status_code == 204
    assert not QuarterPlan.objects.exists()


def test_plans_are_for_who_plans(ranked):  # noqa: F811
    for role in ("csm", "viewer", "cs_manager"):
        client = api(make_user(role))
        assert client.get("/api/v1/quarter-plans/").status_code == 403
        assert client.post("/api/v1/quarter-plans/", {}, format="json").status_code == 403


def test_settings_are_read_by_all_and_written_by_who_plans(planner):  # noqa: F811
    assert api(make_user("csm")).get("/api/v1/ranking-settings/").json()["threshold"] == 10
    assert api(make_user("csm")).patch("/api/v1/ranking-settings/", {"threshold": 5}, format="json").status_code == 403
    assert api(planner).patch("/api/v1/ranking-settings/", {"threshold": 5}, format="json").json()["threshold"] == 5
    assert RankingSettings.load().threshold == 5
    weights = {f"{name}_weight": 0 for name in ("asks", "accounts", "spread", "users", "weighted")}
    assert api(planner).patch("/api/v1/ranking-settings/", weights, format="json").status_code == 400
