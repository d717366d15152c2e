"""Is a customer stabilized: refused while the data say no, extended, stabilized; and overruled by a manager?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import AuditEvent
from playbooks.models import StabilizationPlan
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_user
from tests.journeys.book import Steps, Visitor
from tests.playbooks.made import score_of


def test_a_plan_is_refused_extended_stabilized_and_another_overruled(visitor: Visitor) -> None:
    csm = make_user(name="Ana")
    manager = make_user("cs_manager", visibility="all", name="Max")
    today = timezone.now().date()
    harbour, quay = (make_account(csm, name=name, tier="elephant") for name in ("Harbour", "Quay"))
    for account in (harbour, quay):
        make_line(account, 12_000)
        score_of(account, 41, on=today)
    derive_movements()

    with visitor.signed_in(csm) as page:
        page.goto(f"/accounts/{harbour.pk}/stabilization/add/")
        # Filled in from the data; the person names a driver, its owner stands already.
        steps = Steps(page)
        steps.step("driver").get_by_label("What drives it").first.fill("The new team was never trained")
        steps.step("owner").get_by_label("Owner", exact=True).first.select_option(label="Ana")
        steps.step("start").get_by_role("button", name="Start plan").click()
        steps.at_most(5)
        expect(page.get_by_role("heading", name="Stabilization of Harbour")).to_be_visible()

        page.get_by_label("Stabilized").check()
        page.get_by_role("button", name="Note verdict").click()
        expect(page.locator("[data-error-summary]")).to_contain_text("Unmet: Health score: at least 51")

        page.get_by_label("Extended once").check()
        page.get_by_label("Note", exact=False).first.fill("Training is booked.")
        page.get_by_role("button", name="Note verdict").click()
        expect(page.get_by_text("Day 90")).to_be_visible()

        score_of(harbour, 66, on=timezone.now().date())
        page.reload()
        expect(page.get_by_text("1 of 1 criterion holds")).to_be_visible()
        page.get_by_label("Stabilized").check()
        page.get_by_role("button", name="Note verdict").click()
        expect(page.get_by_text("Verdict noted.")).to_be_visible()

        page.goto(f"/accounts/{quay.pk}/stabilization/add/")
        page.get_by_label("What drives it").first.fill("Nobody uses the report")
        page.get_by_label("Owner", exact=True).first.select_option(label="Ana")
        page.get_by_role("button", name="Start plan").click()
        expect(page.get_by_label("Why stabilized in spite of unmet criteria")).to_have_count(0)
    with visitor.signed_in(manager) as page:
        page.goto("/playbooks/stabilization/")
        page.get_by_role("link", name="Quay").click()
        page.get_by_label("Stabilized").first.check()
        page.get_by_label("Why stabilized in spite of unmet criteria").fill("They signed for three years.")
        page.get_by_role("button", name="Note verdict").click()
        expect(page.get_by_text("A manager’s word")).to_be_visible()

    states = set(StabilizationPlan.objects.values_list("state", flat=True))
    assert states == {StabilizationPlan.State.STABILIZED}
    event = AuditEvent.objects.get(verb="stabilization.overridden")
    assert (event.actor, event.changes["reason"]) == (manager, "They signed for three years.")
    assert event.at - timezone.now() < dt.timedelta(minutes=5)
