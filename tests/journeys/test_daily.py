"""Do keys, palette, sheet, not-now and hidden panels work in a real browser, and can each be taken back?"""

from __future__ import annotations

import re

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portfolio.models import Recommendation
from tests.journeys.book import Steps, Visitor, person


def test_a_wrong_recommendation_goes_and_z_brings_it_back(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/today/")
        first = page.locator("#first .row").first
        name = first.locator(".row-title a").inner_text()
        steps = Steps(page)

        steps.step("not now").locator("#first .row").first.get_by_text("Not now").click()
        steps.step("wrong").locator(":popover-open").get_by_role("button", name="Wrong").click()

        expect(page.locator("[data-message]")).to_contain_text("noted as wrong")
        expect(page.locator("#first .row-title a", has_text=name)).to_have_count(0)
        steps.at_most(2)
        assert Recommendation.objects.get(answer="wrong").user.name == "Jonas Weber"
        page.keyboard.press("z")
        expect(page.locator("[data-message]")).to_contain_text("Undone")
        expect(page.locator("#first .row-title a", has_text=name)).to_have_count(1)


def test_each_reason_leads_to_its_evidence_in_one_step(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/today/")
        page.locator("#first .evidence").first.click()

        expect(page).to_have_url(re.compile(r"/accounts/\d+/"))


def test_the_palette_begins_with_what_was_opened_and_question_mark_shows_the_keys(
    book: LiveServer, visitor: Visitor
) -> None:
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/today/")
        name = page.locator("#first .row-title a").first.inner_text()
        page.locator("#first .row-title a").first.click()
        page.goto("/today/")
        page.keyboard.press("Control+k")
        option = page.get_by_role("option").first
        expect(option).to_contain_text(name)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text(name)

        page.locator("#main").focus()
        page.keyboard.press("?")
        sheet = page.locator("dialog#sheet[open]")
        expect(sheet).to_contain_text("Go to Today")
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)
        page.locator("a.define").first.click()
        expect(page.locator("dialog#sheet[open]")).to_contain_text("The formula")


def test_a_hidden_panel_comes_back_in_the_same_corner(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/today/")
        page.get_by_role("button", name=re.compile("^Hide this panel: Your book")).click()
        expect(page.locator("#book")).to_have_count(0)
        page.get_by_role("button", name="Show all").click()
        expect(page.locator("#book")).to_have_count(1)
