"""How many acts does it take to find an account, to see why it fell, to keep a list, to change and take away many?"""

from __future__ import annotations

import re

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, SavedView
from portfolio.models import AccountRow
from tests.journeys.book import Steps, Visitor, person

CSM, MANAGER = "Jonas Weber", "Hanna Lindqvist"


def an_account_of(name: str) -> Account:
    return Account.objects.visible_to(person(name)).exclude(stage="churned").order_by("name")[0]


def test_a_filtered_list_is_kept_and_shared_in_four_acts(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person(MANAGER)) as page:
        page.goto("/accounts/")
        steps = Steps(page)

        steps.step("filter").locator("#list a[href*='band=']").first.click()
        expect(page).to_have_url(re.compile("band="))
        expect(page.locator("#export-menu a").first).to_have_attribute("href", re.compile("band="))
        steps.step("save view").get_by_role("button", name="Save view").first.click()
        steps.step("name").get_by_label("Name of the view").fill("Needs us")
        steps.step("save for the team").locator("#view-menu").get_by_role("button", name="Save for team").click()

        expect(page.get_by_text("View “Needs us” saved.")).to_be_visible()
        steps.at_most(4)
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Needs us").click()
        expect(page).to_have_url(re.compile("band="))
    assert "band=" in SavedView.objects.get(name="Needs us").query
    with visitor.signed_in(person(CSM)) as page:
        page.goto("/accounts/")
        expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Needs us")).to_be_visible()


def test_columns_are_chosen_and_stay_in_the_address(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person(CSM)) as page:
        page.goto("/accounts/?q=a")
        page.get_by_role("button", name="Columns").click()
        menu = page.locator("#column-menu")
        menu.get_by_label("Industry").check()
        menu.get_by_role("button", name="Show columns").click()

        expect(page.get_by_role("columnheader", name="Industry")).to_be_visible()
        expect(page).to_have_url(re.compile("q=a"))
        page.reload()
        expect(page.get_by_role("columnheader", name="Industry")).to_be_visible()


def test_many_accounts_get_a_tag_at_once(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person(CSM)) as page:
        page.goto("/accounts/")
        rows = page.locator("[data-select]").count()
        steps = Steps(page)

        steps.step("select all").locator("[data-select-all]").first.check()
        expect(page.locator("[data-bulk-count]").first).to_have_text(str(rows))
        steps.step("tag").locator("#bulk-tag").fill("Spring review")
        steps.step("add").get_by_role("button", name="Add tag").click()

        expect(page.locator("[data-message]")).to_contain_text(str(rows))
        steps.at_most(5)
    assert Account.objects.filter(tags__name="Spring review").count() == rows


def test_what_stands_in_the_list_is_taken_away_as_csv(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person(CSM)) as page:
        page.goto("/accounts/")
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as waiting:
            page.get_by_role("link", name="CSV file").click()
        lines = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()

    shown = AccountRow.objects.filter(account__in=Account.objects.visible_to(person(CSM)).exclude(stage="churned"))
    assert len(lines) == shown.count() + 1


def test_the_whole_list_works_without_a_script(book: LiveServer, visitor: Visitor) -> None:
    account = an_account_of(CSM)
    with visitor.signed_in(person(CSM), java_script_enabled=False) as page:
        page.goto("/accounts/")
        page.locator(".filter-bar input[type=search]").fill(account.name)
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("[data-kind=name] a").first).to_have_text(account.name)
        page.get_by_role("link", name="Clear filters").first.click()
        names = page.locator("[data-kind=name] a").all_inner_texts()

        page.get_by_role("columnheader", name="ARR").get_by_role("link").click()
        by_money = page.locator("[data-kind=name] a").all_inner_texts()
        assert sorted(names) == sorted(by_money)
        assert by_money != names
        page.goto(f"/accounts/{account.pk}/timeline/add/?template=check_in")
        page.get_by_label("Note").fill("Written without a script.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Written without a script.")).to_be_visible()
