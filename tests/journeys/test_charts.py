"""Can a picture be read by keyboard, does a pointer hear the same, and does its table leave as a file?"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.book import Visitor, person


def test_the_arrow_keys_say_what_the_pointer_says(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/today/")
        page.locator("#first .row-title a").first.click()
        plot = page.locator("#score-chart .plot")
        expect(plot).to_have_attribute("tabindex", "0")

        plot.focus()
        page.keyboard.press("End")
        last = plot.locator(".reading").inner_text()
        assert re.search(r": \d+$", last)
        page.keyboard.press("ArrowLeft")
        before = plot.locator(".reading").inner_text()
        assert before != last
        page.keyboard.press("Escape")
        expect(plot.locator(".reading")).to_have_count(0)

        plot.locator(".hover").last.hover(force=True)
        expect(plot.locator(".reading")).to_have_text(last)


def test_a_link_in_a_picture_is_said_when_it_has_the_focus(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person("Hanna Lindqvist")) as page:
        page.goto("/today/")
        link = page.locator("#risks .plot a").first
        link.focus()
        expect(page.locator("#risks .reading")).to_have_text(str(link.get_attribute("aria-label")))


def test_the_table_below_a_picture_leaves_as_a_file(book: LiveServer, visitor: Visitor, tmp_path: Path) -> None:
    with visitor.signed_in(person("Hanna Lindqvist")) as page:
        page.goto("/today/")
        figure = page.locator("figure#bridge")
        figure.get_by_text("Show the figures").click()
        rows = figure.locator("tbody tr").count()
        with page.expect_download() as waiting:
            figure.get_by_role("link", name="Download as CSV").click()
        waiting.value.save_as(tmp_path / "bridge.csv")

    assert len((tmp_path / "bridge.csv").read_text(encoding="utf-8-sig").splitlines()) == rows + 1
