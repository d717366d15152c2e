"""Does one form of every kind work without a script: one button, many fields, a file, many rows, a menu, a dialog?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, User
from tests.journeys.book import Visitor, person

CSM, ADMIN = "Jonas Weber", "admin"
BOOK = "external_id,name,currency\nA-1,Acme Bakery,EUR\n"


@pytest.fixture
def page(book: LiveServer, visitor: Visitor) -> Iterator[Page]:
    with visitor.signed_in(person(CSM), java_script_enabled=False) as opened:
        yield opened


def an_account() -> Account:
    return Account.objects.visible_to(person(CSM)).exclude(stage="churned").order_by("name")[0]


def test_one_button_hides_a_panel_and_another_brings_it_back(page: Page) -> None:
    page.goto("/today/")
    panels = page.locator("main .card").count()
    page.locator("[data-panel]").first.click()
    expect(page.locator("main .card")).to_have_count(panels - 1)

    page.get_by_role("button", name="Show all").click()
    expect(page.locator("main .card")).to_have_count(panels)


def test_a_form_of_many_fields_is_kept_and_refused_in_words(page: Page) -> None:
    account = an_account()
    page.goto(f"/accounts/{account.pk}/edit/")
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("There is a problem")).to_be_visible()

    page.get_by_label("Name", exact=True).fill("Written without a script")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Written without a script")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Written without a script")


def test_many_rows_get_a_tag(page: Page) -> None:
    page.goto("/accounts/")
    for box in page.locator("[data-select]").all()[:2]:
        box.check()
    page.locator("#bulk-tag").fill("By hand")
    page.get_by_role("button", name="Add tag").click()

    expect(page.locator("[data-message]")).to_contain_text("2")
    assert Account.objects.filter(tags__name="By hand").count() == 2


def test_a_link_to_a_sheet_opens_a_page_with_the_same_form(page: Page) -> None:
    page.goto(f"/accounts/{an_account().pk}/playbooks/")
    page.get_by_role("link", name="Start a playbook").first.click()

    expect(page).to_have_url(re.compile("/playbooks/start/"))
    expect(page.get_by_label("Playbook", exact=True)).to_be_visible()


def test_a_menu_opens_and_changes_the_appearance(page: Page) -> None:
    page.goto("/today/")
    page.locator("[popovertarget=user-menu]").click()
    page.locator("#user-menu").get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_file_is_sent(book: LiveServer, visitor: Visitor) -> None:
    admin = User.objects.filter(role=ADMIN).order_by("pk")[0]
    with visitor.signed_in(admin, java_script_enabled=False) as page:
        page.goto("/settings/import/")
        file = {"name": "accounts.csv", "mimeType": "text/csv", "buffer": BOOK.encode()}
        page.locator("input[type=file]").first.set_input_files(file)
        page.get_by_role("button", name="Upload").first.click()

        expect(page).to_have_url(re.compile("/import/[0-9a-f-]+/"))
        expect(page.get_by_role("link", name="Reload")).to_be_visible()
