"""Does a handoff go from sales to customer success and back, and is what was promised kept?"""

from __future__ import annotations

import re

from playwright.sync_api import expect

from accounts.models import Account, Handoff, Promise
from tests.factories import make_account, make_handoff, make_user
from tests.journeys.book import Steps, Visitor


def test_a_handoff_is_returned_mended_accepted_and_its_promise_kept(visitor: Visitor) -> None:
    who = make_user()
    account = make_account(owner=who, name="Harbour Tools")
    make_handoff(account, promised="")
    Promise.objects.create(account=account, text="Single sign-on by spring", made_by="Sales")

    with visitor.signed_in(who) as page:
        page.goto(f"/accounts/{account.pk}/handoff/")
        expect(page.get_by_text("Fill in before it can be accepted")).to_be_visible()
        page.get_by_role("button", name="Submit").click()

        page.get_by_role("link", name="Return").click()
        page.get_by_role("button", name="Return").click()
        expect(page.locator("[data-error-summary]")).to_be_focused()
        page.get_by_label("What is missing or wrong?").fill("Say what was promised.")
        page.get_by_role("button", name="Return").click()
        expect(page.get_by_text("Say what was promised.")).to_be_visible()

        page.locator("#handoff").get_by_role("link", name="Edit").first.click()
        page.get_by_label(re.compile("promised", re.I)).fill("Single sign-on, and nothing else.")
        page.get_by_role("button", name="Save").click()
        steps = Steps(page)
        steps.step("submit").get_by_role("button", name="Submit").click()
        steps.step("accept").get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Accepted").first).to_be_visible()

        steps.step("settle").get_by_role("link", name="Settle").click()
        steps.step("kept").get_by_label("Kept").check()
        steps.step("save").locator("form.form").get_by_role("button").first.click()
        expect(page.get_by_text("Kept").first).to_be_visible()
        steps.at_most(5)
    assert Handoff.objects.get(account=account).state == Handoff.State.ACCEPTED
    assert Promise.objects.get(account=account).state == Promise.State.KEPT
    assert Account.objects.get(pk=account.pk).stage == Account.Stage.ONBOARDING
