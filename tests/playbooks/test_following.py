"""Do runs end when goal, exit or churn say so, and is what people leave behind given to others?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import Account, Notification
from playbooks import actions
from playbooks.models import Run, Task
from revenue.models import Renewal
from tests.factories import AT, make_account, make_playbook, make_step, make_team, make_user

pytestmark = pytest.mark.django_db
ON = AT.date()
D = dt.date.fromisoformat
DAY = dt.timedelta(days=1)
MATURE = {"conditions": [{"field": "stage", "operator": "is", "value": "mature"}]}


def start(playbook: Any, account: Account) -> Run:
    return actions.start_run(playbook=playbook, account=account, by=None, at=AT)


def follow(on: dt.date = ON + DAY, **values: Any) -> dict[str, int]:
    found = actions.follow_runs(on=on, at=AT + (on - ON), **values)
    return {name: count for name, count in found.items() if count}


def test_a_run_ends_when_its_goal_is_reached_and_what_was_left_is_cancelled() -> None:
    run = start(make_playbook(make_step("a"), make_step("b"), goal=MATURE), make_account(stage="adoption"))
    other = start(make_playbook(exit=MATURE), make_account(stage="adoption"))
    assert follow() == {}
    Account.objects.update(stage="mature")
    assert follow() == {"goal": 1, "exited": 1}
    run.refresh_from_db()
    other.refresh_from_db()
    assert (run.outcome, run.ended_on, other.outcome) == ("goal", ON + DAY, "exited")
    assert set(run.tasks.values_list("state", flat=True)) == {"cancelled"}
    assert follow() == {}


def test_a_goal_that_is_met_already_does_not_end_a_run_on_its_first_day() -> None:
    run = start(make_playbook(goal=MATURE), make_account(stage="mature"))
    assert follow(ON) == {}
    assert follow(ON + DAY) == {"goal": 1}
    assert Run.objects.get(pk=run.pk).outcome == "goal"


def test_runs_of_customers_who_left_end_unless_they_are_for_them() -> None:
    account = make_account()
    start(make_playbook(), account)
    start(make_playbook(with_churned=True), account)
    Account.objects.update(stage="churned")
    assert follow() == {"churned": 1}
    assert sorted(Run.objects.values_list("state", "outcome")) == [("ended", "churned"), ("running", "")]


def test_a_date_that_appears_gives_days_to_what_waits_for_it() -> None:
    account, other = make_account(), make_account()
    runs = [start(make_playbook(make_step("check", anchor="live_on", offset=7)), one) for one in (account, other)]
    Account.objects.filter(pk=account.pk).update(live_on=ON)
    follow()
    assert [run.tasks.get().due_on for run in runs] == [D("2026-06-22"), None]


def test_a_run_stays_with_its_renewal_when_that_is_won() -> None:
    account = make_account()
    renewal = Renewal.objects.create(account=account, due_on=D("2026-08-31"))
    run = start(make_playbook(make_step("a", anchor="renewal_on", offset=-30)), account)
    assert run.baseline["renewal"] == renewal.pk
    Renewal.objects.filter(pk=renewal.pk).update(stage="won")
    Renewal.objects.create(account=account, due_on=D("2027-08-31"))
    follow()
    assert run.tasks.get().due_on == D("2026-08-03")
    Renewal.objects.filter(pk=renewal.pk).update(due_on=D("2026-09-30"))
    follow()
    assert run.tasks.get().due_on == D("2026-08-31")


def test_what_somebody_had_to_do_who_left_goes_to_whoever_serves_the_account() -> None:
    team = make_team()
    csm, manager = make_user(team=team), make_user("cs_manager", team=team)
    run = start(make_playbook(make_step("a"), make_step("b", role="pooled")), make_account(owner=csm))
    task = run.tasks.get(step_key="a")
    csm.is_active = False
    csm.save()
    assert follow() == {"reassigned": 1}
    task.refresh_from_db()
    run.refresh_from_db()
    assert (task.assignee, run.owner) == (manager, manager)
    assert run.tasks.get(step_key="b").assignee is None
    assert Notification.objects.filter(user=manager).count() == 1
    assert follow() == {}


def test_what_somebody_left_to_nobody_stays_nobodys() -> None:
    csm = make_user()
    run = start(make_playbook(), make_account(owner=csm))
    actions.reassign_task(task=run.tasks.get(), to=None, by=csm, at=AT)
    assert follow() == {}
    assert run.tasks.get().assignee is None


def test_what_mainstay_does_itself_is_done_when_it_is_due() -> None:
    playbook = make_playbook(
        make_step("note", kind="update", role="automatic", offset=2, landing="keep"),
        make_step("mail", kind="email", role="automatic", mail={"subject": "Hello", "body": "Welcome."}),
    )
    run = start(playbook, make_account())
    assert follow(ON + DAY) == {}
    assert follow(ON + 2 * DAY) == {"automatic": 1}
    assert run.tasks.get(step_key="note").state == "done"
    assert run.tasks.get(step_key="mail").state == "open"


def test_only_the_runs_of_some_accounts_are_looked_at_when_asked() -> None:
    ours, other = make_account(), make_account()
    playbook = make_playbook(goal=MATURE)
    for account in (ours, other):
        start(playbook, account)
    Account.objects.update(stage="mature")
    assert follow(account_ids=[ours.pk]) == {"goal": 1}
    assert Task.objects.unfinished().get().account == other
