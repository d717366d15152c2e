"""Do playbooks stand where people look: on Today, on an account, on the list, in a handover, in the performance?"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.bulk_runs import carry_out
from accounts.models import Account, BulkRun, ServiceAssignment
from common.jobs import run_due
from health.models import HealthScore
from playbooks import actions
from playbooks.models import Playbook, Run, Task
from portfolio.actions.rows import refresh_rows
from portfolio.models import AccountRow
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_playbook, make_step, make_team, make_user
from tests.playbooks.made import score_of

pytestmark = pytest.mark.django_db


def today() -> dt.date:
    return timezone.now().date()


@pytest.fixture
def csm(client: Client) -> Any:
    user = make_user("csm", team=make_team(), name="Ann")
    client.force_login(user)
    return user


def red_account(owner: Any, **fields: Any) -> Account:
    account = make_account(owner=owner, **({"name": "Harbour", "tier": "elephant", "stage": "mature"} | fields))
    make_line(account, 90_000, starts_on=dt.date(2020, 1, 1))
    derive_movements()
    score_of(account, 30, on=today())
    refresh_rows(on=today(), account_ids=[account.pk])
    return account


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_today_starts_the_recommended_playbook_in_two_steps(client: Client, csm: Any) -> None:
    account = red_account(csm)
    assert AccountRow.objects.get(pk=account.pk).priority > 0
    page = client.get(reverse("today")).content.decode()
    rescue = Playbook.objects.get(key="rescue")
    address = f"{reverse('playbook_start')}?account={account.pk}&amp;playbook={rescue.pk}"
    assert f'href="{address}"' in page
    sheet = client.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert f'<option value="{rescue.pk}" selected>' in sheet
    client.post(f"{reverse('playbook_start')}?account={account.pk}", {"playbook": rescue.pk})
    assert Run.objects.get().account == account
    assert address not in client.get(reverse("today")).content.decode()


def test_a_playbook_of_the_industry_comes_before_the_general_one(client: Client, csm: Any) -> None:
    red_account(csm, industry="Finance")
    assert "Renewal rescue for finance" in text_of(client.get(reverse("today")))


def test_today_lists_the_tasks_of_the_day_and_ticks_them(client: Client, csm: Any) -> None:
    account = red_account(csm)
    for days, title in ((-1, "Late one"), (0, "For today"), (1, "For tomorrow")):
        actions.add_task(account=account, title=title, by=csm, at=timezone.now(), assignee=csm,
                         due_on=today() + dt.timedelta(days=days))  # fmt: skip
    said = text_of(client.get(reverse("today")))
    assert "Late one" in said
    assert "For today" in said
    assert "For tomorrow" not in said


def test_a_manager_sees_what_is_late_and_how_playbooks_ended(client: Client, csm: Any) -> None:
    account = red_account(csm)
    actions.add_task(account=account, title="Late one", by=csm, at=timezone.now(), assignee=csm,
                     due_on=today() - dt.timedelta(days=2))  # fmt: skip
    goal = {"tests": [{"measure": "health_score", "comparison": "at_least", "threshold": 70}]}
    playbook = make_playbook(make_step("a"), goal=goal)
    run = actions.start_run(playbook=playbook, account=account, by=csm, at=timezone.now())
    actions.stop_run(run=run, note="Not needed", by=csm, at=timezone.now())
    client.force_login(make_user("cs_manager", team=csm.team))
    said = text_of(client.get(reverse("today")))
    assert "Overdue tasks" in said
    assert "Ann 1 task" in said
    assert "1 Stopped by hand" in said


def test_today_asks_as_little_for_many_accounts_as_for_one(
    client: Client, csm: Any, django_assert_max_num_queries: Any
) -> None:
    red_account(csm)
    client.get(reverse("today"))
    with django_assert_max_num_queries(34):
        client.get(reverse("today"))
    for number in range(6):
        red_account(csm, name=f"Account {number}")
    with django_assert_max_num_queries(34):
        client.get(reverse("today"))


def test_the_tab_of_an_account_shows_runs_tasks_and_what_fits(client: Client, csm: Any) -> None:
    account = red_account(csm)
    address = reverse("account_playbooks", args=[account.pk])
    empty = text_of(client.get(address))
    assert "“Renewal rescue” fits how this account stands." in empty
    assert "No playbook runs for this account." in empty
    run = actions.start_run(playbook=make_playbook(make_step("a")), account=account, by=csm, at=timezone.now())
    said = text_of(client.get(address))
    assert run.playbook.shown_name in said
    assert "0 of 1 tasks done" in said
    client.force_login(make_user("viewer"))
    assert "Start a playbook" not in text_of(client.get(address))
    client.force_login(make_user("csm"))
    assert client.get(address).status_code == 404


def test_a_playbook_is_started_for_all_accounts_of_a_view_and_says_what_came_of_it(client: Client, csm: Any) -> None:
    accounts = [make_account(owner=csm, name=f"Account {number:02}", tier="elephant") for number in range(30)]
    refresh_rows(on=today(), account_ids=[one.pk for one in accounts])
    rescue = Playbook.objects.get(key="rescue")
    for account in accounts[:2]:
        actions.start_run(playbook=rescue, account=account, by=csm, at=timezone.now())
    asked = {"query": "tier=elephant", "all_matching": "1"}
    choice = text_of(client.post(reverse("bulk_start"), asked))
    assert "Start for 30 accounts" in choice
    assert "runs for 2 of them" in choice
    assert Run.objects.count() == 2
    answer = client.post(reverse("bulk_start"), asked | {"playbook": rescue.pk, "confirmed": "1"})
    assert "0 of 30" in text_of(client.get(answer.url))
    assert Run.objects.count() == 2
    run_due(timezone.now())
    assert "28 started, 2 skipped: already running" in text_of(client.get(answer.url))
    assert Run.objects.count() == 30


def test_a_start_for_many_costs_no_query_per_account(
    client: Client, csm: Any, django_assert_max_num_queries: Any
) -> None:
    rescue = Playbook.objects.get(key="rescue")
    accounts = [make_account(owner=csm, tier="elephant") for _number in range(60)]
    ids = [one.pk for one in accounts]
    client.post(reverse("bulk_start"), {"selected": ids, "playbook": rescue.pk, "confirmed": "1"})
    with django_assert_max_num_queries(190):
        carry_out(BulkRun.objects.get().pk, at=timezone.now(), told=lambda _done, _all: None)
    assert Run.objects.count() == 60


def test_nobody_starts_for_accounts_that_they_do_not_see(client: Client, csm: Any) -> None:
    other, rescue = make_account(tier="elephant"), Playbook.objects.get(key="rescue")
    sent = {"selected": [other.pk], "playbook": rescue.pk, "confirmed": "1"}
    assert "Choose at least one row." in text_of(client.post(reverse("bulk_start"), sent, follow=True))
    assert not Run.objects.exists()


def test_a_book_is_handed_over_with_its_open_work_to_an_explicit_person(client: Client, csm: Any) -> None:
    account = red_account(csm)
    run = actions.start_run(playbook=make_playbook(make_step("a")), account=account, by=csm, at=timezone.now())
    manager = make_user("cs_manager", team=csm.team)
    heir, helper = make_user("csm", team=csm.team, name="Bo"), make_user("csm", team=csm.team, name="Cy")
    client.force_login(manager)
    address = f"{reverse('account_transfer')}?from={csm.pk}"
    page = text_of(client.get(address))
    assert "1 open task" in page
    assert "P1: 1" in page
    sent = {"to": heir.pk, "work_to": helper.pk, "accounts": [account.pk], "note": ""}
    said = text_of(client.post(address, sent, follow=True))
    assert "1 task and 1 run went to Cy." in said
    run.refresh_from_db()
    assert run.owner == helper
    assert set(Task.objects.values_list("assignee", flat=True)) == {helper.pk}
    assert ServiceAssignment.objects.current().owners().get(account=account).user == heir


def test_the_performance_counts_tasks_on_time_and_the_load(client: Client, csm: Any) -> None:
    account = red_account(csm)
    at = timezone.now()
    for days in (-5, -3):
        task = actions.add_task(account=account, title="x", by=csm, at=at, assignee=csm,
                                due_on=today() + dt.timedelta(days=days))  # fmt: skip
    Task.objects.filter(pk=task.pk).update(state="done", done_on=task.due_on, done_at=at)
    client.force_login(make_user("cs_manager", visibility="all"))
    said = text_of(client.get(reverse("csm_performance")))
    assert "50% 1 of 2" in said
    assert "5 8%" in said or "5.0 8%" in said
    assert AccountRow.objects.filter(pk=account.pk).exists()
    assert HealthScore.objects.exists()
