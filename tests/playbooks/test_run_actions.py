"""Does a run have the right tasks, for the right people, on the right days, and does it end as it should?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import (
    Account,
    AuditEvent,
    Holiday,
    Notification,
    RegionCalendar,
    ServiceAssignment,
    TimelineEntry,
)
from common.errors import Conflict, Refused
from playbooks import actions
from playbooks.models import Run, Task
from revenue.models import Renewal
from tests.factories import AT, make_account, make_playbook, make_step, make_team, make_user

pytestmark = pytest.mark.django_db
ON = AT.date()  # a Monday
D = dt.date.fromisoformat


@pytest.fixture
def csm() -> Any:
    return make_user(team=make_team())


@pytest.fixture
def account(csm: Any) -> Account:
    return make_account(owner=csm, tier="elephant", signed_on=D("2026-06-01"))


def started(playbook: Any, account: Account, by: Any = None, **values: Any) -> tuple[Run, dict[str, Task]]:
    run = actions.start_run(playbook=playbook, account=account, by=by, at=AT, **values)
    return run, tasks_of(run)


def tasks_of(run: Run) -> dict[str, Task]:
    return {task.step_key: task for task in Task.objects.filter(run=run)}


def serve(account: Account, user: Any, role: str) -> None:
    ServiceAssignment.objects.create(account=account, user=user, role=role, started_on=D("2026-01-01"))


def test_a_start_makes_a_task_of_every_step_and_tells_of_it(account: Account, csm: Any) -> None:
    playbook = make_playbook(
        make_step("call", offset=1), make_step("train", anchor="step:call", offset=2, depends_on=["call"])
    )
    run, tasks = started(playbook, account)
    assert (run.owner, run.channel, run.state) == (csm, "person", "running")
    assert [tasks[key].due_on for key in ("call", "train")] == [D("2026-06-16"), D("2026-06-18")]
    assert [tasks[key].state for key in ("call", "train")] == ["open", "waiting"]
    assert tasks["train"].anchor_on == D("2026-06-16")
    assert {task.assignee for task in tasks.values()} == {csm}
    entry = TimelineEntry.objects.get(account=account, kind="playbook")
    assert entry.details["event"] == "started"
    assert AuditEvent.objects.filter(verb="playbook_run.started", object_id=str(run.pk)).exists()
    told = Notification.objects.get(user=csm)
    assert told.body == "2 tasks for you"
    assert run.baseline["tier"] == "elephant"
    assert run.baseline["tenure_days"] == 14


def test_a_second_run_of_a_playbook_is_refused_while_one_goes_on(account: Account) -> None:
    playbook = make_playbook()
    started(playbook, account)
    with pytest.raises(Refused, match="runs for this account already"):
        started(playbook, account)


def test_steps_for_other_channels_are_left_out(csm: Any) -> None:
    playbook = make_playbook(make_step("call", channels=["person"]), make_step("mail", channels=["digital"]))
    assert list(started(playbook, make_account(tier="elephant"))[1]) == ["call"]
    assert list(started(playbook, make_account(tier="rabbit"))[1]) == ["mail"]
    with pytest.raises(Refused, match="no step"):
        started(make_playbook(make_step("call", channels=["person"])), make_account(tier="rabbit"))


def test_churned_customers_are_out_unless_the_playbook_is_for_them() -> None:
    left = make_account(stage="churned")
    with pytest.raises(Refused, match="left"):
        started(make_playbook(), left)
    assert started(make_playbook(with_churned=True), left)[0].state == "running"


def test_owners_follow_the_role_and_fall_back_to_csm_and_manager(account: Account, csm: Any) -> None:
    manager = make_user("cs_manager", team=csm.team)
    expert = make_user()
    serve(account, expert, "solution_expert")
    roles = ["csm", "solution_expert", "delivery_manager", "manager", "pooled", "automatic"]
    playbook = make_playbook(*(make_step(role, role=role) for role in roles))
    _run, tasks = started(playbook, account)
    owners = {key: task.assignee for key, task in tasks.items()}
    assert owners == {
        "csm": csm, "solution_expert": expert, "delivery_manager": csm, "manager": manager, "pooled": None,
        "automatic": None,
    }  # fmt: skip


def test_tasks_of_a_csm_who_left_go_to_the_manager_and_of_nobody_to_nobody(account: Account, csm: Any) -> None:
    manager = make_user("cs_manager", team=csm.team)
    csm.is_active = False
    csm.save()
    assert started(make_playbook(), account)[1]["call"].assignee == manager
    assert started(make_playbook(), make_account())[1]["call"].assignee is None


def test_the_region_of_the_account_decides_on_working_days(csm: Any) -> None:
    RegionCalendar.objects.create(region="Gulf", working_days=[6, 0, 1, 2, 3])
    Holiday.objects.create(on=D("2026-06-16"), name="Founding day", region="EMEA")
    playbook = make_playbook(make_step("call", offset=1, unit="working"), make_step("meet", offset=4))
    due = {
        region: [
            task.due_on for task in started(playbook, make_account(csm, region=region, tier="elephant"))[1].values()
        ]
        for region in ("emea", "Gulf", "")
    }
    assert due["emea"] == [D("2026-06-17"), D("2026-06-19")]
    assert due["Gulf"] == [D("2026-06-16"), D("2026-06-21")]
    assert due[""] == [D("2026-06-16"), D("2026-06-19")]


def test_a_missing_anchor_leaves_a_task_waiting_until_the_date_is_known(account: Account, csm: Any) -> None:
    playbook = make_playbook(
        make_step("check", anchor="live_on", offset=7), make_step("review", anchor="step:check", offset=1)
    )
    run, tasks = started(playbook, account)
    assert [(task.state, task.due_on) for task in tasks.values()] == [("waiting", None)] * 2
    Account.objects.filter(pk=account.pk).update(live_on=D("2026-06-20"))
    actions.settle_runs([run.pk], on=D("2026-06-22"), at=AT)
    tasks = tasks_of(run)
    assert [tasks[key].due_on for key in ("check", "review")] == [D("2026-06-29"), D("2026-06-30")]
    assert {task.state for task in tasks.values()} == {"open"}
    # The date moves: what nobody set by hand goes along.
    actions.reschedule_task(task=tasks["review"], due_on=D("2026-07-30"), by=csm, at=AT)
    Account.objects.filter(pk=account.pk).update(live_on=D("2026-06-27"))
    actions.settle_runs([run.pk], on=D("2026-06-22"), at=AT)
    tasks = tasks_of(run)
    assert [tasks[key].due_on for key in ("check", "review")] == [D("2026-07-06"), D("2026-07-30")]


def test_steps_before_an_unknown_date_wait_and_are_never_due_in_the_past(account: Account) -> None:
    run, tasks = started(make_playbook(make_step("talk", anchor="renewal_on", offset=-120)), account)
    assert tasks["talk"].due_on is None
    Renewal.objects.create(account=account, due_on=D("2026-08-15"))
    actions.settle_runs([run.pk], on=D("2026-06-20"), at=AT)
    assert tasks_of(run)["talk"].due_on == D("2026-06-22")  # a Saturday, and so the Monday after
    actions.settle_runs([run.pk], on=D("2026-06-25"), at=AT)
    assert tasks_of(run)["talk"].due_on == D("2026-06-22")


def test_a_late_step_takes_those_counted_from_it_along(account: Account, csm: Any) -> None:
    run, tasks = started(make_playbook(make_step("a", offset=1), make_step("b", anchor="step:a", offset=2)), account)
    actions.complete_task(task=tasks["a"], by=csm, at=AT + dt.timedelta(days=7))
    assert tasks_of(run)["b"].due_on == D("2026-06-24")


def test_an_early_step_leaves_the_others_alone(account: Account, csm: Any) -> None:
    run, tasks = started(make_playbook(make_step("a", offset=8), make_step("b", anchor="step:a", offset=2)), account)
    actions.complete_task(task=tasks["a"], by=csm, at=AT)
    assert tasks_of(run)["b"].due_on == tasks["b"].due_on


def test_a_template_edited_meanwhile_leaves_runs_as_they_were(account: Account, csm: Any) -> None:
    playbook = make_playbook(make_step("call", offset=1))
    run, before = started(playbook, account)
    changed = {"name": "Other", "steps": [make_step("call", offset=30, title={"en": "Write"}), make_step("new")]}
    actions.save_draft(playbook=playbook, definition=changed, by=csm, at=AT)
    actions.publish_draft(playbook=playbook, by=csm, at=AT)
    actions.settle_runs([run.pk], on=ON, at=AT)
    task = tasks_of(run)["call"]
    assert list(tasks_of(run)) == ["call"]
    assert (task.title, task.due_on) == ({"en": "Call"}, before["call"].due_on)
    run.refresh_from_db()
    assert run.version.number == 1
    other, tasks = started(playbook, make_account())
    assert (other.version.number, sorted(tasks)) == (2, ["call", "new"])


def test_a_task_cannot_be_finished_before_what_it_waits_for(account: Account, csm: Any) -> None:
    run, tasks = started(make_playbook(make_step("a"), make_step("b", depends_on=["a"])), account)
    with pytest.raises(Refused, match="Finish first: “A”"):
        actions.complete_task(task=tasks["b"], by=csm, at=AT)
    actions.complete_task(task=tasks["a"], by=csm, at=AT)
    assert tasks_of(run)["b"].state == "open"


def test_a_gate_holds_back_all_below_it(account: Account, csm: Any) -> None:
    playbook = make_playbook(make_step("a"), make_step("gate", kind="gate"), make_step("b"), make_step("c"))
    run, tasks = started(playbook, account)
    assert [tasks[key].state for key in ("a", "gate", "b", "c")] == ["open", "open", "waiting", "waiting"]
    actions.skip_task(task=tasks["gate"], reason="Agreed by phone.", by=csm, at=AT)
    assert [task.state for task in tasks_of(run).values()] == ["open", "skipped", "open", "open"]


def test_the_last_task_ends_the_run_and_taking_it_back_lets_it_go_on(account: Account, csm: Any) -> None:
    run, tasks = started(make_playbook(), account)
    actions.complete_task(task=tasks["call"], by=csm, at=AT, result="They will stay.")
    run.refresh_from_db()
    assert (run.state, run.outcome, run.ended_on) == ("ended", "completed", ON)
    events = TimelineEntry.objects.filter(account=account, kind="playbook").order_by("pk")
    assert [entry.details["event"] for entry in events] == ["started", "done", "ended"]
    actions.reopen_task(task=tasks["call"], by=csm, at=AT)
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("running", "")
    assert tasks_of(run)["call"].state == "open"


def test_a_run_that_was_stopped_does_not_go_on(account: Account, csm: Any) -> None:
    run, tasks = started(make_playbook(make_step("a"), make_step("b")), account)
    actions.complete_task(task=tasks["a"], by=csm, at=AT)
    with pytest.raises(Refused, match="Say why"):
        actions.stop_run(run=run, note=" ", by=csm, at=AT)
    stopped = actions.stop_run(run=run, note="The champion asked for a rest.", by=csm, at=AT)
    assert (stopped.outcome, tasks_of(run)["b"].state) == ("stopped", "cancelled")
    with pytest.raises(Refused, match="has ended"):
        actions.reopen_task(task=tasks["a"], by=csm, at=AT)
    with pytest.raises(Refused, match="has ended"):
        actions.pause_run(run=run, reason="Rest", by=csm, at=AT)


def test_a_pause_moves_what_is_counted_from_the_start_and_not_what_is_counted_from_the_renewal(
    account: Account, csm: Any
) -> None:
    Renewal.objects.create(account=account, due_on=D("2026-09-30"))
    playbook = make_playbook(make_step("a", offset=2), make_step("b", anchor="renewal_on", offset=-30))
    run, before = started(playbook, account)
    actions.pause_run(run=run, reason="Their move to the new office.", by=csm, at=AT)
    assert not Task.objects.asking(D("2026-07-01")).exists()
    actions.resume_run(run=run, by=csm, at=AT + dt.timedelta(days=7))
    tasks = tasks_of(run)
    assert tasks["a"].due_on == tasks["a"].first_due_on == D("2026-06-24")
    assert tasks["b"].due_on == before["b"].due_on


def test_a_run_changes_hands_with_what_its_owner_had_to_do(account: Account, csm: Any) -> None:
    other, expert = make_user(), make_user()
    serve(account, expert, "solution_expert")
    run, _tasks = started(make_playbook(make_step("a"), make_step("b", role="solution_expert")), account)
    actions.hand_over_run(run=run, to=other, by=csm, at=AT)
    run.refresh_from_db()
    assert run.owner == other
    assert [task.assignee for task in tasks_of(run).values()] == [other, expert]
    gone = make_user(is_active=False)
    with pytest.raises(Refused, match="no longer sign in"):
        actions.hand_over_run(run=run, to=gone, by=csm, at=AT)


def test_a_stale_change_is_refused(account: Account, csm: Any) -> None:
    run, tasks = started(make_playbook(), account)
    actions.snooze_task(task=tasks["call"], until=ON, reason="Holiday", by=csm, at=AT, version=1)
    with pytest.raises(Conflict):
        actions.complete_task(task=tasks["call"], by=csm, at=AT, version=1)
    actions.pause_run(run=run, reason="Rest", by=csm, at=AT, version=1)
    with pytest.raises(Conflict):
        actions.stop_run(run=run, note="Over", by=csm, at=AT, version=1)
