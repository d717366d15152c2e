"""Do three books that others wrote come in, with every contradiction told?

The books are not part of the project: tests are skipped where MAINSTAY_SAMPLE_DATA, or ../shared/data beside the
project, is absent.
"""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Account, ChurnRecord
from portfolio.importing.book import apply_import, plan_import
from portfolio.importing.checksum import checksums
from portfolio.importing.report import Report
from revenue.actions import audit_ledger
from revenue.models import ContractLine, Movement
from revenue.queries import ledger_bounds
from tests.factories import AT
from usage.models import Reading, UsageEvent

PROJECT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MAINSTAY_SAMPLE_DATA", PROJECT.parent / "shared" / "data"))
MAPPINGS = PROJECT / "docs" / "examples" / "mappings"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the third-party books are not on this machine"),
]


def bring_in(book: str, folder: Path | None = None) -> Report:
    return apply_import(folder or DATA / book, mapping=MAPPINGS / f"{book}.toml", by=None, at=AT.replace(year=2027))


def file_of(report: Report, name: str) -> dict[str, int]:
    one = next(one for one in report.files if one.file == name)
    return {kind: one.total(kind) for kind in ("new", "changed", "same", "rejected")}


def faults_of_ledger() -> list[object]:
    first, last = ledger_bounds(AT.date())
    return list(audit_ledger(first=first, last=last))


def test_ravenstack_comes_in_and_again_without_a_change() -> None:
    report = bring_in("ravenstack")
    assert file_of(report, "ravenstack_accounts.csv")["new"] == 500
    assert file_of(report, "ravenstack_subscriptions.csv") == {"new": 4987, "changed": 0, "same": 0, "rejected": 13}
    assert file_of(report, "ravenstack_feature_usage.csv") == {"new": 25_017, "changed": 0, "same": 0, "rejected": 21}
    assert file_of(report, "ravenstack_support_tickets.csv")["new"] == 2_000
    assert file_of(report, "ravenstack_churn_events.csv")["new"] == 600
    assert UsageEvent.objects.count() == 24_977
    assert {one.code for one in report.rejects if one.target == "usage_events"} == {"conflict"}
    notices = "\n".join(report.notices)
    assert "19,432 of 25,000 usage rows lie outside the dates of their subscription." in notices
    assert "531 of 600 churn records are of days on which the account still pays." in notices
    assert "277 of 500 accounts have churn events, though their churn flag says no." in notices
    assert "35 of 500 accounts have no churn event, though their churn flag says yes." in notices
    assert faults_of_ledger() == []
    before = checksums()
    again = bring_in("ravenstack")
    assert again.totals() == {"new": 0, "changed": 0, "same": report.total("new"), "rejected": 34}
    assert checksums() == before


def test_a_trial_of_ravenstack_foretells_its_import() -> None:
    report = plan_import(DATA / "ravenstack", mapping=MAPPINGS / "ravenstack.toml", at=AT.replace(year=2027))
    assert report.totals() == {"new": 33_109, "changed": 0, "same": 0, "rejected": 34}
    assert any(notice.startswith("531 of 600 churn records") for notice in report.notices)
    assert not Account.objects.exists()


def test_ravenstack_saved_by_a_spreadsheet_is_the_same_book(tmp_path: Path) -> None:
    bring_in("ravenstack")
    first = checksums()
    resaved = tmp_path / "resaved"
    shutil.copytree(DATA / "ravenstack" / "excel_resaved_variant", resaved)
    shutil.copy(DATA / "ravenstack" / "ravenstack_feature_usage.csv", resaved)
    Account.objects.all().delete()
    bring_in("ravenstack", resaved)
    assert checksums() == first


def test_saas_plans_come_in_with_exact_prices() -> None:
    report = bring_in("saas_plans_5453")
    assert file_of(report, "customers.csv")["new"] == 8_000
    assert file_of(report, "subscriptions.csv") == {"new": 4913, "changed": 0, "same": 0, "rejected": 540}
    assert {one.reason for one in report.rejects} == {"ends on or before the day it starts"}
    assert set(ContractLine.objects.values_list("arr", flat=True)) == {
        Decimal(price) for price in (348, 708, 1428, 299, 599, 1199)
    }
    assert faults_of_ledger() == []
    assert bring_in("saas_plans_5453").totals() == {"new": 0, "changed": 0, "same": 12_918, "rejected": 540}


def test_churn10k_comes_in_with_monthly_readings() -> None:
    report = bring_in("churn10k_dev")
    assert report.total("rejected") == 0
    assert Reading.objects.filter(metric__external_id="sessions", period="month").count() == 56_857
    assert Reading.objects.filter(metric__external_id="payments_failed", value=1).count() == 1_417
    assert (ChurnRecord.objects.count(), ContractLine.objects.filter(ends_on=None).count()) == (1_266, 3_734)
    assert any(notice.startswith("611 of 5,000 churn dates lie after 2023-12-31") for notice in report.notices)
    assert Movement.objects.filter(kind="churn").count() == 1_266
    assert faults_of_ledger() == []
