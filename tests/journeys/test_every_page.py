"""Can everybody use every page: no fault that axe finds, no complaint of the browser, no sideways scroll?"""

from __future__ import annotations

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, User
from tests.factories import make_account, make_user
from tests.journeys.book import Visitor, person
from tests.journeys.pages import address, patterns, walk

WHO = {"csm": "Jonas Weber", "cs_manager": "Hanna Lindqvist", "admin": "Noah Winters"}
PARTS = {
    "records": lambda path: not path.startswith(("/sign-in/", "/settings/")),
    "settings": lambda path: path.startswith("/settings/"),
    "sign-in": lambda path: path.startswith("/sign-in/"),
}


def full_account(owner: User) -> Account:
    """Find an account of somebody that has something on each of its pages."""
    rows = Account.objects.filter(assignments__user=owner, stage__in=["mature", "renewal", "adoption"])
    rows = rows.filter(goals__isnull=False, promises__isnull=False, contacts__isnull=False)
    return rows.order_by("pk").first()


def addresses(part: str, account: Account) -> list[str]:
    paths = {path for pattern in patterns() if (path := address(pattern, account)) is not None}
    return sorted(filter(PARTS[part], paths))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("role", WHO)
def test_nobody_is_shut_out_of_a_page(book: LiveServer, visitor: Visitor, role: str, part: str) -> None:
    paths = addresses(part, full_account(person(WHO["csm"])))

    with visitor.signed_in(person(WHO[role])) as page:
        assert walk(page, paths) == {}


def test_nobody_is_shut_out_before_the_sign_in(book: LiveServer, visitor: Visitor) -> None:
    paths = addresses("sign-in", full_account(person(WHO["csm"])))

    with visitor.opened() as context:
        assert walk(context.new_page(), paths) == {}


@pytest.mark.parametrize("part", ["records", "settings"])
def test_nobody_is_shut_out_where_nothing_is_yet(visitor: Visitor, part: str) -> None:
    who = make_user(role="admin")
    account = make_account()

    with visitor.signed_in(who) as page:
        assert walk(page, addresses(part, account)) == {}


def test_nobody_is_shut_out_of_an_empty_book(visitor: Visitor) -> None:
    who = make_user(role="csm")

    with visitor.signed_in(who) as page:
        assert walk(page, ["/today/", "/accounts/", "/accounts/?q=nobody", "/timeline/add/"]) == {}
