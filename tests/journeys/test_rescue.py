"""Use falls, a rescue starts for a key account, its people do their part: is it counted in the end?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account, Organisation, Product, ServiceAssignment
from common.jobs import run_due
from health.actions import evaluate_warnings
from health.actions.warning_rules import ensure_shipped_rules
from health.models import EarlyWarning
from playbooks.actions.effect import measure_effect
from playbooks.actions.shipped import install_shipped_playbooks
from playbooks.models import Playbook, Run, Task
from portfolio.actions import refresh_rows
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_team, make_user
from tests.health.book import use
from tests.journeys.book import Visitor
from tests.playbooks.made import score_of
from usage.models import Feature, Module


def today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


def iron_triangle(account: Account, team: Any) -> dict[str, Any]:
    people = {"solution_expert": make_user(name="Sol", team=team), "delivery_manager": make_user(name="Del", team=team)}
    for role, user in people.items():
        ServiceAssignment.objects.create(account=account, user=user, role=role, started_on=dt.date(2026, 1, 1))
    return people


def fallen(csm: Any) -> Account:
    """A key account whose core use fell by nine tenths, beside one that was like it and used on."""
    product = Product.objects.create(external_id="P", name="Tide")
    module = Module.objects.create(external_id="M", name="Orders", product=product)
    core = Feature.objects.create(external_id="F", name="Order", kind="core", module=module)
    quay = make_account(csm, name="Quay", tier="elephant", signed_on=dt.date(2025, 1, 1))
    harbour = make_account(csm, name="Harbour", tier="elephant", signed_on=dt.date(2025, 1, 1))
    for account in (harbour, quay):
        make_line(account, 90_000, product=product, starts_on=dt.date(2025, 1, 1))
        for days in range(1, 60):
            if account == quay or days > 28 or days == 1:
                use(account, today() - dt.timedelta(days=days), core, events=5)
        for days in (100, 40, 0):
            score_of(account, 45, on=today() - dt.timedelta(days=days))
    derive_movements()
    refresh_rows(on=today())
    return harbour


def warm(client: Client, user: Any) -> None:
    """Have the templates of the longest page compiled before the browser's clock runs."""
    client.force_login(user)
    assert client.get("/today/").status_code == 200


def test_a_fall_in_use_becomes_a_rescue_that_is_worked_through_and_counted(visitor: Visitor, client: Client) -> None:
    ensure_shipped_rules()
    install_shipped_playbooks(at=timezone.now())
    Playbook.objects.filter(key="rescue").update(is_enabled=True)
    team = make_team()
    csm, manager = make_user(name="Ana", team=team), make_user("cs_manager", team=team, name="Max", visibility="all")
    harbour = fallen(csm)
    people = iron_triangle(harbour, team)

    evaluate_warnings(on=today(), at=timezone.now())
    assert EarlyWarning.objects.filter(account=harbour, rule__key="core_drop_30").exists()
    while run_due(timezone.now()):
        pass
    run = Run.objects.get(playbook__key="rescue")
    assert (run.account, run.cause) == (harbour, "warning")
    assert {user.pk for user in (csm, manager, *people.values())} <= set(run.tasks.values_list("assignee", flat=True))

    warm(client, csm)
    with visitor.signed_in(csm) as page:
        page.goto("/today/")
        page.locator("#tasks").get_by_role("button", name="Done: Gather the facts before you call").click()
        expect(page.get_by_text("Done: Gather the facts before you call")).to_be_visible()

        page.goto(f"/accounts/{harbour.pk}/playbooks/")
        page.locator("#going").get_by_role("link", name="Renewal rescue").click()
        expect(page.locator(".run-progress")).to_contain_text("1 of 10")
        page.get_by_role("link", name="Call the champion within a day", exact=True).click()
        page.locator("#sheet").get_by_label("What came of it").fill("Their new head of operations was never trained.")
        page.locator("#sheet").get_by_role("button", name="Done", exact=True).click()
        expect(page.get_by_text("Their new head of operations was never trained.").first).to_be_visible()
        page.get_by_role("link", name="Iron triangle: agree on the cause and the plan", exact=True).click()
        page.locator("#sheet").get_by_role("button", name="Done", exact=True).click()
        expect(page.locator(".run-progress")).to_contain_text("3 of 10")

    with visitor.signed_in(people["solution_expert"]) as page:
        page.goto("/playbooks/tasks/")
        page.get_by_role("button", name="Done: Review the set-up with the users · Harbour").click()
        expect(page.get_by_text("Nothing to do").first).to_be_visible()
    for key in ("tickets", "manager_backs", "decision_maker", "checkpoint_14", "weekly"):
        Task.objects.filter(run=run, step_key=key).update(
            state="done", done_on=today(), done_at=timezone.now(), done_by=csm
        )
    Task.objects.filter(run=run, step_key="verdict").update(state="open")

    with visitor.signed_in(csm) as page:
        page.goto(f"/playbooks/runs/{run.pk}/")
        page.get_by_role("link", name="Day 30: verdict", exact=True).click()
        page.locator("#sheet").get_by_label("What came of it").fill("Saved: they train with us in May.")
        page.locator("#sheet").get_by_role("button", name="Done", exact=True).click()
        expect(page.get_by_text("All done,")).to_be_visible()
        page.goto(f"/accounts/{harbour.pk}/timeline/")
        expect(page.get_by_text("Playbook ended: Renewal rescue").first).to_be_visible()

    long_ago = today() - dt.timedelta(days=100)
    Run.objects.filter(pk=run.pk).update(started_on=long_ago)
    measure_effect(on=today())
    with visitor.signed_in(manager) as page:
        page.goto("/playbooks/effect/")
        expect(page.get_by_role("link", name="Renewal rescue").first).to_be_visible()
        page.goto("/playbooks/")
        expect(page.get_by_role("row", name="Renewal rescue Rescue")).to_contain_text("1 worked through")
