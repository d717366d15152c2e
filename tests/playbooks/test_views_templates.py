"""Do the pages of playbooks say what they do, and can a manager write one without a canvas?"""

from __future__ import annotations

import datetime as dt
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import Job
from playbooks import actions
from playbooks.models import Playbook, PlaybookDraft
from tests.factories import make_account, make_playbook, make_step, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Any:
    user = make_user("cs_manager", visibility="all")
    client.force_login(user)
    return user


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def shown(client: Client, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return text_of(answer)


def rescue() -> Playbook:
    return Playbook.objects.get(key="rescue")


def test_the_list_shows_what_is_shipped_with_the_industry_library(client: Client, manager: Any) -> None:
    said = shown(client, "playbooks")
    assert "Renewal rescue" in said
    assert "Industry library" in said
    assert "Renewal rescue for finance" in said
    assert "never started in a year" in said


def test_the_list_counts_runs_and_work_in_as_many_queries_for_one_as_for_many(
    client: Client, manager: Any, django_assert_max_num_queries: Any
) -> None:
    shown(client, "playbooks")
    with django_assert_max_num_queries(14):
        shown(client, "playbooks")
    for _number in range(12):
        playbook = make_playbook(make_step("call", offset=1))
        actions.start_run(playbook=playbook, account=make_account(), by=manager, at=timezone.now())
    with django_assert_max_num_queries(14):
        assert "1 started" in shown(client, "playbooks")


def test_a_playbook_reads_in_words(client: Client, manager: Any) -> None:
    said = shown(client, "playbook", rescue().pk)
    for words in (
        "Call the champion within a day",
        "1 working day after the start",
        "Done means:",
        "Warning: Core use fell by 30%, Renewal near, no talks",
        "Health becomes: At risk",
        "Health score: at least 60",
        "At most 30 starts in 7 days",
        "By a person",
    ):
        assert words in said


def test_it_reads_in_chinese_too(client: Client, manager: Any) -> None:
    manager.language = "zh-hans"
    manager.save()
    said = shown(client, "playbook", rescue().pk)
    assert "一天内致电内部支持者" in said
    assert "Call the champion" not in said


def test_a_csm_reads_but_is_not_offered_to_change(client: Client) -> None:
    client.force_login(make_user("csm"))
    said = shown(client, "playbook", rescue().pk)
    assert "Call the champion within a day" in said
    assert "Let it start by itself" not in said
    assert client.get(reverse("playbook_edit", args=[rescue().pk])).status_code == 404
    assert client.post(reverse("playbook_switch", args=[rescue().pk])).status_code == 404


def test_a_new_playbook_is_drafted_and_its_steps_are_added_moved_changed_and_removed(
    client: Client, manager: Any
) -> None:
    answer = client.post(reverse("playbook_create"), {"name": "House call", "category": "other", "step": "Call them"})
    playbook = Playbook.objects.latest("pk")
    assert answer["Location"] == reverse("playbook_edit", args=[playbook.pk])

    step = {
        "title_en": "Visit them", "kind": "meeting", "role": "csm", "offset": "3", "unit": "working",
        "direction": "after", "anchor": "step:step", "landing": "next", "depends_on": ["step"],
        "instructions_en": "Take a **cake**.", "done_means_en": "They smiled.", "version": "1",
    }  # fmt: skip
    assert client.post(reverse("playbook_step_add", args=[playbook.pk]), step).status_code == 302
    said = shown(client, "playbook_edit", playbook.pk)
    assert "3 working days after “Call them”" in said
    assert "after Call them" in said

    client.post(reverse("playbook_steps", args=[playbook.pk]), {"do": "up visit_them", "version": "2"})
    body = PlaybookDraft.objects.get(playbook=playbook).definition
    assert [one["key"] for one in body["steps"]] == ["visit_them", "step"]

    changed = step | {
        "title_zh_hans": "拜访",
        "offset": "5",
        "direction": "before",
        "anchor": "renewal_on",
        "version": "3",
    }
    client.post(reverse("playbook_step", args=[playbook.pk, "visit_them"]), changed)
    body = PlaybookDraft.objects.get(playbook=playbook).definition
    assert body["steps"][0]["offset"] == -5
    assert body["steps"][0]["title"] == {"en": "Visit them", "zh-hans": "拜访"}

    client.post(reverse("playbook_steps", args=[playbook.pk]), {"do": "remove step", "version": "4"})
    body = PlaybookDraft.objects.get(playbook=playbook).definition
    assert [one["key"] for one in body["steps"]] == ["visit_them"]
    assert body["steps"][0]["depends_on"] == []


def test_what_a_form_does_not_show_of_a_step_stays(client: Client, manager: Any) -> None:
    playbook = rescue()
    page = client.get(reverse("playbook_step", args=[playbook.pk, "ask_why"]))
    form = page_form(page)
    assert client.post(reverse("playbook_step", args=[playbook.pk, "ask_why"]), form).status_code == 302
    assert PlaybookDraft.objects.get(playbook=playbook).definition == playbook.versions.get().definition


class FormReader(HTMLParser):
    """What a page's own forms would send unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "input" and name and (values.get("type") not in ("checkbox", "radio") or "checked" in values):
            self.sent.setdefault(name, []).append(values.get("value") or "")
        if tag in ("select", "textarea"):
            self.name = name
        if tag == "textarea":
            self.sent[name] = [""]
        if tag == "option" and "selected" in values and self.name:
            self.sent.setdefault(self.name, []).append(values.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.name = "" if tag in ("select", "textarea") else self.name

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self.name:
            self.sent[self.name][0] += data.removeprefix("\n") if not self.sent[self.name][0] else data


def page_form(answer: Any) -> dict[str, Any]:
    reader = FormReader()
    reader.feed(answer.content.decode().split("<main")[1])
    return dict(reader.sent)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title_en": " ", "title_zh_hans": ""}, "What is to be done is required."),
        ({"offset": "-3"}, "Ensure this value is greater than or equal to 0."),
        ({"offset": "9999"}, "Ensure this value is less than or equal to 3650."),
        ({"anchor": "someday"}, "Select a valid choice."),
        ({"kind": "email"}, "Subject of the e-mail is required."),
        ({"kind": "email", "mail_subject_en": "Hi {{mood}}", "mail_body_en": "x"}, "there is no placeholder {{mood}}"),
        ({"depends_on": ["verdict"], "anchor": "step:verdict"}, "These steps wait for each other in a circle"),
        ({"version": "7"}, "Someone else changed this draft meanwhile."),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_and_nothing_typed_is_lost(
    client: Client, manager: Any, changes: dict[str, Any], words: str
) -> None:
    playbook = rescue()
    address = reverse("playbook_step", args=[playbook.pk, "checkpoint_14"])
    form = page_form(client.get(address)) | {"instructions_en": "Typed with care."} | changes
    answer = client.post(address, form)
    assert answer.status_code in (409, 422)
    assert words in text_of(answer)
    assert "Typed with care." in answer.content.decode()
    assert not PlaybookDraft.objects.filter(playbook=playbook).exists()


def test_a_step_from_which_others_are_counted_is_not_removed(client: Client, manager: Any) -> None:
    playbook = Playbook.objects.get(key="onboarding")
    client.post(reverse("playbook_steps", args=[playbook.pk]), {"do": "remove core_process", "version": "0"})
    assert "Other steps are counted from this one: train_admins" in shown(client, "playbook_edit", playbook.pk)
    assert not PlaybookDraft.objects.filter(playbook=playbook).exists()


def test_triggers_are_chosen_by_kind_and_removed(client: Client, manager: Any) -> None:
    playbook = make_playbook(make_step("call", offset=1))
    address = reverse("playbook_triggers", args=[playbook.pk])
    assert "Started by hand only" in shown(client, "playbook_triggers", playbook.pk)
    for kind, values in (
        ("warning", {"keys": ["core_drop_30"]}),
        ("renewal_ahead", {"days": "120"}),
        ("stage", {"keys": ["renewal"]}),
        ("date", {"keys": ["live_on"], "days": "30", "direction": "after"}),
        ("signing", {}),
    ):
        assert client.post(f"{address}?kind={kind}", {"add": "1"} | values).status_code == 302, kind
    said = shown(client, "playbook_triggers", playbook.pk)
    for words in (
        "Warning: Core use fell by 30%",
        "120 days before the renewal",
        "30 days after the go-live",
        "Signing",
    ):
        assert words in said
    client.post(address, {"remove": "0"})
    triggers = PlaybookDraft.objects.get(playbook=playbook).definition["triggers"]
    assert [one["kind"] for one in triggers] == ["renewal_ahead", "stage", "date", "signing"]
    assert client.post(f"{address}?kind=stage", {"add": "1"}).status_code == 422


def test_whom_it_is_for_and_its_goal_are_said_by_the_forms_of_warnings(client: Client, manager: Any) -> None:
    playbook = make_playbook(make_step("call", offset=1))
    address = reverse("playbook_claim", args=[playbook.pk, "entry"])
    client.post(address, {"add": "1", "field": "tier", "operator": "in", "value": "elephant, cheetah"})
    tests = {
        "tests": "1", "match": "any", "test-TOTAL_FORMS": "3", "test-INITIAL_FORMS": "0",
        "test-0-measure": "health_score", "test-0-comparison": "at_most", "test-0-threshold": "60",
    }  # fmt: skip
    assert client.post(address, tests).status_code == 302
    said = shown(client, "playbook_edit", playbook.pk)
    assert "Health score: at most 60" in said
    assert "Size of customer is one of Key account, Mid-size" in said
    wrong = tests | {"test-0-threshold": ""}
    assert "Give a threshold." in text_of(client.post(address, wrong))
    assert client.get(reverse("playbook_claim", args=[playbook.pk, "mood"])).status_code == 404


def test_name_and_limits_are_set(client: Client, manager: Any) -> None:
    playbook = make_playbook(make_step("call", offset=1))
    form = {
        "name_en": "Better", "category": "rescue", "industry": "", "most_starts": "5", "within_days": "14",
        "again_after_days": "30", "hold_above": "10", "version": "0",
    }  # fmt: skip
    assert client.post(reverse("playbook_about", args=[playbook.pk]), form).status_code == 302
    assert "At most 5 starts in 14 days" in shown(client, "playbook_edit", playbook.pk)
    assert client.post(reverse("playbook_about", args=[playbook.pk]), form | {"name_en": ""}).status_code == 422


def test_a_draft_is_thrown_away_and_a_playbook_of_which_nothing_was_published_with_it(
    client: Client, manager: Any
) -> None:
    client.post(reverse("playbook_create"), {"name": "House call", "category": "other", "step": "Call them"})
    playbook = Playbook.objects.latest("pk")
    assert client.post(reverse("playbook_discard", args=[playbook.pk]))["Location"] == reverse("playbooks")
    assert not Playbook.objects.filter(pk=playbook.pk).exists()


def test_it_is_switched_on_and_off_archived_and_copied(client: Client, manager: Any) -> None:
    playbook = rescue()
    client.post(reverse("playbook_switch", args=[playbook.pk]))
    assert Playbook.objects.get(pk=playbook.pk).is_enabled
    client.post(reverse("playbook_archive", args=[playbook.pk]))
    assert "Renewal rescue Renewal" not in shown(client, "playbooks")
    assert "Renewal rescue" in shown(client, "playbooks", query="?archived=1")
    answer = client.post(reverse("playbook_copy", args=[playbook.pk]))
    made = Playbook.objects.latest("pk")
    assert answer["Location"] == reverse("playbook_edit", args=[made.pk])
    assert made.shown_name == "Renewal rescue (copy)"


def test_an_earlier_version_is_shown_as_it_was(client: Client, manager: Any) -> None:
    playbook = rescue()
    body = {"name": "Shorter", "steps": [{"key": "call", "title": "Only call"}]}
    actions.save_draft(playbook=playbook, definition=body, by=manager, at=timezone.now())
    actions.publish_draft(playbook=playbook, by=manager, at=timezone.now(), note="Fewer steps")
    assert "Only call" in shown(client, "playbook", playbook.pk)
    old = shown(client, "playbook", playbook.pk, query="?version=1")
    assert "This is an earlier version." in old
    assert "Call the champion within a day" in old
    for wrong in ("9", "x", "1" * 30):
        assert client.get(reverse("playbook", args=[playbook.pk]) + f"?version={wrong}").status_code == 404


def test_a_file_goes_out_and_comes_back_as_the_same(client: Client, manager: Any) -> None:
    playbook = rescue()
    answer = client.get(reverse("playbook_export", args=[playbook.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="rescue.json"'
    sent = {"file": SimpleUploadedFile("rescue.json", answer.content)}
    client.post(reverse("playbook_import"), sent)
    assert "is there already and says the same" in shown(client, "playbooks")
    assert Playbook.objects.filter(key="rescue").count() == 1

    body = json.loads(answer.content) | {"key": "our_rescue"}
    sent = {"file": SimpleUploadedFile("ours.json", json.dumps(body).encode())}
    made = client.post(reverse("playbook_import"), sent)
    assert made["Location"] == reverse("playbook", args=[Playbook.objects.get(key="our_rescue").pk])


def test_a_file_that_makes_no_sense_is_told_at_its_field(client: Client, manager: Any) -> None:
    for content, words in ((b"nonsense", "not valid JSON"), (b"", "empty")):
        answer = client.post(reverse("playbook_import"), {"file": SimpleUploadedFile("x.json", content)})
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert "This field is required." in text_of(client.post(reverse("playbook_import")))


def test_a_draft_is_tried_on_today_and_on_the_past_and_then_published(client: Client, manager: Any) -> None:
    today = timezone.now().date()
    new = make_account(name="Just signed", signed_on=today, tier="elephant")
    make_account(name="Signed, but small", signed_on=today, tier="rabbit")
    make_account(name="Signed in spring", signed_on=today - dt.timedelta(days=40), tier="elephant")
    playbook = make_playbook(make_step("call", offset=1), is_enabled=False)
    body = playbook.versions.get().definition | {
        "triggers": [{"kind": "signing"}],
        "entry": {"conditions": [{"field": "tier", "operator": "is", "value": "elephant"}]},
    }
    actions.save_draft(playbook=playbook, definition=body, by=manager, at=timezone.now())

    said = shown(client, "playbook_preview", playbook.pk)
    assert "Would enter today 1" in said
    assert "Just signed" in said
    assert "Does not meet the entry rule: 1" in said
    since, until = today - dt.timedelta(days=60), today - dt.timedelta(days=1)
    past = shown(client, "playbook_preview", playbook.pk, query=f"?since={since}&until={until}")
    assert "It would have started 1 time, for 1 account." in past
    assert "Signed in spring" in past
    wrong = client.get(reverse("playbook_preview", args=[playbook.pk]) + f"?since={until}&until={since}")
    assert wrong.status_code == 422
    assert not playbook.runs.exists()

    stale = client.post(reverse("playbook_publish", args=[playbook.pk]), {"version": "7"})
    assert stale.status_code == 409
    client.post(reverse("playbook_publish", args=[playbook.pk]), {"version": "1", "note": "Starts on signing"})
    assert playbook.versions.count() == 2
    assert "Starts on signing" in shown(client, "playbook", playbook.pk)
    assert new.playbook_runs.count() == 0


def test_what_is_held_back_is_let_go_by_a_manager(client: Client, manager: Any) -> None:
    playbook = make_playbook(make_step("call", offset=1), triggers=[{"kind": "signing"}])
    Playbook.objects.filter(pk=playbook.pk).update(held_count=3)
    assert "3 accounts would start at once" in shown(client, "playbook", playbook.pk)
    client.post(reverse("playbook_release", args=[playbook.pk]))
    assert Job.objects.filter(task="playbooks.evaluate_triggers").exists()
