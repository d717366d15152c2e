"""Does the API tell of the account list what its page tells, to who may see it?"""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import CustomField
from portfolio.actions import refresh_rows
from revenue.actions import add_line
from tests.factories import AT, make_account, make_product, make_user

pytestmark = pytest.mark.django_db
ROWS = "/api/v1/account-rows/"
ON = dt.date(2026, 6, 15)


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def book(owner):
    """Three accounts that pay 1, 2 and 3 thousand."""
    product, accounts = make_product(), []
    for number in (1, 2, 3):
        plan, letters = "gold" if number == 3 else "free", "x" * number
        account = make_account(owner, name=f"Row {number}", external_id=letters, domain="", custom={"plan": plan})
        add_line(account=account, product=product, arr=number * 1000, currency="USD",
                 starts_on=dt.date(2026, 1, 1), by=owner, at=AT)  # fmt: skip
        accounts.append(account)
    refresh_rows(on=ON)
    return accounts


def names(answer):
    return [row["name"] for row in answer.json()["results"]]


def test_rows_are_sorted_and_filtered_as_on_the_page(client, csm):
    book(csm)
    CustomField.objects.create(key="plan", label="Plan", kind="text")

    assert names(client.get(ROWS)) == ["Row 1", "Row 2", "Row 3"]
    assert names(client.get(ROWS, {"sort": "-arr"})) == ["Row 3", "Row 2", "Row 1"]
    assert names(client.get(ROWS, {"min_arr": "2000"})) == ["Row 2", "Row 3"]
    assert names(client.get(ROWS, {"cf_plan": "gold"})) == ["Row 3"]
    assert names(client.get(ROWS, {"q": "row 2"})) == ["Row 2"]


def test_a_wrong_filter_is_refused_in_words(client, csm):
    for wrong in ({"colour": "red"}, {"min_arr": "NaN"}, {"band": "purple"}):
        assert client.get(ROWS, wrong).status_code == 400


def test_a_foreign_account_is_not_there(client, csm):
    foreign = book(make_user())[0]

    assert names(client.get(ROWS)) == []
    assert client.get(f"{ROWS}{foreign.pk}/").status_code == 404


def test_money_is_neither_shown_nor_filtered_nor_sorted_by_without_the_right(client):
    book(make_user())
    client.force_login(make_user("product_manager"))

    row = client.get(ROWS).json()["results"][0]

    assert "arr" not in row
    assert "priority" not in row
    assert client.get(ROWS, {"min_arr": "2000"}).status_code == 400
    assert names(client.get(ROWS, {"sort": "-arr"})) == ["Row 1", "Row 2", "Row 3"]


def test_nothing_is_written_here(client, csm):
    account = book(csm)[0]

    assert client.post(ROWS, {}).status_code == 405
    assert client.delete(f"{ROWS}{account.pk}/").status_code == 405
