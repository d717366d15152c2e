"""Is an advocate left in peace as soon as the account is in trouble, and does whoever asked hear of it?"""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import Notification, TimelineEntry
from advocacy import actions
from advocacy.actions.requests import add_request
from advocacy.models import Advocate, Ask, Consent
from common.errors import Refused
from common.jobs import run_due
from health.actions.overrides import set_override
from tests.advocacy.test_limits import critical, score
from tests.factories import AT, make_account, make_advocate, make_consent, make_line, make_user
from usage.actions import add_ticket

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def asked():
    """An ask for a request of sales that waits for an answer, with who asked and for whom."""
    csm, sales = make_user(), make_user("cs_manager", visibility="all", language="zh-hans")
    advocate = make_advocate(make_account(csm))
    make_consent(advocate.contact)
    request = add_request(prospect="Quayside", kind="review", by=sales, at=AT)
    return actions.record_ask(advocate=advocate, kind="review", request=request, by=csm, at=AT)


@pytest.mark.parametrize(
    ("cause", "happens"),
    [
        ("red", lambda account: score(account, "red")),
        ("ticket", critical),
        ("renewal", lambda account: make_line(account, ends_on=TODAY + 60 * DAY)),
    ],
)
def test_trouble_withdraws_the_advocate_and_the_ask_and_tells_who_asked(asked, cause, happens):
    happens(asked.advocate.account)
    assert actions.withdraw_unfit(on=TODAY, at=AT) == 1
    advocate, ask = Advocate.objects.get(), Ask.objects.get()
    assert (advocate.stage, advocate.withdrawn_cause) == ("withdrawn", cause)
    assert (ask.state, ask.withdrawn_cause, ask.withdrawn_on) == ("withdrawn", cause, TODAY)
    told = {one.user.role: one for one in Notification.objects.select_related("user")}
    assert set(told) == {"csm", "cs_manager"}
    assert told["csm"].title.startswith("Ask withdrawn: Review")
    assert "Quayside" in told["csm"].body
    assert told["csm"].url == f"/advocacy/people/{advocate.contact_id}/"
    assert TimelineEntry.objects.filter(kind="advocacy", details__advocacy="withdrawn").count() == 1
    assert actions.withdraw_unfit(on=TODAY, at=AT) == 0
    assert Notification.objects.count() == 2


def test_nobody_is_withdrawn_without_trouble_or_before_being_asked(asked):
    idle = make_advocate(make_account())
    critical(idle.account)
    assert actions.withdraw_unfit(on=TODAY, at=AT) == 0
    assert not Advocate.objects.filter(stage="withdrawn").exists()


def test_a_band_set_to_red_by_hand_withdraws_within_the_next_job(asked):
    csm = asked.asked_by
    with time_machine.travel(AT, tick=False):
        set_override(account=asked.advocate.account, band="red", reason="Their sponsor is angry.", by=csm, at=AT)
        while run_due(AT):
            pass
    assert Advocate.objects.get().withdrawn_cause == "red"


def test_a_critical_ticket_withdraws_within_the_next_job(asked):
    with time_machine.travel(AT, tick=False):
        add_ticket(account=asked.advocate.account, severity="critical", opened_at=AT, by=None, at=AT)
        while run_due(AT):
            pass
    assert Advocate.objects.get().withdrawn_cause == "ticket"


def test_who_was_withdrawn_is_taken_up_again_by_a_person_alone(asked):
    critical(asked.advocate.account)
    actions.withdraw_unfit(on=TODAY, at=AT)
    advocate = Advocate.objects.get()
    back = actions.advance_advocate(advocate=advocate, stage="identified", by=asked.asked_by, at=AT)
    assert (back.stage, back.withdrawn_cause) == ("identified", "")
    with pytest.raises(Refused, match="critical ticket"):
        actions.advance_advocate(advocate=back, stage="active", by=asked.asked_by, at=AT)


def test_a_consent_taken_back_withdraws_what_rests_on_it_and_lets_nothing_out(asked):
    actions.record_answer(ask=asked, answer="accepted", by=asked.asked_by, at=AT)
    actions.revoke_consent(consent=Consent.objects.get(), by=asked.asked_by, at=AT)
    asked.refresh_from_db()
    assert (asked.state, asked.withdrawn_cause) == ("withdrawn", "consent")
    with pytest.raises(Refused):
        actions.finish_ask(ask=asked, by=asked.asked_by, at=AT)
    assert Notification.objects.filter(user=asked.asked_by).exists()
    assert Advocate.objects.get().stage == "agreed"


def test_a_consent_that_runs_out_lets_nothing_out(asked):
    Consent.objects.update(expires_on=TODAY + 5 * DAY)
    later = AT + 5 * DAY
    actions.record_answer(ask=asked, answer="accepted", by=asked.asked_by, at=AT)
    with pytest.raises(Refused, match="no consent"):
        actions.finish_ask(ask=asked, by=asked.asked_by, at=later)
    actions.withdraw_unfit(on=TODAY + 5 * DAY, at=later)
    asked.refresh_from_db()
    assert (asked.state, asked.withdrawn_cause) == ("withdrawn", "consent")


def test_a_yes_is_not_taken_without_a_consent_and_another_scope_is_left_alone(asked):
    other = make_advocate(make_account())
    make_consent(other.contact, scope="talk", channel="event")
    talk = actions.record_ask(advocate=other, kind="talk", by=asked.asked_by, at=AT)
    Consent.objects.filter(contact=asked.advocate.contact).delete()
    with pytest.raises(Refused, match="no consent"):
        actions.record_answer(ask=asked, answer="accepted", by=asked.asked_by, at=AT)
    actions.withdraw_unfit(on=TODAY, at=AT)
    talk.refresh_from_db()
    assert talk.state == "waiting"


def test_many_are_withdrawn_with_one_look_at_the_facts(django_assert_max_num_queries):
    csm = make_user()
    for _ in range(12):
        advocate = make_advocate(make_account(csm), stage="active")
        make_consent(advocate.contact)
    with django_assert_max_num_queries(20):
        assert actions.withdraw_unfit(on=TODAY, at=AT) == 0
