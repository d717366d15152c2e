"""Does a filter keep the letters that are typed while its answer comes, though the answer brings the filter along?"""

from __future__ import annotations

from playwright.sync_api import Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_user
from tests.journeys.book import Visitor


def test_letters_typed_while_the_list_comes_stay_and_are_searched(live_server: LiveServer, visitor: Visitor) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    with visitor.signed_in(make_user(role="csm")) as page:
        page.goto("/help/formulas/")
        page.route("**/help/formulas/?q=ann", hold)
        field = page.get_by_label("Words of a formula, or its name")
        field.focus()
        with page.expect_request("**/help/formulas/?q=ann"):
            field.press_sequentially("ann")
        field.press_sequentially("ual")
        field.press("ArrowLeft")
        waiting[0].continue_()
        page.wait_for_url("**/?q=annual")
        expect(page.get_by_role("link", name="annual_churn")).to_be_visible()
        expect(field).to_have_value("annual")
        expect(field).to_be_focused()
        # The caret is where it was.
        assert field.evaluate("field => field.selectionStart") == 5
        # A blank at the end is not searched for, and stays for the next word.
        field.evaluate("field => { field.dataset.before = ''; }")
        field.press("End")
        field.press(" ")
        page.locator("#formula-search:not([data-before])").wait_for()
        expect(field).to_have_value("annual ")
