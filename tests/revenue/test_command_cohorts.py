"""Do the command and the API answer the same of cohorts, and refuse what makes no sense?"""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
START = timezone.now().date().replace(day=1) - dt.timedelta(days=70)


@pytest.fixture
def book() -> list[Account]:
    """Three sign on one day; one of them leaves the next month."""
    made = [make_account(tier=tier) for tier in ("elephant", "rabbit", "rabbit")]
    for account in made:
        make_line(account, 100, starts_on=START, ends_on=START + dt.timedelta(days=32) if account is made[2] else None)
    derive_movements()
    return made


def said(*args: str) -> str:
    out = StringIO()
    call_command("cohorts", *args, stdout=out)
    return out.getvalue()


def asked(user: Any, **query: str) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    return client.get("/api/v1/cohorts/", query)


def test_the_command_prints_a_table_and_the_same_as_json(book: list[Account]) -> None:
    lines = said("--measure", "revenue").splitlines()
    assert lines[1].split()[:4] == [f"{START:%Y-%m}", "3", "300.00", "100.0"]
    found = json.loads(said("--format", "json"))
    assert found["cohorts"][0]["rates"][:2] == ["1.000000", "0.666667"]
    assert found["cohorts"][0]["is_small"] is True
    assert (
        json.loads(said("--format", "json", "--where", "tier=elephant", "--by", "quarter"))["cohorts"][0]["size"] == 1
    )


def test_the_api_answers_the_same(book: list[Account]) -> None:
    admin = make_user("admin")
    assert asked(admin).json() == json.loads(said("--format", "json"))
    of_rabbits = asked(admin, tier="rabbit", measure="revenue", by="month").json()
    assert (of_rabbits["cohorts"][0]["size"], of_rabbits["total"][1]) == (2, "0.500000")
    assert asked(admin, to="2020-01-01").json()["cohorts"] == []


@pytest.mark.parametrize(
    "wrong", [{"by": "week"}, {"measure": "x"}, {"from": "x"}, {"tier": "cat"}, {"q": "x"}], ids=str
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    answer = asked(make_user("admin"), **wrong)
    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.content.decode()


def test_the_command_says_what_it_does_not_understand() -> None:
    for wrong in (("--from", "x"), ("--where", "tier"), ("--where", "cat=1")):
        with pytest.raises(CommandError):
            said(*wrong)


def test_amounts_are_for_those_who_may_see_money_and_of_accounts_that_one_sees(book: list[Account]) -> None:
    assert asked(make_user("product_manager")).status_code == 403
    assert asked(make_user("csm")).json()["cohorts"] == []
