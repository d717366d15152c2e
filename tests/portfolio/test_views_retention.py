"""Does the page of retention say what the engine says, and does every figure lead to the accounts behind it?"""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from common.formats import date
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
LONG_AGO, IN_THE_YEAR = TODAY - dt.timedelta(days=500), TODAY - dt.timedelta(days=100)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin"))
    return client


def worked_example() -> dict[str, Account]:
    """PRODUCT.md §2: A 100 to 150 to 120, B cancels and returns at 50, C 200 to 160, D leaves, E is back, N goes."""
    book = {
        name: make_account(name=f"{name} company", tier="rabbit" if name in "BD" else "elephant") for name in "ABCDEN"
    }
    later = IN_THE_YEAR + dt.timedelta(days=30)
    for name, arr, start, end in (
        *(("A", 100, LONG_AGO, None), ("A", 50, IN_THE_YEAR, later), ("A", 20, later, None)),
        *(("B", 50, LONG_AGO, IN_THE_YEAR), ("B", 50, later, None)),
        *(("C", 160, LONG_AGO, None), ("C", 40, LONG_AGO, later), ("D", 80, LONG_AGO, later)),
        *(("E", 30, LONG_AGO, LONG_AGO + dt.timedelta(days=40)), ("E", 30, later, None), ("N", 60, IN_THE_YEAR, later)),
    ):
        make_line(book[name], arr, starts_on=start, ends_on=end)
    derive_movements()
    return book


def page(client: Client, name: str = "retention", **query: Any) -> str:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_worked_example_stands_on_the_page_in_every_reading(admin: Client) -> None:
    worked_example()
    said = page(admin)

    assert all(rate in said for rate in ("76.7%", "72.1%", "75.0%", "69.8%", "39.5%"))
    last = TODAY.replace(day=1) - dt.timedelta(days=1)
    assert f"NRR of the twelve months to {date(last, 'month')} is 76.7%" in said
    assert "Key account" in said
    assert "shown above" in page(admin, reading="flow")


def test_a_contract_that_ends_later_this_month_is_not_lost_in_the_trend_yet(admin: Client) -> None:
    """It may still be renewed; the month counts once it is over."""
    make_line(make_account(name="Ends soon"), 100, starts_on=LONG_AGO, ends_on=TODAY + dt.timedelta(days=1))
    make_line(make_account(name="Stays"), 100, starts_on=LONG_AGO)
    derive_movements()

    assert " is 100.0%" in page(admin).partition("NRR of the twelve months to")[2][:60]


def test_the_board_page_says_the_same_without_a_control(admin: Client) -> None:
    worked_example()
    said = page(admin, "board_page")

    assert "76.7%" in said
    assert '<form class="filter-bar"' not in said


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        ("churn", ["D"]), ("reactivation", ["E"]), ("expansion", ["A"]), ("contraction", ["C"]),
        ("opening", ["C", "A", "D", "B"]), ("new_then_lost", ["N"]), ("accounts_lost", ["D"]), ("exchange", []),
    ],
)  # fmt: skip
def test_every_figure_opens_its_accounts_the_largest_first(admin: Client, figure: str, names: list[str]) -> None:
    worked_example()
    said = page(admin, "retention_accounts", figure=figure)
    places = [said.find(f"{name} company") for name in names]

    assert all(place > 0 for place in places)
    assert places == sorted(places)
    assert said.count(" company</a>") == len(names)


def test_a_segment_opens_its_own_accounts_alone(admin: Client) -> None:
    worked_example()
    said = page(admin, "retention_accounts", figure="opening", by="tier", segment="rabbit")

    assert "Tier: Small" in said
    assert said.count(" company</a>") == 2


@pytest.mark.parametrize("query", [{"figure": "secret"}, {}, {"figure": "churn", "from": "2026-02-31"}])
def test_what_is_no_figure_is_not_there(admin: Client, query: dict[str, str]) -> None:
    assert admin.get(reverse("retention_accounts"), query).status_code == 404


def test_a_filter_that_nobody_matches_and_an_empty_book_say_different_things(admin: Client) -> None:
    assert "Nobody paid in this period" in page(admin)
    worked_example()
    assert "No customer matches" in page(admin, tier="cheetah")
    assert "Nobody paid in this period" in page(admin, **{"from": "2001-01-01", "to": "2001-12-31"})


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"from": "2026-02-31"}, 400, "31 February 2026 is not a date"),
        ({"period": "ever"}, 400, "There is a problem"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, 400, "Until must not be before From."),
    ],
)
def test_a_period_that_means_nothing_is_told_in_words(
    admin: Client, query: dict[str, str], status: int, words: str
) -> None:
    answer = admin.get(reverse("retention"), query)

    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_missing_rate_names_currency_and_day(admin: Client) -> None:
    make_line(make_account(), 100, starts_on=LONG_AGO, currency="CHF")
    derive_movements()
    said = page(admin)

    assert "The figures cannot be given" in said
    assert "CHF" in said


def test_a_csm_adds_up_own_accounts_alone_and_a_product_manager_finds_nothing(client: Client) -> None:
    worked_example()
    mine = make_user("csm")
    make_line(make_account(mine, name="Mine"), 40, starts_on=LONG_AGO)
    derive_movements()
    client.force_login(mine)
    said = page(client, "retention_accounts", figure="closing")

    assert "Mine" in said
    assert " company" not in said
    client.force_login(make_user("product_manager"))
    assert client.get(reverse("retention")).status_code == 404


def test_the_file_has_every_reading_and_every_segment(admin: Client) -> None:
    worked_example()
    answer = admin.get(reverse("retention_export", args=["csv"]))
    lines = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))

    assert [line["nrr"][:6] for line in lines if line["Reading"] in ("point_to_point", "flow") and not line["By"]] == [
        "0.7674",
        "0.6976",
    ]
    assert {line["Segment"] for line in lines if line["By"] == "tier"} == {"Key account", "Small"}


def test_the_page_asks_as_much_for_one_account_as_for_many(admin: Client) -> None:
    worked_example()
    page(admin)
    with CaptureQueriesContext(connection) as few:
        page(admin)
    for number in range(20):
        make_line(make_account(name=f"More {number}"), 10, starts_on=LONG_AGO, ends_on=IN_THE_YEAR)
    derive_movements()
    with CaptureQueriesContext(connection) as many:
        page(admin)

    assert len(many) == len(few) <= 40
    amounts = [query["sql"] for query in many if "revenue_movement" in query["sql"] and "amount" in query["sql"]]
    assert len(amounts) == 3  # what was before, what moved, and the trend, which is not kept yet
