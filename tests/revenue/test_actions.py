"""What follows from writing a contract line, a rate or a stage, and from doing it twice?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import AuditEvent, Organisation, TimelineEntry
from common.errors import Refused
from common.models import Job
from revenue.actions import (
    Derived,
    add_line,
    advance_renewal,
    audit_ledger,
    change_line,
    create_renewal,
    delete_line,
    derive_movements,
    end_line,
    set_rate,
    sync_renewals,
)
from revenue.models import ContractLine, ExchangeRate, Movement, Renewal
from tests.factories import AT, make_account, make_line, make_product, make_user

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = AT.date()


def on(month: int, day: int = 1, year: int = 2026) -> dt.date:
    return dt.date(year, month, day)


def movements():
    return list(Movement.objects.order_by("account", "on", "currency").values_list("on", "kind", "amount", "arr_after"))


def test_deriving_twice_changes_nothing():
    account = make_account()
    make_line(account, 1200, ends_on=on(9))
    assert derive_movements() == Derived(inserted=2, deleted=0, unchanged=0)
    ids = set(Movement.objects.values_list("pk", flat=True))
    assert derive_movements() == Derived(inserted=0, deleted=0, unchanged=2)
    assert set(Movement.objects.values_list("pk", flat=True)) == ids


def test_only_what_differs_is_written_again():
    account = make_account()
    line = make_line(account, 1200, ends_on=on(9))
    derive_movements()
    kept = Movement.objects.get(on=on(1)).pk
    ContractLine.objects.filter(pk=line.pk).update(ends_on=on(10))
    assert derive_movements(account_ids=[account.pk]) == Derived(inserted=1, deleted=1, unchanged=1)
    assert Movement.objects.get(on=on(1)).pk == kept


def test_some_accounts_are_derived_without_touching_the_others():
    one, other = make_account(), make_account()
    make_line(one)
    make_line(other)
    derive_movements(account_ids=[one.pk])
    assert set(Movement.objects.values_list("account", flat=True)) == {one.pk}
    assert derive_movements(account_ids=[]) == Derived(0, 0, 0)


def test_movements_without_lines_are_taken_away():
    account = make_account()
    Movement.objects.create(account=account, on=on(1), kind="new", currency="EUR", amount=5, arr_after=5)
    assert derive_movements() == Derived(inserted=0, deleted=1, unchanged=0)


def test_a_line_written_by_a_person_moves_the_ledger_and_leaves_its_traces():
    account, user = make_account(), make_user()
    line = add_line(
        account=account, product=make_product(), arr=D("99.90"), currency="USD", starts_on=on(1), by=user, at=AT
    )
    assert movements() == [(on(1), "new", D("99.90"), D("99.90"))]
    entry = TimelineEntry.objects.get(account=account)
    assert (entry.kind, entry.title, entry.author) == ("movement", "New on 2026-01-01", user)
    assert "99" not in entry.title + str(entry.details)
    assert AuditEvent.objects.filter(verb="contract_line.added", object_id=str(line.pk), actor=user).exists()
    assert Job.objects.get(task="health.score_accounts").kwargs == {"account_ids": [account.pk]}


def test_a_line_that_starts_later_is_not_told_before_its_day():
    account = make_account()
    add_line(account=account, product=make_product(), arr=D(1), currency="USD", starts_on=on(7), by=None, at=AT)
    assert Movement.objects.count() == 1
    assert not TimelineEntry.objects.exists()


def test_changing_and_ending_a_line_follows_into_the_ledger():
    account, user = make_account(), make_user()
    line = make_line(account, 100)
    change_line(line=line, arr=D(150), starts_on=on(2), by=user, at=AT)
    assert movements() == [(on(2), "new", 150, 150)]
    end_line(line=line, ends_on=on(6), notice_on=on(5), by=user, at=AT)
    assert movements()[-1] == (on(6), "churn", -150, 0)
    line.refresh_from_db()
    assert (line.ends_on, line.notice_on) == (on(6), on(5))
    assert AuditEvent.objects.filter(verb="contract_line.changed").latest("pk").changes["ends_on"] == [
        None,
        "2026-06-01",
    ]


def test_saving_the_same_again_leaves_no_trace():
    line = make_line(make_account(), 100)
    change_line(line=line, arr=D(100), by=None, at=AT)
    assert not AuditEvent.objects.exists()


def test_a_deleted_line_takes_its_movements_along():
    account = make_account()
    line = make_line(account, 100)
    derive_movements()
    delete_line(line=line, by=make_user(), at=AT)
    assert movements() == []
    assert AuditEvent.objects.filter(verb="contract_line.deleted").exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"arr": D(-1)}, "arr"), ({"ends_on": on(1)}, "ends_on"), ({"currency": "XXX"}, "currency")],
)
def test_an_impossible_line_is_refused_by_field(values, field):
    fields = {"arr": D(1), "currency": "USD", "starts_on": on(1)} | values
    with pytest.raises(Refused) as refusal:
        add_line(account=make_account(), product=make_product(), by=None, at=AT, **fields)
    assert refusal.value.field == field
    assert not ContractLine.objects.exists()


def test_an_external_id_is_given_once():
    account = make_account()
    make_line(account, external_id="L1")
    with pytest.raises(Refused, match="in use"):
        change_line(line=make_line(account), external_id="L1", by=None, at=AT)


def test_the_gap_setting_bridges_a_pause():
    account = make_account()
    make_line(account, 100, ends_on=on(3))
    make_line(account, 100, starts_on=on(3, 11))
    derive_movements()
    assert Movement.objects.count() == 3
    Organisation.objects.create(pk=1, renewal_gap_days=10)
    derive_movements()
    assert movements() == [(on(1), "new", 100, 100)]


# --- rates -----------------------------------------------------------------------------------------------------------


def test_a_rate_of_the_same_day_is_replaced_and_the_ledger_looked_at_again():
    for rate in ("1.1", "1.2", "1.2"):
        set_rate(base="EUR", quote="USD", on=on(1), rate=D(rate), by=None, at=AT)
    assert ExchangeRate.objects.get().rate == D("1.2")
    assert AuditEvent.objects.filter(verb="exchange_rate.set").count() == 2
    assert Job.objects.filter(task="revenue.derive_movements").count() == 1


@pytest.mark.parametrize(("base", "quote", "rate"), [("EUR", "EUR", 1), ("EUR", "USD", 0), ("EUR", "XXX", 1)])
def test_an_impossible_rate_is_refused(base, quote, rate):
    with pytest.raises(Refused):
        set_rate(base=base, quote=quote, on=on(1), rate=D(rate), by=None, at=AT)


def test_a_new_rate_can_turn_an_expansion_into_a_contraction():
    account = make_account()
    make_line(account, 100, ends_on=on(3))
    make_line(account, 90, currency="EUR", starts_on=on(3))
    set_rate(base="EUR", quote="USD", on=on(1), rate=D("1.2"), by=None, at=AT)
    derive_movements()
    assert {row[1] for row in movements()} == {"new", "expansion"}
    set_rate(base="EUR", quote="USD", on=on(2), rate=D("1.1"), by=None, at=AT)
    derive_movements()
    assert {row[1] for row in movements()} == {"new", "contraction"}


# --- audit -----------------------------------------------------------------------------------------------------------


def test_a_ledger_that_follows_its_lines_passes_the_audit():
    make_line(make_account(), 100, ends_on=on(3))
    derive_movements()
    assert audit_ledger(first=on(1), last=TODAY) == []


def test_a_tampered_ledger_is_caught():
    make_line(make_account(), 100, ends_on=on(3))
    derive_movements()
    Movement.objects.filter(kind="churn").update(amount=-99, arr_after=1)
    assert {fault.what: fault.count for fault in audit_ledger(first=on(1), last=TODAY)} == {
        "movements missing": 1,
        "movements that no contract line explains": 1,
    }
    Movement.objects.filter(kind="churn").update(amount=-99, arr_after=0)
    assert "months that do not add up" in {fault.what for fault in audit_ledger(first=on(1), last=TODAY)}


# --- renewals --------------------------------------------------------------------------------------------------------


def renewals():
    return list(Renewal.objects.order_by("account", "due_on").values_list("due_on", "stage"))


def sync(day: dt.date):
    return sync_renewals(on=day, at=AT)


def test_each_contract_end_gets_one_renewal():
    make_line(make_account(), ends_on=on(9))
    make_line(make_account())
    assert sync(TODAY).made == 1
    assert renewals() == [(on(9), "not_started")]
    again = sync(TODAY)
    assert (again.made, again.moved, again.dropped, again.won, again.lost) == (0, 0, 0, 0, 0)


def test_an_end_that_passes_is_lost_without_and_won_with_new_lines():
    leaves, stays = make_account(), make_account()
    make_line(leaves, ends_on=on(7))
    make_line(stays, ends_on=on(7))
    sync(TODAY)
    make_line(stays, starts_on=on(7), ends_on=on(12))
    found = sync(on(7, 2))
    assert (found.won, found.lost, found.made) == (1, 1, 1)
    assert renewals() == [(on(7), "lost"), (on(7), "won"), (on(12), "not_started")]


def test_a_renewal_signed_early_is_won_at_once():
    account = make_account()
    make_line(account, ends_on=on(9))
    sync(TODAY)
    make_line(account, starts_on=on(9), ends_on=on(9, year=2027))
    sync(TODAY)
    assert renewals() == [(on(9), "won"), (on(9, year=2027), "not_started")]


def test_a_contract_entered_late_turns_lost_into_won():
    account = make_account()
    make_line(account, ends_on=on(6))
    sync(on(5))
    sync(TODAY)
    assert renewals() == [(on(6), "lost")]
    make_line(account, starts_on=on(6), ends_on=on(12))
    sync(TODAY)
    assert renewals() == [(on(6), "won"), (on(12), "not_started")]


def test_what_a_person_settled_stays():
    account = make_account()
    make_line(account, ends_on=on(6))
    sync(on(5))
    advance_renewal(renewal=Renewal.objects.get(), stage="lost", by=make_user(), at=AT - dt.timedelta(days=30))
    make_line(account, starts_on=on(6), ends_on=on(12))
    sync(TODAY)
    assert renewals()[0] == (on(6), "lost")


def test_talks_move_with_a_corrected_end():
    account = make_account()
    line = make_line(account, ends_on=on(9))
    sync(TODAY)
    advance_renewal(renewal=Renewal.objects.get(), stage="in_talks", by=make_user(), at=AT)
    ContractLine.objects.filter(pk=line.pk).update(ends_on=on(10))
    assert sync(TODAY).moved == 1
    assert renewals() == [(on(10), "in_talks")]


def test_a_renewal_of_a_contract_that_became_open_ended_is_dropped_unless_talks_began():
    quiet, talking = make_account(), make_account()
    for account in (quiet, talking):
        make_line(account, ends_on=on(9))
    sync(TODAY)
    advance_renewal(renewal=Renewal.objects.get(account=talking), stage="in_talks", by=make_user(), at=AT)
    ContractLine.objects.update(ends_on=None)
    sync(TODAY)
    assert list(Renewal.objects.values_list("account", flat=True)) == [talking.pk]


def test_a_renewal_from_another_system_is_left_on_its_day():
    account = make_account()
    make_line(account, ends_on=on(9))
    Renewal.objects.create(account=account, due_on=on(8, 31), external_id="R1", stage="committed")
    sync(TODAY)
    assert renewals() == [(on(8, 31), "committed"), (on(9), "not_started")]


def test_a_loss_waits_for_the_pause_that_would_be_bridged():
    Organisation.objects.create(pk=1, renewal_gap_days=30)
    make_line(make_account(), ends_on=on(6))
    sync(on(5))
    sync(TODAY)
    assert renewals() == [(on(6), "not_started")]
    sync(on(7, 2))
    assert renewals() == [(on(6), "lost")]


def test_a_stage_change_is_told_audited_and_scored():
    account, user = make_account(), make_user()
    renewal = create_renewal(account=account, due_on=on(9), by=user, at=AT)
    advance_renewal(renewal=renewal, stage="committed", by=user, at=AT)
    renewal.refresh_from_db()
    assert (renewal.stage, renewal.stage_changed_on, renewal.changed_by) == ("committed", TODAY, user)
    assert TimelineEntry.objects.get().title == "Renewal of 2026-09-01: Not started → Committed"
    assert AuditEvent.objects.get(verb="renewal.advanced").changes == {"stage": ["not_started", "committed"]}
    assert Job.objects.filter(task="health.score_accounts").count() == 1


def test_an_impossible_stage_is_refused():
    account, user = make_account(), make_user()
    renewal = create_renewal(account=account, due_on=on(1), stage="lost", by=user, at=AT)
    with pytest.raises(Refused, match="over"):
        advance_renewal(renewal=renewal, stage="in_talks", by=user, at=AT)
    with pytest.raises(Refused, match="Choose a stage"):
        advance_renewal(renewal=renewal, stage="signed", by=user, at=AT)
    with pytest.raises(Refused, match="already"):
        create_renewal(account=account, due_on=on(1), by=user, at=AT)
