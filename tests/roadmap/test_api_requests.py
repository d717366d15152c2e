"""Does the API decide, merge, link and close the loop by the same actions, for who may?"""

import pytest

from accounts.models import ExpectationGap
from roadmap import actions
from roadmap.models import FeatureRequest, RequestAnswer, RequestLink
from tests.factories import AT, make_account, make_evidence, make_feature, make_line, make_request, make_user
from tests.roadmap.ledgers import ledger_of
from tests.roadmap.test_api import client_of, get, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner():
    return make_user("product_manager")


def test_who_notes_wishes_does_not_decide_about_them():
    csm, need = make_user(), make_request()
    for path, data in (("state", {"state": "planned"}), ("quarter", {"quarter": None}), ("part", {}),
                       ("merge", {"into": make_request().pk})):  # fmt: skip
        assert post(csm, f"feature-requests/{need.pk}/{path}", **data).status_code == 403
    change = client_of(csm).patch(f"/api/v1/feature-requests/{need.pk}/", {"shared_title": "Seen"}, format="json")
    assert change.status_code == 403
    assert (
        client_of(csm).patch(f"/api/v1/feature-requests/{need.pk}/", {"title": "Word"}, format="json").status_code
        == 200
    )
    need.refresh_from_db()
    assert (need.state, need.shared_title, need.title) == ("new", "", "Word")


def test_a_request_comes_with_its_promise_and_text(planner):
    made = post(planner, "feature-requests", title="Export", shared_title="Exports", use_goal_percent=40,
                feature=make_feature().pk)  # fmt: skip
    assert made.status_code == 201, made.json()
    assert (made.json()["shared_title"], made.json()["use_goal_percent"]) == ("Exports", 40)
    wrong = post(planner, "feature-requests", title="Export", use_goal_percent=400)
    assert wrong.status_code in (400, 409)


def test_merging_and_parting(planner):
    gone, kept = make_request(), make_request()
    make_evidence(make_account(), gone)
    merged = post(planner, f"feature-requests/{gone.pk}/merge", into=kept.pk)
    assert (merged.status_code, merged.json()["id"], merged.json()["evidence_count"]) == (200, kept.pk, 1)
    assert get(planner, "feature-requests", is_merged="true").json()["results"][0]["merged_into"] == kept.pk
    for wrong in (gone.pk, 999_999, "x"):
        assert post(planner, f"feature-requests/{kept.pk}/merge", into=wrong).status_code in (400, 409)
    parted = post(planner, f"feature-requests/{gone.pk}/part")
    assert parted.json() == {"request": gone.pk, "kept": kept.pk, "returned": 1, "stayed": 0}
    assert post(planner, f"feature-requests/{gone.pk}/part").status_code == 409


def test_a_text_finds_what_was_asked_before(planner):
    make_request(title="Export to Excel")
    (found,) = get(planner, "feature-requests/alike", text="导出为Excel").json()
    assert found["title"] == "Export to Excel"
    assert "excel" in found["words"]
    assert get(planner, "feature-requests/alike").json() == []


def test_money_at_risk_is_for_who_sees_money(planner):
    need, account = make_request(), make_account()
    make_line(account, 1_200)
    ledger_of(account)
    make_evidence(account, need)
    gap = ExpectationGap.objects.create(account=account, text="Offline", found_on=AT.date())
    linked = post(make_user("admin"), "request-links", request=need.pk, gap=gap.pk)
    assert linked.status_code == 201, linked.json()
    seen = get(make_user("admin"), f"feature-requests/{need.pk}/at_risk").json()
    assert (seen["arr_at_risk"], seen["at_risk"][0]["reasons"]) == ("1200.00", ["gap"])
    blind = get(planner, f"feature-requests/{need.pk}/at_risk").json()
    assert (blind["arr_at_risk"], blind["at_risk"][0]["arr"]) == (None, None)
    assert get(make_user(), f"feature-requests/{need.pk}/at_risk").json()["at_risk"] == []


def test_a_link_names_one_thing_and_is_taken_off():
    admin, need, account = make_user("admin"), make_request(), make_account()
    gap = ExpectationGap.objects.create(account=account, text="Offline", found_on=AT.date())
    assert post(admin, "request-links", request=need.pk).status_code in (400, 409)
    made = post(admin, "request-links", request=need.pk, gap=gap.pk).json()
    assert made["account"] == account.pk
    stranger = client_of(make_user())
    assert stranger.delete(f"/api/v1/request-links/{made['id']}/").status_code == 404
    assert client_of(admin).delete(f"/api/v1/request-links/{made['id']}/").status_code == 204
    assert not RequestLink.objects.exists()


def test_an_answer_is_given_and_taken_back():
    csm = make_user()
    need, account = make_request(), make_account(csm)
    make_evidence(account, need, verbatim="By hand.")
    actions.change_state(request=need, state="planned", by=None, at=AT)
    (row,) = get(csm, "request-answers", owner="me", state="waiting").json()["results"]
    assert (row["words"], row["decision"], row["owner"]) == ("By hand.", "planned", csm.pk)
    path = f"request-answers/{row['id']}"
    assert post(csm, f"{path}/told").json()["state"] == "told"
    assert post(csm, f"{path}/replied", reply="Good.").json()["state"] == "replied"
    assert post(csm, f"{path}/reopened").json()["state"] == "waiting"
    assert post(csm, f"{path}/excused", reason="Test").json()["state"] == "not_applicable"
    assert post(csm, f"{path}/excused", reason="Test").status_code == 409
    assert post(make_user(), f"{path}/told").status_code == 404
    assert RequestAnswer.objects.get().why_text == "Test"


def test_pairs_are_told_apart_by_who_plans(planner):
    make_request(title="Export to Excel")
    make_request(title="Excel exports")
    actions.find_duplicates()
    (pair,) = get(planner, "duplicate-requests", is_dismissed="false").json()["results"]
    assert post(make_user(), f"duplicate-requests/{pair['id']}/told_apart").status_code == 403
    assert post(planner, f"duplicate-requests/{pair['id']}/told_apart").json()["dismissed_by"] == planner.pk
    assert post(planner, f"duplicate-requests/{pair['id']}/suggested_again").json()["dismissed_at"] is None


def test_voices_of_a_merged_request_count_where_it_went(planner):
    gone, kept = make_request(), make_request()
    actions.merge_requests(request=gone, into=kept, by=planner, at=AT)
    made = post(planner, "request-evidence", request=gone.pk, account=make_account().pk, is_blocker=True, importance=3)
    assert (made.status_code, made.json()["request"], made.json()["asked_as"]) == (201, kept.pk, gone.pk)
    long = post(planner, "request-evidence", request=kept.pk, account=make_account().pk, verbatim="x" * 10_001)
    assert long.status_code == 400
    assert FeatureRequest.objects.standing().get() == kept
