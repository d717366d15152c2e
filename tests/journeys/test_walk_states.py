"""Can everybody use what is not there at first sight: found results, forms with errors, pages of refusal?"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from tests.factories import make_user
from tests.journeys.book import Visitor
from tests.journeys.looks import LANGUAGES, looks_of, turn_of
from tests.journeys.test_walk import LOCALES, addresses, full_account, somebody
from tests.journeys.walk import WALKS, WHOLE, by_axe, by_eye, is_page, named, open_eyes, reflows, see
from tests.pages.addresses import patterns, table

pytestmark = pytest.mark.skipif(not WALKS, reason="takes long: python3 run.py walk")
# Empties what can be typed, so that the answer is a refusal.
EMPTIED = """() => { const form = [...document.querySelectorAll("main form[method=post]")].find(
    form => form.querySelector("input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), textarea"));
  if (!form) return false;
  form.noValidate = true;
  form.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select").forEach(
    field => { field.value = ""; });
  form.id = form.id || "the-form";
  return form.id; }"""


def look_at(page: Page, name: str, language: str, state: str) -> list[str]:
    """Say what is wrong with what is shown now."""
    see(page, 1440)
    open_eyes(page)
    looks = [look for look in looks_of(name, whole=WHOLE) if look.language == language or not WHOLE]
    return by_axe(page, looks, state) + reflows(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_the_results_of_a_search(whole_book: LiveServer, visitor: Visitor, language: str) -> None:
    with visitor.signed_in(somebody("csm", full_account(), language)) as page:
        page.goto("/today/")
        page.keyboard.press("Control+k")
        page.keyboard.type("a", delay=20)
        page.locator("#search-results [role=option]").first.wait_for()
        open_eyes(page)
        looks = [look for look in looks_of("search", whole=True) if look.width >= 768 and look.language == language]
        found = by_axe(page, looks if WHOLE else looks[:2], "palette open")
        page.keyboard.press("Escape")

        assert found == []
        assert page.locator("#search-results [role=option]").count() == 0


def forms(account: Account, language: str) -> dict[str, str]:
    """Name the pages with a form to fill in; a quick walk takes one of eight in one language."""
    known = {**addresses("records", account), **addresses("settings", account)}
    both = {name: path for name, path in known.items() if {"see", "change"} <= set(table().get(name, {}))}
    if WHOLE:
        return both
    return {name: path for name, path in both.items() if turn_of(name) == LANGUAGES.index(language)}


def refused(page: Page) -> list[str]:
    """Send the form of the open page empty; says how the refusal falls short of the pattern for errors."""
    form = page.evaluate(EMPTIED)
    if not form:
        return ["no form"]
    with page.expect_navigation() as waiting:
        page.evaluate("id => document.getElementById(id).requestSubmit()", form)
    if waiting.value.status != 422:
        return ["taken"]
    found = []
    if page.locator("[data-error-summary]").count() and not page.locator("[data-error-summary]:focus").count():
        found.append("does not put the focus on the summary of errors")
    if not page.locator("[data-error-summary], .error, .notice").count():
        found.append("does not say what is wrong")
    if page.locator("[aria-invalid=true]:not([aria-describedby], fieldset[aria-describedby] *)").count():
        found.append("has a wrong field without its error")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_a_form_with_errors(whole_book: LiveServer, visitor: Visitor, language: str) -> None:
    account = full_account()
    wrong, tried = {}, 0
    with visitor.signed_in(somebody("admin", account, language)) as page:
        for name, path in forms(account, language).items():
            # Asked first: the browser makes an error of an address that is not there.
            if not is_page(page.request.head(path)):
                continue
            page.goto(path)
            found = refused(page)
            if found in (["no form"], ["taken"]):
                continue
            tried += 1
            if found := found + look_at(page, name, language, "with errors"):
                wrong[path] = found

    assert wrong == {}
    assert tried > (30 if WHOLE else 1)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the address of a page that fails."""

    def fail(request: Any) -> None:
        raise RuntimeError("This page fails for a test.")

    page = next(one for one in patterns() if one.name == "help_formulas")
    monkeypatch.setattr(page, "callback", fail)
    return reverse("help_formulas")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_a_page_of_refusal(
    whole_book: LiveServer, visitor: Visitor, broken: str, language: str
) -> None:
    wrong = {}
    csm = somebody("csm", full_account(), language)
    with visitor.signed_in(csm, locale=LOCALES[language]) as page:
        for path, status in (("/accounts/999999999/", 404), (broken, 500)):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == status
            if found := look_at(page, path, language, str(status)):
                wrong[path] = found
        page.goto("/timeline/add/")
        page.goto("/settings/profile/")
        page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
        page.evaluate(EMPTIED)
        with page.expect_navigation() as waiting:
            page.locator("main form[method=post] button[type=submit]").first.click()
        assert waiting.value.status == 403
        if found := look_at(page, "too old", language, "too old"):
            wrong["too old"] = found
    # A browser tells its console of each answer that is no page.
    visitor.complaints.clear()

    assert wrong == {}


def test_nobody_is_shut_out_of_two_changes_at_once(whole_book: LiveServer, visitor: Visitor) -> None:
    account = full_account()
    with visitor.signed_in(somebody("admin", account, "en")) as page:
        page.goto(f"/accounts/{account.pk}/edit/")
        page.locator("input[name=version]").first.evaluate("field => { field.value = '0'; }")
        page.locator("main form[method=post] input[name=name]").fill("Another name")
        Account.objects.filter(pk=account.pk).update(version=7, name="A third name")
        with page.expect_navigation() as waiting:
            page.locator("main form.form button[type=submit]").first.click()

        assert waiting.value.status == 409
        assert look_at(page, "conflict", "en", "conflict") == []
        assert named("conflict", by_eye(page, "contents")) == []
    visitor.complaints.clear()


def test_going_back_shows_the_list_as_it_was_left(whole_book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(make_user(role="admin")) as page:
        page.goto("/accounts/")
        page.locator("#list a[href*='band=']").first.click()
        page.wait_for_url("**band=*")
        before = page.locator("main").inner_text()
        page.locator("#list [data-kind=name] a").first.click()
        page.wait_for_url("**/accounts/*/")

        page.go_back()
        page.wait_for_url("**band=*")
        assert page.locator("main").inner_text() == before
        page.reload()
        assert page.locator("main").inner_text() == before
