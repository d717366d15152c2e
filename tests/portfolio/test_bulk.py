"""Is one act on many rows shown first, done once whatever dies meanwhile, told row by row, and taken back whole?"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import bulk_runs
from accounts.actions.bulk_runs import FEW, bulk_acts, next_batch, outcome_words
from accounts.models import Account, BulkRun, ServiceAssignment, Tag, User
from common.errors import Refused
from common.jobs import run_due
from common.models import Job
from playbooks.actions import complete_task
from playbooks.models import Playbook, Run, Task
from portfolio.models import Change
from tests.factories import make_account, make_playbook, make_step, make_team, make_user

pytestmark = pytest.mark.django_db
MANY = FEW + 10


@pytest.fixture
def manager(client: Client) -> User:
    user = make_user("cs_manager", team=make_team(), name="Hanna")
    client.force_login(user)
    return user


def book(owner: User, count: int) -> list[Account]:
    return [make_account(owner=owner, name=f"Account {number:03}", tier="elephant") for number in range(count)]


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def ids_of(accounts: list[Account]) -> list[int]:
    return [account.pk for account in accounts]


def at() -> dt.datetime:
    return timezone.now()


def ask(by: User, act: str, ids: list[int], **given: Any) -> BulkRun:
    return bulk_runs.ask_for_bulk(act=act, ids=ids, given=given, by=by, at=at())


def test_a_few_are_done_at_once_and_taken_back_from_the_message(client: Client, manager: User) -> None:
    accounts = book(manager, 3)
    Tag.objects.create(name="Spring").accounts.add(accounts[0])
    sent = {"selected": ids_of(accounts), "tag": "Spring", "query": "tier=elephant"}

    answer = client.post(reverse("bulk_tag"), sent, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("account_list") + "?tier=elephant"
    assert "2 accounts changed, 1 skipped: had the tag already." in text_of(answer)
    assert Tag.objects.get().accounts.count() == 3
    assert not Job.objects.filter(task="accounts.carry_out_bulk").exists()
    said = client.post(BulkRun.objects.get().undo, follow=True)
    assert "2 taken back." in text_of(said)
    assert list(Tag.objects.get().accounts.all()) == [accounts[0]]


def test_many_are_shown_first_then_done_in_the_background_with_a_result(client: Client, manager: User) -> None:
    accounts = book(manager, MANY)
    sent = {"selected": ids_of(accounts), "stage": "renewal"}

    shown = client.post(reverse("bulk_stage"), sent)
    assert "Set the stage to “Renewal”" in text_of(shown)
    assert f"Do it for {MANY}" in text_of(shown)
    assert "Account 000" in text_of(shown)
    assert not BulkRun.objects.exists()
    assert not Account.objects.filter(stage="renewal").exists()

    answer = client.post(reverse("bulk_stage"), sent | {"confirmed": "1"})
    run = BulkRun.objects.get()
    assert answer.url == reverse("bulk_run", args=[run.pk])
    page = client.get(answer.url)
    assert f"0 of {MANY}" in text_of(page)
    assert 'hx-trigger="every 1s"' in page.content.decode()
    run_due(at())
    part = client.get(answer.url, headers={"HX-Request": "true"})
    assert part.headers["HX-Retarget"] == "#main"
    assert f"{MANY} accounts changed" in text_of(client.get(answer.url))
    assert Account.objects.filter(stage="renewal").count() == MANY

    back = client.post(BulkRun.objects.get().undo)
    assert back.url == answer.url
    assert "Being taken back" in text_of(client.get(back.url))
    run_due(at())
    assert f"{MANY} taken back" in text_of(client.get(back.url))
    assert not Account.objects.filter(stage="renewal").exists()
    history = text_of(client.get(reverse("history")))
    assert "Set the stage to “Renewal”" in history


def test_a_worker_that_dies_in_the_middle_loses_and_repeats_nothing(manager: User, monkeypatch: Any) -> None:
    accounts = book(manager, 130)
    run = ask(manager, "playbooks.start", ids_of(accounts), playbook=Playbook.objects.get(key="rescue").pk)
    assert next_batch(run.pk, at=at()) == (50, 130)
    act, real = bulk_acts()["playbooks.start"], bulk_acts()["playbooks.start"].do

    def dies(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise MemoryError

    monkeypatch.setattr(act, "do", dies, raising=False)
    with pytest.raises(MemoryError):
        next_batch(run.pk, at=at())
    assert Run.objects.count() == 50
    monkeypatch.setattr(act, "do", real, raising=False)
    for _twice in range(2):
        bulk_runs.carry_out(run.pk, at=at(), told=lambda _done, _all: None)
    run.refresh_from_db()
    assert (Run.objects.count(), len(run.changed), run.skipped) == (130, 130, {})
    assert Change.objects.filter(step="bulk_done").count() == 1


def test_a_second_order_finds_nothing_left_to_do(manager: User) -> None:
    accounts = book(manager, 3)
    for words in ("3 accounts changed", "0 accounts changed, 3 skipped: was there already"):
        run = ask(manager, "accounts.stage", ids_of(accounts), stage="renewal")
        assert outcome_words(run) == words


def test_what_one_may_no_longer_change_is_left_alone_and_said(manager: User) -> None:
    accounts = book(manager, MANY)
    run = ask(manager, "accounts.stage", ids_of(accounts), stage="renewal")
    accounts[0].delete()
    bulk_runs.carry_out(run.pk, at=at(), told=lambda _done, _all: None)
    run.refresh_from_db()
    assert outcome_words(run) == f"{MANY - 1} accounts changed, 1 skipped: no longer there"

    late = ask(manager, "accounts.tag", ids_of(accounts[1:]), name="Late")
    User.objects.filter(pk=manager.pk).update(role="viewer")
    bulk_runs.carry_out(late.pk, at=at(), told=lambda _done, _all: None)
    late.refresh_from_db()
    assert late.state == "refused"
    assert "Hanna may no longer do this." in late.refusal
    assert not Tag.objects.exists()


def test_a_whole_book_is_given_away_and_back_as_if_it_had_not_been(manager: User) -> None:
    User.objects.filter(pk=manager.pk).update(visibility="all")
    csm, other = make_user("csm", team=manager.team, name="Ann"), make_user("csm", team=manager.team, name="Bo")
    accounts = [make_account(owner=csm), make_account(owner=other), make_account(owner=None)]
    ServiceAssignment.objects.update(started_on=dt.date(2026, 1, 1))
    before = list(ServiceAssignment.objects.order_by("pk").values_list("account", "user", "started_on", "ended_on"))

    run = ask(manager, "accounts.assign", ids_of(accounts), to=other.pk)
    assert outcome_words(run) == "2 accounts changed, 1 skipped: belonged to Bo already"
    bulk_runs.take_back_bulk(run=run, by=manager, at=at())

    after = ServiceAssignment.objects.order_by("pk").values_list("account", "user", "started_on", "ended_on")
    assert list(after) == before
    with pytest.raises(Refused):
        bulk_runs.take_back_bulk(run=run, by=manager, at=at())


def test_what_changed_since_stays_when_the_rest_is_taken_back(manager: User) -> None:
    accounts = book(manager, 3)
    rescue = Playbook.objects.get(key="rescue")
    started = ask(manager, "playbooks.start", ids_of(accounts), playbook=rescue.pk)
    task = Task.objects.filter(run__account=accounts[0], state="open").first()
    assert task is not None
    complete_task(task=task, by=manager, at=at())
    bulk_runs.take_back_bulk(run=started, by=manager, at=at())
    started.refresh_from_db()
    assert outcome_words(started) == "2 taken back, 1 skipped: work on it has begun"
    assert Run.objects.unfinished().count() == 1

    moved = ask(manager, "accounts.stage", ids_of(accounts), stage="renewal")
    Account.objects.filter(pk=accounts[1].pk).update(stage="mature")
    bulk_runs.take_back_bulk(run=moved, by=manager, at=at())
    accounts[1].refresh_from_db()
    moved.refresh_from_db()
    assert (accounts[1].stage, list(moved.kept.values())) == ("mature", ["was moved on since"])


def test_tasks_are_finished_or_given_and_that_is_taken_back(client: Client, manager: User) -> None:
    other = make_user("csm", team=manager.team, name="Bo")
    account = make_account(owner=manager, tier="elephant")
    ask(manager, "playbooks.start", [account.pk], playbook=make_playbook(make_step("a"), make_step("b")).pk)
    tasks = list(Task.objects.order_by("pk"))
    before = [task.assignee_id for task in tasks]
    sent = {"selected": [task.pk for task in tasks], "scope": "team"}

    client.post(reverse("tasks_give"), sent | {"to": other.pk})
    assert {task.assignee_id for task in Task.objects.all()} == {other.pk}
    client.post(BulkRun.objects.first().undo)
    assert [task.assignee_id for task in Task.objects.order_by("pk")] == before

    said = client.post(reverse("tasks_complete"), sent, follow=True)
    assert "2 tasks changed." in text_of(said)
    client.post(BulkRun.objects.filter(act="playbooks.complete").get().undo)
    assert set(Task.objects.values_list("state", flat=True)) <= {"open", "waiting"}


def test_nobody_else_sees_what_a_person_did_to_many(client: Client, manager: User) -> None:
    run = ask(manager, "accounts.stage", ids_of(book(manager, 2)), stage="renewal")
    client.force_login(make_user("admin"))
    assert client.get(reverse("bulk_run", args=[run.pk])).status_code == 404
    assert "can no longer be undone" in text_of(client.post(run.undo, follow=True))


@pytest.mark.parametrize(
    ("name", "sent", "words"),
    [
        ("bulk_tag", {"tag": " "}, "Name the tag."),
        ("bulk_stage", {"stage": "asleep"}, "Choose a stage."),
        ("bulk_stage", {"stage": "renewal"}, "Choose at least one row."),
        ("tasks_complete", {}, "Choose at least one row."),
        ("warnings_acknowledge", {"selected": ["x", "9" * 30]}, "Choose at least one row."),
        ("warnings_snooze", {"until": "", "reason": ""}, "This field is required."),
        ("warnings_snooze", {"until": "2020-01-01", "reason": "Later"}, "Choose today or a later day."),
        ("advocates_ask", {"kind": "moon"}, "moon is not one of the available choices."),
        ("request_answers_told", {}, "Choose at least one row."),
    ],
)
def test_what_cannot_be_done_is_said_on_the_list(
    client: Client, manager: User, name: str, sent: dict[str, Any], words: str
) -> None:
    assert words in text_of(client.post(reverse(name), sent, follow=True))
    assert not BulkRun.objects.exists()


def test_a_parked_one_is_taken_up_again_by_its_person(client: Client, manager: User) -> None:
    run = ask(manager, "accounts.stage", ids_of(book(manager, MANY)), stage="renewal")
    Job.objects.filter(pk=run.job_id).update(state="parked", finished_at=at(), last_error="Boom")
    address = reverse("bulk_run", args=[run.pk])
    assert "This was stopped." in text_of(client.get(address))
    client.post(reverse("bulk_retry", args=[run.pk]))
    run_due(at() + dt.timedelta(seconds=1))
    assert f"{MANY} accounts changed" in text_of(client.get(address))


def test_every_act_of_the_setting_can_be_found_and_old_ones_are_forgotten(manager: User) -> None:
    assert len(bulk_acts()) == 11
    run = ask(manager, "accounts.stage", ids_of(book(manager, 1)), stage="renewal")
    BulkRun.objects.filter(pk=run.pk).update(at=at() - dt.timedelta(days=31))
    assert bulk_runs.forget_bulk_runs(at=at()) == 1
    call_command("check")
