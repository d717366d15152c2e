"""Does the API show every need to everybody, and who asked only to who may see them?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from roadmap.models import FeatureRequest, RequestEvidence
from tests.factories import make_account, make_contact, make_evidence, make_request, make_user

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user, path, **data):
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def get(user, path, **query):
    return client_of(user).get(f"/api/v1/{path}/", query)


@pytest.mark.parametrize("role", ["csm", "cs_manager", "product_manager", "admin", "viewer"])
def test_everybody_reads_every_need_with_the_voices_they_may_see(role):
    make_evidence(make_account(), make_request())
    (row,) = get(make_user(role), "feature-requests").json()["results"]
    expected = 0 if role in ("csm", "cs_manager") else 1
    assert (row["evidence_count"], row["account_count"]) == (expected, expected)


def test_a_foreign_voice_is_not_there():
    voice, stranger = make_evidence(make_account(make_user())), make_user()
    client = client_of(stranger)
    assert get(stranger, "request-evidence").json()["results"] == []
    address = f"/api/v1/request-evidence/{voice.pk}/"
    assert client.get(address).status_code == 404
    assert client.patch(address, {"importance": 3}, format="json").status_code == 404
    assert client.delete(address).status_code == 404
    answer = post(stranger, "request-evidence", request=voice.request_id, account=voice.account_id)
    assert answer.status_code == 400
    assert RequestEvidence.objects.count() == 1


def test_a_need_is_written_worded_and_decided_about():
    manager = make_user("product_manager")
    made = post(manager, "feature-requests", title="SSO")
    assert made.status_code == 201, made.json()
    address = f"feature-requests/{made.json()['id']}"
    worded = client_of(manager).patch(f"/api/v1/{address}/", {"title": "Single sign-on"}, format="json")
    assert worded.json()["title"] == "Single sign-on"
    assert post(manager, f"{address}/state", state="declined").status_code in (400, 409)
    declined = post(manager, f"{address}/state", state="declined", decline_reason="Too few.")
    assert (declined.status_code, declined.json()["decline_reason"]) == (200, "Too few.")
    assert post(manager, f"{address}/state", state="nowhere").status_code == 400


def test_a_voice_is_written_corrected_and_taken_away():
    csm = make_user()
    account, need = make_account(csm), make_request()
    made = post(csm, "request-evidence", request=need.pk, account=account.pk, verbatim="Please!", importance=3)
    assert made.status_code == 201, made.json()
    address = f"/api/v1/request-evidence/{made.json()['id']}/"
    assert client_of(csm).patch(address, {"importance": 2}, format="json").json()["importance"] == 2
    assert client_of(csm).patch(address, {"account": account.pk}, format="json").status_code == 400
    assert client_of(csm).delete(address).status_code == 204


def test_a_viewer_writes_nothing():
    viewer = make_user("viewer")
    need, account = make_request(), make_account()
    assert post(viewer, "feature-requests", title="SSO").status_code == 403
    assert post(viewer, f"feature-requests/{need.pk}/state", state="planned").status_code == 403
    assert post(viewer, "request-evidence", request=need.pk, account=account.pk).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "\u200b"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 7}, "title"),
        ({"state": "planned"}, "state"),
        ({"module": 10**30}, "module"),
        ({"created_on": "2026-02-31"}, "created_on"),
        ({"created_on": "2099-01-01"}, "created_on"),
        ({"external_id": "R-1"}, "external_id"),
        ({"votes": 1}, "votes"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(wrong, field):
    make_request(external_id="R-1")
    answer = post(make_user("admin"), "feature-requests", **({"title": "SSO"} | wrong))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert FeatureRequest.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"importance": 4}, {"importance": True}, {"contact": "foreign"}, {"request": 0}])
def test_a_wrong_voice_is_refused(wrong):
    csm = make_user()
    if "contact" in wrong:
        wrong = {"contact": make_contact(make_account(csm)).pk}
    data = {"request": make_request().pk, "account": make_account(csm).pk} | wrong
    assert post(csm, "request-evidence", **data).status_code == 400
    assert not RequestEvidence.objects.exists()


@pytest.mark.parametrize("path", ["feature-requests", "request-evidence"])
@pytest.mark.parametrize("query", [{"_connector": "OR"}, {"account": "abc"}, {"sort": "a__b"}, {"q": "\x00"}])
def test_a_wrong_filter_never_breaks_the_server(path, query):
    assert get(make_user(), path, **query).status_code in (400, 404)


def test_needs_are_sorted_by_visible_voices_and_voices_found_by_need():
    admin, small, large = make_user("admin"), make_request(), make_request()
    for _ in range(2):
        make_evidence(make_account(), large)
    make_evidence(make_account(), small)
    rows = get(admin, "feature-requests", sort="-accounts", state="new").json()["results"]
    assert [row["id"] for row in rows] == [large.pk, small.pk]
    assert len(get(admin, "request-evidence", request=large.pk, importance=1).json()["results"]) == 2


def test_a_list_asks_as_often_for_many_rows_as_for_one():
    admin = make_user("admin")
    make_evidence(make_account(), make_request())
    for path in ("feature-requests", "request-evidence"):
        with CaptureQueriesContext(connection) as one:
            get(admin, path, page_size=100)
        for _ in range(30):
            make_evidence(make_account(), make_request())
        with CaptureQueriesContext(connection) as many:
            get(admin, path, page_size=100)
        assert len(many) == len(one)
