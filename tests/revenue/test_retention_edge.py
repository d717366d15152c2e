"""Do the API and the command give the figures of retention to whom they belong, and refuse the rest in words?"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from revenue.actions import derive_movements
from revenue.models import ExchangeRate, RevenueSettings
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
KEYS = ["opening", "new", "reactivation", "expansion", "contraction", "churn", "exchange", "closing", "nrr",
        "grr_revenue", "grr_logo", "logo_churn", "quick_ratio", "accounts"]  # fmt: skip
BEFORE = dt.date(2023, 1, 1)


def ask(user, **query):
    client = APIClient()
    client.force_authenticate(user)
    return client.get("/api/v1/retention/", query)


@pytest.fixture
def csm():
    return make_user("csm")


@pytest.fixture
def book(csm):
    """Two customers of hers, of which one leaves; a larger one of somebody else's."""
    stays, leaves = (make_account(csm, tier=tier, region="EU") for tier in ("elephant", "rabbit"))
    make_line(stays, 300, starts_on=BEFORE)
    make_line(leaves, 100, starts_on=BEFORE, ends_on=dt.date(2025, 5, 1))
    make_line(make_account(tier="rabbit"), 9000, starts_on=BEFORE)
    derive_movements()


def test_a_person_reads_the_figures_of_their_accounts(book, csm):
    answer = ask(csm, **YEAR, by="tier").json()
    assert list(answer) == [*KEYS, "segments", "warnings"]
    assert (answer["opening"], answer["churn"], answer["closing"]) == ("400.00", "100.00", "300.00")
    assert (answer["nrr"], answer["logo_churn"], answer["quick_ratio"]) == ("0.750000", "0.500000", "0.000000")
    assert [list(segment) for segment in answer["segments"]] == [["dimension", "value", "label", *KEYS]] * 2
    assert [(part["value"], part["label"], part["nrr"]) for part in answer["segments"]] == [
        ("elephant", "Key account", "1.000000"),
        ("rabbit", "Small", "0.000000"),
    ]
    assert answer["warnings"] == {"masking": [], "reversal": []}
    assert ask(make_user("admin"), **YEAR).json()["opening"] == "9400.00"
    nobody = ask(make_user("csm"), **YEAR).json()
    assert (nobody["opening"], nobody["nrr"], nobody["segments"]) == ("0.00", None, [])


def test_who_may_not_see_money_is_told_so(book):
    assert ask(make_user("product_manager"), **YEAR).status_code == 403
    assert APIClient().get("/api/v1/retention/", YEAR).status_code in (401, 403)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"from": "yesterday"}, "from", "must be a date like"),
        ({"from": ""}, "from", "must be a date like"),
        ({"to": "2025-02-30"}, "to", "is not a date"),
        ({"to": "9999-12-31"}, "to", "between 2000 and 2100"),
        ({"to": "2025-01-01"}, "to", "must be after the start"),
        ({"from": "2026-05-01"}, "to", "must be after the start"),
        ({"by": "mood"}, "by", "Choose one of tier"),
        ({"by": "field:nothing"}, "by", "nothing to group by"),
        ({"reading": "gross"}, "reading", "Choose one of point_to_point"),
        ({"owner": "1"}, "owner", "Unknown field"),
    ],
)
def test_a_wrong_question_is_refused_in_words(book, csm, wrong, field, words):
    answer = ask(csm, **(YEAR | wrong))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert words in answer.json()["errors"][0]["message"]


def test_both_days_are_required(csm):
    assert [error["field"] for error in ask(csm).json()["errors"]] == ["from", "to"]


def test_a_missing_rate_is_said_and_not_guessed(book, csm):
    make_line(make_account(csm), 10, currency="CHF", starts_on=BEFORE)
    derive_movements()
    answer = ask(csm, **YEAR)
    assert answer.status_code == 409
    assert "CHF to USD is known for Dec. 31, 2024" in answer.json()["detail"]
    # Rates that begin with the period are enough for it: the one before is then not compared with.
    ExchangeRate.objects.create(base="CHF", quote="USD", on=dt.date(2024, 12, 31), rate=Decimal(1))
    assert ask(csm, **YEAR, by="tier").json()["opening"] == "410.00"


