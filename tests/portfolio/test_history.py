"""Can a person take back what they did, for 30 days, once, and never what somebody did after them?"""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.promises import reopen_promise, settle_promise
from accounts.models import ExpectationGap, Promise, TimelineEntry
from common.errors import Refused
from health.actions.warning_rules import ensure_shipped_rules
from health.models import EarlyWarning, WarningRule
from portfolio.actions import history
from portfolio.models import Change
from tests.factories import AT, make_account, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def make_entry(csm, account):
    return TimelineEntry.objects.create(
        account=account, author=csm, at=AT, title="Call back", follow_up_on=AT.date(), kind="call"
    )


def done(client, entry):
    client.post(reverse("follow_up_done", args=[entry.pk]))
    return Change.objects.first()


def test_it_stands_in_the_history_and_is_taken_back_from_there(client, csm) -> None:
    entry = make_entry(csm, make_account(csm, name="Boreal"))
    change = done(client, entry)

    page = client.get(reverse("history")).content.decode()
    assert "Follow-up done" in page
    assert "Boreal" in page
    client.post(reverse("undo_change", args=[change.token]))

    entry.refresh_from_db()
    assert entry.follow_up_done_at is None
    assert "Undone" in client.get(reverse("history")).content.decode()
    client.post(reverse("undo_change", args=[change.token]))
    change.refresh_from_db()
    assert change.undone_at is not None


def test_it_lasts_thirty_days_and_is_then_forgotten(csm, client) -> None:
    entry = make_entry(csm, make_account(csm))
    change = done(client, entry)

    with pytest.raises(Refused):
        history.take_back(change=change, by=csm, at=change.at + dt.timedelta(days=30, seconds=1))
    assert history.forget_changes(at=change.at + dt.timedelta(days=29)) == 0
    history.take_back(change=change, by=csm, at=change.at + dt.timedelta(days=29))
    assert history.forget_changes(at=change.at + dt.timedelta(days=31)) == 1


def test_what_somebody_did_after_is_not_taken_back_with_it(client, csm) -> None:
    account = make_account(csm)
    promise = Promise.objects.create(account=account, text="Export by May", made_by="Sales", made_on=AT.date())
    client.post(reverse("promise_settle", args=[promise.pk]), {"state": "kept", "evidence": "Sent"})
    change = Change.objects.get()
    promise.refresh_from_db()
    with time_machine.travel(change.at + dt.timedelta(hours=2)):
        later, colleague = change.at + dt.timedelta(hours=1), make_user()
        reopen_promise(promise=promise, by=colleague, at=later)
        settle_promise(promise=promise, state=Promise.State.BROKEN, by=colleague, at=later)

        page = client.get(reverse("history")).content.decode()
        assert "Changed again since" in page
        answer = client.post(reverse("undo_change", args=[change.token]), follow=True).content.decode()

    assert "changed again since" in answer
    promise.refresh_from_db()
    assert promise.state == Promise.State.BROKEN


def test_it_is_ones_own_and_only_as_long_as_one_sees_the_account(client, csm) -> None:
    account = make_account(csm, name="Zephyr")
    change = done(client, make_entry(csm, account))
    client.force_login(make_user("admin"))

    assert "Zephyr" not in client.get(reverse("history")).content.decode()
    client.post(reverse("undo_change", args=[change.token]))
    change.refresh_from_db()
    assert change.undone_at is None
    account.assignments.update(ended_on=dt.date(2026, 1, 1))
    client.force_login(csm)
    assert "Zephyr" not in client.get(reverse("history")).content.decode()


def test_it_costs_the_same_for_one_and_for_forty(client, csm) -> None:
    account = make_account(csm)
    client.get(reverse("history"))
    counts = []
    for number in (1, 40):
        for _each in range(number):
            done(client, make_entry(csm, account))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("history"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_answered_warning_comes_back_as_it_was(client, csm) -> None:
    ensure_shipped_rules()
    rule = WarningRule.objects.get(key="expectation_gap")
    day = AT.date()
    warning = EarlyWarning.objects.create(account=make_account(csm), rule=rule, opened_on=day, last_seen_on=day)
    for name, said in (("warning_acknowledge", {}), ("warning_resolve", {"reason": "They are back."})):
        client.post(reverse(name, args=[warning.pk]), said)
        assert EarlyWarning.objects.get(pk=warning.pk).state != "open"
        client.post(reverse("undo_change", args=[Change.objects.latest("at").token]))
        assert EarlyWarning.objects.get(pk=warning.pk).state == "open"


def test_a_closed_expectation_opens_again(client, csm) -> None:
    gap = ExpectationGap.objects.create(account=make_account(csm), text="Exports", found_on=AT.date())
    client.post(reverse("expectation_gap_close", args=[gap.pk]))
    assert ExpectationGap.objects.get().closed_on is not None
    client.post(reverse("undo_change", args=[Change.objects.latest("at").token]))
    assert ExpectationGap.objects.get().closed_on is None
