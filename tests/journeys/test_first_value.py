"""How long and how many steps from an empty installation to a page that says what to do today?

The other way in, with sample data, is one command and a sign-in: `python3 run.py bench first_value` measures it.
"""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account, Organisation
from tests.factories import make_user
from tests.journeys.book import Visitor
from tests.journeys.folder import NAMES, folder
from tests.journeys.hands import HANDS
from tests.journeys.tasks import work

LOG = logging.getLogger(__name__)
MOST_STEPS, MOST_SECONDS = 5, 600


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize("hand_name", list(HANDS))
def test_an_empty_installation_becomes_a_day_with_one_folder_of_files(visitor: Visitor, hand_name: str) -> None:
    begun = time.monotonic()
    with visitor.signed_in(make_user(role="admin")) as page:
        hand = HANDS[hand_name](page, "en")
        page.goto("/")
        # Whoever comes into an empty house is told where the door is.
        expect(page.get_by_role("heading", name="Your book is empty")).to_be_visible()
        hand.press("import", hand.by("link", "Import a book"))
        with page.expect_file_chooser() as choosing:
            hand.press("files", page.locator("input[name=book]"))
        choosing.value.set_files(folder(Organisation.load().day_of(timezone.now())))
        hand.press("upload", hand.by("button", "Upload and preview"))
        expect(page).to_have_url(re.compile(r"/import/[0-9a-f-]{36}/"))
        work()
        hand.press("confirm", page.locator(".page-header form button"))
        expect(page.locator("#progress")).to_be_visible()
        work()
        hand.press("today", hand.by("link", "Go to Today"))

        expect(page.locator("#first .row").first).to_be_visible()
        assert page.locator("#first .evidence").count() >= 3
        expect(page.locator("#renewals-list .row").first).to_be_visible()
        expect(page.locator("#book")).to_contain_text("At risk")
        hand.done()
    seconds = time.monotonic() - begun
    LOG.info("first value by %s: %s steps, %.0f s", hand_name, len(hand.steps.taken), seconds)
    assert Account.objects.count() == len(NAMES)
    hand.steps.at_most(MOST_STEPS)
    assert seconds < MOST_SECONDS
