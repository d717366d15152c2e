"""How many acts does it take an admin to bring a book in?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account
from common import jobs
from tests.factories import make_user
from tests.journeys.book import Steps, Visitor

ACCOUNTS = "external_id,name,currency\nA-1,Acme Bakery,EUR\nA-2,Bolt Tools,USD\nA-3,,USD\n"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def work() -> None:
    """Do what a worker would do."""
    while jobs.run_due(timezone.now()):
        pass


def test_a_book_is_sent_looked_at_and_brought_in_within_five_acts(visitor: Visitor) -> None:
    with visitor.signed_in(make_user(role="admin")) as page:
        page.goto("/settings/")
        steps = Steps(page)

        steps.step("Import").locator("main").get_by_role("link", name=re.compile("^Import")).first.click()
        steps.step("files").locator("input[name=book]").set_input_files(
            {"name": "accounts.csv", "mimeType": "text/csv", "buffer": ACCOUNTS.encode()}
        )
        steps.step("upload").get_by_role("button", name="Upload and preview").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Reading the files|Preview"))
        assert not Account.objects.exists()
        work()

        # The page notices by itself that the files are read.
        confirm = page.locator(".page-header form button")
        expect(confirm).to_contain_text("2")
        steps.step("confirm")
        confirm.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Import"))
        work()
        expect(page.get_by_text("The book is in.")).to_be_visible()
        steps.at_most(5)

        page.get_by_role("link", name="See the accounts").click()
        expect(page.get_by_role("link", name="Acme Bakery")).to_be_visible()
    assert Account.objects.count() == 2
