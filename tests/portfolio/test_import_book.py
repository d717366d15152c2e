"""Does a whole book come in exactly, again without a change, and also after it was stopped half-way?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import (
    Account,
    CustomField,
    HandoffVersion,
    Tag,
    Team,
    User,
)
from common.jobs import run_due
from common.models import Job
from portfolio.importing import follow
from portfolio.importing.book import plan_import
from portfolio.importing.checksum import content_checksum
from portfolio.importing.loader import loading
from portfolio.importing.targets import TARGETS
from portfolio.models import AccountRow
from revenue.models import ContractLine, Movement
from tests.factories import AT
from tests.portfolio.books import (
    ACCOUNTS,
    CATALOGUE,
    WHOLE,
    Book,
    bring_in,
    counts_of,
    folder_with,
    refusal_of,
    rejects_of,
    try_out,
)
from usage.models import AccountUsageDay, FeatureUsageDay, Reading, Scenario, Ticket

pytestmark = pytest.mark.django_db


def test_every_target_has_a_row_in_the_whole_book() -> None:
    files = {name.removesuffix(".csv").replace("usage", "usage_events") for name in WHOLE if name != "usage_days.csv"}
    assert files | {"usage_days", "tags"} == set(TARGETS)


def test_a_whole_book_comes_in(tmp_path: Path) -> None:
    report = bring_in(tmp_path, WHOLE)
    assert report.rejects == []
    assert report.questions == []
    alpha, beta = Account.objects.get(external_id="a1"), Account.objects.get(external_id="a2")
    assert (beta.name, beta.parent, beta.tier, beta.currency) == ("Beta 子公司", alpha, "rabbit", "CNY")
    assert (alpha.tier, alpha.signed_on, alpha.employees) == ("elephant", dt.date(1998, 5, 1), 500)
    assert beta.custom == {"plan": "gold", "score": 7.5}
    assert alpha.custom == {}
    assert sorted(beta.tags.values_list("name", flat=True)) == ["eu", "vip"]
    assert Team.objects.count() == 2
    assert User.objects.get(email="ada@example.com").visibility == "own"
    assert not User.objects.get(email="bo@example.com").has_usable_password()
    assert ContractLine.objects.get(external_id="l1").arr == Decimal(12_000)
    assert Ticket.objects.get().target_at == dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC)
    assert Scenario.objects.get().features.count() == 2
    assert HandoffVersion.objects.get().sections["why_bought"] == "Growth"
    assert Reading.objects.count() == 2


def test_the_figures_follow(tmp_path: Path) -> None:
    bring_in(tmp_path, WHOLE)
    beta = Account.objects.get(external_id="a2")
    assert list(Movement.objects.filter(account=beta).order_by("on").values_list("kind", "amount")) == [
        ("new", Decimal(1200)),
        ("churn", Decimal(-1200)),
    ]
    assert FeatureUsageDay.objects.get(day=dt.date(2026, 5, 1)).events == 4
    assert AccountUsageDay.objects.get(day=dt.date(2026, 6, 1)).events == 4
    assert AccountRow.objects.get(account__external_id="a1").arr == Decimal(13_200)
    assert Job.objects.filter(task="health.score_accounts").exists()


def test_the_same_book_again_changes_nothing(tmp_path: Path) -> None:
    first = bring_in(tmp_path, WHOLE)
    before = content_checksum()
    again = bring_in(tmp_path, WHOLE)
    assert again.totals() == {"new": 0, "changed": 0, "same": first.total("new"), "rejected": 0}
    assert content_checksum() == before


def test_a_trial_foretells_the_import_and_writes_nothing(tmp_path: Path) -> None:
    tables = {table: _count(table) for table in connection.introspection.table_names()}
    foretold = try_out(tmp_path, WHOLE)
    assert {table: _count(table) for table in tables} == tables
    assert counts_of(foretold) == counts_of(bring_in(tmp_path, WHOLE))
    assert counts_of(try_out(tmp_path, WHOLE)) == counts_of(bring_in(tmp_path, WHOLE))


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
        return int(cursor.fetchone()[0])


def test_changed_cells_are_written_and_columns_that_are_not_given_stay(tmp_path: Path) -> None:
    bring_in(tmp_path, WHOLE)
    changed = {
        "accounts.csv": (
            "external_id,name,tags,custom.plan,parent\na1,Alpha & Co,vip,silver,\na2,Beta 子公司,vip;eu,gold,a1\n"
        )
    }
    report = bring_in(tmp_path / "later", _in(tmp_path / "later", changed))
    assert counts_of(report) == {"accounts": {"new": 0, "changed": 1, "same": 1, "rejected": 0}}
    alpha = Account.objects.get(external_id="a1")
    assert (alpha.name, alpha.industry, alpha.custom, alpha.version) == (
        "Alpha & Co",
        "Software",
        {"plan": "silver"},
        2,
    )
    assert list(alpha.tags.values_list("name", flat=True)) == ["vip"]
    assert Account.objects.get(external_id="a2").version == 1
    assert Tag.objects.count() == 2


def _in(folder: Path, book: Book) -> Book:
    folder.mkdir()
    return book


def test_a_batch_costs_the_same_queries_whatever_its_size(tmp_path: Path) -> None:
    def queries(count: int) -> int:
        contacts = "external_id,account,name\n" + "".join(f"c{count}-{n},a1,Person {n}\n" for n in range(count))
        folder = folder_with(tmp_path, {"accounts.csv": ACCOUNTS, "contacts.csv": contacts})
        with CaptureQueriesContext(
            connection,
        ) as captured:
            plan_import(folder, at=AT)
        return len(captured)

    bring_in(tmp_path, {"accounts.csv": ACCOUNTS})
    assert queries(1) == queries(100)


def test_an_import_that_was_stopped_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 1)
    calls = []

    def stop(what: str, done: int, _total: int) -> None:
        calls.append(what)
        if what == "contract_lines.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(tmp_path, WHOLE, on_progress=stop)
    assert ContractLine.objects.count() == 1
    assert not Movement.objects.exists()
    report = bring_in(tmp_path, WHOLE)
    assert report.total("rejected") == 0
    assert ContractLine.objects.count() == 2
    assert Movement.objects.count() == 3
    fresh = content_checksum()
    assert bring_in(tmp_path, WHOLE).total("new") == 0
    assert content_checksum() == fresh


def test_a_worker_lets_the_figures_follow_an_import_that_nobody_ran_again(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        bring_in(tmp_path, WHOLE, on_progress=_stop_at_the_figures)
    assert not Movement.objects.exists()
    run_due(AT + follow.PATIENCE, limit=1)
    job = Job.objects.get(task=follow.TASK)
    assert job.state == Job.State.DONE
    assert Movement.objects.count() == 3


def _stop_at_the_figures(_what: str, _done: int, total: int) -> None:
    if not total:
        raise KeyboardInterrupt


def test_a_refused_book_leaves_nothing_behind(tmp_path: Path) -> None:
    book = {"accounts.csv": ACCOUNTS, "contacts.csv": 'external_id,account,name\nc1,a1,"Cara\n'}
    assert refusal_of(tmp_path, book) == "contacts.csv: A quote opened in line 2 is not closed."
    assert not Account.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("book", "words"),
    [
        ({"notes.csv": "a\n1\n"}, "The folder has none of the known files. Known: teams, people"),
        ({"accounts.csv": "external_id\na1\n"}, "accounts.csv: Column ‘name’ is missing. Found: external_id."),
        ({"accounts.csv": "external_id,name,recieved\na1,A,1\n"}, "accounts.csv: Column ‘recieved’ is not known."),
        ({"accounts.csv": "external_id,name\n"}, "No file of this folder has rows to import."),
        ({"accounts.csv": ""}, "accounts.csv: The file is empty."),
        ({"accounts.csv": ACCOUNTS, "accounts.tsv": ACCOUNTS}, "are the same table. Keep one."),
    ],
)
def test_a_book_that_cannot_be_read_is_refused_in_words(tmp_path: Path, book: Book, words: str) -> None:
    assert words in refusal_of(tmp_path, book)


def test_files_without_rows_or_without_a_use_are_told(tmp_path: Path) -> None:
    report = bring_in(
        tmp_path, {"accounts.csv": ACCOUNTS, "tickets.csv": "external_id,account,opened_at\n", "x.csv": "a\n1\n"}
    )
    assert report.notices == [
        "tickets.csv: The file has a header but no rows.",
        "x.csv was not read: it is none of the book’s files.",
    ]


MAPPING = """
[files.plans]
path = "plans.csv"
key = "id"
[files.subs]
path = "subs.csv"

