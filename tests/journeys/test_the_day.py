"""How many acts does it take a CSM from the morning's first recommendation to a call that is written down?"""

from __future__ import annotations

import datetime as dt
import re

from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, Organisation, TimelineEntry, User
from playbooks.models import Playbook
from portfolio.actions import refresh_rows
from tests.factories import make_account, make_user
from tests.journeys.book import Steps, Visitor, person


def today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


def test_a_recommendation_becomes_a_logged_call_with_a_follow_up(book: LiveServer, visitor: Visitor) -> None:
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/")
        name = page.locator("#first .row a").first.inner_text()
        steps = Steps(page)

        steps.step("N").keyboard.press("n")
        steps.step("account").get_by_label("Account", exact=True).fill(name[:12])
        page.locator("#found").get_by_role("link", name=name).first.click()
        steps.step("template").get_by_role("link", name="Check-in").click()
        expect(page.locator("#touch .templates [aria-current]")).to_have_text("Check-in")
        steps.step("note").get_by_label("Note").fill("They move to the new plan.")
        steps.step("save").get_by_role("button", name="Save").click()

        expect(page.get_by_text(f"Logged with {name}.")).to_be_visible()
        steps.at_most(5)
    entry = TimelineEntry.objects.get(body="They move to the new plan.")
    assert entry.kind == TimelineEntry.Kind.CALL
    assert entry.follow_up_on == today() + dt.timedelta(days=7)


def test_the_first_button_of_today_leads_to_what_is_to_be_done(book: LiveServer, visitor: Visitor) -> None:
    # Without a playbook to start, what is left to do is to talk.
    Playbook.objects.update(is_enabled=False, is_archived=True)
    with visitor.signed_in(person("Jonas Weber")) as page:
        page.goto("/today/")
        steps = Steps(page)
        offered = page.locator("#first").get_by_role("link", name=re.compile("^(Log a call|Plan a)"))

        offered.first.wait_for()
        steps.taken.append("the recommended act")
        offered.first.click()
        steps.step("note").get_by_label("Note").fill("Spoke about seats.")
        steps.step("save").get_by_role("button", name="Save").click()

        expect(page.locator("[data-message]")).to_contain_text("Logged with")
        steps.at_most(3)
    assert TimelineEntry.objects.get(body="Spoke about seats.").follow_up_on is not None


def test_a_follow_up_comes_back_on_its_day_and_one_act_finishes_it(visitor: Visitor) -> None:
    who = make_user()
    account = make_account(owner=who, name="Bright Bakery")
    make_entry(who, account, "Ask for the new numbers", follow_up_on=today())
    make_entry(who, account, "Not yet", follow_up_on=today() + dt.timedelta(days=1))
    refresh()

    with visitor.signed_in(who) as page:
        page.goto("/today/")
        expect(page.get_by_text("Ask for the new numbers")).to_be_visible()
        expect(page.get_by_text("Not yet")).to_have_count(0)
        steps = Steps(page)

        steps.step("done").get_by_role("button", name="Done").click()

        expect(page.get_by_text("Follow-up done.")).to_be_visible()
        # The person stays where the rest of the day is.
        expect(page).to_have_url(re.compile("/today/$"))
        expect(page.get_by_text("Ask for the new numbers")).to_have_count(0)
        steps.at_most(1)
        page.get_by_role("button", name="Undo").click()
        page.goto("/today/")
        expect(page.get_by_text("Ask for the new numbers")).to_be_visible()


def make_entry(author: User, account: Account, title: str, follow_up_on: dt.date) -> TimelineEntry:
    at = timezone.now() - dt.timedelta(days=7)
    return TimelineEntry.objects.create(
        account=account, author=author, title=title, kind=TimelineEntry.Kind.CALL, at=at, follow_up_on=follow_up_on
    )


def refresh() -> None:
    refresh_rows(on=today())
