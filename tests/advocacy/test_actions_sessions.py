"""Is a session planned, are customers invited, and does who came become one fact and not two?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import Account, AuditEvent, Tag, TimelineEntry
from advocacy.actions import sessions as actions
from advocacy.models import SessionInvitation, SharingSession
from advocacy.queries.sessions import Segment, accounts_in_segment, first_contacts
from common.errors import Refused
from health.actions import ensure_default_scorecard
from health.models import HealthScore, ScorecardVersion
from tests.factories import (
    AT,
    make_account,
    make_advocate,
    make_consent,
    make_contact,
    make_line,
    make_product,
    make_session,
    make_user,
)
from usage.models import Attendance

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)
WHO: dict[str, Any] = {"by": None, "at": AT}


def invited(session: SharingSession, *accounts: Account) -> list[SessionInvitation]:
    """Invite accounts to a session that is still to come, or was when they were invited."""
    if session.on >= TODAY:
        actions.invite_accounts(session=session, accounts=accounts, **WHO)
    else:
        SessionInvitation.objects.bulk_create(
            SessionInvitation(session=session, account=account, invited_on=session.on - 9 * DAY) for account in accounts
        )
    return list(session.invitations.order_by("pk"))


def test_a_session_is_planned_and_changed() -> None:
    session = actions.plan_session(name="  Approvals ", on=TODAY + 9 * DAY, seats=5, **WHO)
    assert (session.name, session.state) == ("Approvals", "planned")
    with pytest.raises(Refused, match="of this name on this day already"):
        actions.plan_session(name="Approvals", on=TODAY + 9 * DAY, **WHO)
    with pytest.raises(Refused, match="within two years"):
        actions.plan_session(name="Far", on=TODAY + 900 * DAY, **WHO)
    changed = actions.change_session(session=session, on=TODAY + 10 * DAY, **WHO)
    assert AuditEvent.objects.get(verb="session.changed").changes["on"][1] == (changed.on).isoformat()


def test_nobody_is_invited_to_a_session_that_is_over_or_called_off() -> None:
    account = make_account()
    # A session that is past may be written down, to say who came; but an invitation to it is refused.
    past = actions.plan_session(name="Past", on=TODAY - DAY, **WHO)
    with pytest.raises(Refused, match="is over"):
        actions.invite_accounts(session=past, accounts=[account], **WHO)
    off = make_session()
    actions.cancel_session(session=off, reason="No room.", **WHO)
    with pytest.raises(Refused, match="called off"):
        actions.invite_accounts(session=off, accounts=[account], **WHO)
    assert not SessionInvitation.objects.exists()


def test_a_session_with_invitations_is_not_moved_into_the_past() -> None:
    session = make_session(on=TODAY + DAY)
    invited(session, make_account())
    with pytest.raises(Refused, match="cannot be moved into the past") as refusal:
        actions.change_session(session=session, on=TODAY - DAY, **WHO)
    assert refusal.value.field == "on"


def test_each_is_invited_once_by_its_champion() -> None:
    session, account = make_session(), make_account()
    make_contact(account, role="decision_maker", name="Dora")
    champion = make_contact(account, role="champion", name="Chen")
    make_contact(account, role="champion", left_on=TODAY - DAY)
    blocked = make_account()
    make_contact(blocked, role="blocker")
    assert actions.invite_accounts(session=session, accounts=[account, blocked], **WHO) == 2
    assert actions.invite_accounts(session=session, accounts=[account], **WHO) == 0
    rows = {row.account_id: row.contact for row in session.invitations.all()}
    assert rows == {account.pk: champion, blocked.pk: None}
    assert TimelineEntry.objects.filter(details__event="session_invited").count() == 2
    assert AuditEvent.objects.get(verb="session.invited").changes["accounts"] == sorted([account.pk, blocked.pk])


def test_inviting_many_asks_no_more_than_inviting_one(django_assert_max_num_queries: Any) -> None:
    first, second = make_session(), make_session()
    with django_assert_max_num_queries(40) as one:
        actions.invite_accounts(session=first, accounts=[make_account()], **WHO)
    many = [make_account() for _ in range(60)]
    with django_assert_max_num_queries(len(one.captured_queries)):
        actions.invite_accounts(session=second, accounts=many, **WHO)


def test_there_are_no_more_invitations_than_seats() -> None:
    session = make_session(seats=2)
    invited(session, make_account())
    with pytest.raises(Refused, match="There are 2 seats, and 3 customers"):
        actions.invite_accounts(session=session, accounts=[make_account(), make_account()], **WHO)
    invited(session, make_account())
    with pytest.raises(Refused, match="There is 1 seat, and 2") as refusal:
        actions.change_session(session=session, seats=1, **WHO)
    assert refusal.value.field == "seats"


def test_a_segment_is_of_those_whom_all_choices_mean() -> None:
    me, other, product, tag = make_user(), make_user(), make_product(), Tag.objects.create(name="pilot")
    wanted = make_account(me, tier="elephant", industry="Retail")
    make_line(wanted, product=product)
    wanted.tags.add(tag)
    ensure_default_scorecard()
    version = ScorecardVersion.objects.first()
    HealthScore.objects.create(account=wanted, on=TODAY, score=80, coverage=1, band="green", version=version)
    near = make_account(me, tier="elephant", industry="Retail")
    make_line(near, product=make_product())
    make_account(me, tier="elephant", industry="Retail", stage="churned").tags.add(tag)
    make_account(other, tier="elephant", industry="Retail").tags.add(tag)

    def found(**choice: Any) -> set[int]:
        return set(accounts_in_segment(Segment(**choice), me, TODAY).values_list("pk", flat=True))

    assert found() == {wanted.pk, near.pk}
    assert found(tiers=("rabbit",)) == set()
    assert found(industry="retail") == {wanted.pk, near.pk}
    assert found(bands=("green",)) == {wanted.pk}
    assert found(product_id=product.pk) == {wanted.pk}
    assert found(tag_ids=(tag.pk,), tiers=("elephant",)) == {wanted.pk}


def test_who_came_becomes_one_fact_invited_or_not() -> None:
    session = make_session(on=TODAY - DAY)
    came, missed, walked = make_account(), make_account(), make_account()
    invited(session, came, missed)
    assert actions.record_attendance(session=session, accounts=[came, walked], **WHO) == 2
    assert actions.record_attendance(session=session, accounts=[came], **WHO) == 0
    facts = Attendance.objects.all()
    assert {(fact.account_id, fact.name, fact.on, fact.kind) for fact in facts} == {
        (account.pk, session.name, session.on, "sharing_session") for account in (came, walked)
    }
    session.refresh_from_db()
    assert session.state == "held"
    assert {row.account_id for row in session.invitations.came()} == {came.pk, walked.pk}
    assert [row.account_id for row in session.invitations.stayed_away()] == [missed.pk]
    assert TimelineEntry.objects.filter(details__event="session_attended").count() == 2


def test_a_fact_that_came_in_by_itself_is_taken_up_and_not_doubled() -> None:
    session = make_session(on=TODAY - DAY)
    guest, imported = make_account(), make_account()
    invited(session, guest)
    for account in (guest, imported):
        Attendance.objects.create(account=account, name=session.name, on=session.on, kind="sharing_session")
    Attendance.objects.create(account=make_account(), name="Another", on=session.on, kind="sharing_session")
    assert actions.record_attendance(session=session, accounts=[guest], **WHO) == 1
    assert actions.take_up_attendance(session=session, **WHO) == 1
    assert actions.take_up_attendance(session=session, **WHO) == 0
    assert Attendance.objects.filter(name=session.name).count() == 2
    assert {row.account_id for row in session.invitations.came()} == {guest.pk, imported.pk}


def test_who_came_to_what_is_still_to_come_is_refused() -> None:
    with pytest.raises(Refused, match="still to come"):
        actions.record_attendance(session=make_session(on=TODAY + DAY), accounts=[make_account()], **WHO)
    off = make_session(on=TODAY - DAY, state="cancelled")
    with pytest.raises(Refused, match="called off"):
        actions.record_attendance(session=off, accounts=[make_account()], **WHO)
    assert not Attendance.objects.exists()


def test_attendance_is_taken_back_with_its_fact() -> None:
    session, walked = make_session(on=TODAY - DAY), make_account()
    guest = make_account()
    (invitation,) = invited(session, guest)
    actions.record_attendance(session=session, accounts=[guest, walked], **WHO)
    for row in session.invitations.all():
        actions.take_back_attendance(invitation=row, **WHO)
    assert not Attendance.objects.exists()
    assert [row.pk for row in session.invitations.all()] == [invitation.pk]


def test_a_fact_deleted_elsewhere_leaves_the_invitation_as_not_come() -> None:
    session, guest = make_session(on=TODAY - DAY), make_account()
    (invitation,) = invited(session, guest)
    actions.record_attendance(session=session, accounts=[guest], **WHO)
    Attendance.objects.all().delete()
    invitation.refresh_from_db()
    assert invitation.attendance is None


def test_name_and_day_stay_once_somebody_came() -> None:
    session, guest = make_session(on=TODAY - DAY), make_account()
    invited(session, guest)
    actions.record_attendance(session=session, accounts=[guest], **WHO)
    with pytest.raises(Refused, match="took part under this name"):
        actions.change_session(session=session, name="Other", **WHO)
    actions.change_session(session=session, place="Room 2", **WHO)
    with pytest.raises(Refused, match="was held"):
        actions.cancel_session(session=session, reason="x", **WHO)
    with pytest.raises(Refused, match="Call the session off"):
        actions.delete_session(session=session, **WHO)


def test_follow_ups_come_before_the_owners_and_are_ticked_off_there_or_here() -> None:
    me = make_user()
    session, guest, missed = make_session(on=TODAY - DAY), make_account(me), make_account(me)
    invited(session, guest, missed)
    actions.record_attendance(session=session, accounts=[guest], **WHO)
    rows = session.invitations.all()
    with pytest.raises(Refused, match="later day"):
        actions.plan_follow_ups(session=session, invitations=rows, due_on=TODAY - DAY, **WHO)
    assert actions.plan_follow_ups(session=session, invitations=rows, due_on=TODAY + DAY, **WHO) == 1
    assert actions.plan_follow_ups(session=session, invitations=rows, due_on=TODAY + DAY, **WHO) == 0
    row = session.invitations.get(account=guest)
    entry = row.follow_up
    assert entry is not None
    # Without an author it is the owner's, whoever that is on the day.
    assert (entry.author, entry.follow_up_on, entry.account) == (None, TODAY + DAY, guest)
    actions.finish_session_follow_up(invitation=row, by=me, at=AT)
    entry.refresh_from_db()
    assert entry.follow_up_done_at == AT
    with pytest.raises(Refused, match="No follow-up"):
        actions.finish_session_follow_up(invitation=session.invitations.get(account=missed), by=me, at=AT)


def test_answers_and_withdrawals() -> None:
    session, guest = make_session(on=TODAY), make_account()
    (row,) = invited(session, guest)
    answered = actions.answer_invitation(invitation=row, answer="accepted", **WHO)
    assert (answered.answer, answered.answered_on) == ("accepted", TODAY)
    with pytest.raises(Refused, match="another account"):
        actions.change_invitation(invitation=row, contact=make_contact(make_account()), **WHO)
    actions.record_attendance(session=session, accounts=[guest], **WHO)
    with pytest.raises(Refused, match="took part"):
        actions.withdraw_invitation(invitation=row, **WHO)
    actions.take_back_attendance(invitation=row, **WHO)
    actions.withdraw_invitation(invitation=row, **WHO)
    assert not session.invitations.exists()


def test_an_advocate_speaks_once_and_not_after_leaving_or_withdrawing() -> None:
    session, advocate = make_session(on=TODAY + DAY), make_advocate(make_account())
    with pytest.raises(Refused, match="not agreed to a talk on that day"):
        actions.add_talk(session=session, advocate=advocate, title="x", **WHO)
    make_consent(advocate.contact, scope="case_study")
    make_consent(advocate.contact, scope="talk", expires_on=session.on)
    with pytest.raises(Refused, match="not agreed to a talk on that day"):
        actions.add_talk(session=session, advocate=advocate, title="x", **WHO)
    make_consent(advocate.contact, scope="talk", channel="event")
    talk = actions.add_talk(session=session, advocate=advocate, title="How we do approvals", **WHO)
    assert TimelineEntry.objects.get(account=advocate.account).details["event"] == "session_talk"
    with pytest.raises(Refused, match="speaks in this session already"):
        actions.add_talk(session=session, advocate=advocate, title="Again", **WHO)
    gone = make_advocate(make_account(), stage="withdrawn")
    with pytest.raises(Refused, match="has withdrawn"):
        actions.add_talk(session=session, advocate=gone, title="x", **WHO)
    left = make_advocate(make_account())
    left.contact.left_on = TODAY
    left.contact.save()
    with pytest.raises(Refused, match="has left"):
        actions.add_talk(session=session, advocate=left, title="x", **WHO)
    actions.delete_talk(talk=talk, **WHO)
    assert not session.talks.exists()


def test_the_first_contact_of_many_accounts_is_one_query(django_assert_num_queries: Any) -> None:
    accounts = [make_account() for _ in range(5)]
    for account in accounts:
        make_contact(account)
    with django_assert_num_queries(1):
        assert len(first_contacts([account.pk for account in accounts], TODAY)) == 5
