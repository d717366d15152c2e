"""Can people see and do their work: tasks, runs, starts, load?"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, ServiceAssignment
from playbooks import actions
from playbooks.models import Playbook, Run, Task, TaskNote, WorkloadSettings
from tests.factories import make_account, make_playbook, make_step, make_team, make_user

pytestmark = pytest.mark.django_db
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


def today() -> dt.date:
    return timezone.now().date()


@pytest.fixture
def team() -> Any:
    return make_team()


@pytest.fixture
def csm(client: Client, team: Any) -> Any:
    user = make_user("csm", team=team, name="Ann")
    client.force_login(user)
    return user


@pytest.fixture
def account(csm: Any) -> Account:
    return make_account(owner=csm, name="Harbour", tier="elephant")


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def shown(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, answer.content.decode()[:1500]
    return text_of(answer)


def sent(client: Client, name: str, *args: Any, **values: Any) -> str:
    answer = client.post(reverse(name, args=args), values, follow=True)
    assert answer.status_code == 200, text_of(answer)
    return text_of(answer)


def task_for(account: Account, who: Any = None, days: int = 0, title: str = "Call them") -> Task:
    due = today() + dt.timedelta(days=days)
    by = who or make_user("cs_manager")
    return actions.add_task(account=account, title=title, by=by, at=timezone.now(), due_on=due, assignee=who)


def started(account: Account, *steps: Any) -> Run:
    steps = steps or (
        make_step("call", offset=1),
        make_step("train", anchor="step:call", offset=2, depends_on=["call"]),
    )
    return actions.start_run(playbook=make_playbook(*steps), account=account, by=None, at=timezone.now())


def test_my_tasks_are_mine_and_the_team_sees_its_own(client: Client, csm: Any, account: Account, team: Any) -> None:
    mate = make_user("csm", team=team, name="Bo")
    ServiceAssignment.objects.create(account=account, user=mate, role="solution_expert", started_on=dt.date(2026, 1, 1))
    task_for(account, csm, title="Mine to do")
    task_for(account, mate, title="Bo's to do")
    task_for(make_account(name="Elsewhere"), csm, title="Not to be seen")
    mine = shown(client, "my_tasks")
    assert "Mine to do" in mine
    assert "Bo&#39;s to do" not in mine
    both = shown(client, "team_tasks")
    assert "Mine to do" in both
    assert "Bo&#39;s to do" in both
    assert "Not to be seen" not in both
    assert "Mine to do" not in shown(client, "team_tasks", query=f"?assignee={mate.pk}")


def test_tasks_stand_by_day_and_by_account(client: Client, csm: Any, account: Account) -> None:
    other = make_account(owner=csm, name="Aurora")
    for days, where in ((-2, account), (0, account), (3, other)):
        task_for(where, csm, days, title=f"Task {days}")
    by_day = shown(client, "my_tasks", query="?by=day")
    assert by_day.index("Task -2") < by_day.rindex("Today 1") < by_day.index("Task 0") < by_day.index("Task 3")
    by_account = shown(client, "my_tasks", query="?by=account")
    assert "Harbour 2" in by_account
    assert "Aurora 1" in by_account
    assert "Task -2" in shown(client, "my_tasks", query="?due=overdue")
    assert "Task 0" not in shown(client, "my_tasks", query="?due=overdue")


def test_the_list_reads_as_many_rows_in_as_many_queries(
    client: Client, csm: Any, account: Account, django_assert_max_num_queries: Any
) -> None:
    shown(client, "my_tasks")
    task_for(account, csm)
    with django_assert_max_num_queries(14):
        shown(client, "my_tasks")
    for number in range(30):
        task_for(make_account(owner=csm, name=f"Account {number}"), csm)
    with django_assert_max_num_queries(14):
        assert "31 tasks" in shown(client, "my_tasks")


def test_a_task_is_done_in_one_step_and_that_can_be_taken_back(client: Client, csm: Any, account: Account) -> None:
    task = task_for(account, csm)
    answer = client.post(reverse("task_complete", args=[task.pk]), {"next": reverse("my_tasks")})
    assert answer["Location"] == reverse("my_tasks")
    task.refresh_from_db()
    assert (task.state, task.done_by) == ("done", csm)
    page = client.get(reverse("my_tasks")).content.decode()
    undo = re.search(r'action="(/undo/[^"]+)"', page)
    assert undo
    client.post(undo.group(1))
    task.refresh_from_db()
    assert task.state == "open"


def test_it_is_put_off_by_one_choice_with_a_reason_and_asks_again_after(
    client: Client, csm: Any, account: Account
) -> None:
    task = task_for(account, csm)
    until = today() + dt.timedelta(days=3)
    client.post(reverse("task_snooze", args=[task.pk]), {"snooze": f"{until}|The customer is to answer"})
    task.refresh_from_db()
    assert (task.snoozed_until, task.snooze_reason) == (until, "The customer is to answer")
    assert "Call them" not in shown(client, "my_tasks")
    assert "The customer is to answer" in shown(client, "my_tasks", query="?state=open")
    answer = client.post(reverse("task_snooze", args=[task.pk]), {"until": "2020-01-01", "reason": "x"})
    assert answer.status_code == 422
    assert "Choose today or a later day." in text_of(answer)
    sent(client, "task_wake", task.pk)
    assert "Call them" in shown(client, "my_tasks")


def test_it_is_handed_over_by_one_choice_and_back_again(client: Client, csm: Any, account: Account, team: Any) -> None:
    mate, task = make_user("csm", team=team, name="Bo"), task_for(account, csm)
    client.post(reverse("task_give", args=[task.pk]), {"to": mate.pk})
    task.refresh_from_db()
    assert task.assignee == mate
    page = client.get(reverse("team_tasks")).content.decode()
    client.post(re.search(r'action="(/undo/[^"]+)"', page).group(1))
    task.refresh_from_db()
    assert task.assignee == csm
    gone = make_user("csm", is_active=False)
    assert client.post(reverse("task_give", args=[task.pk]), {"to": gone.pk}).status_code == 422


def test_moving_one_moves_the_later_ones_and_is_undone_with_one_click(
    client: Client, csm: Any, account: Account
) -> None:
    run = started(account, make_step("call", offset=1), make_step("train", offset=5), make_step("end", offset=9))
    first, second, third = run.tasks.order_by("position")
    due = first.due_on + dt.timedelta(days=7)
    form = shown(client, "task_move", first.pk)
    assert "2 tasks would move along" in form
    client.post(reverse("task_move", args=[first.pk]), {"due_on": due, "shift_later": "on", "version": first.version})
    moved = [task.due_on for task in run.tasks.order_by("position")]
    assert moved[0] == due
    assert moved[2] > third.due_on
    page = client.get(reverse("playbook_run", args=[run.pk])).content.decode()
    assert "Moved, and 2 later tasks with it." in page
    client.post(re.search(r'action="(/undo/[^"]+)"', page).group(1))
    assert [task.due_on for task in run.tasks.order_by("position")] == [first.due_on, second.due_on, third.due_on]


def test_several_are_finished_at_once_and_those_that_wait_are_passed_over(
    client: Client, csm: Any, account: Account
) -> None:
    run = started(account)
    tasks = [task_for(account, csm), task_for(account, csm), run.tasks.get(step_key="train")]
    said = sent(client, "tasks_complete", selected=[task.pk for task in tasks], scope="team")
    assert "2 tasks changed, 1 skipped: Finish first: “" in said
    assert Task.objects.filter(state="done").count() == 2
    assert "Choose at least one row." in sent(client, "tasks_complete")


def test_the_page_of_a_task_shows_what_to_do_and_keeps_comments_and_files(
    client: Client, csm: Any, account: Account
) -> None:
    step = make_step("call", offset=1) | {"instructions": "Call, **don't** write.", "done_means": "They said yes."}
    task = started(account, step).tasks.get()
    said = client.get(reverse("task", args=[task.pk])).content.decode()
    assert "<strong>don't</strong>" in said or "<strong>don&#39;t</strong>" in said
    assert "They said yes." in said
    upload = SimpleUploadedFile("plan.png", PNG, "image/png")
    said = sent(client, "task_note", task.pk, text="They asked for Monday.", file=upload)
    assert "They asked for Monday." in said
    note = TaskNote.objects.get()
    file = client.get(reverse("task_file", args=[note.pk]))
    assert b"".join(file.streaming_content) == PNG
    assert "attachment" in file["Content-Disposition"]
    refused = client.post(reverse("task_note", args=[task.pk]), {"text": ""})
    assert refused.status_code == 422
    assert "Write a comment or choose a file." in text_of(refused)
    sheet = client.get(reverse("task", args=[task.pk]), headers={"HX-Request": "true"}).content.decode()
    assert 'id="sheet-title"' in sheet
    assert "<html" not in sheet


def test_a_waiting_task_says_for_what_and_cannot_be_finished(client: Client, csm: Any, account: Account) -> None:
    run = started(account)
    waiting = run.tasks.get(step_key="train")
    assert "It can begin when this is done" in shown(client, "task", waiting.pk)
    answer = client.post(reverse("task_complete", args=[waiting.pk]))
    assert answer.status_code == 422
    assert "Finish first:" in text_of(answer)


def test_tasks_of_others_are_not_there(client: Client, csm: Any) -> None:
    task = task_for(make_account(name="Elsewhere"))
    for name in ("task", "task_snooze", "task_move", "task_give", "task_skip"):
        assert client.get(reverse(name, args=[task.pk])).status_code == 404
    assert client.post(reverse("task_complete", args=[task.pk])).status_code == 404
    client.force_login(make_user("viewer"))
    assert client.get(reverse("task", args=[task.pk])).status_code == 200
    assert client.post(reverse("task_complete", args=[task.pk])).status_code == 404


def test_a_task_is_written_down_for_an_account_that_is_found_by_its_name(
    client: Client, csm: Any, account: Account
) -> None:
    assert "Harbour" in shown(client, "task_add", query="?q=harb")
    form = {"title": "Send the slides", "due_on": today(), "assignee": csm.pk, "kind": "task"}
    sent(client, "account_task_add", account.pk, **form)
    assert "Send the slides" in shown(client, "my_tasks")
    answer = client.post(reverse("account_task_add", args=[account.pk]), form | {"title": ""})
    assert answer.status_code == 422


def test_runs_are_listed_shown_paused_resumed_and_stopped(client: Client, csm: Any, account: Account) -> None:
    run = started(account)
    said = shown(client, "playbook_runs")
    assert "Harbour" in said
    assert "0 of 2" in said
    page = shown(client, "playbook_run", run.pk)
    assert "waits for:" in page
    assert "Playbook started" in page
    said = sent(client, "run_pause", run.pk, reason="They are on holiday")
    assert "They are on holiday" in said
    assert "Call" not in shown(client, "my_tasks")
    sent(client, "run_resume", run.pk)
    assert client.post(reverse("run_stop", args=[run.pk]), {"note": ""}).status_code == 422
    sent(client, "run_stop", run.pk, note="Not needed any more")
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("ended", "stopped")
    assert "Harbour" not in shown(client, "playbook_runs")
    assert "Harbour" in shown(client, "playbook_runs", query="?state=ended")


def test_a_run_is_handed_over_with_what_its_owner_had_to_do(client: Client, csm: Any, account: Account) -> None:
    run, mate = started(account), make_user("csm", name="Bo")
    sent(client, "run_give", run.pk, to=mate.pk)
    run.refresh_from_db()
    assert run.owner == mate
    assert {task.assignee for task in run.tasks.all()} == {mate}


def test_lists_go_out_as_files(client: Client, csm: Any, account: Account) -> None:
    started(account)
    task_for(account, csm)
    for name in ("task_export", "run_export"):
        answer = client.get(reverse(name, args=["csv"]))
        assert "Harbour" in b"".join(answer.streaming_content).decode()
        assert b"".join(client.get(reverse(name, args=["xlsx"])).streaming_content)[:2] == b"PK"
        assert client.get(reverse(name, args=["pdf"])).status_code == 404


def test_a_playbook_is_started_from_a_prefilled_sheet_in_two_steps(client: Client, csm: Any, account: Account) -> None:
    rescue = Playbook.objects.get(key="rescue")
    query = f"?account={account.pk}&playbook={rescue.pk}"
    sheet = client.get(reverse("playbook_start") + query, headers={"HX-Request": "true"})
    said = text_of(sheet)
    assert "Call the champion within a day" in said
    assert "Ann" in said
    client.post(f"{reverse('playbook_start')}?account={account.pk}", {"playbook": rescue.pk})
    run = Run.objects.get(account=account)
    assert run.playbook == rescue
    again = client.post(f"{reverse('playbook_start')}?account={account.pk}", {"playbook": rescue.pk})
    assert again.status_code == 422
    assert "This playbook runs for this account already." in text_of(again)


def test_load_is_weighed_by_tier_and_what_if_shares_it_out(client: Client, team: Any) -> None:
    manager = make_user("cs_manager", team=team, visibility="all")
    client.force_login(manager)
    ann, bo, cy = (make_user("csm", team=team, name=name) for name in ("Ann", "Bo", "Cy"))
    for owner, tier, count in ((ann, "elephant", 2), (ann, "cheetah", 1), (bo, "cheetah", 1)):
        for _number in range(count):
            make_account(owner=owner, tier=tier)
    make_account(tier="elephant", name="Nobody's")
    said = shown(client, "workload")
    assert "Ann 3 (2 · 1 · 0) 12" in said
    assert "Accounts without an owner 1" in said
    said = shown(client, "workload", query=f"?leaves={ann.pk}&unassigned=1")
    assert "4 accounts would change hands." in said
    assert "left" in said
    said = shown(client, "workload", query=f"?leaves={ann.pk}&to={cy.pk}")
    assert "+3 accounts" in said
    sent(client, "workload_settings", weight_elephant="10", weight_cheetah="2", weight_rabbit="0.5", capacity="40")
    assert WorkloadSettings.load().weight_elephant == 10
    wrong = client.post(reverse("workload_settings"), {"weight_elephant": "-1", "capacity": "0"})
    assert wrong.status_code == 422


def test_a_csm_sees_their_own_load_only(client: Client, csm: Any, account: Account, team: Any) -> None:
    make_account(owner=make_user("csm", team=team, name="Bo"))
    said = shown(client, "workload", query=f"?leaves={csm.pk}")
    assert "Ann" in said
    assert "Bo" not in said
    assert "would change hands" not in said
