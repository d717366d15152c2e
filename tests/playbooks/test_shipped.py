"""Do the playbooks that come with Mainstay make sense, in both languages, and do they stay out of the way?"""

import datetime as dt
import re

import pytest

from health.queries.measures import MEASURES
from health.rules.shipped_warnings import SHIPPED_NAMES
from playbooks.actions.shipped import install_shipped_playbooks
from playbooks.models import Playbook, PlaybookDraft
from playbooks.rules.definition import Category, TriggerKind, parse_definition
from playbooks.rules.files import dump_file, parse_file
from playbooks.rules.mails import FOUND, unknown_placeholders
from playbooks.rules.schedule import held_by
from playbooks.rules.shipped import ORDER, shipped_bodies
from playbooks.rules.steps import Channel, Kind, Role
from tests.factories import make_user

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
ADAPTED = [key for key in shipped_bodies() if key not in ORDER]
# What every installation can fill in: links of the organisation's own may be missing, and such a mail is not sent.
KNOWN = {"contact", "account", "owner", "organisation"}


def texts(body, place=""):
    """Every text of a definition, with its place."""
    if isinstance(body, dict):
        if body and set(body) <= {"en", "zh-hans"}:
            yield place, body
        else:
            for name, value in body.items():
                yield from texts(value, f"{place}.{name}")
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from texts(value, f"{place}[{number}]")


@pytest.mark.parametrize("key", shipped_bodies())
def test_it_is_a_definition_that_survives_a_file(key):
    definition = parse_definition(shipped_bodies()[key])
    assert parse_file(dump_file(key, definition)).definition == definition


@pytest.mark.parametrize("key", shipped_bodies())
def test_it_speaks_both_languages_everywhere(key):
    found = list(texts(shipped_bodies()[key]))
    assert len(found) > 10
    for place, words in found:
        assert set(words) == {"en", "zh-hans"}, place
        assert re.search(r"[\u4e00-\u9fff]", words["zh-hans"]), place
        assert not re.search(r"[\u4e00-\u9fff]", words["en"]), place


@pytest.mark.parametrize("key", shipped_bodies())
def test_every_step_says_what_to_do_and_what_done_means(key):
    for step in parse_definition(shipped_bodies()[key]).steps:
        assert all((step.instructions, step.done_means)), step.key


@pytest.mark.parametrize("key", shipped_bodies())
def test_its_mails_fill_in_what_is_known_and_nothing_else(key):
    for step in parse_definition(shipped_bodies()[key]).steps:
        if step.mail is not None:
            for words in (*step.mail.subject.values(), *step.mail.body.values()):
                assert set(FOUND.findall(words)) <= KNOWN
                assert not unknown_placeholders(words)


@pytest.mark.parametrize("key", shipped_bodies())
def test_it_names_warnings_and_measures_that_there_are(key):
    definition = parse_definition(shipped_bodies()[key])
    for trigger in definition.triggers:
        if trigger.kind == TriggerKind.WARNING:
            assert set(trigger.keys) <= set(SHIPPED_NAMES)
    for claim in (definition.entry, definition.exit, definition.goal):
        for test in claim.tests.tests if claim.tests else ():
            assert test.measure in MEASURES


@pytest.mark.parametrize("key", shipped_bodies())
@pytest.mark.parametrize("channel", Channel)
def test_steps_of_one_channel_wait_only_for_steps_of_the_same(key, channel):
    """A step left out for small accounts must not hold up one that they get."""
    if key == "digital_onboarding" and channel != Channel.DIGITAL:
        return
    steps = [
        one for one in parse_definition(shipped_bodies()[key]).steps if not one.channels or channel in one.channels
    ]
    keys = {one.key for one in steps}
    assert steps
    for step in steps:
        assert set(step.depends_on) <= keys, step.key
        if step.anchor.startswith("step:"):
            assert step.anchor.removeprefix("step:") in keys, step.key


@pytest.mark.parametrize("key", ["onboarding", "rescue", *ADAPTED])
def test_key_accounts_get_the_iron_triangle_and_small_ones_mails(key):
    steps = parse_definition(shipped_bodies()[key]).steps
    people = {step.role for step in steps if Channel.PERSON in step.channels}
    assert {Role.CSM, Role.SOLUTION_EXPERT, Role.DELIVERY_MANAGER} <= people
    small = [step for step in steps if Channel.DIGITAL in step.channels]
    assert any(step.kind == Kind.EMAIL and step.role == Role.AUTOMATIC for step in small)


def test_onboarding_files_every_stage_into_the_handoff_file():
    filed = {step.files_as for step in parse_definition(shipped_bodies()["onboarding"]).steps}
    assert {"kick_off", "configuration", "training", "go_live"} <= filed


def test_every_kind_of_play_and_five_industries_are_shipped():
    said = [parse_definition(body) for body in shipped_bodies().values()]
    assert {one.category for one in said} == set(Category) - {Category.OTHER}
    assert len({one.industry for one in said} - {""}) == 5
    assert len(ADAPTED) == 10


@pytest.mark.django_db
def test_installing_makes_what_is_missing_and_nothing_twice():
    Playbook.objects.all().delete()
    assert len(install_shipped_playbooks(at=AT)) == len(shipped_bodies())
    assert install_shipped_playbooks(at=AT) == []
    assert Playbook.objects.get(key="rescue").versions.count() == 1


@pytest.mark.django_db
def test_an_upgrade_leaves_alone_what_a_person_changed():
    install_shipped_playbooks(at=AT)
    own, drafted, old = (Playbook.objects.get(key=key) for key in ("rescue", "renewal", "expansion"))
    other = {"name": {"en": "Ours"}, "steps": [{"key": "call", "title": {"en": "Call"}}]}
    own.versions.create(number=2, definition=other, published_at=AT, published_by=make_user())
    PlaybookDraft.objects.create(playbook=drafted, definition=other, changed_at=AT)
    drafted.versions.update(definition=other)
    old.versions.update(definition=other)
    assert [playbook.key for playbook in install_shipped_playbooks(at=AT)] == ["expansion"]
    assert old.versions.count() == 2
    assert own.versions.first().definition == other
    assert drafted.versions.count() == 1


@pytest.mark.parametrize("key", shipped_bodies())
@pytest.mark.parametrize("channel", Channel)
def test_no_step_waits_for_a_gate_that_comes_later_than_itself(key, channel):
    """A gate holds all steps below it in the list; one that is due before the gate would be late from the start."""
    steps = [
        one for one in parse_definition(shipped_bodies()[key]).steps if not one.channels or channel in one.channels
    ]
    days = {one.key: one.offset * (1.4 if one.unit == "working" else 1) for one in steps if one.anchor == "start"}
    held = held_by(steps)
    gates = {one.key for one in steps if one.kind == Kind.GATE}
    for step in steps:
        for gate in gates.intersection(held[step.key]):
            if step.key in days and gate in days:
                assert days[gate] <= days[step.key], (step.key, gate)
