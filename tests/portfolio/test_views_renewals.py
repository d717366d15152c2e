"""Do the renewals pages show what ends, take calls and forecasts, and keep to who may see and change them?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portfolio.actions import refresh_rows
from portfolio.models import Change
from revenue.actions import derive_movements, make_call, sync_renewals
from revenue.models import Renewal, RenewalCall
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
ON = NOW.date()
PAGE = "/revenue/renewals/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def csm(client: Client):
    user = make_user()
    client.force_login(user)
    return user


def ending(owner, in_days: int = 60, arr: int = 1200, **fields) -> Renewal:
    account = make_account(owner, **fields)
    end = ON + dt.timedelta(days=in_days)
    make_line(account, arr, starts_on=end - dt.timedelta(days=365), ends_on=end)
    derive_movements(account_ids=[account.pk])
    sync_renewals(on=ON, at=NOW, account_ids=[account.pk])
    refresh_rows(on=ON, account_ids=[account.pk])
    return Renewal.objects.get(account=account)


def past(owner, in_days: int, stage: str, call: str) -> Renewal:
    renewal = ending(owner, 100)
    Renewal.objects.filter(pk=renewal.pk).update(due_on=ON + dt.timedelta(days=in_days), stage=stage)
    RenewalCall.objects.create(renewal=renewal, kind="computed", call=call, on=ON - dt.timedelta(days=300), amount=1000)
    return renewal


def test_the_board_puts_each_contract_under_its_days(client, csm):
    for days in (20, 45, 150):
        ending(csm, days, name=f"Ends in {days}")
    ending(make_user(), 20, name="Somebody else’s")
    text = client.get(PAGE).text
    order = ["Overdue or late", "0–30 days", "Ends in 20", "31–60 days", "Ends in 45", "121–180 days", "Ends in 150"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "Somebody else’s" not in text
    assert "no talks yet" in text


@pytest.mark.parametrize("view", ["board", "calendar", "list", "accuracy"])
def test_each_view_opens_whole_and_in_part_and_empty(client, csm, view):
    assert "No renewals here" in client.get(PAGE, {"view": view}).text
    ending(csm)
    past(csm, -40, "lost", "renew")
    whole = client.get(PAGE, {"view": view})
    part = client.get(PAGE, {"view": view}, headers=HTMX)
    assert whole.status_code == 200
    # The part is what a fresh page has in its place, but for the token of its forms.
    assert part.text.split("csrfmiddlewaretoken")[0].strip() in whole.text


def test_past_calls_are_shown_beside_what_came(client, csm):
    past(csm, -40, "lost", "renew")
    text = client.get(PAGE, {"view": "accuracy"}).text
    assert "Renews → Churns: 1" in text
    assert "too few" in text


def test_a_list_asks_as_much_for_many_as_for_one(client, csm):
    def asked(**query) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE, query)
        return sum(one["sql"].startswith("SELECT") for one in seen)

    ending(csm)
    few = asked(), asked(view="list")
    for number in range(5):
        ending(csm, 10 + number * 20)
    assert (asked(), asked(view="list")) == few
    assert max(few) <= 15


def test_filters_narrow_all_views_and_a_wrong_one_is_told(client, csm):
    called = ending(csm, name="Called churn")
    make_call(renewal=called, call="churn", by=csm, at=NOW)
    ending(csm, name="Quiet one")
    text = client.get(PAGE, {"view": "list", "call": "churn"}).text
    assert "Called churn" in text
    assert "Quiet one" not in text
    text = client.get(PAGE, {"view": "list", "disputed": "true", "period": ""}).text
    assert "Called churn" in text
    assert "Quiet one" not in text
    assert client.get(PAGE, {"tier": "whale"}).status_code == 400


def test_a_call_takes_one_click_in_the_sheet_and_is_undone(client, csm):
    renewal = ending(csm)
    sheet = client.get(
        f"{PAGE}{renewal.pk}/", headers=HTMX | {"HX-Current-URL": f"http://testserver{PAGE}?tier=rabbit"}
    )
    assert "<html" not in sheet.text
    assert f'name="next" value="{PAGE}?tier=rabbit"' in sheet.text
    sent = {"kind": "csm", "call": "churn", "reason": "New owner", "next": f"{PAGE}?tier=rabbit"}
    assert client.post(f"{PAGE}{renewal.pk}/call/", sent)["Location"] == f"{PAGE}?tier=rabbit"
    renewal.refresh_from_db()
    assert (renewal.csm_call, renewal.expected_arr) == ("churn", 0)
    client.post(f"/undo/{Change.objects.get().token}/")
    renewal.refresh_from_db()
    assert (renewal.csm_call, renewal.expected_arr) == ("", Decimal("1140.00"))


def test_only_a_manager_makes_the_final_call(client, csm):
    renewal = ending(csm)
    client.post(f"{PAGE}{renewal.pk}/call/", {"kind": "final", "call": "renew"})
    renewal.refresh_from_db()
    assert renewal.final_call == ""
    client.force_login(make_user("cs_manager", visibility="all"))
    client.post(f"{PAGE}{renewal.pk}/call/", {"kind": "final", "call": "renew"})
    renewal.refresh_from_db()
    assert renewal.final_call == "renew"
    assert "Renews" in client.get(f"{PAGE}{renewal.pk}/").text


def test_a_forecast_is_typed_into_its_cell(client, csm):
    renewal = ending(csm)
    assert f'id="amount-{renewal.pk}"' in client.get(PAGE, {"view": "list"}).text
    sent = {"amount": "１,000".replace(",", ""), "version": 0, "next": f"{PAGE}?view=list"}
    assert client.post(f"{PAGE}{renewal.pk}/forecast/", sent)["Location"] == f"{PAGE}?view=list"
    renewal.refresh_from_db()
    assert (renewal.expected_arr, renewal.csm_call) == (Decimal(1000), "downgrade")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("-1", "cannot be below 0"),
        ("1200.01", "cannot be above the ARR due"),
        ("much", "must be a number"),
        ("", "is required"),
    ],
)
def test_a_wrong_forecast_stays_in_its_cell(client, csm, amount, words):
    renewal = ending(csm)
    path, sent = f"{PAGE}{renewal.pk}/forecast/", {"amount": amount, "version": 0, "next": PAGE}
    cell = client.post(path, sent, headers=HTMX)
    assert (cell.status_code, cell["HX-Retarget"]) == (422, f"#forecast-{renewal.pk}")
    assert words in cell.text
    assert f'value="{amount}"' in cell.text
    assert "<html" not in cell.text
    whole = client.post(path, sent)
    assert whole.status_code == 422
    assert words in whole.text
    assert "<html" in whole.text


def test_two_who_type_at_once_see_both_values(client, csm):
    renewal = ending(csm)
    make_call(renewal=renewal, amount=Decimal(700), by=csm, at=NOW)
    sent = {"amount": "800", "version": 0, "next": PAGE}
    cell = client.post(f"{PAGE}{renewal.pk}/forecast/", sent, headers=HTMX)
    assert cell.status_code == 409
    assert "Stored: $700. Yours: $800." in cell.text
    # The cell now holds the version that stands, so that Enter keeps one's own.
    assert 'name="version" value="1"' in cell.text


def test_what_is_listed_leaves_as_a_file(client, csm):
    ending(csm, name="In the file")
    lines = b"".join(client.get(f"{PAGE}export/csv/", {"view": "list"}).streaming_content).decode().splitlines()
    assert lines[0].startswith("\ufeffexternal_id,account,owner")
    assert "In the file" in lines[1]
    assert "1140.00" in lines[1]
    assert b"".join(client.get(f"{PAGE}export/xlsx/").streaming_content)[:2] == b"PK"
    assert client.get(f"{PAGE}export/pdf/").status_code == 404


def test_no_call_on_what_is_over_and_none_without_the_right(client, csm):
    renewal = past(csm, -40, "lost", "renew")
    assert client.post(f"{PAGE}{renewal.pk}/forecast/", {"amount": "1"}).status_code == 422
    client.force_login(make_user("viewer", visibility="all"))
    assert client.get(f"{PAGE}{renewal.pk}/").status_code == 200
    assert client.post(f"{PAGE}{renewal.pk}/call/", {"kind": "csm", "call": "renew"}).status_code == 404
    client.force_login(make_user("product_manager"))
    assert client.get(PAGE).status_code == 404
