"""Does the API keep referrals to who may see the customer, and refuse what the pages refuse?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from advocacy.models import Referral
from tests.factories import make_account, make_contact, make_referral, make_user

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user: Any, path: str, **data: Any) -> Any:
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def test_a_referral_is_noted_moved_on_and_thanked_for() -> None:
    csm = make_user()
    referrer, became = make_account(csm), make_account(csm)
    made = post(csm, "referrals", referrer=referrer.pk, company="Newcomer", contact=make_contact(referrer).pk)
    assert (made.status_code, made.json()["state"]) == (201, "invited")
    path = f"referrals/{made.json()['id']}"
    assert post(csm, f"{path}/advance", state="signed").json()["errors"][0]["field"] == "account"
    patched = client_of(csm).patch(f"/api/v1/{path}/", {"account": became.pk}, format="json")
    assert patched.json()["account"] == became.pk
    assert post(csm, f"{path}/advance", state="signed").json()["state"] == "signed"
    assert post(csm, f"{path}/thank", thanks="A call").json()["thanked_by"] == csm.pk
    assert client_of(csm).delete(f"/api/v1/{path}/").status_code == 204


def test_nobody_brings_itself_or_in_a_circle_over_the_api() -> None:
    csm = make_user()
    one, other = make_account(csm), make_account(csm)
    assert post(csm, "referrals", referrer=one.pk, company="X", account=one.pk).status_code == 400
    assert post(csm, "referrals", referrer=one.pk, company="X", account=other.pk).status_code == 201
    circle = post(csm, "referrals", referrer=other.pk, company="X", account=one.pk)
    assert (circle.status_code, circle.json()["errors"][0]["field"]) == (400, "account")
    assert Referral.objects.count() == 1


def test_a_foreign_referral_is_not_there() -> None:
    found, stranger = make_referral(make_account(make_user())), make_user()
    assert client_of(stranger).get("/api/v1/referrals/").json()["results"] == []
    assert client_of(stranger).get(f"/api/v1/referrals/{found.pk}/").status_code == 404
    assert post(stranger, f"referrals/{found.pk}/advance", state="trial").status_code == 404
    assert post(stranger, "referrals", referrer=found.referrer_id, company="X").status_code == 400
    mine = make_account(stranger)
    assert post(stranger, "referrals", referrer=mine.pk, company="X", account=found.referrer_id).status_code == 400


@pytest.mark.parametrize("wrong", [{"company": " "}, {"invited_on": "2099-01-01"}, {"state": "signed"}, {"moon": 1}])
def test_a_wrong_referral_is_refused(wrong: dict[str, Any]) -> None:
    csm = make_user()
    data = {"referrer": make_account(csm).pk, "company": "X"} | wrong
    assert post(csm, "referrals", **data).status_code == 400
    assert not Referral.objects.exists()


def test_a_list_asks_as_often_for_many_rows_as_for_one() -> None:
    admin, asked = make_user("admin"), []
    for number in (1, 30):
        for _ in range(number):
            make_referral(make_account(), account=make_account())
        with CaptureQueriesContext(connection) as seen:
            client_of(admin).get("/api/v1/referrals/", {"page_size": 100})
        asked.append(len(seen))
    assert asked[0] == asked[1]
