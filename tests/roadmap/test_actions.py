"""Is what customers ask for kept with its voices, and decided about in words?"""

import datetime as dt

import pytest

from accounts.models import AuditEvent
from common.errors import Refused
from roadmap import actions
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.queries import asked_by, likely_duplicates, with_voices
from tests.factories import AT, make_account, make_contact, make_evidence, make_request, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return {"by": make_user(), "at": AT}


def test_a_new_need_is_written_down_with_its_first_voice(who):
    account = make_account()
    voice = actions.ask_for(account=account, title="Export to Excel", verbatim="每月都要手抄。", importance=3, **who)
    assert (voice.request.title, voice.request.state, voice.asked_on) == ("Export to Excel", "new", AT.date())
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {
        "feature_request.added", "request_evidence.added",
    }  # fmt: skip


def test_a_voice_for_a_known_need_makes_no_second_one(who):
    need = make_request()
    actions.ask_for(account=make_account(), title="the same, worded otherwise", request=need, **who)
    assert FeatureRequest.objects.get() == need
    assert need.evidence.count() == 1


def test_declining_takes_a_reason_and_taking_it_back_drops_it(who):
    need = make_request()
    with pytest.raises(Refused, match="Say why"):
        actions.change_state(request=need, state="declined", decline_reason="  ", **who)
    declined = actions.change_state(request=need, state="declined", decline_reason="Only one asks.", **who)
    assert declined.decline_reason == "Only one asks."
    planned = actions.change_state(request=need, state="planned", **who)
    assert (planned.state, planned.decline_reason) == ("planned", "")
    trail = AuditEvent.objects.filter(verb="feature_request.state_changed").order_by("pk")
    assert [row.changes["state"] for row in trail] == [["new", "declined"], ["declined", "planned"]]


@pytest.mark.parametrize(("state", "reason"), [("gone", ""), ("planned", "because"), ("declined", "")])
def test_a_state_that_makes_no_sense_is_refused(who, state, reason):
    with pytest.raises(Refused):
        actions.change_state(request=make_request(), state=state, decline_reason=reason, **who)


def test_saying_the_same_again_leaves_no_trace(who):
    need = make_request()
    actions.change_state(request=need, state="new", **who)
    actions.change_request(request=need, title=need.title, **who)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"asked_on": AT.date() + dt.timedelta(days=1)}, {"external_id": "E-1"}, {"contact": "foreign"}],
)
def test_what_nobody_can_have_said_is_refused(who, wrong):
    account = make_account()
    make_evidence(account, external_id="E-1")
    if "contact" in wrong:
        wrong = {"contact": make_contact(make_account())}
    with pytest.raises(Refused):
        actions.add_evidence(request=make_request(), account=account, **wrong, **who)
    assert RequestEvidence.objects.count() == 1


def test_the_customers_words_stay_out_of_the_audit(who):
    voice = make_evidence(make_account())
    actions.change_evidence(evidence=voice, verbatim="Ada Lovelace said so.", importance=3, **who)
    assert AuditEvent.objects.get().changes == {"verbatim": [None, None], "importance": [1, 3]}


def test_a_need_with_voices_is_not_deleted(who):
    need = make_request()
    voice = make_evidence(make_account(), need)
    with pytest.raises(Refused):
        actions.delete_request(request=need, **who)
    actions.delete_evidence(evidence=voice, **who)
    actions.delete_request(request=need, **who)
    assert not FeatureRequest.objects.exists()


def test_only_visible_voices_are_counted():
    csm = make_user()
    mine, other = make_account(csm), make_account()
    need = make_request()
    for account in (mine, mine, other):
        make_evidence(account, need)
    counts = ("evidence_count", "account_count")
    assert with_voices(FeatureRequest.objects.all(), csm).values_list(*counts).get() == (2, 1)
    assert with_voices(FeatureRequest.objects.all(), make_user("admin")).values_list(*counts).get() == (3, 2)


def test_the_latest_importance_of_an_account_holds():
    account, need = make_account(), make_request()
    make_evidence(account, need, importance=3, asked_on=dt.date(2026, 1, 1))
    make_evidence(account, need, importance=0, asked_on=dt.date(2026, 3, 1))
    make_evidence(make_account(), need, importance=2, asked_on=dt.date(2026, 5, 1))
    (asked,) = asked_by(account)
    assert (asked.request, asked.importance, len(asked.voices)) == (need, 0, 2)


@pytest.mark.parametrize("title", ["Excel exports", "export to excel please", "导出为Excel"])
def test_what_was_asked_before_is_found_in_other_words(title):
    make_request(title="Dark mode")
    known = make_request(title="导出Excel" if "导" in title else "Export to Excel")
    (found,) = likely_duplicates(title, make_user())
    assert (found.request, found.is_likely) == (known, True)


@pytest.mark.parametrize("title", ["", " ", "\x00", "💥", "x" * 5_000])
def test_a_wild_title_is_like_nothing(title):
    make_request(title="Dark mode")
    assert likely_duplicates(title, make_user()) == []
