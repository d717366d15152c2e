"""May a file come in as a playbook, and what is said of one that may not?"""

import datetime as dt
import json

import pytest

from common.errors import Refused
from playbooks.actions.files import import_playbook
from playbooks.models import Playbook, PlaybookDraft
from playbooks.rules.definition import parse_definition
from playbooks.rules.files import dump_file
from playbooks.rules.steps import MOST_STEPS
from tests.factories import make_user

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
STEP = {"key": "call", "title": "Call them"}
SAID = {"name": "House call", "steps": [STEP]}


def file(definition=SAID, **envelope):
    body = {"format": "mainstay.playbook", "version": 1, "key": "house_call", "definition": definition}
    return json.dumps(body | envelope).encode()


@pytest.fixture
def by(db):
    return make_user("cs_manager")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,steps\r\n", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "must be an object"),
        (b"{}", "“format” must be “mainstay.playbook”"),
        (file(format="other.tool"), "“format” must be “mainstay.playbook”"),
        (file(version=2), "format version 2"),
        (file(version=None), "format version None"),
        (file(extra=1), "Unknown setting: extra."),
        (file(key=""), "The key of a playbook has"),
        (file(key=7), "The key of a playbook has"),
        (file(key="House call"), "The key of a playbook has"),
        (file(SAID | {"colour": "red"}), "Unknown setting: colour."),
        (file(SAID | {"steps": []}), "at least one step"),
        (file(SAID | {"steps": [STEP | {"wait": 3}]}), "steps[0]: Unknown setting: wait."),
        (
            file(SAID | {"steps": [STEP | {"key": f"s{n}"} for n in range(500)]}),
            f"At most {MOST_STEPS} steps.",
        ),
        (
            file(SAID | {"steps": [STEP | {"depends_on": ["b"]}, STEP | {"key": "b", "anchor": "step:call"}]}),
            "wait for each other in a circle: b, call.",
        ),
        (file(SAID | {"steps": [STEP, STEP]}), "Two steps have the key “call”."),
        (b'{"format": "mainstay.playbook", "version": NaN}', "not valid JSON"),
        (b" " * (2 * 1024 * 1024 + 1), "at most 2 MB"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(by, content, words):
    before = Playbook.objects.count()
    with pytest.raises(Refused) as refused:
        import_playbook(content=content, by=by, at=AT)
    assert words in str(refused.value)
    assert refused.value.field == "file"
    assert Playbook.objects.count() == before


def test_a_file_makes_a_playbook_that_starts_nothing_by_itself(by):
    made = import_playbook(content=file(), by=by, at=AT)
    assert made.result == "created"
    assert made.playbook.shown_name == "House call"
    assert not made.playbook.is_enabled
    assert made.playbook.versions.get().published_by == by


def test_the_same_file_twice_makes_no_second_one(by):
    first = import_playbook(content=file(), by=by, at=AT)
    again = import_playbook(content=b"\xef\xbb\xbf" + file(), by=by, at=AT)
    assert (again.playbook, again.result) == (first.playbook, "same")
    assert Playbook.objects.filter(key="house_call").count() == 1
    assert first.playbook.versions.count() == 1


def test_another_file_of_the_same_key_becomes_a_draft_and_no_version(by):
    first = import_playbook(content=file(), by=by, at=AT)
    other = file(SAID | {"name": "House visit"})
    assert import_playbook(content=other, by=by, at=AT).result == "drafted"
    assert import_playbook(content=other, by=by, at=AT).result == "same"
    assert first.playbook.versions.count() == 1
    assert PlaybookDraft.objects.get(playbook=first.playbook).definition["name"] == {"en": "House visit"}


def test_a_file_never_overwrites_a_draft(by):
    first = import_playbook(content=file(), by=by, at=AT)
    import_playbook(content=file(SAID | {"name": "House visit"}), by=by, at=AT)
    with pytest.raises(Refused, match="has a draft"):
        import_playbook(content=file(SAID | {"name": "Third"}), by=by, at=AT)
    assert PlaybookDraft.objects.get(playbook=first.playbook).definition["name"] == {"en": "House visit"}


def test_what_is_exported_comes_in_as_the_same(by):
    made = import_playbook(content=file(), by=by, at=AT)
    text = dump_file("house_call", made.playbook.versions.get().parsed)
    assert import_playbook(content=text.encode(), by=by, at=AT).result == "same"
    assert parse_definition(json.loads(text)["definition"]).name == {"en": "House call"}
