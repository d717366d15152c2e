"""Can everybody use every page: no fault that axe finds, no complaint of the browser, no sideways scroll?"""

from __future__ import annotations

import re

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, User
from tests.factories import make_account, make_user
from tests.journeys.book import Visitor
from tests.journeys.pages import address, walk
from tests.pages.addresses import patterns

# What is read; forms are the same for all who may open them, so the admin walks those for everybody.
FORMS = re.compile("/(add|edit|return|left|end|settle|transfer|tags)/$")
PARTS = {
    "read": lambda path: path.startswith(("/today/", "/accounts/", "/search/")) and not FORMS.search(path),
    "records": lambda path: not path.startswith(("/sign-in/", "/settings/")),
    "settings": lambda path: path.startswith("/settings/"),
    "sign-in": lambda path: path.startswith("/sign-in/"),
}


def full_account() -> Account:
    """Find an account that has something on each of its pages."""
    rows = Account.objects.exclude(stage="churned").filter(assignments__user__role="csm", assignments__role="csm")
    return rows.filter(goals__isnull=False, promises__isnull=False, contacts__isnull=False).order_by("pk")[0]


def somebody(role: str, account: Account) -> User:
    """Find a person of a role who may see the account."""
    people = User.objects.filter(role=role).order_by("pk")
    return next(found for found in people if Account.objects.visible_to(found).filter(pk=account.pk).exists())


def addresses(part: str, account: Account) -> list[str]:
    paths = {path for pattern in patterns() if (path := address(pattern, account)) is not None}
    return sorted(filter(PARTS[part], paths))


@pytest.mark.parametrize(
    ("role", "part"),
    [("csm", "read"), ("cs_manager", "read"), ("admin", "records"), ("admin", "settings"), ("admin", "sign-in")],
)
def test_nobody_is_shut_out_of_a_page(book: LiveServer, visitor: Visitor, role: str, part: str) -> None:
    account = full_account()

    with visitor.signed_in(somebody(role, account)) as page:
        assert walk(page, addresses(part, account)) == {}


def test_nobody_is_shut_out_before_the_sign_in(book: LiveServer, visitor: Visitor) -> None:
    with visitor.opened() as context:
        assert walk(context.new_page(), addresses("sign-in", full_account())) == {}


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
