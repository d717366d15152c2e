"""Do advocates come along the pipeline, and are asks and answers kept?"""

import datetime as dt

import pytest

from accounts.models import AuditEvent
from advocacy import actions
from advocacy.models import Advocate, Ask
from advocacy.queries import advocates_of, possible_advocates
from advocacy.rules import Stage
from common.errors import Refused
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_user

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def who():
    return {"by": make_user(), "at": AT}


def willing(**fields):
    """An advocate who agreed to everything."""
    advocate = make_advocate(make_account(), **fields)
    make_consent(advocate.contact)
    return advocate


def test_the_rules_know_the_stages_of_the_table():
    assert {str(stage) for stage in Stage} == set(Advocate.Stage.values)


def test_a_contact_becomes_an_advocate_once(who):
    contact = make_contact(make_account())
    advocate = actions.add_advocate(contact=contact, note="Loves it.", **who)
    assert (advocate.stage, advocate.since, advocate.account_id) == ("identified", TODAY, contact.account_id)
    with pytest.raises(Refused, match="already"):
        actions.add_advocate(contact=contact, **who)


def test_who_left_does_not_become_one(who):
    account = make_account()
    gone, there = make_contact(account, left_on=TODAY), make_contact(account)
    with pytest.raises(Refused, match="left"):
        actions.add_advocate(contact=gone, **who)
    assert list(possible_advocates(account)) == [there]


def test_an_ask_and_a_yes_bring_the_stage_along(who):
    advocate = willing()
    ask = actions.record_ask(advocate=advocate, kind="review", **who)
    advocate.refresh_from_db()
    assert (advocate.stage, ask.answer, ask.asked_on) == ("asked", "waiting", TODAY)
    answered = actions.record_answer(ask=ask, answer="accepted", **who)
    advocate.refresh_from_db()
    assert (advocate.stage, answered.answered_on) == ("agreed", TODAY)
    assert AuditEvent.objects.filter(verb="advocate.advanced").count() == 2


def test_a_no_is_kept_and_an_answer_can_be_taken_back(who):
    ask = actions.record_ask(advocate=willing(), kind="talk", **who)
    assert actions.record_answer(ask=ask, answer="declined", **who).answered_on == TODAY
    assert actions.record_answer(ask=ask, answer="waiting", **who).answered_on is None


@pytest.mark.parametrize(("start", "to"), [("active", "asked"), ("withdrawn", "active"), ("asked", "nowhere")])
def test_a_stage_that_does_not_follow_is_refused_and_the_ways_are_named(who, start, to):
    advocate = make_advocate(make_account(), stage=start)
    with pytest.raises(Refused, match="one can go to"):
        actions.advance_advocate(advocate=advocate, stage=to, **who)


def test_who_withdrew_is_not_asked_but_can_begin_anew(who):
    advocate = make_advocate(make_account(), stage="withdrawn")
    with pytest.raises(Refused, match="withdrawn"):
        actions.record_ask(advocate=advocate, kind="review", **who)
    assert actions.advance_advocate(advocate=advocate, stage="identified", **who).since == TODAY


def test_days_that_cannot_be_are_refused(who):
    advocate = willing()
    for days, words in ((1, "future"), (-1, "in the past")):
        with pytest.raises(Refused, match=words):
            actions.record_ask(advocate=advocate, kind="review", asked_on=TODAY + dt.timedelta(days=days), **who)
    ask = actions.record_ask(advocate=advocate, kind="review", **who)
    with pytest.raises(Refused, match="before the question"):
        actions.record_answer(ask=ask, answer="accepted", answered_on=TODAY - dt.timedelta(days=1), **who)


def test_who_was_asked_is_not_deleted(who):
    advocate = willing()
    ask = actions.record_ask(advocate=advocate, kind="referral", **who)
    with pytest.raises(Refused):
        actions.delete_advocate(advocate=advocate, **who)
    with pytest.raises(Refused, match="own day"):
        actions.delete_ask(ask=ask, by=who["by"], at=AT + dt.timedelta(days=1))
    actions.delete_ask(ask=ask, **who)
    actions.delete_advocate(advocate=advocate, **who)
    assert not Advocate.objects.exists()
    assert not Ask.objects.exists()


def test_who_is_active_comes_first():
    account = make_account()
    for stage in ("withdrawn", "identified", "active"):
        make_advocate(account, stage=stage)
    assert [line.advocate.stage for line in advocates_of(account)] == ["active", "identified", "withdrawn"]
