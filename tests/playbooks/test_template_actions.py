"""Does a playbook change by drafts and versions only, and is nonsense refused in words?"""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditEvent
from common.errors import Conflict, Refused
from common.models import Job
from playbooks import actions
from playbooks.models import Playbook
from tests.factories import AT, make_account, make_playbook, make_step, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Any:
    return make_user("cs_manager")


def body(*steps: dict[str, Any], **says: Any) -> dict[str, Any]:
    return {"name": {"en": "Lifeline"}, "steps": list(steps) or [make_step()]} | says


def test_a_playbook_begins_as_a_draft_by_which_nothing_starts(manager: Any) -> None:
    playbook = actions.create_playbook(definition=body(), by=manager, at=AT)
    assert (playbook.key, playbook.is_enabled) == ("lifeline", False)
    with pytest.raises(Refused, match="nothing of it is published"):
        actions.start_run(playbook=playbook, account=make_account(), by=manager, at=AT)
    with pytest.raises(Refused, match="nothing of it is published"):
        actions.enable_playbook(playbook=playbook, by=manager, at=AT)
    made = actions.publish_draft(playbook=playbook, by=manager, at=AT, note="First")
    assert (made.number, made.note) == (1, "First")
    assert actions.start_run(playbook=playbook, account=make_account(), by=manager, at=AT).version == made


def test_names_are_given_to_keys_once(manager: Any) -> None:
    keys = [actions.create_playbook(definition=body(), by=manager, at=AT).key for _ in range(3)]
    assert keys == ["lifeline", "lifeline-2", "lifeline-3"]
    with pytest.raises(Refused, match="key exists"):
        actions.create_playbook(definition=body(), key="lifeline", by=manager, at=AT)
    chinese = actions.create_playbook(definition=body(name={"zh-hans": "挽救"}), by=manager, at=AT)
    assert chinese.key == "playbook"


def test_two_who_write_one_draft_do_not_overwrite_each_other(manager: Any) -> None:
    playbook = make_playbook()
    actions.save_draft(playbook=playbook, definition=body(), by=manager, at=AT, version=0)
    with pytest.raises(Conflict):
        actions.save_draft(playbook=playbook, definition=body(), by=manager, at=AT, version=0)
    draft = actions.save_draft(playbook=playbook, definition=body(purpose="Why"), by=manager, at=AT, version=1)
    with pytest.raises(Conflict):
        actions.publish_draft(playbook=playbook, by=manager, at=AT, version=1)
    made = actions.publish_draft(playbook=playbook, by=manager, at=AT, version=draft.version)
    playbook.refresh_from_db()
    assert (made.number, playbook.shown_name, playbook.shown_purpose) == (2, "Lifeline", "Why")


def test_a_draft_thrown_away_takes_an_unpublished_playbook_along(manager: Any) -> None:
    new = actions.create_playbook(definition=body(), by=manager, at=AT)
    actions.discard_draft(playbook=new, by=manager, at=AT)
    assert not Playbook.objects.filter(pk=new.pk).exists()
    kept = make_playbook()
    actions.save_draft(playbook=kept, definition=body(), by=manager, at=AT)
    actions.discard_draft(playbook=kept, by=manager, at=AT)
    with pytest.raises(Refused, match="no draft"):
        actions.publish_draft(playbook=kept, by=manager, at=AT)


CIRCLE = [make_step("a", depends_on=["b"]), make_step("b", anchor="step:a")]


@pytest.mark.parametrize(
    ("definition", "said", "field"),
    [
        (body(*CIRCLE), "in a circle: a, b", "steps"),
        (body(*(make_step(f"s{n}") for n in range(500))), "At most 100 steps", "steps"),
        (body(make_step(), make_step()), "Two steps have the key", "steps[1].key"),
        (body(colour="red"), "colour", ""),
        (body(make_step(anchor="birthday")), "cannot be counted from “birthday”", "steps[0].anchor"),
        (body(make_step(offset=99_999)), "3650", "steps[0].offset"),
        (body(goal={"tests": [{"measure": "luck", "comparison": "at_least", "threshold": 1}]}), "no measure", "goal"),
        ("nonsense", "must be", None),
    ],
)
def test_nonsense_is_refused_in_words(manager: Any, definition: Any, said: str, field: str | None) -> None:
    with pytest.raises(Refused, match=said) as refused:
        actions.create_playbook(definition=definition, by=manager, at=AT)
    assert not field or refused.value.field == field
    assert not Playbook.objects.filter(key__startswith="lifeline").exists()


def test_a_playbook_that_would_start_itself_is_not_published(manager: Any) -> None:
    definition = body(make_step("live", files_as="go_live"), triggers=[{"kind": "date", "keys": ["live_on"]}])
    playbook = actions.create_playbook(definition=definition, by=manager, at=AT)
    with pytest.raises(Refused, match="would start itself: its step “live”"):
        actions.publish_draft(playbook=playbook, by=manager, at=AT)


def test_a_copy_says_the_same_under_its_own_name(manager: Any) -> None:
    copy = actions.copy_playbook(playbook=make_playbook(make_step("a"), name={"en": "Rescue"}), by=manager, at=AT)
    assert copy.shown_name == "Rescue (copy)"
    assert [step["key"] for step in copy.draft.definition["steps"]] == ["a"]
    assert not copy.versions.exists()


def test_putting_a_playbook_away_leaves_its_runs(manager: Any) -> None:
    playbook = make_playbook()
    run = actions.start_run(playbook=playbook, account=make_account(), by=manager, at=AT)
    archived = actions.archive_playbook(playbook=playbook, by=manager, at=AT)
    assert (archived.is_archived, archived.is_enabled) == (True, False)
    run.refresh_from_db()
    assert run.state == "running"
    with pytest.raises(Refused, match="archived"):
        actions.start_run(playbook=playbook, account=make_account(), by=manager, at=AT)
    back = actions.restore_playbook(playbook=playbook, by=manager, at=AT)
    assert (back.is_archived, back.is_enabled) == (False, False)
    actions.enable_playbook(playbook=back, by=manager, at=AT)
    job = Job.objects.get(task="playbooks.evaluate_triggers")
    assert job.kwargs["playbook_id"] == playbook.pk
    actions.disable_playbook(playbook=back, by=manager, at=AT)
    verbs = list(AuditEvent.objects.filter(object_id=str(playbook.pk)).values_list("verb", flat=True))
    assert {"playbook.archived", "playbook.restored", "playbook.enabled", "playbook.disabled"} <= set(verbs)
