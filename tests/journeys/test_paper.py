"""Does a report weigh little on paper? UX.md: three pages as a PDF in at most 100 kB, on A4 and on Letter."""

from __future__ import annotations

import re

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.journeys.book import Visitor
from tests.pages.reading import full_account

MOST = 100_000
REPORTS = ("/accounts/{account}/review/", "/reports/portfolio/", "/revenue/board/")


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_light_on_paper(whole_book: LiveServer, visitor: Visitor, report: str) -> None:
    """In English: how Chinese weighs is decided by the fonts of the machine that prints, see docs/design-system.md."""
    admin = User.objects.filter(role="admin").order_by("pk")[0]
    with visitor.signed_in(admin) as page:
        page.goto(report.format(account=full_account().pk))
        assert page.locator("figure.chart, table").count() > 1
        for paper in ("A4", "Letter"):
            printed = page.pdf(format=paper)
            assert 20_000 < len(printed) <= MOST
            assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 3


def test_a_number_of_a_scale_stays_readable_where_a_line_crosses_it(whole_book: LiveServer, visitor: Visitor) -> None:
    """On the screen by an edge of paper around its letters, in a PDF by a field of paper below them."""
    look = """() => { const of = found => getComputedStyle(document.querySelector(found));
      return [of(".chart .tick.halo").stroke, of(".chart .backing").fill]; }"""
    admin = User.objects.filter(role="admin").order_by("pk")[0]
    with visitor.signed_in(admin) as page:
        page.goto(REPORTS[0].format(account=full_account().pk))
        assert page.evaluate(look) == ["rgb(255, 255, 255)", "none"]
        page.emulate_media(media="print")
        assert page.evaluate(look) == ["none", "rgb(255, 255, 255)"]
