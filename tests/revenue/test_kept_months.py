"""Do the kept months say what the ledger says, whatever changes under them, and is it told when they do not?"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, ServiceAssignment
from common.jobs import enqueue, run_due
from common.periods import add_months
from revenue.actions import (
    add_line,
    audit_months,
    change_line,
    delete_line,
    delete_rate,
    derive_movements,
    keep_months,
    set_rate,
)
from revenue.models import ContractLine, KeptMonth, LedgerChange, Movement
from revenue.queries import MONTHS_KEPT, kept_months, kept_span, retention_months, retention_trend
from revenue.rules.retention import WAY
from tests.factories import make_account, make_line, make_product, make_user

pytestmark = pytest.mark.django_db
ON, AT = dt.date(2026, 3, 14), dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)
SPAN = kept_span(ON)
D = Decimal


def keep() -> int:
    return keep_months(on=ON, at=AT)


@pytest.fixture
def kept():
    """Two customers whose months are kept: one pays in dollars, one in euros."""
    dollars, euros = make_account(), make_account()
    make_line(dollars, 1200, starts_on=dt.date(2023, 1, 5))
    make_line(euros, 900, currency="EUR", starts_on=dt.date(2024, 6, 1))
    set_rate(base="EUR", quote="USD", on=dt.date(2020, 1, 1), rate=D("1.1"), by=None, at=AT)
    derive_movements()
    assert keep() == MONTHS_KEPT
    return dollars, euros


def test_the_kept_months_are_those_of_the_ledger_and_cost_three_statements(kept):
    with CaptureQueriesContext(connection) as asked:
        found = kept_months(*SPAN)
    assert found == retention_months(*SPAN) == retention_trend(*SPAN)
    assert len(asked) == 3
    assert not any("revenue_movement" in query["sql"] for query in asked)
    assert all(row.month.is_balanced and row.trailing.is_balanced for row in found)


def test_nothing_is_kept_twice_and_a_new_month_alone_is_added(kept):
    assert keep() == 0
    assert keep_months(on=add_months(ON, 1), at=AT) == 1
    assert KeptMonth.objects.count() == 2 * MONTHS_KEPT


def test_a_change_makes_stale_what_ends_after_it_and_nothing_else(kept):
    add_line(
        account=kept[0], product=make_product(), arr=D(300), currency="USD", starts_on=dt.date(2026, 1, 20),
        by=None, at=AT,
    )  # fmt: skip
    assert kept_months(*SPAN) is None
    assert retention_trend(*SPAN) == retention_months(*SPAN)
    assert kept_months(SPAN[0], dt.date(2025, 12, 1)) is not None
    assert keep() == 3
    assert kept_months(*SPAN) == retention_months(*SPAN)


def test_a_rate_that_changes_or_goes_makes_the_months_from_its_day_on_stale(kept):
    rate = set_rate(base="EUR", quote="USD", on=dt.date(2026, 2, 2), rate=D("1.3"), by=None, at=AT)
    assert keep() == 2
    assert kept_months(*SPAN) == retention_months(*SPAN)
    delete_rate(rate=rate, by=None, at=AT)
    assert keep() == 2
    assert kept_months(*SPAN) == retention_months(*SPAN)


def test_another_reporting_currency_makes_all_of_them_stale(kept):
    Organisation.objects.update_or_create(pk=1, defaults={"reporting_currency": "EUR"})
    assert kept_months(*SPAN) is None
    assert keep() == MONTHS_KEPT
    assert kept_months(*SPAN) == retention_months(*SPAN)


def test_who_sees_some_accounts_never_reads_what_is_kept_of_all(kept):
    found = retention_trend(*SPAN, accounts=[kept[1].pk])
    assert found[-1].month.closing == D("990.00")


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_the_maintained_months_are_the_rebuilt_ones(kept, seed: int):
    dice = random.Random(seed)
    product = make_product()

    def edit() -> None:
        day = dt.date(2022, 6, 1) + dt.timedelta(days=dice.randrange(1600))
        line = dice.choice([None, *ContractLine.objects.order_by("pk")])
        what = dice.randrange(6)
        if what == 0 or line is None:
            ends = dice.choice([None, day + dt.timedelta(days=dice.randrange(1, 500))])
            add_line(
                account=dice.choice(kept), product=product, arr=D(dice.randrange(90_000)) / 100, starts_on=day,
                currency=dice.choice(["USD", "EUR"]), ends_on=ends, by=None, at=AT,
            )  # fmt: skip
        elif what == 1 and ContractLine.objects.count() > 1:
            delete_line(line=line, by=None, at=AT)
        elif what == 2:
            change_line(line=line, arr=D(dice.randrange(90_000)) / 100, by=None, at=AT)
        elif what == 3:
            start = line.starts_on - dt.timedelta(days=dice.randrange(700))
            change_line(line=line, starts_on=start, by=None, at=AT)
        elif what == 4:
            rate = D(dice.randrange(8_000, 15_000)) / 10_000
            set_rate(base="EUR", quote="USD", on=day, rate=rate, by=None, at=AT)
        else:
            make_line(dice.choice(kept), 500, starts_on=day)  # written past the actions, as an import does
            ServiceAssignment.objects.create(
                account=dice.choice(kept), user=make_user(), started_on=day, ended_on=day + dt.timedelta(days=1)
            )
            derive_movements()

    for _round in range(6):
        for _edit in range(3):
            edit()
        keep()
        assert not LedgerChange.objects.exists()
        maintained = kept_months(*SPAN)
        assert maintained == retention_months(*SPAN)
        assert audit_months(on=ON) == []


def test_a_kept_month_that_differs_is_told_and_not_read_again(kept):
    KeptMonth.objects.filter(month="2025-05-01", window=1).update(accounts=40)
    assert audit_months(on=ON) == [dt.date(2025, 5, 1)]
    assert retention_trend(*SPAN) == retention_months(*SPAN)
    assert keep() == 11
    assert audit_months(on=ON) == []


def test_a_movement_written_past_everything_is_found_by_the_audit(kept):
    Movement.objects.filter(account=kept[0]).update(amount=5, arr_after=5)
    assert audit_months(on=ON)[0] == SPAN[0]


def test_every_amount_of_the_way_is_kept():
    assert KeptMonth.AMOUNTS == WAY


@pytest.mark.django_db(transaction=True)
def test_the_jobs_keep_and_audit_and_wait_for_a_missing_rate(caplog):
    def run(task: str) -> str:
        job = enqueue(task)
        run_due(timezone.now() + dt.timedelta(seconds=1))
        job.refresh_from_db()
        return job.state

    make_line(make_account(), currency="EUR", starts_on=timezone.now().date() - dt.timedelta(days=400))
    derive_movements()
    assert run("revenue.keep_months") == "done"
    assert not KeptMonth.objects.exists()
    set_rate(base="EUR", quote="USD", on=dt.date(2020, 1, 1), rate=D(1), by=None, at=timezone.now())
    assert run("revenue.keep_months") == run("revenue.audit_months") == "done"
    KeptMonth.objects.update(accounts=40)
    assert run("revenue.audit_months") == "parked"
    assert "Kept months differ from the ledger" in caplog.text
