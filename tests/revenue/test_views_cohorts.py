"""Does the page of cohorts show what the rule says, to whom it may, and lead to the accounts behind each figure?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from revenue.actions import derive_movements
from revenue.models import ContractLine
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
# The 20th to 24th of a month about ten weeks ago; 32 days later lies in the month after it.
START = timezone.now().date().replace(day=1) - dt.timedelta(days=70)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin"))
    return client


def signing(count: int, **fields: Any) -> list[Account]:
    """Accounts that sign together; the first of them leaves after a month."""
    made = [make_account(**fields) for _ in range(count)]
    for account in made:
        make_line(account, 120, starts_on=START, ends_on=START + dt.timedelta(days=32) if account is made[0] else None)
    derive_movements()
    return made


def page(client: Client, name: str = "cohorts", **query: Any) -> str:
    answer = client.get(reverse(name), {"by": "month"} | query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_map_has_a_row_a_cohort_and_marks_small_ones(admin: Client) -> None:
    signing(4, tier="elephant")
    said = page(admin)
    assert "75% of the customers are still here" in said
    assert "data-small" in said
    assert "fewer than 10 customers" in said
    assert "Not all cohorts are shown" not in said
    assert "customers pay 75% of what they began with" in page(admin, measure="revenue")
    assert f"Q{(START.month + 2) // 3} {START.year}" in page(admin, by="quarter")
    assert "No cohort matches" in page(admin, tier="rabbit")
    assert "No cohort matches" in page(admin, to="2001-01-01")


def test_a_cell_opens_its_accounts_those_still_there_and_those_gone(admin: Client) -> None:
    gone, *kept = signing(3)
    href = f"{reverse('cohort_accounts')}?by=month&amp;start={START.replace(day=1)}&amp;point=1"
    assert href in page(admin)
    query = {"start": START.replace(day=1), "point": 1}
    every = page(admin, "cohort_accounts", **query)
    assert "All: 3" in every
    assert all(account.name in every for account in (gone, *kept))
    left = page(admin, "cohort_accounts", **query, state="left")
    assert gone.name in left
    assert kept[0].name not in left
    assert gone.name not in page(admin, "cohort_accounts", **query, state="paying")
    assert page(admin, "cohort_accounts", start=START).count(START.strftime("%Y")) >= 3


@pytest.mark.parametrize(
    "wrong",
    [{}, {"start": "x"}, {"start": "2090-01-01"}, {"start": START, "by": "month", "point": 99},
     {"start": START, "point": "²"}, {"start": START, "state": "x"}, {"start": START, "by": "week"},
     {"start": START, "cat": 1}],
    ids=str,
)  # fmt: skip
def test_a_place_that_is_not_there_is_not_found(admin: Client, wrong: dict[str, Any]) -> None:
    signing(1)
    assert admin.get(reverse("cohort_accounts"), wrong).status_code == 404


def test_a_wrong_filter_says_what_is_wrong(admin: Client) -> None:
    for wrong in ({"by": "week"}, {"from": "x"}, {"cat": "1"}):
        answer = admin.get(reverse("cohorts"), wrong)
        assert answer.status_code == 400
        assert "There is a problem" in answer.content.decode()


def test_an_empty_book_and_a_missing_rate_are_told(admin: Client) -> None:
    assert "No customer has signed yet" in page(admin)
    signing(1)
    ContractLine.objects.update(currency="EUR")
    derive_movements()
    said = page(admin)
    assert "The cohorts cannot be valued" in said
    assert "from EUR to USD" in said


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_map_leaves_as_a_file(admin: Client, kind: str) -> None:
    signing(2)
    answer = admin.get(reverse("cohort_export", args=[kind]), {"measure": "revenue", "by": "month"})
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if kind == "csv":
        head, row = content.decode("utf-8-sig").splitlines()
        assert head.startswith("signed_from,signed_before,customers,opening_arr,currency,0,1")
        assert row.startswith(f"{START.replace(day=1)},")
        assert ",2,240.00,USD,1.000000,0.500000" in row
    assert admin.get(reverse("cohort_export", args=["pdf"])).status_code == 404


def test_only_the_accounts_that_one_sees_are_counted_and_only_with_the_right(client: Client) -> None:
    csm = make_user("csm")
    signing(2)
    client.force_login(csm)
    assert "No customer has signed yet" in page(client)
    assert "Nobody here" in page(client, "cohort_accounts", start=START)
    client.force_login(make_user("product_manager"))
    for address in (
        reverse("cohorts"),
        reverse("cohort_accounts") + f"?start={START}",
        reverse("cohort_export", args=["csv"]),
    ):
        assert client.get(address).status_code == 404


def test_many_accounts_take_the_queries_of_one(admin: Client) -> None:
    signing(1)

    def queries(name: str, **query: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(admin, name, **query)
        return len(captured)

    places = (("cohorts", {}), ("cohort_accounts", {"start": START, "point": 1}))
    for name, query in places:
        queries(name, **query)
    before = [queries(name, **query) for name, query in places]
    signing(8)
    assert [queries(name, **query) for name, query in places] == before
