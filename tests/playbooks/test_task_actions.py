"""Can people move, put off, give away, comment and finish tasks, and take it back?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account, ImplementationRecord, Notification, TimelineEntry
from common.errors import Refused
from playbooks import actions
from playbooks.models import Run, Task, TaskNote
from revenue.models import Renewal
from tests.factories import AT, make_account, make_playbook, make_step, make_user

pytestmark = pytest.mark.django_db
ON = AT.date()
D = dt.date.fromisoformat


@pytest.fixture
def csm() -> Any:
    return make_user()


@pytest.fixture
def account(csm: Any) -> Account:
    return make_account(owner=csm, tier="elephant")


def start(account: Account, *steps: dict[str, Any]) -> Run:
    return actions.start_run(playbook=make_playbook(*steps), account=account, by=None, at=AT)


def due(run: Run) -> dict[str, Any]:
    return dict(Task.objects.filter(run=run).order_by("position").values_list("step_key", "due_on"))


def task_of(run: Run, key: str) -> Task:
    return Task.objects.get(run=run, step_key=key)


def test_moving_a_task_moves_the_later_ones_alike_when_asked_and_back(account: Account, csm: Any) -> None:
    Renewal.objects.create(account=account, due_on=D("2026-09-30"))
    run = start(
        account, make_step("early"), make_step("a", offset=2), make_step("b", offset=4, landing="previous"),
        make_step("c", anchor="renewal_on", offset=-60),
    )  # fmt: skip
    before = due(run)
    task = task_of(run, "a")
    assert [one.step_key for one in actions.later_open_tasks(task)] == ["b"]
    moves = actions.reschedule_task(task=task, due_on=D("2026-06-19"), shift_later=True, by=csm, at=AT)
    assert due(run) == before | {"a": D("2026-06-19"), "b": D("2026-06-19")}  # the 21st is a Sunday, so the Friday
    assert task_of(run, "b").first_due_on == before["b"]
    assert actions.undo_moves(moves=moves, by=csm, at=AT) == 2
    assert due(run) == before


def test_moving_a_task_alone_leaves_the_others(account: Account, csm: Any) -> None:
    run = start(account, make_step("a", offset=2), make_step("b", anchor="step:a", offset=4))
    before = due(run)
    actions.reschedule_task(task=task_of(run, "a"), due_on=D("2026-06-25"), by=csm, at=AT)
    assert due(run) == before | {"a": D("2026-06-25")}


def test_an_undo_leaves_what_was_moved_again(account: Account, csm: Any) -> None:
    run = start(account, make_step("a", offset=2))
    task = task_of(run, "a")
    moves = actions.reschedule_task(task=task, due_on=D("2026-06-25"), by=csm, at=AT)
    actions.reschedule_task(task=task, due_on=D("2026-06-26"), by=csm, at=AT)
    assert actions.undo_moves(moves=moves, by=csm, at=AT) == 0
    assert due(run) == {"a": D("2026-06-26")}


def test_a_waiting_task_gets_its_day_by_hand(account: Account, csm: Any) -> None:
    run = start(account, make_step("a", anchor="live_on"))
    actions.reschedule_task(task=task_of(run, "a"), due_on=D("2026-06-25"), by=csm, at=AT)
    task = task_of(run, "a")
    assert (task.state, task.due_on) == ("open", D("2026-06-25"))


@pytest.mark.parametrize(
    ("until", "reason", "said"),
    [
        (ON - dt.timedelta(days=1), "Holiday", "today or a later day"),
        (ON + dt.timedelta(days=366), "Holiday", "within a year"),
        (ON, "  ", "Say why"),
    ],
)
def test_a_snooze_needs_an_end_and_a_reason(account: Account, csm: Any, until: dt.date, reason: str, said: str) -> None:
    run = start(account)
    with pytest.raises(Refused, match=said):
        actions.snooze_task(task=task_of(run, "call"), until=until, reason=reason, by=csm, at=AT)


def test_a_task_put_off_asks_again_the_day_after(account: Account, csm: Any) -> None:
    run = start(account)
    actions.snooze_task(task=task_of(run, "call"), until=D("2026-06-20"), reason="Holiday", by=csm, at=AT)
    assert not Task.objects.asking(D("2026-06-20")).exists()
    assert Task.objects.asking(D("2026-06-21")).exists()
    actions.wake_task(task=task_of(run, "call"), by=csm, at=AT)
    assert Task.objects.asking(ON).exists()


def test_who_gets_a_task_is_told_once_and_not_by_themselves(account: Account, csm: Any) -> None:
    other = make_user(language="zh-hans")
    task = actions.add_task(account=account, title="Send the offer", by=csm, at=AT, assignee=csm, due_on=ON)
    assert not Notification.objects.filter(user=csm).exists()
    actions.reassign_task(task=task, to=other, by=csm, at=AT)
    actions.reassign_task(task=task, to=other, by=csm, at=AT)
    assert Notification.objects.filter(user=other).count() == 1
    with pytest.raises(Refused, match="no longer sign in"):
        actions.reassign_task(task=task, to=make_user(is_active=False), by=csm, at=AT)
    assert actions.reassign_task(task=task, to=None, by=csm, at=AT).assignee is None


def test_a_task_beside_the_steps_keeps_the_run_going(account: Account, csm: Any) -> None:
    run = start(account)
    extra = actions.add_task(account=account, title="Send the minutes", run=run, by=csm, at=AT)
    actions.complete_task(task=task_of(run, "call"), by=csm, at=AT)
    run.refresh_from_db()
    assert run.state == "running"
    actions.complete_task(task=extra, by=csm, at=AT)
    run.refresh_from_db()
    assert run.outcome == "completed"


def test_several_are_finished_at_once_and_the_others_passed_over(account: Account, csm: Any) -> None:
    run = start(
        account, make_step("a"), make_step("b", depends_on=["a"]), make_step("c", depends_on=["x"]), make_step("x")
    )
    tasks = [task_of(run, key) for key in ("c", "a", "b")]
    done = actions.complete_tasks(tasks=tasks, by=csm, at=AT)
    assert done == [task_of(run, "a").pk, task_of(run, "b").pk]


def test_a_finished_stage_is_filed_into_the_handoff_file(account: Account, csm: Any) -> None:
    run = start(account, make_step("live", files_as="go_live"), make_step("check", anchor="live_on", offset=7))
    actions.complete_task(task=task_of(run, "live"), result="All 40 people work with it.", by=csm, at=AT)
    record = ImplementationRecord.objects.get(account=account)
    assert (record.stage, record.on, record.outcome) == ("go_live", ON, "All 40 people work with it.")
    account.refresh_from_db()
    assert account.live_on == ON
    # The day of going live is known now, and so is what is counted from it.
    assert task_of(run, "check").due_on == D("2026-06-22")


def test_a_comment_and_a_file_stay_with_the_task(account: Account, csm: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    task = task_of(start(account), "call")
    with pytest.raises(Refused, match="Write a comment"):
        actions.add_note(task=task, by=csm, at=AT, text=" ")
    actions.add_note(task=task, by=csm, at=AT, text="They want a demo.")
    upload = SimpleUploadedFile("../notes.txt", b"What was said.", content_type="text/plain")
    note = actions.add_note(task=task, by=csm, at=AT, upload=upload)
    assert (note.name, note.content_type, note.size) == ("notes.txt", "text/plain", 14)
    with pytest.raises(Refused, match="cannot be kept"):
        actions.add_note(task=task, by=csm, at=AT, upload=SimpleUploadedFile("run.exe", b"MZ"))
    with pytest.raises(Refused, match="Only who wrote"):
        actions.delete_note(note=note, by=make_user(), at=AT)
    actions.delete_note(note=note, by=csm, at=AT)
    assert TaskNote.objects.count() == 1


def test_a_skipped_task_says_why_on_the_timeline(account: Account, csm: Any) -> None:
    task = task_of(start(account, make_step("a"), make_step("b")), "a")
    with pytest.raises(Refused, match="Say why"):
        actions.skip_task(task=task, reason="", by=csm, at=AT)
    actions.skip_task(task=task, reason="They know it already.", by=csm, at=AT)
    entry = TimelineEntry.objects.get(account=account, details__event="skipped")
    assert (entry.title, entry.body) == ("Task skipped: A", "They know it already.")
