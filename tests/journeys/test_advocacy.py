"""Does sales get its reference from request to thanks, and hear at once when the customer is in trouble?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Contact, Notification, Organisation, User
from advocacy.actions import withdraw_unfit
from advocacy.models import Advocate, Ask, ReferenceRequest
from health.actions.overrides import set_override
from portfolio.actions import rank_advocates
from tests.factories import make_account, make_consent, make_contact, make_line, make_user
from tests.journeys.book import Visitor
from usage.models import SurveyAnswer

DAY = dt.timedelta(days=1)


def promoter(who: User, company: str, name: str, **fields: object) -> Contact:
    """A promoter of a paying customer who agreed to be asked."""
    today = Organisation.load().day_of(timezone.now())
    account = make_account(owner=who, name=company, **fields)
    make_line(account, starts_on=today - 200 * DAY)
    contact = make_contact(account, name=name)
    SurveyAnswer.objects.create(account=account, contact=contact, score=10, answered_on=today - 5 * DAY)
    make_consent(contact, given_on=today - 30 * DAY, expires_on=today + 300 * DAY)
    return contact


def rank() -> None:
    rank_advocates(on=Organisation.load().day_of(timezone.now()))


def ask_for_quayside(page: Page) -> None:
    """Write the request of sales down and ask the first who fits."""
    page.goto("/advocacy/requests/")
    page.get_by_role("link", name="New request of sales").first.click()
    page.get_by_label("Prospect").fill("Quayside Brewing")
    page.get_by_label("Industry").select_option("Retail")
    page.get_by_role("button", name="Find who fits").click()
    expect(page.get_by_role("heading", name="Quayside Brewing")).to_be_visible()
    first = page.locator("#matches li.row").first
    expect(first).to_contain_text("Ada Promoter")
    expect(first).to_contain_text("100%")
    first.get_by_role("link", name="Ask Ada Promoter").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Asked for this")).to_be_visible()


def test_a_request_of_sales_is_matched_asked_agreed_done_and_thanked(visitor: Visitor) -> None:
    who = make_user()
    promoter(who, "Harbour Tools", "Bo Elsewhere", industry="Energy")
    promoter(who, "Birch Retail", "Ada Promoter", industry="Retail")
    rank()
    with visitor.signed_in(who) as page:
        ask_for_quayside(page)
        asked = page.locator("#asked li.row")
        asked.get_by_role("button", name="Said yes").click()
        expect(asked).to_contain_text("Agreed")
        asked.get_by_role("link", name="Done…").click()
        page.get_by_label("What came of it").fill("They booked a second call.")
        page.get_by_role("button", name="Save").click()
        expect(asked).to_contain_text("They booked a second call.")
        asked.get_by_role("button", name="Thanked").click()
        expect(asked.get_by_text("Thanked", exact=True)).to_be_visible()
        page.get_by_label("Outcome").select_option("won")
        page.locator("#decide").get_by_role("button", name="Save").click()
        expect(page.get_by_text("This request is closed")).to_be_visible()
        page.goto("/advocacy/")
        expect(page.get_by_text("100% of those who answered said yes").first).to_be_visible()
    assert Ask.objects.get().state == Ask.State.THANKED
    assert Advocate.objects.get().stage == Advocate.Stage.ACTIVE
    assert ReferenceRequest.objects.get().outcome == ReferenceRequest.Outcome.WON


def test_an_account_that_turns_red_withdraws_the_ask_and_tells_who_asked(visitor: Visitor) -> None:
    who = make_user()
    contact = promoter(who, "Birch Retail", "Ada Promoter", industry="Retail")
    rank()
    with visitor.signed_in(who) as page:
        ask_for_quayside(page)
        page.locator("#asked").get_by_role("button", name="Said yes").click()
        at = timezone.now()
        set_override(account=contact.account, band="red", reason="Their sponsor left in anger.", by=who, at=at)
        withdraw_unfit(on=Organisation.load().day_of(at), at=at)
        told = Notification.objects.get(user=who)
        page.goto(told.url)
        expect(page.get_by_text("health turned red").first).to_be_visible()
        expect(page.get_by_text("Not now").first).to_be_visible()
        expect(page.get_by_role("link", name="Ask", exact=True)).to_have_count(0)
        page.goto(f"/advocacy/people/{contact.pk}/ask/")
        expect(page.get_by_text("The account’s health is red.")).to_be_visible()
        expect(page.get_by_role("button", name="Send")).to_have_count(0)
    assert "Quayside Brewing" in told.body
    assert Ask.objects.get().state == Ask.State.WITHDRAWN
