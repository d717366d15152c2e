"""Can everybody use every page: no fault that axe finds, and none that it cannot see, in every look?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, User
from tests.factories import make_account, make_user
from tests.journeys.book import Visitor
from tests.journeys.looks import ALL, LANGUAGES, looks_of, turn_of
from tests.journeys.walk import WALKS, WHOLE, by_eye, open_eyes, walk
from tests.pages.addresses import address, patterns

pytestmark = pytest.mark.skipif(not WALKS, reason="takes long: python3 run.py walk")
# What is read; forms are the same for all who may open them, so the admin walks those for everybody.
FORMS = re.compile("/(add|edit|return|left|end|settle|transfer|tags)/$")
PARTS = {
    "read": lambda path: path.startswith(("/today/", "/accounts/", "/search/")) and not FORMS.search(path),
    "records": lambda path: not path.startswith(("/sign-in/", "/settings/")),
    "settings": lambda path: path.startswith("/settings/"),
    "sign-in": lambda path: path.startswith("/sign-in/"),
}
PHONE = {"width": 375, "height": 800}
# How a browser asks for a language when nobody has signed in.
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}


def full_account() -> Account:
    """Find an account that has something on each of its pages."""
    rows = Account.objects.exclude(stage="churned").filter(assignments__user__role="csm", assignments__role="csm")
    return rows.filter(goals__isnull=False, promises__isnull=False, contacts__isnull=False).order_by("pk")[0]


def somebody(role: str, account: Account, language: str) -> User:
    """Find a person of a role who may see the account, and who reads in a language."""
    people = User.objects.filter(role=role).order_by("pk")
    who = next(found for found in people if Account.objects.visible_to(found).filter(pk=account.pk).exists())
    get_user_model().objects.filter(pk=who.pk).update(language=language)
    return who


def addresses(part: str, account: Account) -> dict[str, str]:
    paths = {str(pattern.name): path for pattern in patterns() if (path := address(pattern, account)) is not None}
    return {name: path for name, path in paths.items() if PARTS[part](path)}


@pytest.fixture(autouse=True)
def _searches_cut_short(visitor: Visitor) -> Iterator[None]:
    """Forget what htmx says of searches that the keyboard began and left: each new one ends the one before."""
    yield
    visitor.complaints[:] = [said for said in visitor.complaints if not said.startswith("htmx:")]


def test_a_quick_walk_sees_pages_in_all_looks() -> None:
    names = [str(pattern.name) for pattern in patterns()]

    assert {look for name in names for look in looks_of(name)} == set(ALL)
    assert all(len({look.theme for look in looks_of(name)}) == 2 for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("role", "part"),
    [("csm", "read"), ("cs_manager", "read"), ("admin", "records"), ("admin", "settings"), ("admin", "sign-in")],
)
def test_nobody_is_shut_out_of_a_page(
    whole_book: LiveServer, visitor: Visitor, role: str, part: str, language: str
) -> None:
    account = full_account()

    # A manager's pages are a CSM's with other rows: two looks are enough, even in a whole walk.
    whole = WHOLE and role != "cs_manager"
    with visitor.signed_in(somebody(role, account, language)) as page:
        assert walk(page, addresses(part, account), language, whole=whole) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_before_the_sign_in(whole_book: LiveServer, visitor: Visitor, language: str) -> None:
    with visitor.opened(locale=LOCALES[language]) as context:
        assert walk(context.new_page(), addresses("sign-in", full_account()), language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["records", "settings"])
def test_nobody_is_shut_out_where_nothing_is_yet(visitor: Visitor, part: str, language: str) -> None:
    who = make_user(role="admin", language=language)
    account = make_account()

    with visitor.signed_in(who) as page:
        assert walk(page, addresses(part, account), language, whole=False) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_an_empty_book(visitor: Visitor, language: str) -> None:
    who = make_user(role="csm", language=language)
    paths = ["/today/", "/accounts/", "/accounts/?q=nobody", "/timeline/add/"]

    with visitor.signed_in(who) as page:
        assert walk(page, {path: path for path in paths}, language) == {}


def test_a_finger_hits_every_control(whole_book: LiveServer, visitor: Visitor) -> None:
    account = full_account()
    paths = {**addresses("read", account), **(addresses("records", account) if WHOLE else {})}

    wrong = {}
    with visitor.signed_in(somebody("admin", account, "en"), has_touch=True, is_mobile=True, viewport=PHONE) as page:
        for name, path in sorted(paths.items()):
            if not WHOLE and turn_of(name) > 1:
                continue
            answer = page.goto(path) if page.request.head(path).status == 200 else None
            if answer is None or not answer.headers["content-type"].startswith("text/html"):
                continue
            open_eyes(page)
            if found := by_eye(page, "targets", 40) + by_eye(page, "scrollsSideways"):
                wrong[path] = found

    assert wrong == {}