def hidden(tier: str, kept: int, lost: int, ended: dt.date, arr: int = 100) -> None:
    for number in range(kept + lost):
        make_line(make_account(tier=tier), arr, starts_on=BEFORE, ends_on=ended if number < lost else None)


def test_a_segment_that_hides_behind_a_healthy_rate_is_named(csm):
    RevenueSettings.objects.create(pk=1, masking_min_accounts=3)
    hidden("elephant", 9, 0, dt.date(2025, 6, 1))
    hidden("rabbit", 1, 2, dt.date(2025, 6, 1))
    derive_movements()
    masking = ask(make_user("admin"), **YEAR, by="tier").json()["warnings"]["masking"]
    assert masking == [
        {"rate": "grr_logo", "dimension": "tier", "value": "rabbit", "label": "Small", "accounts": 3,
         "overall": "0.833333", "segment_rate": "0.333333", "benchmark": "0.800000"},
    ]  # fmt: skip


def test_a_rate_that_moves_against_all_of_its_segments_is_named(csm):
    # Key accounts keep 4 of 5, then all 4; small ones 0 of 1, then 1 of 5 that came meanwhile.
    for ends in (dt.date(2024, 6, 1), None, None, None, None):
        make_line(make_account(tier="elephant"), 100, starts_on=BEFORE, ends_on=ends)
    make_line(make_account(tier="rabbit"), 100, starts_on=BEFORE, ends_on=dt.date(2024, 3, 1))
    for number in range(5):
        left = dt.date(2025, 6, 1) if number else None
        make_line(make_account(tier="rabbit"), 100, starts_on=dt.date(2024, 9, 1), ends_on=left)
    derive_movements()
    turned = ask(make_user("admin"), **YEAR, by="tier").json()["warnings"]["reversal"]
    assert [one["rate"] for one in turned] == ["nrr", "grr_revenue", "grr_logo"]
    assert (turned[0]["before"], turned[0]["after"], turned[0]["cause"]) == ("0.666667", "0.555556", "rabbit")
    assert (turned[0]["before_from"], turned[0]["before_to"]) == ("2024-01-01", "2025-01-01")
    assert [(one["label"], one["before"], one["after"]) for one in turned[0]["segments"]] == [
        ("Key account", "0.800000", "1.000000"),
        ("Small", "0.000000", "0.200000"),
    ]


def command(**options) -> str:
    out = StringIO()
    call_command("retention", **({"start": "2025-01-01", "end": "2026-01-01"} | options), stdout=out)
    return out.getvalue()


def test_the_command_writes_a_table(book):
    lines = command(by="tier").splitlines()
    assert lines[0] == "2025-01-01 to 2026-01-01 (exclusive), point_to_point, USD"
    assert [line.split()[0] for line in lines[2:]] == ["Key", "Small", "All"]
    assert lines[-1].split()[1:10] == ["9400.00", "0.00", "0.00", "0.00", "0.00", "100.00", "0.00", "9300.00", "98.9"]


def test_the_command_writes_what_the_api_answers(book):
    written = json.loads(command(by="region", format="json", reading="chained"))
    assert written == ask(make_user("admin"), **YEAR, by="region", reading="chained").json()
    assert [part["label"] for part in written["segments"]] == ["EU", "Not set"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"end": "2024-01-01"}, "must be after the start"),
        ({"start": "x"}, "--from must be a date"),
        ({"by": "mood"}, "nothing to group by"),
        ({"reading": "x"}, "is no reading"),
    ],
)
def test_the_command_refuses_in_words(book, wrong, words):
    with pytest.raises(CommandError, match=words):
        command(**wrong)
