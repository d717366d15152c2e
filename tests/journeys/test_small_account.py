"""Is a small customer welcomed and nudged by mail, received by a real mail server, until the first milestone?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Contact
from common.jobs import run_due
from playbooks import actions
from playbooks.actions.mails import send_automatic_mails
from playbooks.models import Run
from tests.factories import make_account, make_contact, make_playbook, make_step, make_user
from tests.journeys.book import Visitor
from tests.playbooks.post_office import PostOffice, post_office
from usage.models import Milestone, MilestoneReached

MAIL = {"body": {"en": "Dear {{contact}},\n\n{{guide}}\n\n{{organisation}}"}}
STEPS = (
    make_step("guide", kind="email", role="automatic", mail=MAIL | {"subject": {"en": "Welcome, {{account}}"}}),
    make_step(
        "nudge", kind="email", role="automatic", offset=30, mail=MAIL | {"subject": {"en": "One hour, {{account}}"}}
    ),
)  # fmt: skip
GOAL = {"tests": [{"measure": "milestones_reached", "comparison": "at_least", "threshold": 1}]}


@pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"])
def test_a_small_customer_gets_guide_and_nudge_and_says_no_more(visitor: Visitor, settings: Any) -> None:
    manager = make_user("cs_manager", visibility="all", name="Max")
    now = timezone.now()
    playbook = make_playbook(*STEPS, goal=GOAL, category="onboarding")
    harbour, quay = (
        make_account(manager, name=name, tier="rabbit", signed_on=now.date()) for name in ("Harbour", "Quay")
    )
    for account in (harbour, quay):
        make_contact(account, name=f"Zoë of {account.name}", email=f"zoe@{account.name.lower()}.example")

    with post_office(settings) as office, visitor.signed_in(manager) as page:
        page.goto("/settings/playbooks/")
        page.get_by_label("Small").select_option(label="Digital")
        page.get_by_label("Sender’s name").fill("Tidewater")
        page.get_by_label("Address of the guide").fill("https://help.tidewater.example/guide")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        for account in (harbour, quay):
            actions.start_run(playbook=playbook, account=account, by=None, at=now, cause="signing")
        _work(office, now)
        assert sorted(str(one["Subject"]) for one in office.messages) == ["Welcome, Harbour", "Welcome, Quay"]
        text = office.messages[0].get_body(("plain",)).get_content()
        assert "https://help.tidewater.example/guide" in text

        page.goto(f"/accounts/{harbour.pk}/timeline/")
        expect(page.get_by_text("Welcome, Harbour").first).to_be_visible()

        # Quay reaches its first milestone; Harbour does not, and is nudged after a month.
        milestone = Milestone.objects.create(external_id="m1", name="First flow", due_after_days=30)
        MilestoneReached.objects.create(account=quay, milestone=milestone, on=now.date())
        month = now + dt.timedelta(days=31)
        actions.follow_runs(on=month.date(), at=month)
        _work(office, month)
        assert [str(one["Subject"]) for one in office.messages][2:] == ["One hour, Harbour"]
        assert Run.objects.get(account=quay).outcome == Run.Outcome.GOAL
        link = str(office.messages[2]["List-Unsubscribe"]).strip(" <>")

    with visitor.opened() as context:
        page = context.new_page()
        page.goto(link.removeprefix("http://localhost:8000"))
        page.get_by_role("button", name="Unsubscribe").click()
        expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    assert Contact.objects.get(account=harbour).unsubscribed_at is not None


def _work(office: PostOffice, at: dt.datetime) -> None:
    """Do what the worker would at an instant."""
    before = len(office.taken)
    send_automatic_mails(on=at.date(), at=at)
    with time_machine.travel(at, tick=True):
        run_due(at + dt.timedelta(minutes=1))
    assert len(office.taken) > before
