"""Does the risk register keep its bounds, its cadence and its sums?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import AuditEvent, TimelineEntry
from common.errors import Conflict, Refused
from revenue.actions import (
    close_risk,
    delete_risk,
    derive_movements,
    open_risk,
    reopen_risk,
    sync_renewals,
    update_risk,
)
from revenue.models import Renewal, Risk
from revenue.queries import arr_at_risk
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 6, 15)
AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@pytest.fixture
def csm():
    return make_user()


def paying(owner, arr: int = 1000, ends_in: int | None = 200):
    account = make_account(owner)
    end = None if ends_in is None else ON + dt.timedelta(days=ends_in)
    make_line(account, arr, starts_on=dt.date(2025, 1, 1), ends_on=end)
    derive_movements(account_ids=[account.pk])
    return account


def risk_of(account, by, amount: int = 400, **fields) -> Risk:
    values = {"kind": "price", "reason": "Budget is cut", "arr_at_risk": Decimal(amount), "by": by, "at": AT}
    return open_risk(account=account, **(values | fields))


@pytest.mark.parametrize(("ends_in", "days"), [(200, 30), (None, 30), (90, 7), (91, 30)])
def test_the_next_update_is_due_weekly_near_a_renewal_and_else_monthly(csm, ends_in, days):
    assert risk_of(paying(csm, ends_in=ends_in), csm).update_due_on == ON + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 0}, "arr_at_risk"),
        ({"amount": -1}, "arr_at_risk"),
        ({"amount": 1001}, "arr_at_risk"),
        ({"kind": "weather"}, "kind"),
        ({"update_due_on": ON - dt.timedelta(days=1)}, "update_due_on"),
        ({"update_due_on": ON + dt.timedelta(days=31)}, "update_due_on"),
    ],
)
def test_a_risk_out_of_bounds_is_refused(csm, wrong, field):
    with pytest.raises(Refused) as refusal:
        risk_of(paying(csm), csm, **wrong)
    assert refusal.value.field == field
    assert not Risk.objects.exists()


def test_the_renewal_of_a_risk_is_its_accounts(csm):
    other = paying(csm, ends_in=50)
    sync_renewals(on=ON, at=AT)
    with pytest.raises(Refused) as refusal:
        risk_of(paying(csm), csm, renewal=Renewal.objects.get(account=other))
    assert refusal.value.field == "renewal"


def test_several_risks_of_one_account_never_sum_above_what_it_pays(csm):
    account, other = paying(csm), paying(csm)
    risk_of(account, csm, 700)
    risk_of(account, csm, 800)
    close_risk(risk=risk_of(other, csm, 900), outcome="saved", by=csm, at=AT)
    risk_of(other, csm, 100)
    paying(csm)
    assert arr_at_risk(ON) == {account.pk: Decimal(1000), other.pk: Decimal(100)}
    assert arr_at_risk(ON, [other.pk]) == {other.pk: Decimal(100)}


def test_an_update_moves_the_day_and_keeps_what_was_said(csm):
    account = paying(csm)
    risk = risk_of(account, csm, update_due_on=ON)
    update_risk(risk=risk, note="They answer again", arr_at_risk=Decimal(200), by=csm, at=AT + dt.timedelta(days=3))
    risk.refresh_from_db()
    assert (risk.arr_at_risk, risk.update_due_on) == (Decimal(200), ON + dt.timedelta(days=33))
    assert risk.updates.get().note == "They answer again"
    with pytest.raises(Refused):
        update_risk(risk=risk, note="More", arr_at_risk=Decimal(5000), by=csm, at=AT)
    with pytest.raises(Conflict):
        update_risk(risk=risk, note="Late", version=0, by=csm, at=AT)


def test_overdue_ones_are_found(csm):
    risk = risk_of(paying(csm), csm, update_due_on=ON)
    assert not Risk.objects.overdue(ON).exists()
    assert list(Risk.objects.overdue(ON + dt.timedelta(days=1))) == [risk]


def test_a_closed_risk_takes_no_update_but_can_be_reopened(csm):
    risk = close_risk(risk=risk_of(paying(csm), csm), outcome="lost", note="They left", by=csm, at=AT)
    assert (risk.state, risk.closed_on, risk.updates.get().note) == ("closed", ON, "They left")
    for act in (
        lambda: update_risk(risk=risk, note="x", by=csm, at=AT),
        lambda: close_risk(risk=risk, outcome="saved", by=csm, at=AT),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "closed"
    assert reopen_risk(risk=risk, by=csm, at=AT).is_open
    with pytest.raises(Refused):
        delete_risk(risk=risk, by=csm, at=AT)


def test_what_happens_to_a_risk_is_told_and_audited_without_its_amount(csm):
    account = paying(csm)
    close_risk(risk=risk_of(account, csm), outcome="saved", by=csm, at=AT)
    assert list(AuditEvent.objects.filter(verb__startswith="risk.").order_by("pk").values_list("verb", flat=True)) == [
        "risk.opened",
        "risk.closed",
    ]
    titles = list(
        TimelineEntry.objects.filter(account=account, details__has_key="risk")
        .order_by("pk")
        .values_list("title", flat=True)
    )
    assert titles == ["Risk: Price", "Risk closed: Price, Saved"]


@time_machine.travel(AT, tick=False)
def test_the_api_keeps_the_register(csm):
    account = paying(csm)
    client = APIClient()
    client.force_authenticate(csm)
    sent = {"account": account.pk, "kind": "usage", "reason": "Nobody signs in", "arr_at_risk": "500.00"}
    made = client.post("/api/v1/risks/", sent, format="json")
    assert (made.status_code, made.json()["update_due_on"]) == (201, "2026-07-15")
    assert client.post("/api/v1/risks/", sent | {"arr_at_risk": "1000.01"}, format="json").status_code == 400
    path = f"/api/v1/risks/{made.json()['id']}/"
    assert (
        client.post(f"{path}say/", {"note": "Called them", "arr_at_risk": "300"}, format="json").json()["arr_at_risk"]
        == "300.00"
    )
    assert client.post(f"{path}close/", {"outcome": "saved"}, format="json").json()["state"] == "closed"
    assert client.post(f"{path}say/", {"note": "Again"}, format="json").status_code == 409
    assert client.get("/api/v1/risks/", {"state": "open"}).json()["results"] == []
    client.force_authenticate(make_user("product_manager", visibility="all"))
    assert client.get("/api/v1/risks/").status_code == 403
