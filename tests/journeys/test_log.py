"""Is nothing that was typed into a log lost when a template is chosen, meanwhile or afterwards?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, Organisation, TimelineEntry, User
from tests.factories import make_account, make_user
from tests.journeys.book import Visitor

HERE = "/accounts/{}/timeline/add/"


@pytest.fixture
def csm(live_server: LiveServer) -> User:
    return make_user(role="csm")


@pytest.fixture
def account(csm: User) -> Account:
    return make_account(owner=csm)


def held_back(page: Page) -> list[Route]:
    """Hold the answers back in which a template comes, as a slow network would."""
    waiting: list[Route] = []
    page.route(
        "**/add/?template=*",
        lambda route: waiting.append(route) if route.request.method == "GET" else route.continue_(),
    )
    return waiting


def test_what_is_typed_while_a_template_comes_stays(visitor: Visitor, csm: User, account: Account) -> None:
    with visitor.signed_in(csm) as page:
        page.goto(HERE.format(account.pk))
        waiting = held_back(page)
        note = page.get_by_label("Note")
        note.press_sequentially("They asked for ")
        with page.expect_request("**/add/?template=check_in"):
            page.get_by_role("link", name="Check-in").click()
        note.press_sequentially("a second")
        note.press("ArrowLeft")
        waiting[0].continue_()
        expect(page.locator("#touch .templates [aria-current]")).to_have_text("Check-in")
        # The caret is where it was, and so is what one undoes.
        note.press_sequentially("X")
        expect(note).to_have_value("They asked for a seconXd")
        note.press("Backspace")
        page.get_by_label("Title").fill("Our own title")

        waiting = held_back(page)
        with page.expect_request("**/add/?template=qbr"):
            page.get_by_role("link", name="QBR").click()
        waiting[0].continue_()
        expect(page.locator("#touch .templates [aria-current]")).to_have_text("QBR")
        expect(note).to_have_value("They asked for a second")
        expect(page.get_by_label("Title")).to_have_value("Our own title")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(f"Logged with {account.name}.")).to_be_visible()

    entry = TimelineEntry.objects.get()
    assert (entry.title, entry.body) == ("Our own title", "They asked for a second")
    assert entry.details == {"template": "qbr"}
    assert entry.follow_up_on == Organisation.load().day_of(timezone.now()) + dt.timedelta(days=7)


def test_a_template_fills_what_is_still_as_it_came(visitor: Visitor, csm: User, account: Account) -> None:
    with visitor.signed_in(csm) as page:
        page.goto(HERE.format(account.pk))
        blank = page.get_by_label("Kind").input_value()
        page.get_by_role("link", name="Check-in").click()
        expect(page.get_by_label("Title")).to_have_value("Check-in call")
        expect(page.get_by_label("Note")).to_be_focused()
        first = page.get_by_label("Note").input_value()
        page.get_by_role("link", name="QBR").click()
        expect(page.get_by_label("Title")).not_to_have_value("Check-in call")
        assert page.get_by_label("Note").input_value() != first
        # The address says which one, so that the page is the same when it is loaded again, and Back leaves it.
        assert page.url.endswith("?template=qbr")
        page.get_by_role("link", name="Blank").click()
        expect(page.get_by_label("Title")).to_have_value("")
        assert page.get_by_label("Kind").input_value() == blank


def test_what_was_refused_stays_when_a_template_is_chosen(visitor: Visitor, csm: User, account: Account) -> None:
    with visitor.signed_in(csm) as page:
        page.goto(HERE.format(account.pk))
        page.get_by_label("Note").fill("Half a note")
        page.get_by_label("When").fill("")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-error-summary]")).to_be_visible()
        page.get_by_role("link", name="Check-in").click()
        expect(page.get_by_label("Title")).to_have_value("Check-in call")
        expect(page.get_by_label("Note")).to_have_value("Half a note")


def test_a_template_is_chosen_without_a_script(visitor: Visitor, csm: User, account: Account) -> None:
    with visitor.signed_in(csm, java_script_enabled=False) as page:
        page.goto(HERE.format(account.pk))
        page.get_by_role("link", name="Check-in").click()
        expect(page.get_by_label("Title")).to_have_value("Check-in call")
        page.get_by_label("Note").fill("All well.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(f"Logged with {account.name}.")).to_be_visible()
    assert TimelineEntry.objects.get().body == "All well."
