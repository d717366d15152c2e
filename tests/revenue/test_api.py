"""Does the API keep revenue to those who may see it, and say clearly what it refuses?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from revenue.actions import derive_movements
from revenue.models import ContractLine, ExchangeRate, Movement, Renewal
from tests.factories import make_account, make_line, make_product, make_user

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def csm():
    return make_user("csm")


@pytest.fixture
def own(csm):
    return make_account(csm)


def post(user, path, **data):
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def get(user, path, **query):
    return client_of(user).get(f"/api/v1/{path}/", query)


def new_line(account, **fields):
    return {
        "account": account.pk,
        "product": make_product().pk,
        "arr": "1200.00",
        "currency": "USD",
        "starts_on": "2026-01-01",
    } | fields


def test_a_csm_writes_a_line_and_reads_its_movements(csm, own):
    answer = post(csm, "contract-lines", **new_line(own, ends_on="2027-01-01", seats=5))
    assert answer.status_code == 201, answer.json()
    assert answer.json()["arr"] == "1200.00"
    rows = get(csm, "movements", account=own.pk, sort="on").json()["results"]
    assert [(row["on"], row["kind"], row["amount"]) for row in rows] == [
        ("2026-01-01", "new", "1200.00"),
        ("2027-01-01", "churn", "-1200.00"),
    ]


def test_a_line_is_corrected_ended_and_taken_away(csm, own):
    number = post(csm, "contract-lines", **new_line(own)).json()["id"]
    client = client_of(csm)
    assert client.patch(f"/api/v1/contract-lines/{number}/", {"arr": "900"}, format="json").json()["arr"] == "900.00"
    ended = client.post(f"/api/v1/contract-lines/{number}/end/", {"ends_on": "2026-05-01"}, format="json")
    assert (ended.status_code, ended.json()["ends_on"]) == (200, "2026-05-01")
    assert client.delete(f"/api/v1/contract-lines/{number}/").status_code == 204
    assert not Movement.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"arr": "-1"}, "arr"),
        ({"arr": 0.1 + 0.2}, "arr"),
        ({"arr": True}, "arr"),
        ({"arr": "1e400"}, "arr"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "usd"}, "currency"),
        ({"seats": 2**31}, "seats"),
        ({"seats": 1.5}, "seats"),
        ({"starts_on": "2026-02-31"}, "starts_on"),
        ({"ends_on": "2026-01-01"}, "ends_on"),
        ({"owner": 1}, "owner"),
        ({"product": 10**30}, "product"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(csm, own, wrong, field):
    answer = post(csm, "contract-lines", **new_line(own, **wrong))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not ContractLine.objects.exists()


def test_the_account_of_a_line_does_not_change(csm, own):
    line = make_line(own)
    answer = client_of(csm).patch(
        f"/api/v1/contract-lines/{line.pk}/", {"account": make_account(csm).pk}, format="json"
    )
    assert answer.status_code == 400


PATHS = ["contract-lines", "movements", "exchange-rates", "ledger"]


@pytest.mark.parametrize("path", PATHS)
def test_who_may_not_see_money_is_told_so(path):
    assert get(make_user("product_manager"), path, first="2026-01-01", last="2026-02-01").status_code == 403


@pytest.mark.parametrize("path", [*PATHS, "renewals"])
def test_a_stranger_sees_nothing(path):
    assert APIClient().get(f"/api/v1/{path}/").status_code in (401, 403)


def test_another_csm_finds_no_foreign_line_movement_or_renewal(own):
    line = make_line(own, ends_on=dt.date(2026, 9, 1))
    renewal = Renewal.objects.create(account=own, due_on=dt.date(2026, 9, 1))
    derive_movements()
    stranger = make_user("csm")
    for path in ("contract-lines", "movements", "renewals"):
        assert get(stranger, path).json()["results"] == []
    client = client_of(stranger)
    assert client.get(f"/api/v1/contract-lines/{line.pk}/").status_code == 404
    assert client.patch(f"/api/v1/contract-lines/{line.pk}/", {"arr": "1"}, format="json").status_code == 404
    assert client.post(f"/api/v1/renewals/{renewal.pk}/advance/", {"stage": "won"}, format="json").status_code == 404
    assert post(stranger, "contract-lines", **new_line(own)).status_code == 400
    renewal.refresh_from_db()
    assert renewal.stage == "not_started"


def test_a_viewer_reads_and_does_not_write(own):
    make_line(own)
    viewer = make_user("viewer")
    assert len(get(viewer, "contract-lines").json()["results"]) == 1
    assert post(viewer, "contract-lines", **new_line(own)).status_code == 403


def test_movements_are_never_written(csm, own):
    assert post(csm, "movements", account=own.pk, kind="new").status_code == 405


def test_a_renewal_is_advanced_by_its_own_address(csm, own):
    number = post(csm, "renewals", account=own.pk, due_on="2026-09-01").json()["id"]
    answer = post(csm, f"renewals/{number}/advance", stage="committed")
    assert (answer.status_code, answer.json()["stage"], answer.json()["changed_by"]) == (200, "committed", csm.pk)
    assert post(csm, f"renewals/{number}/advance", stage="signed").status_code == 400
    assert post(csm, "renewals", account=own.pk, due_on="2026-09-01").status_code == 400
    assert len(get(csm, "renewals", stage="committed", due_until="2026-12-31").json()["results"]) == 1


def test_only_an_admin_sets_rates_and_the_same_day_is_replaced(csm):
    rate = {"base": "EUR", "quote": "USD", "on": "2026-01-01"}
    assert post(csm, "exchange-rates", **rate, rate="1.1").status_code == 403
    admin = make_user("admin")
    assert post(admin, "exchange-rates", **rate, rate="1.1").status_code == 201
    assert post(admin, "exchange-rates", **rate, rate="1.25").status_code == 201
    assert ExchangeRate.objects.get().rate == Decimal("1.25")
    assert post(admin, "exchange-rates", **(rate | {"quote": "EUR"}), rate="1").status_code == 400
    assert len(get(csm, "exchange-rates").json()["results"]) == 1


def test_the_ledger_adds_up_what_the_person_sees(csm, own):
    make_line(own, 100)
    make_line(make_account(), 900)
    derive_movements()
    months = get(csm, "ledger", first="2026-01-01", last="2026-02-28").json()
    assert [(month["start"], month["total"]["new"], month["total"]["closing"]) for month in months] == [
        ("2026-01-01", "100.00", "100.00"),
        ("2026-02-01", "0.00", "100.00"),
    ]
    all_months = get(make_user("admin"), "ledger", first="2026-01-01", last="2026-01-01").json()
    assert all_months[0]["total"]["new"] == "1000.00"


@pytest.mark.parametrize(
    "query",
    [{}, {"first": "2026-01-01"}, {"first": "x", "last": "y"}, {"first": "2026-01-01", "last": "2025-01-01"},
     {"first": "2000-01-01", "last": "2026-01-01"}, {"first": "2026-01-01", "last": "2026-01-01", "secret": "1"},
     {"first": "2026-01-01", "last": "2026-01-01", "account": "999999"}],
)  # fmt: skip
def test_a_wrong_question_to_the_ledger_is_refused(csm, query):
    assert get(csm, "ledger", **query).status_code == 400


def test_a_missing_rate_is_said_and_not_guessed(csm, own):
    make_line(own, currency="CHF")
    derive_movements()
    answer = get(csm, "ledger", first="2026-01-01", last="2026-01-31")
    assert answer.status_code == 409
    assert "CHF to USD" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["contract-lines", "movements", "renewals", "exchange-rates"])
@pytest.mark.parametrize("query", [{"_connector": "OR"}, {"account": "abc"}, {"sort": "a__b"}, {"page": "0"}])
def test_a_wrong_filter_never_breaks_the_server(csm, path, query):
    assert get(csm, path, **query).status_code in (400, 404)


def test_a_list_asks_as_often_for_60_rows_as_for_1(csm, own, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_line(own)
    with CaptureQueriesContext(connection) as one:
        get(csm, "contract-lines", page_size=100)
    for _ in range(60):
        make_line(own)
    with CaptureQueriesContext(connection) as many:
        assert len(get(csm, "contract-lines", page_size=100).json()["results"]) == 61
    assert len(many) == len(one)
