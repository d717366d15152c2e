"""Does a case study show what the customer approved, and leave the public page with day and consent?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actions.goals import delete_goal
from accounts.models import AuditEvent, Contact, GoalMeasurement, Notification, TimelineEntry
from advocacy.actions import case_studies as actions
from advocacy.actions.consents import revoke_consent
from advocacy.models import CaseStudy
from advocacy.queries.case_studies import attained_goals, proof_views, proofs_of, public_case
from common.errors import Refused
from tests.factories import AT, make_account, make_case, make_consent, make_contact, make_goal, make_user

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)
WHO: dict[str, Any] = {"by": None, "at": AT}


def published(**fields: Any) -> CaseStudy:
    """A case study that the public can read."""
    account = make_account(name="Bright Bakery")
    contact = make_contact(account, name="Mei Lin")
    make_consent(contact, scope="case_study", channel="web")
    case = make_case(account, **fields)
    case.goals.add(make_goal(account, 9, 6, 4))
    actions.send_case(case=case, **WHO)
    actions.approve_case(case=case, approved_by=contact, approval_note="Mail of today", **WHO)
    return actions.publish_case(case=case, **WHO)


def test_from_the_draft_to_the_page_with_who_approved_it_and_when() -> None:
    by = make_user("cs_manager")
    case = published()
    assert (case.state, case.expires_on) == ("published", TODAY + 730 * DAY)
    assert (case.approved_by, case.approved_on, case.approval_note) == (Contact.objects.get(), TODAY, "Mail of today")
    assert case.token is not None
    assert len(case.token) == 32
    assert public_case(case.token, TODAY) == case
    events = TimelineEntry.objects.filter(account=case.account).values_list("details__event", flat=True)
    assert {"case_sent", "case_approved", "case_published"} <= set(events)
    actions.withdraw_case(case=case, reason="They asked for it.", by=by, at=AT)
    assert public_case(case.token, TODAY) is None
    assert AuditEvent.objects.filter(verb="case_study.moved").count() == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [({"situation": " "}, "situation"), ({"outcome": ""}, "outcome"), ({"quote": "Great!"}, "quoted"),
     ({"quoted": "Mei"}, "quoted"), ({"goals": "none"}, "goals"), ({"goals": "unmeasured"}, "goals"),
     ({"goals": "before"}, "goals")],
)  # fmt: skip
def test_a_draft_that_lacks_something_is_not_sent(change: dict[str, str], field: str) -> None:
    account = make_account()
    goals = change.pop("goals", "good")
    case = make_case(account, **change)
    if goals == "before":
        goal = make_goal(account)
        GoalMeasurement.objects.create(goal=goal, on=account.live_on - DAY, value=Decimal(9))
        case.goals.add(goal)
    elif goals != "none":
        case.goals.add(make_goal(account, *((9, 4) if goals == "good" else ())))
    with pytest.raises(Refused) as refusal:
        actions.send_case(case=case, **WHO)
    assert refusal.value.field == field
    case.refresh_from_db()
    assert case.state == "draft"


def test_what_was_approved_stays_when_the_goal_is_deleted_or_measured_anew() -> None:
    case = published()
    goal = case.goals.get()
    before = case.proofs
    GoalMeasurement.objects.filter(goal=goal).update(value=Decimal(99))
    delete_goal(goal=goal, by=make_user(), at=AT)
    case.refresh_from_db()

    assert case.goals.count() == 0
    assert case.proofs == before
    (view,) = proof_views(case.proofs)
    assert (view.proof.before, view.proof.after, view.change) == (Decimal(10), Decimal(4), "−60%")
    assert view.title == "Days to approve: from 10 days to 4 days"
    assert public_case(str(case.token), TODAY) is not None


def test_a_goal_deleted_under_a_draft_says_what_is_to_be_done() -> None:
    account = make_account()
    case = make_case(account)
    goal = make_goal(account, 4)
    case.goals.add(goal)
    delete_goal(goal=goal, by=make_user(), at=AT)
    assert proofs_of(list(case.goals.all()), account, TODAY) == []
    with pytest.raises(Refused, match="Choose at least one goal"):
        actions.send_case(case=case, **WHO)


def test_what_the_customer_has_seen_changes_only_as_a_draft_and_is_approved_anew() -> None:
    case = published()
    for state_changes in ({"title": "Other"}, {"goals": []}):
        with pytest.raises(Refused, match="a draft again"):
            actions.change_case(case=case, **state_changes, **WHO)
    token = str(case.token)
    with pytest.raises(Refused, match="From Published one can go to"):
        actions.redraft_case(case=case, **WHO)
    actions.withdraw_case(case=case, reason="A new figure", **WHO)
    again = actions.redraft_case(case=case, **WHO)
    assert (again.state, again.token, again.approved_on, again.approved_by, again.frozen) == (
        "draft",
        None,
        None,
        None,
        [],
    )
    assert public_case(token, TODAY) is None


def test_without_a_consent_in_force_nothing_is_published() -> None:
    account = make_account()
    contact, other = make_contact(account), make_contact(account)
    make_consent(other)
    for kind in ({"scope": "talk"}, {"channel": "event"}, {"expires_on": TODAY}, {"revoked_on": TODAY}):
        make_consent(contact, **kind)
    case = make_case(account)
    case.goals.add(make_goal(account, 4))
    actions.send_case(case=case, **WHO)
    actions.approve_case(case=case, approved_by=contact, approval_note="Call", **WHO)
    with pytest.raises(Refused, match="no consent in force") as refusal:
        actions.publish_case(case=case, **WHO)
    assert refusal.value.code == "consent"
    make_consent(contact, scope="case_study", channel="web")
    assert actions.publish_case(case=case, **WHO).state == "published"


def test_a_revoked_consent_takes_it_off_the_page_at_once_and_tells_who_published_it() -> None:
    case = published()
    publisher = make_user("cs_manager")
    CaseStudy.objects.update(published_by=publisher)
    consent = Contact.objects.get().advocacy_consents.get()
    # Even where nothing else ran: the row alone is changed, and the page is gone.
    consent.revoked_on = TODAY
    consent.save()
    assert public_case(str(case.token), TODAY) is None
    consent.revoked_on = None
    consent.save()
    assert public_case(str(case.token), TODAY) is not None

    revoke_consent(consent=consent, by=None, at=AT)
    case.refresh_from_db()
    assert (case.state, case.token, case.withdrawn_on) == ("withdrawn", None, TODAY)
    assert "consent" in case.withdrawn_reason
    assert Notification.objects.get(user=publisher).kind == "case_withdrawn"
    # Agreeing anew does not publish by itself: the customer approves anew.
    make_consent(Contact.objects.get())
    assert actions.follow_case_studies(on=TODAY, at=AT) == 0


def test_consent_and_publication_end_on_their_day() -> None:
    case = published()
    consent = Contact.objects.get().advocacy_consents.get()
    token = str(case.token)
    assert public_case(token, consent.expires_on - DAY) is not None
    assert public_case(token, consent.expires_on) is None
    consent.expires_on = TODAY + 5_000 * DAY
    consent.save()
    assert case.expires_on is not None
    assert public_case(token, case.expires_on - DAY) is not None
    assert public_case(token, case.expires_on) is None
    later = AT + dt.timedelta(days=730)
    assert actions.follow_case_studies(on=later.date(), at=later) == 1
    case.refresh_from_db()
    assert (case.state, case.token) == ("expired", None)
    assert actions.follow_case_studies(on=later.date(), at=later) == 0


def test_a_contact_who_is_deleted_takes_their_word_along() -> None:
    case = published()
    Contact.objects.all().delete()
    case.refresh_from_db()
    assert case.approved_by is None
    assert public_case(str(case.token), TODAY) is None
    assert actions.follow_case_studies(on=TODAY, at=AT) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [({"approved_by": "stranger"}, "approved_by"), ({"approved_by": "gone"}, "approved_by"),
     ({"approved_on": TODAY + DAY}, "approved_on"), ({"approved_on": TODAY - DAY}, "approved_on"),
     ({"approval_note": " \u200b"}, None)],
)  # fmt: skip
def test_an_approval_that_cannot_be_is_refused(values: dict[str, Any], field: str | None) -> None:
    account = make_account()
    case = make_case(account)
    case.goals.add(make_goal(account, 4))
    actions.send_case(case=case, **WHO)
    people = {"stranger": make_contact(make_account()), "gone": make_contact(account, left_on=TODAY)}
    given: dict[str, Any] = {"approved_by": make_contact(account), "approval_note": "Mail"} | values
    given["approved_by"] = people.get(given["approved_by"], given["approved_by"])
    with pytest.raises(Refused) as refusal:
        actions.approve_case(case=case, **given, **WHO)
    assert refusal.value.field == field


@pytest.mark.parametrize("end", [TODAY, TODAY - DAY, TODAY + 2_000 * DAY])
def test_an_end_that_is_none_is_refused(end: dt.date) -> None:
    case = published()
    actions.withdraw_case(case=case, reason="x", **WHO)
    actions.redraft_case(case=case, **WHO)
    actions.send_case(case=case, **WHO)
    actions.approve_case(case=case, approved_by=Contact.objects.get(), approval_note="Mail", **WHO)
    with pytest.raises(Refused) as refusal:
        actions.publish_case(case=case, expires_on=end, **WHO)
    assert refusal.value.field == "expires_on"


def test_each_publication_has_an_address_of_its_own() -> None:
    case = published()
    first = case.token
    actions.withdraw_case(case=case, reason="x", **WHO)
    actions.redraft_case(case=case, **WHO)
    actions.send_case(case=case, **WHO)
    actions.approve_case(case=case, approved_by=Contact.objects.get(), approval_note="Mail", **WHO)
    assert actions.publish_case(case=case, **WHO).token != first


def test_the_database_keeps_an_address_to_what_is_published() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_case(make_account(), token="x" * 32)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_case(make_account(), state="published", approved_on=TODAY)


def test_a_foreign_goal_is_no_proof_and_only_drafts_are_deleted() -> None:
    account = make_account()
    with pytest.raises(Refused, match="another account"):
        actions.write_case(account=account, title="x", goals=[make_goal(make_account(), 4)], **WHO)
    case = published()
    with pytest.raises(Refused, match="Withdraw it instead"):
        actions.delete_case(case=case, **WHO)
    draft = actions.write_case(account=account, title="x", goals=[make_goal(account, 4)], **WHO)
    actions.delete_case(case=draft, **WHO)
    assert list(CaseStudy.objects.all()) == [case]


def test_goals_that_are_reached_make_a_case_the_best_first() -> None:
    account = make_account()
    best, reached = make_goal(account, 2), make_goal(account, 4)
    make_goal(account, 7)
    make_goal(account)
    assert attained_goals(account, TODAY) == [best, reached]


def test_what_was_frozen_and_cannot_be_read_is_left_out() -> None:
    case = make_case(make_account(), frozen=[{"name": "x"}, 7, None])
    assert case.proofs == []
