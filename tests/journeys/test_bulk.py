"""Is an act on many rows shown first, followed while it runs, told row by row, taken back? Also without a script?"""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, ServiceAssignment
from common.jobs import run_due
from playbooks.actions.shipped import install_shipped_playbooks
from playbooks.models import Playbook, Run
from portfolio.actions import refresh_rows
from tests.factories import make_account
from tests.journeys.book import Steps, Visitor, person

CSM = "Jonas Weber"
MANY = 30


def branches(owner: str) -> list[Account]:
    made = [make_account(name=f"Branch {number:02}", tier="elephant", stage="mature") for number in range(MANY)]
    who, on = person(owner), timezone.now().date()
    ServiceAssignment.objects.bulk_create(
        ServiceAssignment(account=account, user=who, role="csm", started_on=on) for account in made
    )
    refresh_rows(on=on, account_ids=[account.pk for account in made])
    return made


def work() -> None:
    while run_due(timezone.now()):
        pass


def test_a_playbook_starts_for_thirty_accounts_in_five_acts(book: LiveServer, visitor: Visitor) -> None:
    install_shipped_playbooks(at=timezone.now())
    made, rescue = branches(CSM), Playbook.objects.get(key="rescue")
    with visitor.signed_in(person(CSM)) as page:
        page.goto("/accounts/?q=Branch")
        steps = Steps(page)
        steps.step("select all").locator("[data-select-all]").first.check()
        steps.step("start").get_by_role("button", name="Start playbook").click()
        steps.step("template").locator(f"#book-{rescue.pk}").check()
        steps.step("confirm").get_by_role("button", name=f"Start for {MANY} accounts").click()
        steps.at_most(5)

        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.locator("main")).to_contain_text(f"0 of {MANY}")
        work()
        # The page asks each second, and loads itself when all is done.
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{MANY} started")
        assert Run.objects.filter(account__in=made).unfinished().count() == MANY
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("main")).to_contain_text("Being taken back")
        work()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{MANY} taken back")
    assert not Run.objects.filter(account__in=made).unfinished().exists()


def test_the_same_works_without_a_script(book: LiveServer, visitor: Visitor) -> None:
    made = branches(CSM)
    with visitor.signed_in(person(CSM), java_script_enabled=False) as page:
        page.goto("/accounts/?q=Branch")
        for box in page.locator("[data-select]").all():
            box.check()
        page.locator("#bulk-tag").fill("Chain")
        page.get_by_role("button", name="Add tag").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Add the tag “Chain”")
        page.get_by_role("button", name=f"Do it for {MANY}").click()
        expect(page.locator("main")).to_contain_text(f"0 of {MANY}")
        work()
        page.get_by_role("link", name="Reload").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{MANY} accounts changed")
        page.get_by_role("link", name="Back to the list").click()
        expect(page).to_have_url(re.compile("q=Branch"))
    assert Account.objects.filter(tags__name="Chain").count() == len(made)


def cell(page: Page, label: str) -> str:
    return f"tbody tr:first-child td[data-label='{label}']"


def test_a_cell_is_changed_by_keyboard_where_it_stands(book: LiveServer, visitor: Visitor) -> None:
    account = branches(CSM)[0]
    with visitor.signed_in(person(CSM)) as page:
        page.goto(f"/accounts/?q={account.name}&columns=stage&columns=industry")
        page.keyboard.press("j")
        page.keyboard.press("e")
        choice = page.locator(cell(page, "Stage")).get_by_role("combobox")
        expect(choice).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(cell(page, "Stage")).locator("[data-edit]")).to_be_focused()
        page.keyboard.press("e")
        expect(choice).to_be_focused()
        choice.select_option("renewal")
        page.keyboard.press("Enter")
        expect(page.locator(cell(page, "Stage"))).to_contain_text("Renewal")
        expect(page.locator(cell(page, "Stage")).locator("[data-edit]")).to_be_focused()
        page.keyboard.press("z")
        expect(page.locator("#messages")).to_contain_text("Undone.")
        page.locator(cell(page, "Industry")).locator("[data-edit]").click()
        expect(page.locator(cell(page, "Industry")).get_by_role("textbox")).to_be_focused()
        page.keyboard.type("Ports")
        page.keyboard.press("Enter")
        expect(page.locator(cell(page, "Industry")).locator("[data-edit]")).to_contain_text("Ports")
    account.refresh_from_db()
    assert (account.stage, account.industry) == ("mature", "Ports")
