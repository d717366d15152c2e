"""Does a goal that is reached become a page that a prospect reads, until the customer takes its consent back?"""

from __future__ import annotations

import datetime as dt
import re

from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from advocacy.models import CaseStudy
from portfolio.actions import refresh_rows
from tests.factories import make_account, make_consent, make_contact, make_goal, make_team, make_user
from tests.journeys.book import Visitor


def test_from_an_attained_goal_to_the_public_page_and_gone_with_the_consent(
    live_server: LiveServer, visitor: Visitor
) -> None:
    today = timezone.localdate()
    team = make_team()
    csm, manager = make_user(team=team), make_user("cs_manager", team=team)
    account = make_account(owner=csm, name="Bright Bakery")
    make_goal(account, 9, 6, 4, name="Faster approvals")
    contact = make_contact(account, name="Mei Lin", email="mei@bakery.example")
    make_consent(contact, scope="case_study", channel="web", expires_on=today + dt.timedelta(days=300))
    refresh_rows(on=today)

    with visitor.signed_in(csm) as page:
        page.goto(f"/accounts/{account.pk}/goals/")
        page.get_by_role("link", name="Write a case study").click()
        expect(page.get_by_label("Faster approvals (100% reached)")).to_be_checked()
        page.get_by_label("Title").fill("Approvals in four days instead of ten")
        page.get_by_label("The situation before").fill("Ten days for a signature.")
        page.get_by_label("What was done").fill("One form, one route.")
        page.get_by_label("What came of it").fill("Four days, and nobody asks where it is.")
        page.get_by_label("Quote", exact=False).first.fill("We <b>look</b> and stop asking.")
        page.get_by_label("Who says so").fill("Mei Lin, Head of Operations")
        page.get_by_role("button", name="Save draft").click()
        page.get_by_role("button", name="Send for approval").click()
        expect(page.get_by_text("It waits for the customer’s approval")).to_be_visible()
        page.get_by_role("link", name="Note the approval").click()
        page.get_by_label("Approved by").select_option(label="Mei Lin")
        page.get_by_label("How it was approved").fill("Mail of today")
        page.get_by_role("button", name="Note the approval").click()
        expect(page.get_by_text("A manager puts it on its public page.")).to_be_visible()
    case = CaseStudy.objects.get()

    with visitor.signed_in(manager) as page:
        page.goto(f"/advocacy/case-studies/{case.pk}/")
        page.get_by_role("link", name="Publish").click()
        page.get_by_role("button", name="Publish").click()
        address = page.get_by_role("link", name="Open the public page").get_attribute("href") or ""
        assert re.fullmatch(r"/stories/[\w-]{32}/", address)

        with visitor.opened() as stranger:
            reader = stranger.new_page()
            reader.goto(address)
            expect(reader.get_by_role("heading", level=1)).to_have_text("Approvals in four days instead of ten")
            expect(reader.get_by_text("We <b>look</b> and stop asking.")).to_be_visible()
            expect(reader.get_by_text("from 10 days to 4 days").first).to_be_visible()
            assert "mei@bakery.example" not in reader.content()
            # On a phone nothing runs over the edge.
            reader.set_viewport_size({"width": 375, "height": 800})
            assert reader.evaluate("document.documentElement.scrollWidth") <= 375
            # And it prints on one sheet, light enough to send.
            for paper in ("A4", "Letter"):
                printed = reader.pdf(format=paper)
                assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
                assert len(printed) < 100_000

            page.goto(f"/advocacy/people/{contact.pk}/")
            page.get_by_role("button", name="Take back").first.click()
            page.get_by_role("dialog").get_by_role("button", name="Take back").click()
            expect(page.locator("[data-message]").first).to_be_visible()
            answer = reader.request.get(address)
            assert answer.status == 404
        page.goto(f"/advocacy/case-studies/{case.pk}/")
        expect(page.get_by_text("The public cannot read it.")).to_be_visible()
        expect(page.get_by_text("Withdrawn").first).to_be_visible()
