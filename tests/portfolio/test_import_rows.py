"""Is every bad row named, and no good one harmed?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from accounts.models import (
    Account,
    AuditEvent,
    Contact,
    Organisation,
    ServiceAssignment,
    User,
)
from portfolio.importing.reader import Hints
from portfolio.models import AccountRow
from revenue.models import ContractLine, LedgerChange, Renewal
from tests.portfolio.books import (
    ACCOUNTS,
    CATALOGUE,
    bring_in,
    counts_of,
    rejects_of,
    try_out,
)
from usage.models import AccountUsageDay, Ticket, UsageEvent

pytestmark = pytest.mark.django_db


def test_a_bad_row_is_named_and_harms_no_other(tmp_path: Path) -> None:
    book = CATALOGUE | {
        "accounts.csv": (
            "external_id,name,employees\na1,Alpha,5\na2,\u200b,5\na3,Gamma,five\n,Delta,\na5,Epsilon\na6,Zeta,1\n"
        ),
        "contract_lines.csv": (
            "external_id,account,product,arr,currency,starts_on,ends_on\n"
            "l1,a1,crm,100,USD,2026-01-01,2026-01-01\n"
            "l2,a9,crm,100,USD,2026-01-01,\n"
            "l3,a1,erp,100,USD,2026-01-01,\n"
            "l4,a1,crm,-1,USD,2026-01-01,\n"
            "l5,a1,crm,1.999,USD,2026-01-01,\n"
            "l6,a1,crm,￥100,USD,2026-01-01,\n"
            "l7,a1,crm,100,usd,2026-01-01,\n"
            "l8,a1,crm,100,USD,2026-02-31,\n"
            "l9,a1,crm,100,USD,1999-12-31,\n"
            "l10,a6,crm,100,USD,2026-01-01,\n"
        ),
    }
    report = bring_in(tmp_path, book)
    assert rejects_of(report) == [
        ("accounts.csv", 3, "name", "name needs a visible character."),
        ("accounts.csv", 4, "employees", "“five” is not a number."),
        ("accounts.csv", 5, "external_id", "is missing"),
        ("accounts.csv", 6, "", "has 2 values, expected 3"),
        ("contract_lines.csv", 2, "ends_on", "ends on or before the day it starts"),
        ("contract_lines.csv", 5, "arr", "arr cannot be below 0."),
        ("contract_lines.csv", 6, "arr", "arr: at most 2 decimals."),
        ("contract_lines.csv", 7, "arr", "“¥” is not a mark of USD."),
        ("contract_lines.csv", 8, "currency", "“usd” is not a currency. Use a code in capitals, like EUR or USD."),
        ("contract_lines.csv", 9, "starts_on", "31 February 2026 is not a date."),
        ("contract_lines.csv", 10, "starts_on", "starts_on must be between 2000 and 2100."),
        ("contract_lines.csv", 3, "account", "“a9” is not known in accounts."),
        ("contract_lines.csv", 4, "product", "“erp” is not known in products."),
    ]
    assert list(Account.objects.values_list("external_id", flat=True)) == ["a1", "a6"]
    assert ContractLine.objects.get().external_id == "l10"


def test_a_row_given_twice_counts_once_and_a_contradiction_is_told(tmp_path: Path) -> None:
    report = bring_in(tmp_path, {"accounts.csv": "external_id,name\na1,Alpha\na1,Alpha\na1,Other\n"})
    assert report.totals() == {"new": 1, "changed": 0, "same": 1, "rejected": 1}
    assert report.rejects[0].reason == "“a1” is given twice with different values, first in row 2 of accounts.csv."
    assert bring_in(tmp_path, {}).totals() == {"new": 0, "changed": 0, "same": 2, "rejected": 1}


def test_what_happened_is_never_rewritten(tmp_path: Path) -> None:
    usage = "message_id,account,feature,at,quantity\ne1,a1,export,2026-06-01T10:00:00Z,3\n"
    book = CATALOGUE | {"accounts.csv": ACCOUNTS, "usage_events.csv": usage}
    bring_in(tmp_path, book)
    altered = book | {"usage_events.csv": usage.replace(",3", ",4") + "e2,a1,export,2026-06-02T10:00:00Z,1\n"}
    foretold = try_out(tmp_path, altered)
    report = bring_in(tmp_path, altered)
    assert counts_of(report)["usage_events"] == {"new": 1, "changed": 0, "same": 0, "rejected": 1}
    assert counts_of(foretold) == counts_of(report)
    assert rejects_of(foretold) == rejects_of(report)
    assert report.rejects[0].code == "conflict"
    assert UsageEvent.objects.get(message_id="e1").quantity == 3


def test_events_of_the_future_and_of_strangers_stay_out(tmp_path: Path) -> None:
    usage = (
        "message_id,account,feature,at\ne1,a1,export,2026-06-15T12:11:00Z\ne2,a9,export,2026-06-01T10:00:00Z\n"
        "e3,a1,none,2026-06-01T10:00:00Z\ne4,a1,export,2026-06-15T12:09:00Z\n"
    )
    report = bring_in(tmp_path, CATALOGUE | {"accounts.csv": ACCOUNTS, "usage_events.csv": usage})
    assert {(one.row, one.reason) for one in report.rejects} == {
        (2, "lies in the future"),
        (3, "“a9” is not known in accounts."),
        (4, "“none” is not known in features."),
    }
    assert UsageEvent.objects.get().message_id == "e4"


def test_a_corrected_daily_count_is_taken_over(tmp_path: Path) -> None:
    days = "account,feature,day,events\na1,export,2026-06-01,4\na1,export,2026-06-02,1\n"
    book = CATALOGUE | {"accounts.csv": ACCOUNTS, "usage.csv": days}
    assert counts_of(bring_in(tmp_path, book))["usage_days"]["new"] == 2
    report = bring_in(tmp_path, book | {"usage.csv": days.replace(",4", ",9")})
    assert counts_of(report)["usage_days"] == {"new": 0, "changed": 1, "same": 1, "rejected": 0}
    assert sorted(AccountUsageDay.objects.values_list("events", flat=True)) == [1, 9]


def test_a_time_without_an_offset_is_local_and_one_that_never_was_is_refused(tmp_path: Path) -> None:
    Organisation.objects.create(pk=1, time_zone="Europe/Berlin")
    tickets = "external_id,account,opened_at\nk1,a1,2026-03-29 03:30\nk2,a1,2026-03-29 02:30\nk3,a1,2026-03-29\n"
    report = bring_in(tmp_path, {"accounts.csv": ACCOUNTS, "tickets.csv": tickets})
    assert [one.reason for one in report.rejects] == [
        "2026-03-29 02:30 does not exist in Europe/Berlin: the clock is set forward over it."
    ]
    assert list(Ticket.objects.order_by("external_id").values_list("opened_at", flat=True)) == [
        dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC),
    ]


def test_day_and_month_are_asked_for_once(tmp_path: Path) -> None:
    book = {"accounts.csv": "external_id,name,signed_on\na1,A,03/04/2026\na2,B,05/06/2026\na3,C,31/12/2025\n"}
    report = try_out(tmp_path, book)
    assert report.totals()["rejected"] == 2
    assert report.questions == [
        "accounts.csv, column ‘signed_on’: days and months could be either way round. "
        "Say dates = “DMY” or dates = “MDY” in the mapping."
    ]
    assert bring_in(tmp_path, book, hints=Hints(dates="DMY")).total("new") == 3
    assert Account.objects.get(external_id="a1").signed_on == dt.date(2026, 4, 3)


def test_a_mapping_without_loads_only_says_how_our_own_files_are_written(tmp_path: Path) -> None:
    book = {"accounts.csv": "external_id;name;signed_on\na1;A;03/04/2026\n"}
    assert bring_in(tmp_path, book, '[all]\ndates = "MDY"\n').total("new") == 1
    assert Account.objects.get().signed_on == dt.date(2026, 3, 4)


def test_children_may_come_before_their_parents_and_circles_stay_out(tmp_path: Path) -> None:
    rows = ["c,C,b", "b,B,a", "a,A,", "x,X,y", "y,Y,x", "z,Z,gone", "under,U,z", "self,S,self"]
    report = bring_in(tmp_path, {"accounts.csv": "external_id,name,parent\n" + "\n".join(rows) + "\n"})
    assert {(one.row, one.reason) for one in report.rejects} == {
        (5, "“y” stands below this account already."),
        (6, "“x” stands below this account already."),
        (7, "“gone” is not known in accounts."),
        (8, "its parent “z” does not come in"),
        (9, "“self” stands below this account already."),
    }
    assert list(Account.objects.order_by("external_id").values_list("external_id", "parent__external_id")) == [
        ("a", None),
        ("b", "a"),
        ("c", "b"),
    ]
    assert bring_in(tmp_path, {}).totals() == {"new": 0, "changed": 0, "same": 3, "rejected": 5}


def test_an_admin_is_not_made_by_a_file(tmp_path: Path) -> None:
    report = bring_in(tmp_path, {"people.csv": "email,name,role\nmallory@example.com,M,admin\n"})
    assert report.rejects[0].reason.startswith("“admin” is not one of csm, cs_manager")
    assert not User.objects.exists()


def test_people_who_come_in_leave_a_trace(tmp_path: Path) -> None:
    bring_in(tmp_path, {"people.csv": "email,name,role\nada@example.com,Ada,viewer\n"})
    assert AuditEvent.objects.get(verb="user.imported").changes == {"role": [None, "viewer"]}
    assert AuditEvent.objects.get(verb="book.imported").changes["totals"]["new"] == 1


def test_what_only_the_database_forbids_is_told_row_by_row(tmp_path: Path) -> None:
    team = (
        "account,user,role,started_on\na1,ada@example.com,csm,2025-01-01\na1,bo@example.com,csm,2025-02-01\n"
        "a2,bo@example.com,csm,2025-02-01\n"
    )
    people = "email,name\nada@example.com,Ada\nbo@example.com,Bo\n"
    report = bring_in(tmp_path, {"accounts.csv": ACCOUNTS, "people.csv": people, "service_team.csv": team})
    assert [(one.row, one.code) for one in report.rejects] == [(3, "constraint")]
    assert ServiceAssignment.objects.count() == 2


def test_a_settled_renewal_is_not_opened_again_by_an_old_file(tmp_path: Path) -> None:
    book = {"accounts.csv": ACCOUNTS, "renewals.csv": "account,due_on,stage\na1,2027-01-01,in_talks\n"}
    bring_in(tmp_path, book)
    Renewal.objects.update(stage="won")
    assert counts_of(bring_in(tmp_path, book))["renewals"]["same"] == 1
    assert Renewal.objects.get().stage == "won"


def test_a_formula_in_a_name_is_only_text_and_our_own_export_comes_back_as_it_was(tmp_path: Path) -> None:
    bring_in(tmp_path, {"accounts.csv": "external_id,name\na1,'=1+1\na2,=1+1\na3,it's\n"})
    assert list(Account.objects.order_by("external_id").values_list("name", flat=True)) == ["=1+1", "=1+1", "it's"]


def test_a_contact_that_left_comes_in(tmp_path: Path) -> None:
    contacts = (
        "external_id,account,name,email,left_on\nc1,a1,Cara,not an address,\nc2,a1,Dan,dan@müller.example,2026-01-01\n"
    )
    report = bring_in(tmp_path, {"accounts.csv": ACCOUNTS, "contacts.csv": contacts})
    assert [one.reason for one in report.rejects] == ["“not an address” is not an e-mail address."]
    assert Contact.objects.get().left_on == dt.date(2026, 1, 1)


def test_the_contact_of_another_account_is_refused(tmp_path: Path) -> None:
    answers = "external_id,account,contact,score,answered_on\ns1,a1,c1,9,2026-06-01\ns2,a2,c1,9,2026-06-01\n"
    contacts = "external_id,account,name\nc1,a1,Cara\n"
    book = {"accounts.csv": ACCOUNTS, "contacts.csv": contacts, "survey_answers.csv": answers}
    foretold = try_out(tmp_path, book)
    report = bring_in(tmp_path, book)
    assert rejects_of(report) == [("survey_answers.csv", 3, "contact", "“c1” is a contact of another account.")]
    assert rejects_of(foretold) == rejects_of(report)


def test_a_feature_that_becomes_core_counts_on_the_days_it_was_used(tmp_path: Path) -> None:
    days = {"usage_days.csv": "account,feature,day,events\na1,export,2026-06-01,4\n"}
    basic = {"features.csv": "external_id,name,module,kind\nexport,Export,sales,basic\n"}
    bring_in(tmp_path, CATALOGUE | basic | days | {"accounts.csv": ACCOUNTS})
    assert AccountUsageDay.objects.get().core_events == 0
    bring_in(tmp_path, CATALOGUE | days | {"accounts.csv": ACCOUNTS})
    assert AccountUsageDay.objects.get().core_events == 4


def test_a_new_exchange_rate_shows_in_the_list(tmp_path: Path) -> None:
    line = "external_id,account,product,arr,currency,starts_on\nl1,a1,crm,100,EUR,2026-01-01\n"
    rates = "base,quote,on,rate\nEUR,USD,2026-01-01,1.5\n"
    book = CATALOGUE | {"accounts.csv": ACCOUNTS, "contract_lines.csv": line, "exchange_rates.csv": rates}
    bring_in(tmp_path, book)
    LedgerChange.objects.all().delete()
    bring_in(tmp_path, {"exchange_rates.csv": rates.replace("1.5", "2")})
    assert AccountRow.objects.get(account__external_id="a1").arr == 200
    assert [change.since for change in LedgerChange.objects.all()] == [dt.date(2026, 1, 1)]
