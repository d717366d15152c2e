"""Do advocates, consents, asks and mentions come in from files, history as history and open asks within the limits?"""

from __future__ import annotations

import pytest

from advocacy.models import Advocate, AdvocateRow, Ask, Consent
from tests.factories import AT
from tests.portfolio.books import bring_in, counts_of, rejects_of, try_out

pytestmark = pytest.mark.django_db
TODAY = AT.date()
PEOPLE = {
    "accounts.csv": "external_id,name\na1,Alpha\n",
    "contacts.csv": "external_id,account,name,left_on\nc1,a1,Cara,\nc2,a1,Gone,2026-01-01\nc3,a1,Dora,\n",
    "advocates.csv": "account,contact\na1,c1\na1,c3\n",
    "advocacy_consents.csv": (
        "account,contact,scope,channel,given_on,expires_on,evidence\n"
        "a1,c1,any,any,2026-01-10,2027-01-10,Mail\na1,c3,any,any,2026-01-10,2027-01-10,Mail\n"
    ),
}


def asks(*rows: str) -> dict[str, str]:
    return PEOPLE | {
        "asks.csv": "advocate,kind,asked_on,answer,answered_on,done_on\n" + "".join(f"{row}\n" for row in rows)
    }


def test_history_and_an_open_ask_come_in_and_the_stages_follow(tmp_path):
    book = asks("c1,talk,2026-02-01,accepted,2026-02-03,2026-03-01", f"c3,review,{TODAY},,,")
    assert rejects_of(bring_in(tmp_path, book)) == []
    stages = {one.contact.external_id: one.stage for one in Advocate.objects.select_related("contact")}
    assert stages == {"c1": "active", "c3": "asked"}
    assert {ask.state for ask in Ask.objects.all()} == {"done", "waiting"}
    assert AdvocateRow.objects.count() == 2
    assert Consent.objects.count() == 2
    again = counts_of(bring_in(tmp_path, book))
    assert again["asks"] == {"new": 0, "changed": 0, "same": 2, "rejected": 0}


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("c1,talk,2026-02-01,,,", "asked_on", "in the past"),
        ("c1,talk,2026-02-01,accepted,2026-02-03,", "asked_on", "in the past"),
        ("c1,talk,2026-12-01,,,", "asked_on", "future"),
        ("c1,talk,2026-02-01,declined,2026-01-03,", "answered_on", "before the question"),
        ("c1,talk,2026-02-01,declined,2026-02-03,2026-03-01", "done_on", "nobody agreed"),
        ("c9,talk,2026-02-01,declined,2026-02-03,", "advocate", "not known"),
    ],
)
def test_a_wrong_row_stays_out_with_its_reason(tmp_path, row, column, words):
    report = bring_in(tmp_path, asks(row))
    assert [(one[2], words in one[3]) for one in rejects_of(report)] == [(column, True)]
    assert not Ask.objects.exists()


def test_nobody_is_asked_twice_in_one_file_or_past_what_the_file_itself_tells(tmp_path):
    twice = asks(f"c1,talk,{TODAY},,,", f"c1,review,{TODAY},,,")
    assert len(rejects_of(bring_in(tmp_path, twice))) == 1
    assert Ask.objects.count() == 1


def test_rest_after_imported_history_is_kept(tmp_path):
    bring_in(tmp_path, asks("c1,talk,2026-06-01,declined,2026-06-02,"))
    report = bring_in(tmp_path, asks("c1,talk,2026-06-01,declined,2026-06-02,", f"c1,review,{TODAY},,,"))
    assert "14 days ago" in rejects_of(report)[0][3]


def test_a_file_rewrites_no_answer(tmp_path):
    bring_in(tmp_path, asks("c1,talk,2026-02-01,declined,2026-02-03,"))
    bring_in(tmp_path, asks("c1,talk,2026-02-01,accepted,2026-02-03,2026-03-01"))
    assert Ask.objects.get().state == "declined"


def test_who_left_becomes_no_advocate_and_the_trial_says_so(tmp_path):
    book = PEOPLE | {"advocates.csv": "account,contact\na1,c2\n"}
    assert try_out(tmp_path, PEOPLE).rejects == []
    report = bring_in(tmp_path, book)
    assert "left" in rejects_of(report)[0][3]
    assert not Advocate.objects.exists()


@pytest.mark.parametrize("dates", ["2026-07-01,2027-01-01", "2026-01-01,2026-01-01"])
def test_a_consent_of_days_that_cannot_be_stays_out(tmp_path, dates):
    rows = f"account,contact,scope,given_on,expires_on,evidence\na1,c1,talk,{dates},Mail\n"
    assert len(rejects_of(bring_in(tmp_path, PEOPLE | {"advocacy_consents.csv": rows}))) == 1
