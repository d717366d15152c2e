"""Does a renewal hold its calls, value them, refuse wrong ones, and remember how they stood?"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import AuditEvent, TimelineEntry
from common.errors import Conflict, Refused
from revenue.actions import (
    advance_renewal,
    call_renewals,
    change_line,
    change_policy,
    derive_movements,
    make_call,
    remember_renewals,
    restore_call,
    sync_renewals,
)
from revenue.models import ExchangeRate, Renewal, RenewalCall
from revenue.queries import call_accuracy, renewal_summary
from revenue.rules.calls import CallFacts, computed_call, forecast_range
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 6, 15)
AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def days(count: int) -> dt.date:
    return ON + dt.timedelta(days=count)


def ending(owner, in_days: int = 60, arr: int = 1200, **fields) -> Renewal:
    account = make_account(owner)
    make_line(account, arr, **({"starts_on": dt.date(2025, 7, 1), "ends_on": days(in_days)} | fields))
    derive_movements()
    sync_renewals(on=ON, at=AT)
    return Renewal.objects.get(account=account, due_on=days(in_days))


@pytest.fixture
def csm():
    return make_user()


@pytest.fixture
def manager():
    return make_user("cs_manager", visibility="all")


@pytest.mark.parametrize(
    ("facts", "call", "reason"),
    [
        (CallFacts("in_talks", 100, band="green"), "renew", "green"),
        (CallFacts("in_talks", 100, is_payment_failed=True), "churn", "payment_failed"),
        (CallFacts("committed", 5, is_notice_given=True), "churn", "notice"),
        (CallFacts("in_talks", -1), "downgrade", "overdue"),
        (CallFacts("in_talks", -1, lost_before=1), "churn", "overdue"),
        (CallFacts("not_started", 89, band="red", renewed_before=2), "downgrade", "red"),
        (CallFacts("not_started", 91), "renew", "on_track"),
        (CallFacts("not_started", 50, band="unknown"), "renew", "quiet"),
    ],
)
def test_the_rule_calls_by_what_weighs_most(facts, call, reason):
    assert (computed_call(facts)[0], computed_call(facts)[1][0]) == (call, reason)


def test_a_renewal_knows_what_is_due_and_what_the_rule_expects(csm):
    renewal = ending(csm)
    assert (renewal.arr, renewal.computed_call, renewal.expected_arr) == (Decimal("1200.00"), "renew", Decimal("1140"))
    assert (renewal.reasons, renewal.called_on) == (["quiet"], ON)
    assert RenewalCall.objects.get().amount == Decimal("1140.00")


def test_health_told_from_above_counts_and_is_remembered(csm):
    renewal = ending(csm)
    call_renewals(on=ON, bands={renewal.account_id: "red"})
    call_renewals(on=ON)
    renewal.refresh_from_db()
    assert (renewal.computed_call, renewal.reasons) == ("churn", ["red", "quiet"])
    # Twice on a day leaves one row of history: the last.
    assert [call.call for call in RenewalCall.objects.all()] == ["churn"]


def test_calling_again_changes_nothing(csm):
    ending(csm)
    assert call_renewals(on=ON) == 0


def test_what_is_due_is_converted_at_the_rate_of_the_eve(csm):
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2025, 1, 1), rate=Decimal("1.5"))
    assert ending(csm, currency="EUR").arr == Decimal("1800.00")


def test_a_person_calls_by_word_or_amount(csm):
    renewal = ending(csm)
    called = make_call(renewal=renewal, call="downgrade", reason="Two teams close", by=csm, at=AT)
    assert (called.csm_call, called.expected_arr) == ("downgrade", Decimal("840.00"))
    called = make_call(renewal=renewal, amount=Decimal(900), by=csm, at=AT)
    assert (called.csm_call, called.expected_arr, called.version) == ("downgrade", Decimal(900), 2)
    assert make_call(renewal=renewal, amount=Decimal(0), by=csm, at=AT).csm_call == "churn"
    assert make_call(renewal=renewal, amount=Decimal(1200), by=csm, at=AT).csm_call == "renew"
    entry = TimelineEntry.objects.filter(kind="stage").order_by("pk").first()
    assert (entry.body, entry.details["call"]) == ("Two teams close", "downgrade")
    assert AuditEvent.objects.filter(verb="renewal.called").count() == 4


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("1200.01")}, "amount"),
        ({"amount": Decimal(5), "call": "renew"}, "amount"),
        ({"call": "maybe"}, "call"),
        ({}, "call"),
        ({"call": "renew", "kind": "computed"}, "kind"),
        ({"call": "renew", "kind": "final"}, "kind"),
    ],
)
def test_a_wrong_call_is_refused(csm, sent, field):
    renewal = ending(csm)
    with pytest.raises(Refused) as refusal:
        make_call(renewal=renewal, by=csm, at=AT, **sent)
    assert refusal.value.field == field


def test_no_call_on_what_is_over(csm):
    renewal = advance_renewal(renewal=ending(csm), stage="lost", by=csm, at=AT)
    with pytest.raises(Refused) as refusal:
        make_call(renewal=renewal, call="renew", by=csm, at=AT)
    assert (refusal.value.code, renewal.expected_arr) == ("over", 0)


def test_the_manager_settles_a_disagreement(csm, manager):
    renewal = make_call(renewal=ending(csm), call="churn", by=csm, at=AT)
    assert renewal.is_disputed
    assert list(Renewal.objects.disagreeing()) == [renewal]
    final = make_call(renewal=renewal, kind="final", call="downgrade", by=manager, at=AT)
    assert (final.is_disputed, final.decided, final.expected_arr) == (False, "downgrade", Decimal("840.00"))
    with pytest.raises(Refused) as refusal:
        make_call(renewal=renewal, call="renew", by=csm, at=AT)
    assert refusal.value.code == "decided"


def test_who_read_an_older_version_is_told(csm):
    renewal = ending(csm)
    make_call(renewal=renewal, amount=Decimal(700), version=0, by=csm, at=AT)
    with pytest.raises(Conflict) as conflict:
        make_call(renewal=renewal, amount=Decimal(800), version=0, by=csm, at=AT)
    assert conflict.value.values == {"amount": (Decimal(700), Decimal(800))}


def test_a_call_is_taken_back(csm):
    renewal = make_call(renewal=ending(csm), call="churn", by=csm, at=AT)
    back = restore_call(renewal=renewal, kind="csm", call="", amount=None, by=csm, at=AT)
    assert (back.csm_call, back.expected_arr) == ("", Decimal("1140.00"))


def test_an_amount_above_what_has_become_due_is_cut(csm):
    renewal = make_call(renewal=ending(csm), amount=Decimal(1000), by=csm, at=AT)
    change_line(line=renewal.account.contract_lines.get(), arr=Decimal(800), by=csm, at=AT)
    call_renewals(on=ON)
    renewal.refresh_from_db()
    assert (renewal.arr, renewal.expected_arr) == (Decimal(800), Decimal(800))


def test_other_terms_change_the_forecast(csm, manager):
    renewal = ending(csm)
    change_policy(by=manager, at=AT, renew_percent=50)
    call_renewals(on=ON)
    renewal.refresh_from_db()
    assert renewal.expected_arr == Decimal("600.00")


def past(owner, due: dt.date, after: int | None, called: dict[str, str]) -> Renewal:
    """A contract of 1,000 that ended, went on at some price or not at all, and what was said 100 days before."""
    account = make_account(owner)
    make_line(account, 1000, starts_on=due - dt.timedelta(days=365), ends_on=due)
    if after is not None:
        make_line(account, after, starts_on=due, ends_on=due + dt.timedelta(days=365))
    derive_movements()
    renewal = Renewal.objects.create(account=account, due_on=due)
    for kind, call in called.items():
        RenewalCall.objects.create(
            renewal=renewal, kind=kind, call=call, on=due - dt.timedelta(days=100), amount=Decimal(500)
        )
    return renewal


def test_the_rate_is_taken_over_what_was_due_and_the_forecast_over_all(csm):
    due = days(-40)
    past(csm, due, 1000, {})
    past(csm, due, 600, {})
    past(csm, due, None, {})
    ending(csm, 30, 1000)
    committed = advance_renewal(renewal=ending(csm, 30, 2000), stage="committed", by=csm, at=AT)
    make_call(renewal=committed, amount=Decimal(1500), by=csm, at=AT)
    rows = Renewal.objects.due_between(due, days(31))
    found = renewal_summary(rows, ON)
    assert (found.due, found.come_due, found.renewed, found.lost) == (5, 3, 2, 1)
    assert (found.renewal_rate, found.renewal_rate_arr) == (Decimal("0.6667"), Decimal("0.5333"))
    assert (found.low, found.likely, found.high) == (Decimal(3100), Decimal(4050), Decimal(4600))


def test_the_ends_of_a_book_with_history_are_written_down_once(csm):
    kept, gone = make_account(csm), make_account(csm)
    for year in (2023, 2024, 2025):
        make_line(kept, 1000, starts_on=dt.date(year, 9, 1), ends_on=dt.date(year + 1, 9, 1))
    # Bought for half a year beside it: its end is no end of the contract.
    make_line(kept, 100, starts_on=dt.date(2024, 10, 1), ends_on=dt.date(2025, 4, 1))
    make_line(gone, 500, starts_on=dt.date(2024, 2, 1), ends_on=dt.date(2025, 2, 1))
    derive_movements()
    sync_renewals(on=ON, at=AT)
    assert remember_renewals(on=ON) == 3
    assert remember_renewals(on=ON) == 0
    settled = Renewal.objects.exclude(stage="not_started").order_by("due_on")
    assert [(one.due_on.year, one.stage, one.arr) for one in settled] == [
        (2024, "won", Decimal(1000)),
        (2025, "lost", Decimal(500)),
        (2025, "won", Decimal(1000)),
    ]


def test_sums_in_the_database_are_what_the_rule_says_of_each(csm):
    committed = advance_renewal(renewal=ending(csm, 30), stage="committed", by=csm, at=AT)
    make_call(renewal=committed, amount=Decimal("700.33"), by=csm, at=AT)
    past(csm, days(-20), 600, {})
    past(csm, days(-20), None, {})
    ending(csm, 50, 999)
    sync_renewals(on=ON, at=AT)
    each = [forecast_range(one.stage, one.arr, one.expected_arr) for one in Renewal.objects.all()]
    found = renewal_summary(Renewal.objects.all(), ON)
    assert (found.low, found.likely, found.high) == tuple(map(sum, zip(*each, strict=True)))
    assert found.low <= found.likely <= found.high


def test_an_empty_period_has_no_rate():
    found = renewal_summary(Renewal.objects.none(), ON)
    assert (found.due, found.renewal_rate, found.renewal_rate_arr, found.high) == (0, None, None, 0)


def test_past_calls_are_compared_as_they_stood(csm):
    due = days(-40)
    renewal = past(csm, due, 600, {"computed": "renew", "csm": "downgrade"})
    past(csm, due, None, {"computed": "churn"})
    # Said too late for the first look, in time for the second.
    RenewalCall.objects.create(renewal=renewal, kind="computed", call="downgrade", on=due - dt.timedelta(days=60))
    sync_renewals(on=ON, at=AT)
    found = {(one.kind, one.days_before): one for one in call_accuracy(Renewal.objects.all(), (90, 30))}
    assert (found["computed", 90].calls, found["computed", 90].right) == (2, 1)
    assert found["computed", 90].table["renew"]["downgrade"] == 1
    assert found["computed", 30].rate == 1
    assert (found["csm", 90].right, found["final", 90].rate) == (1, None)
    assert (found["csm", 90].expected, found["csm", 90].came) == (Decimal(500), Decimal(600))


def test_calling_asks_as_much_for_many_as_for_few(csm):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            call_renewals(on=ON)
        return len(seen)

    ending(csm)
    Renewal.objects.update(called_on=None)
    few = asked()
    for number in range(4):
        ending(csm, 61 + number)
    Renewal.objects.update(called_on=None)
    assert asked() <= few


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@time_machine.travel(AT, tick=False)
def test_the_api_calls_forecasts_and_compares(csm, manager):
    renewal = ending(csm, 60)
    path = f"/api/v1/renewals/{renewal.pk}/"
    answer = client_of(csm).post(f"{path}call/", {"amount": "900.00", "of_version": 0}, format="json")
    assert (answer.status_code, answer.json()["csm_call"], answer.json()["is_disputed"]) == (200, "downgrade", True)
    assert client_of(csm).post(f"{path}call/", {"amount": "-1"}, format="json").status_code == 400
    assert client_of(csm).post(f"{path}call/", {"amount": "901", "of_version": 0}, format="json").status_code == 409
    period = {"start": "2026-06-01", "end": "2027-01-01"}
    forecast = client_of(manager).get("/api/v1/renewals/forecast/", period).json()
    assert (forecast["due"], forecast["likely"], forecast["renewal_rate"]) == (1, "900.00", None)
    assert len(client_of(manager).get("/api/v1/renewals/accuracy/", period).json()) == 6
    waiting = client_of(manager).get("/api/v1/renewals/", {"disputed": "true", "call": "downgrade"}).json()
    assert [row["id"] for row in waiting["results"]] == [renewal.pk]
    assert client_of(manager).get("/api/v1/renewals/forecast/", {"start": "2026-06-01"}).status_code == 400


def test_amounts_are_for_who_may_see_money(csm):
    renewal = ending(csm)
    client = client_of(make_user("product_manager", visibility="all"))
    assert "arr" not in client.get(f"/api/v1/renewals/{renewal.pk}/").json()
    assert client.get("/api/v1/renewals/forecast/", {"start": "2026-06-01", "end": "2027-01-01"}).status_code == 403


@time_machine.travel(AT, tick=False)
def test_the_command_lists_and_adds_up(csm):
    ending(csm)
    said = StringIO()
    call_command("renewals", "--from", "2026-06-01", "--to", "2027-01-01", "--format", "json", stdout=said)
    found = json.loads(said.getvalue())
    assert (found["due"], found["likely"], found["renewals"][0]["computed_call"]) == (1, "1140.00", "renew")
    call_command("renewals", "--from", "2026-06-01", "--to", "2027-01-01", stdout=said)
    assert "renewal_rate: –" in said.getvalue()
    with pytest.raises(CommandError, match="after"):
        call_command("renewals", "--from", "2026-06-01", "--to", "2026-06-01")
