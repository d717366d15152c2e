"""Do the nightly jobs keep renewals and ledger right, and cry out when the ledger is wrong?"""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.utils import timezone

from common.jobs import enqueue, run_due
from common.models import Job
from revenue.models import Movement, Renewal
from tests.factories import make_account, make_line

pytestmark = pytest.mark.django_db(transaction=True)


def run(task: str, **kwargs) -> Job:
    job = enqueue(task, **kwargs)
    run_due(timezone.now() + dt.timedelta(seconds=1))
    job.refresh_from_db()
    return job


def test_movements_are_derived_in_the_background():
    account = make_account()
    make_line(account)
    assert run("revenue.derive_movements", account_ids=[account.pk]).result == {
        "inserted": 1,
        "deleted": 0,
        "unchanged": 0,
    }


def test_renewals_are_opened_daily():
    make_line(make_account(), ends_on=timezone.now().date() + dt.timedelta(days=90))
    assert run("revenue.sync_renewals").result["made"] == 1
    assert Renewal.objects.count() == 1


def test_a_right_ledger_passes():
    make_line(make_account())
    run("revenue.derive_movements")
    assert run("revenue.audit_ledger").state == "done"


def test_a_wrong_ledger_parks_the_job_and_logs_an_error(caplog):
    make_line(make_account())
    run("revenue.derive_movements")
    Movement.objects.update(amount=5, arr_after=5)
    with caplog.at_level(logging.ERROR, logger="revenue.tasks"):
        job = run("revenue.audit_ledger")
    assert job.state == "parked"
    assert "ledger is wrong" in job.last_error
    assert "movements missing: 1" in caplog.text