[[load]]
target = "products"
from = "plans"
[load.columns]
external_id = "id"
name = "label"

[[load]]
target = "accounts"
from = "subs"
distinct = true
[load.columns]
external_id = "customer"
name = { text = "Customer {customer}" }

[[load]]
target = "contract_lines"
from = "subs"
skip = [{ when = "state = 'draft'", reason = "never signed" }]
[load.columns]
external_id = '"{customer}-{plan}"'
account = "customer"
product = "plan"
arr = "lookup(plans, plan, price) * 12"
currency = { text = "EUR" }
starts_on = "from"

[[check]]
file = "subs"
when = "lookup(plans, plan, price) != paid"
says = "subscriptions pay another price than the list’s."
"""
FOREIGN: Book = {
    "plans.csv": "id,label,price\n1,Basic,29.90\n2,Pro,59\n",
    "subs.csv": (
        "customer,plan,from,state,paid\n7,1,2026-01-01,signed,29.90\n7,2,2026-02-01,signed,60\n"
        "8,1,2026-01-01,draft,29.90\n9,3,2026-01-01,signed,1\n"
    ),
}


def test_a_foreign_book_comes_in_through_its_mapping(tmp_path: Path) -> None:
    report = bring_in(tmp_path, FOREIGN, MAPPING)
    assert counts_of(report) == {
        "products": {"new": 2, "changed": 0, "same": 0, "rejected": 0},
        "accounts": {"new": 3, "changed": 0, "same": 0, "rejected": 0},
        "contract_lines": {"new": 2, "changed": 0, "same": 0, "rejected": 1},
    }
    assert rejects_of(report) == [("subs.csv", 5, "arr", "“3” is not in plans.")]
    assert report.files[1].targets[1].left_out == {"never signed": 1}
    assert "1 of 4 subscriptions pay another price than the list’s." in report.notices
    assert any(notice.startswith("No exchange rate from EUR to USD") for notice in report.notices)
    assert sorted(ContractLine.objects.values_list("external_id", "arr")) == [
        ("7-1", Decimal("358.80")),
        ("7-2", Decimal(708)),
    ]
    assert bring_in(tmp_path, {}, MAPPING).totals() == {"new": 0, "changed": 0, "same": 7, "rejected": 1}


def test_a_mapping_whose_file_lacks_a_column_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    book = {"plans.csv": FOREIGN["plans.csv"], "subs.csv": "customer,plan,begin,state,paid\n7,1,2026-01-01,signed,1\n"}
    assert refusal_of(tmp_path, book, MAPPING) == (
        "subs.csv, starts_on: Column ‘from’ is missing. Found: customer, plan, begin, state, paid."
    )
    assert not CustomField.objects.exists()
    assert not Account.objects.exists()


def test_churn_records_that_contradict_the_contracts_are_told_in_trial_and_import_alike(tmp_path: Path) -> None:
    churn = "external_id,account,on\nx1,a1,2026-01-01\nx2,a1,2026-05-01\n"
    lines = "external_id,account,product,arr,currency,starts_on,ends_on\nl1,a1,crm,100,USD,2025-01-01,2026-05-01\n"
    book = CATALOGUE | {"accounts.csv": ACCOUNTS, "contract_lines.csv": lines, "churn_records.csv": churn}
    said = "1 of 2 churn records is of a day on which the account still pays."
    assert try_out(tmp_path, book).notices[0].startswith(said)
    assert bring_in(tmp_path, book).notices[0].startswith(said)
