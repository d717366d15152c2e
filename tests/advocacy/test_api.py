"""Does the API keep advocates to who may see their account?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from advocacy.models import Advocate, Ask
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_user

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user, path, **data):
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def get(user, path, **query):
    return client_of(user).get(f"/api/v1/{path}/", query)


def test_an_advocate_is_found_asked_and_answers():
    csm = make_user()
    contact = make_contact(make_account(csm, industry="Retail"))
    made = post(csm, "advocates", contact=contact.pk, note="Loves it.")
    assert (made.status_code, made.json()["account"], made.json()["stage"]) == (201, contact.account_id, "identified")
    number = made.json()["id"]
    make_consent(contact)
    ask = post(csm, "asks", advocate=number, kind="reference_call")
    assert (ask.status_code, ask.json()["asked_by"]) == (201, csm.pk)
    answered = post(csm, f"asks/{ask.json()['id']}/answer", answer="accepted")
    assert (answered.status_code, answered.json()["answer"]) == (200, "accepted")
    assert post(csm, f"advocates/{number}/advance", stage="active").json()["stage"] == "active"
    assert post(csm, f"advocates/{number}/advance", stage="asked").status_code in (400, 409)
    patched = client_of(csm).patch(f"/api/v1/advocates/{number}/", {"note": "Busy in May."}, format="json")
    assert patched.json()["note"] == "Busy in May."
    rows = get(csm, "advocates", stage="active", industry="Retail").json()["results"]
    assert [row["id"] for row in rows] == [number]


def test_a_foreign_advocate_is_not_there():
    advocate = make_advocate(make_account(make_user()))
    ask = Ask.objects.create(advocate=advocate, kind="review", asked_on=AT.date())
    stranger = make_user()
    for path, number in (("advocates", advocate.pk), ("asks", ask.pk)):
        assert get(stranger, path).json()["results"] == []
        assert client_of(stranger).get(f"/api/v1/{path}/{number}/").status_code == 404
    assert post(stranger, f"advocates/{advocate.pk}/advance", stage="active").status_code == 404
    assert post(stranger, f"asks/{ask.pk}/answer", answer="accepted").status_code == 404
    assert post(stranger, "asks", advocate=advocate.pk, kind="review").status_code == 400
    assert post(stranger, "advocates", contact=make_contact(advocate.account).pk).status_code == 400


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_not_edit_accounts_writes_nothing(role):
    advocate, user = make_advocate(make_account()), make_user(role)
    assert post(user, "advocates", contact=make_contact(advocate.account).pk).status_code == 403
    assert post(user, f"advocates/{advocate.pk}/advance", stage="active").status_code == 403
    assert post(user, "asks", advocate=advocate.pk, kind="review").status_code == 403
    assert not Ask.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"kind": "gift"}, {"asked_on": "2099-01-01"}, {"answer": "accepted"}, {"advocate": -1}]
)
def test_a_wrong_ask_is_refused(wrong):
    csm = make_user()
    data = {"advocate": make_advocate(make_account(csm)).pk, "kind": "review"} | wrong
    assert post(csm, "asks", **data).status_code == 400
    assert not Ask.objects.exists()


def test_a_contact_is_an_advocate_once():
    csm = make_user()
    advocate = make_advocate(make_account(csm))
    answer = post(csm, "advocates", contact=advocate.contact_id)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "contact")
    assert Advocate.objects.count() == 1


@pytest.mark.parametrize("path", ["advocates", "asks"])
@pytest.mark.parametrize(
    "query", [{"_connector": "OR"}, {"account": "abc"}, {"sort": "a__b"}, {"kind": "x", "stage": "x"}]
)
def test_a_wrong_filter_never_breaks_the_server(path, query):
    assert get(make_user(), path, **query).status_code in (400, 404)


def test_a_list_asks_as_often_for_many_rows_as_for_one():
    admin = make_user("admin")
    for path in ("advocates", "asks"):
        for number in (1, 30):
            for _ in range(number):
                advocate = make_advocate(make_account())
                Ask.objects.create(advocate=advocate, kind="review", asked_on=AT.date())
            with CaptureQueriesContext(connection) as asked:
                get(admin, path, page_size=100)
            if number == 1:
                once = len(asked)
        assert len(asked) == once
