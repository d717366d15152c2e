"""Does each key do what the page of keys says, and stay out of fields? Is the palette a combobox?"""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from revenue.actions import derive_movements, sync_renewals
from tests.factories import make_account, make_line
from tests.journeys.book import Visitor, person
from tests.journeys.tasks import DAY, today

CSM = "Jonas Weber"
PLACES = {"t": "/today/", "a": "/accounts/", "p": "/playbooks/", "r": "/revenue/renewals/", "v": "/advocacy/",
          "o": "/roadmap/", "s": "/settings/"}  # fmt: skip


def give_a_renewal() -> None:
    """Let a contract of the CSM's end soon."""
    account = make_account(person(CSM), name="Aalto Yards")
    make_line(account, 5000, starts_on=today() - 300 * DAY, ends_on=today() + 40 * DAY)
    derive_movements()
    sync_renewals(on=today(), at=timezone.now())


def test_each_key_does_what_it_says(book: LiveServer, visitor: Visitor) -> None:
    give_a_renewal()
    with visitor.signed_in(person(CSM)) as page:
        # Each key leads to another page than the one that is open, so that its arrival can be waited for.
        page.goto("/help/")
        for key, path in PLACES.items():
            page.keyboard.press("g")
            page.keyboard.press(key)
            page.wait_for_url(re.compile(re.escape(path) + "$"))
        # N works everywhere, and not only where its button stands.
        page.keyboard.press("n")
        expect(page).to_have_url(re.compile("/timeline/add/$"))
        _in_the_list(page)
        _in_the_cell(page)


def _in_the_list(page: Page) -> None:
    page.goto("/accounts/")
    names = page.locator("#list td[data-kind=name] a")
    page.keyboard.press("j")
    expect(names.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(names.nth(0)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]").first).to_have_text("1")
    page.keyboard.press("/")
    field = page.locator(".filter-bar input[type=search]")
    expect(field).to_be_focused()
    # Inside of a field a letter is a letter.
    page.keyboard.type("gtn")
    expect(field).to_have_value("gtn")
    expect(page).to_have_url(re.compile("/accounts/"))
    page.goto("/accounts/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/accounts/\d+/$"))
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/edit/$"))


def _in_the_cell(page: Page) -> None:
    page.goto("/revenue/renewals/?view=list")
    page.keyboard.press("j")
    page.keyboard.press("e")
    cell = page.locator("[data-edit]").first
    expect(cell).to_be_focused()
    before = cell.input_value()
    page.keyboard.type("12")
    expect(cell).to_have_value("12")
    page.keyboard.press("Escape")
    expect(cell).to_have_value(before)


def test_keys_can_be_switched_off_and_ctrl_k_stays(book: LiveServer, visitor: Visitor) -> None:
    who = person(CSM)
    who.keys_enabled = False
    who.save(update_fields=["keys_enabled"])
    with visitor.signed_in(who) as page:
        page.goto("/accounts/")
        for key in ("n", "g", "t", "j", "?", "/"):
            page.keyboard.press(key)
        expect(page).to_have_url(re.compile("/accounts/$"))
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert page.evaluate("document.activeElement === document.body")
        page.keyboard.press("Control+k")
        expect(page.locator("#search")).to_be_focused()


def test_the_palette_is_a_combobox_of_at_most_eight(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person(CSM)) as page:
        page.goto("/accounts/")
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox", name="Search or jump to")
        expect(box).to_be_focused()
        options = page.get_by_role("listbox", name="Results").get_by_role("option")
        expect(options.first).to_be_visible()
        expect(box).to_have_attribute("aria-expanded", "true")
        assert options.count() <= 8
        page.keyboard.type("e")
        expect(page.locator("#live")).to_have_text(re.compile("results"))
        assert options.count() == 8
        for press, place in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", 7)):
            page.keyboard.press(press)
            expect(options.nth(place)).to_have_attribute("aria-selected", "true")
            expect(box).to_have_attribute("aria-activedescendant", options.nth(place).get_attribute("id") or "")
        page.keyboard.press("Escape")
        expect(box).to_have_attribute("aria-expanded", "false")
        box.fill("> log")
        expect(options).to_have_count(1)
        expect(options.first).to_contain_text("Log a touch")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/timeline/add/$"))
