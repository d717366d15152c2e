"""Is a value changed in its cell, does an error stay there, and does nobody overwrite what somebody else saved?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from portfolio.actions import refresh_rows
from portfolio.models import AccountRow
from tests.factories import AT, make_account, make_team, make_user

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture
def manager(client: Client) -> User:
    user = make_user("cs_manager", team=make_team(), name="Hanna")
    client.force_login(user)
    return user


@pytest.fixture
def account(manager: User) -> Account:
    made = make_account(owner=manager, name="Harbour", stage="mature", industry="Ports")
    refresh_rows(on=AT.date())
    return made


def cell(account: Account, name: str) -> str:
    return reverse("account_cell", args=[account.pk, name])


def test_the_list_offers_the_cells_that_its_reader_may_change(client: Client, manager: User, account: Account) -> None:
    address = reverse("account_list") + "?columns=owner_name&columns=stage&columns=industry"
    page = client.get(address).content.decode()
    for name in ("owner_name", "stage", "industry"):
        assert f'href="{cell(account, name)}"' in page
    client.force_login(make_user("csm", team=manager.team))
    page = client.get(address).content.decode()
    assert f'href="{cell(account, "owner_name")}"' not in page
    assert client.get(cell(account, "owner_name")).status_code == 404
    client.force_login(make_user("viewer"))
    assert "data-edit" not in client.get(address).content.decode()
    assert client.get(cell(account, "stage")).status_code == 404


def test_enter_saves_and_the_message_takes_it_back(client: Client, account: Account) -> None:
    opened = client.get(cell(account, "stage"), headers=PART).content.decode()
    assert '<option value="mature" selected>' in opened
    assert f'name="version" value="{account.version}"' in opened
    answer = client.post(cell(account, "stage"), {"value": "renewal", "version": account.version}, headers=PART)
    page = answer.content.decode()
    assert ("Renewal" in page, '<form class="cell-form"' in page) == (True, False)
    assert AccountRow.objects.get(pk=account.pk).stage == "renewal"
    undo = page.split('action="/undo/')[1].split('"')[0]
    client.post(f"/undo/{undo}")
    account.refresh_from_db()
    assert (account.stage, AccountRow.objects.get(pk=account.pk).stage) == ("mature", "mature")


def test_esc_restores_what_stood_there(client: Client, account: Account) -> None:
    shown = client.get(cell(account, "industry") + "?shown=1", headers=PART).content.decode()
    assert "Ports" in shown
    assert '<form class="cell-form"' not in shown


def test_an_error_stays_in_the_cell_with_words(client: Client, account: Account) -> None:
    for name, value, words in (
        ("stage", "asleep", "Select a valid choice."),
        ("industry", "x" * 101, "at most 100 characters"),
        ("owner_name", "", "This field is required."),
    ):
        answer = client.post(cell(account, name), {"value": value, "version": account.version}, headers=PART)
        page = answer.content.decode()
        assert (answer.status_code, words in page, 'aria-invalid="true"' in page) == (422, True, True), name
    account.refresh_from_db()
    assert (account.stage, account.industry) == ("mature", "Ports")
    assert client.get(cell(account, "name")).status_code == 404


def test_of_two_versions_both_are_shown_and_the_second_enter_keeps_ones_own(client: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(stage="renewal", version=account.version + 1)
    stale: dict[str, Any] = {"value": "adoption", "version": account.version}
    answer = client.post(cell(account, "stage"), stale, headers=PART)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Stored: Renewal. Yours: Adoption. Press Enter to keep yours." in page
    again = {"value": "adoption", "version": page.split('name="version" value="')[1].split('"')[0]}
    assert client.post(cell(account, "stage"), again, headers=PART).status_code == 200
    account.refresh_from_db()
    assert account.stage == "adoption"


def test_an_owner_is_given_and_a_stale_one_is_not(client: Client, manager: User, account: Account) -> None:
    csm = make_user("csm", team=manager.team, name="Bo")
    sent = {"value": csm.pk, "version": manager.pk}
    assert "Bo" in client.post(cell(account, "owner_name"), sent, headers=PART).content.decode()
    answer = client.post(cell(account, "owner_name"), sent | {"value": csm.pk}, headers=PART)
    assert (answer.status_code, "Stored: Bo." in answer.content.decode()) == (409, True)


def test_it_works_as_a_page_without_a_script(client: Client, account: Account) -> None:
    back = "/accounts/?tier=rabbit"
    page = client.get(cell(account, "region") + f"?next={back}").content.decode()
    assert "<h1>Harbour</h1>" in page
    sent = {"value": "Nord", "version": account.version, "next": back}
    assert client.post(cell(account, "region"), sent)["Location"] == back
    account.refresh_from_db()
    assert account.region == "Nord"
