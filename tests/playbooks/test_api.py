"""Does the API start, change and end what the pages do, by the same rules, for what one sees alone?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from playbooks import actions
from playbooks.models import Playbook, Run, Task, TriggerFiring
from tests.factories import make_account, make_playbook, make_step, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def manager() -> User:
    return make_user("cs_manager", visibility="all")


@pytest.fixture
def csm() -> User:
    return make_user()


def post(client: APIClient, path: str, body: Any = None) -> Any:
    return client.post(f"/api/v1/{path}", body or {}, format="json")


BODY = {
    "name": {"en": "Rescue", "zh-hans": "挽救"},
    "steps": [make_step("call", offset=1)],
    "triggers": [{"kind": "signing"}],
}


def test_a_playbook_is_written_published_and_switched_on(manager: User) -> None:
    api = client_of(manager)
    made = post(api, "playbooks/", {"definition": BODY})
    assert made.status_code == 201, made.json()
    pk = made.json()["id"]
    assert (made.json()["version"], made.json()["name"]["zh-hans"]) == (None, "挽救")
    draft = api.get(f"/api/v1/playbooks/{pk}/draft/").json()
    changed = {**draft["definition"], "purpose": {"en": "Keep them"}}
    saved = api.put(
        f"/api/v1/playbooks/{pk}/draft/",
        {"definition": changed, "draft_version": draft["draft_version"]},
        format="json",
    )
    assert saved.json()["draft_version"] == 2
    stale = post(api, f"playbooks/{pk}/publish/", {"draft_version": 1})
    assert stale.status_code == 409
    assert post(api, f"playbooks/{pk}/publish/", {"draft_version": 2, "note": "First"}).json()["version"] == 1
    assert post(api, f"playbooks/{pk}/enable/").json()["is_enabled"] is True
    versions = api.get(f"/api/v1/playbook-versions/?playbook={pk}").json()["results"]
    assert [(row["number"], row["note"]) for row in versions] == [(1, "First")]
    exported = api.get(f"/api/v1/playbooks/{pk}/export/").json()
    assert exported["definition"]["purpose"] == {"en": "Keep them"}


def test_a_definition_that_makes_no_sense_is_refused_with_its_place(manager: User) -> None:
    bad = {**BODY, "steps": [make_step("a", depends_on=["b"]), make_step("b", depends_on=["a"])]}
    answer = post(client_of(manager), "playbooks/", {"definition": bad})
    assert answer.status_code == 400
    assert "in a circle" in str(answer.json())
    assert not Playbook.objects.filter(key="rescue-2").exists()


def test_who_may_not_write_playbooks_reads_them_alone(csm: User) -> None:
    playbook = make_playbook()
    api = client_of(csm)
    assert api.get(f"/api/v1/playbooks/{playbook.pk}/").status_code == 200
    assert post(api, "playbooks/", {"definition": BODY}).status_code == 403
    assert post(api, f"playbooks/{playbook.pk}/archive/").status_code == 403
    assert api.get(f"/api/v1/playbooks/{playbook.pk}/dry_run/").status_code == 403


def test_a_dry_run_says_who_would_enter_and_why_not(manager: User) -> None:
    playbook = make_playbook(triggers=[{"kind": "signing"}])
    make_account(signed_on=TODAY, name="New")
    make_account(signed_on=TODAY, stage="churned")
    told = client_of(manager).get(f"/api/v1/playbooks/{playbook.pk}/dry_run/").json()
    assert told["counts"] == {"start": 1, "churned": 1}
    assert [row["reason"] for row in told["judged"]] == ["Would start", "The customer left"]
    assert not TriggerFiring.objects.exists()


def test_a_simulation_says_for_whom_it_would_have_started(manager: User) -> None:
    playbook = make_playbook(triggers=[{"kind": "signing"}])
    account = make_account(signed_on=TODAY - dt.timedelta(days=40))
    api, path = client_of(manager), f"/api/v1/playbooks/{playbook.pk}/simulation/"
    first, last = TODAY - dt.timedelta(days=90), TODAY
    told = api.get(path, {"first": str(first), "last": str(last)}).json()
    assert [start["account"] for start in told["starts"]] == [account.pk]
    assert api.get(path).status_code == 400
    for wrong in ((last, first), (first, last + dt.timedelta(days=2)), (last - dt.timedelta(days=500), last)):
        assert api.get(path, {"first": str(wrong[0]), "last": str(wrong[1])}).status_code == 400


def test_a_run_is_started_paused_resumed_handed_over_and_stopped(csm: User) -> None:
    account, playbook, other = make_account(owner=csm), make_playbook(), make_user()
    api = client_of(csm)
    made = post(api, "playbook-runs/", {"account": account.pk, "playbook": playbook.pk})
    assert made.status_code == 201, made.json()
    run = made.json()
    assert (run["tasks"], run["tasks_over"], run["owner"]) == (1, 0, csm.pk)
    again = post(api, "playbook-runs/", {"account": account.pk, "playbook": playbook.pk})
    assert again.status_code == 409
    assert "runs for this account already" in str(again.json())
    path = f"playbook-runs/{run['id']}"
    assert post(api, f"{path}/pause/", {"reason": "Holiday"}).json()["state"] == "paused"
    assert post(api, f"{path}/pause/", {}).status_code == 400
    assert post(api, f"{path}/resume/").json()["state"] == "running"
    assert post(api, f"{path}/hand_over/", {"to": other.pk}).json()["owner"] == other.pk
    assert post(api, f"{path}/stop/", {"note": "No use", "colour": "red"}).status_code == 400
    stopped = post(api, f"{path}/stop/", {"note": "No use"}).json()
    assert (stopped["state"], stopped["outcome"], stopped["tasks_over"]) == ("ended", "stopped", 1)


def test_runs_and_tasks_of_accounts_that_one_does_not_see_are_not_there(csm: User) -> None:
    foreign = make_account(owner=make_user())
    run = actions.start_run(playbook=make_playbook(), account=foreign, by=None, at=timezone.now())
    task = run.tasks.get()
    api = client_of(csm)
    for path in (f"playbook-runs/{run.pk}/", f"tasks/{task.pk}/"):
        assert api.get(f"/api/v1/{path}").status_code == 404
    assert post(api, f"tasks/{task.pk}/complete/").status_code == 404
    assert post(api, "tasks/complete_many/", {"tasks": [task.pk]}).json() == {"done": []}
    assert post(api, "playbook-runs/", {"account": foreign.pk, "playbook": run.playbook_id}).status_code == 400
    assert post(api, "tasks/", {"account": foreign.pk, "title": "Call"}).status_code == 400


def test_a_task_goes_its_way(csm: User) -> None:
    account = make_account(owner=csm)
    api = client_of(csm)
    made = post(
        api, "tasks/", {"account": account.pk, "title": "Call", "due_on": str(TODAY), "instructions": "Ask **why**."}
    )
    assert made.status_code == 201, made.json()
    task = made.json()
    assert (task["title"], task["instructions"]) == ({"en": "Call"}, {"en": "Ask **why**."})
    path = f"tasks/{task['id']}"
    until = str(TODAY + dt.timedelta(days=3))
    assert post(api, f"{path}/snooze/", {"until": until, "reason": "Holiday"}).json()["snoozed_until"] == until
    assert post(api, f"{path}/wake/").json()["snoozed_until"] is None
    moved = post(api, f"{path}/reschedule/", {"due_on": until}).json()
    assert moved == {"moves": [{"task": task["id"], "before": str(TODAY), "after": until}]}
    assert post(api, f"{path}/undo_moves/", moved).json()["due_on"] == str(TODAY)
    assert post(api, f"{path}/reassign/", {"to": csm.pk}).json()["assignee"] == csm.pk
    assert post(api, f"{path}/complete/", {"version": 1}).status_code == 409
    assert post(api, f"{path}/complete/", {"result": "They stay."}).json()["state"] == "done"
    assert post(api, f"{path}/complete/").status_code == 409
    assert post(api, f"{path}/reopen/").json()["state"] == "open"
    assert post(api, f"{path}/skip/", {"reason": "Not needed"}).json()["state"] == "skipped"
    assert post(api, f"{path}/notes/", {"text": "They know it."}).status_code == 201
    assert [note["text"] for note in api.get(f"/api/v1/{path}/notes/").json()] == ["They know it."]


def test_a_cause_that_waits_is_put_off_and_woken(csm: User) -> None:
    account, playbook = make_account(owner=csm), make_playbook()
    firing = TriggerFiring.objects.create(
        playbook=playbook, account=account, cause="signing", cause_key="signing:2026-01-01", result="held",
        at=timezone.now(), on=TODAY,
    )  # fmt: skip
    api = client_of(csm)
    until = str(TODAY + dt.timedelta(days=3))
    put_off = post(api, f"trigger-firings/{firing.pk}/snooze/", {"until": until, "reason": "Holiday"})
    assert (put_off.json()["result"], put_off.json()["snoozed_until"]) == ("snoozed", until)
    assert post(api, f"trigger-firings/{firing.pk}/wake/").json()["result"] == "limited"
    assert post(api, f"trigger-firings/{firing.pk}/wake/").status_code == 409


@pytest.mark.parametrize("path", ["playbooks", "playbook-versions", "playbook-runs", "tasks", "trigger-firings"])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    path: str, manager: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    api = client_of(manager)

    def add(count: int) -> None:
        for _ in range(count):
            playbook = make_playbook()
            run = actions.start_run(playbook=playbook, account=make_account(), by=None, at=timezone.now())
            TriggerFiring.objects.create(
                playbook=playbook, account=run.account, cause="signing", cause_key="k", result="started", run=run,
                at=timezone.now(), on=TODAY,
            )  # fmt: skip

    Playbook.objects.all().delete()
    add(1)
    api.get(f"/api/v1/{path}/")
    with django_assert_max_num_queries(12) as one:
        assert api.get(f"/api/v1/{path}/").json()["results"]
    add(9)
    with django_assert_num_queries(len(one)):
        assert len(api.get(f"/api/v1/{path}/").json()["results"]) == 10
    assert Run.objects.count() == Task.objects.count() == 10
