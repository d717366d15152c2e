"""Is the risk register kept on its pages: added, updated, closed, taken back, exported?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portfolio.models import Change
from revenue.actions import derive_movements, open_risk
from revenue.models import Risk
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
PAGE = "/revenue/risks/"


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def csm(client: Client):
    user = make_user()
    client.force_login(user)
    return user


def risk_of(owner, amount: int = 400, **fields) -> Risk:
    account = make_account(owner, **fields)
    make_line(account, 1000, starts_on=dt.date(2025, 1, 1))
    derive_movements(account_ids=[account.pk])
    return open_risk(
        account=account, kind="price", reason="Budget is cut", arr_at_risk=Decimal(amount), by=owner, at=NOW
    )


def test_the_register_adds_up_and_flags_what_is_late(client, csm):
    assert "No open risk" in client.get(PAGE).text
    late = risk_of(csm, 900, name="Late one")
    open_risk(account=late.account, kind="usage", reason="Quiet", arr_at_risk=Decimal(900), by=csm, at=NOW)
    risk_of(csm, 100, name="In time")
    Risk.objects.filter(pk=late.pk).update(update_due_on=dt.date(2026, 6, 14))
    text = client.get(PAGE).text
    assert "$1.1K" in text
    assert text.index("Late one") < text.index("In time")
    text = client.get(PAGE, {"overdue": "true"}).text
    assert "Late one" in text
    assert "In time" not in text
    assert client.get(PAGE, {"kind": "weather"}).status_code == 400


def test_a_risk_is_added_on_the_account_and_taken_back(client, csm):
    account = risk_of(csm).account
    path = f"/accounts/{account.pk}/risks/add/"
    assert client.get(path).status_code == 200
    sent = {"kind": "usage", "reason": "Nobody signs in", "arr_at_risk": "1001"}
    refused = client.post(path, sent)
    assert refused.status_code == 422
    assert "cannot be above what the account pays" in refused.text
    assert client.post(path, sent | {"arr_at_risk": "500"}).status_code == 302
    assert "Nobody signs in" in client.get(f"/accounts/{account.pk}/revenue/").text
    client.post(f"/undo/{Change.objects.get().token}/")
    assert not Risk.objects.filter(kind="usage").exists()


def test_an_update_and_an_end_are_noted(client, csm):
    risk = risk_of(csm)
    page = f"{PAGE}{risk.pk}/"
    assert client.post(f"{page}update/", {"note": ""}).status_code == 422
    assert client.post(f"{page}update/", {"note": "x", "update_due_on": "2026-06-14"}).status_code == 422
    assert client.post(f"{page}update/", {"note": "They answer", "version": 0}).status_code == 302
    assert client.post(f"{page}update/", {"note": "Stale", "version": 0}).status_code == 409
    assert "They answer" in client.get(page).text
    assert client.post(f"{page}close/", {"outcome": "saved"}).status_code == 302
    assert client.post(f"{page}update/", {"note": "Too late"}).status_code == 422
    client.post(f"{page}reopen/")
    risk.refresh_from_db()
    assert risk.is_open


def test_the_register_asks_as_much_for_many_as_for_one(client, csm):
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        return sum(one["sql"].startswith("SELECT") for one in seen)

    risk_of(csm)
    few = asked()
    for _number in range(4):
        risk_of(csm)
    assert asked() == few <= 18


def test_the_register_leaves_as_a_file(client, csm):
    risk_of(csm, name="In the file")
    lines = b"".join(client.get(f"{PAGE}export/csv/").streaming_content).decode().splitlines()
    assert "In the file" in lines[1]
    assert "400.00" in lines[1]
