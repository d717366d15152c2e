"""What follows from writing down a ticket, an answer or a reading, and what is refused?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import AuditEvent, TimelineEntry
from common.errors import Refused
from common.models import Job
from tests.factories import AT, make_account, make_feature, make_user
from usage.actions import (
    add_answer,
    add_ticket,
    change_answer,
    change_catalogue,
    change_ticket,
    connect_integration,
    delete_fact,
    reach_milestone,
    set_reading,
)
from usage.models import Metric, Milestone, SurveyAnswer, Ticket

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.mark.parametrize(("severity", "hours"), [("low", 120), ("normal", 72), ("high", 24), ("critical", 8)])
def test_the_target_of_a_ticket_is_the_one_of_its_severity(severity, hours):
    ticket = add_ticket(account=make_account(), opened_at=AT, severity=severity, by=None, at=AT)
    assert ticket.target_at == AT + dt.timedelta(hours=hours)


def test_a_target_of_its_own_stays_when_the_severity_changes():
    own = AT + dt.timedelta(hours=1)
    ticket = add_ticket(account=make_account(), opened_at=AT, target_at=own, by=None, at=AT)
    assert change_ticket(ticket=ticket, severity="critical", by=None, at=AT).target_at == own


def test_a_ticket_is_told_audited_and_scored_without_its_words_in_the_audit():
    account, user = make_account(), make_user()
    ticket = add_ticket(account=account, opened_at=AT, subject="Ann cannot log in", by=user, at=AT)
    change_ticket(ticket=ticket, subject="Ann can log in", by=user, at=AT)
    assert TimelineEntry.objects.get().kind == "ticket"
    assert [event.verb for event in AuditEvent.objects.order_by("pk")] == ["ticket.added", "ticket.changed"]
    assert "Ann" not in str(list(AuditEvent.objects.values_list("changes", flat=True)))
    assert Job.objects.filter(task="health.score_accounts", key=f"score:{account.pk}").count() == 1


def test_saving_a_fact_unchanged_leaves_no_trace():
    account = make_account()
    answer = SurveyAnswer.objects.create(account=account, score=9, answered_on=TODAY)
    change_answer(answer=answer, score=9, by=None, at=AT)
    assert not AuditEvent.objects.exists()
    assert not Job.objects.exists()


def test_an_answer_of_another_kind_has_another_range():
    answer = add_answer(account=make_account(), score=9, answered_on=TODAY, by=None, at=AT)
    with pytest.raises(Refused, match="NPS runs from 0 to 10"):
        change_answer(answer=answer, kind="csat", by=None, at=AT)
    answer.refresh_from_db()
    assert answer.kind == "nps"


def test_an_external_id_is_given_once():
    account = make_account()
    add_ticket(account=account, opened_at=AT, external_id="T1", by=None, at=AT)
    with pytest.raises(Refused, match="in use"):
        add_ticket(account=account, opened_at=AT, external_id="T1", by=None, at=AT)
    assert add_ticket(account=account, opened_at=AT, external_id="", by=None, at=AT).external_id is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"opened_at": AT + dt.timedelta(hours=1)}, "opened_at"),
        ({"resolved_at": AT - dt.timedelta(hours=1)}, "resolved_at"),
        ({"resolved_at": AT + dt.timedelta(hours=1)}, "resolved_at"),
        ({"target_at": AT - dt.timedelta(hours=1)}, "target_at"),
        ({"satisfaction": 6}, "satisfaction"),
    ],
)
def test_an_impossible_ticket_is_refused(fields, field):
    with pytest.raises(Refused) as refusal:
        add_ticket(account=make_account(), by=None, at=AT, **({"opened_at": AT} | fields))
    assert refusal.value.field == field
    assert not Ticket.objects.exists()


def test_what_is_said_again_of_a_reading_or_a_milestone_holds():
    account = make_account()
    metric = Metric.objects.create(external_id="x", name="X")
    milestone = Milestone.objects.create(external_id="m", name="M")
    for value in ("1", "2"):
        reading = set_reading(account=account, metric=metric, on=TODAY, value=Decimal(value), by=None, at=AT)
    for days in (5, 3):
        reached = reach_milestone(
            account=account, milestone=milestone, on=TODAY - dt.timedelta(days=days), by=None, at=AT
        )
    assert (reading.value, reached.on) == (2, TODAY - dt.timedelta(days=3))
    assert (metric.readings.count(), milestone.reached.count()) == (1, 1)


def test_an_integration_has_one_name_and_ends_after_it_began():
    account = make_account()
    connect_integration(account=account, name="ERP", connected_on=TODAY, by=None, at=AT)
    with pytest.raises(Refused, match="already"):
        connect_integration(account=account, name="ERP", connected_on=TODAY, by=None, at=AT)
    with pytest.raises(Refused, match="after its start"):
        connect_integration(account=account, name="CRM", connected_on=TODAY, disconnected_on=TODAY, by=None, at=AT)


def test_a_deleted_fact_is_audited_and_scored():
    account, user = make_account(), make_user()
    ticket = Ticket.objects.create(account=account, opened_at=AT, target_at=AT)
    delete_fact(row=ticket, by=user, at=AT)
    assert AuditEvent.objects.get().verb == "ticket.deleted"
    assert Job.objects.filter(key=f"score:{account.pk}").exists()


def test_only_a_change_of_kind_has_days_counted_anew():
    feature = make_feature()
    change_catalogue(row=feature, name="Other", by=None, at=AT)
    assert not Job.objects.exists()
    change_catalogue(row=feature, kind="core", by=None, at=AT)
    assert Job.objects.get().task == "usage.refresh_days_of_feature"
