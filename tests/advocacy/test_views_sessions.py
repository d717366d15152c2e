"""Do the pages of sessions lead from a plan to invitations, guests and follow-ups, within what one may see?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import BulkRun, TimelineEntry
from advocacy.actions.consents import revoke_consent
from advocacy.models import SessionInvitation, SharingSession
from tests.factories import make_account, make_advocate, make_consent, make_contact, make_session, make_user
from usage.models import Attendance

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
DAY = dt.timedelta(days=1)


def signed_in(client: Client, role: str = "admin", **fields: Any) -> Any:
    user = make_user(role, **fields)
    client.force_login(user)
    return user


def page(client: Client, name: str = "sharing_sessions", query: str = "", **how: Any) -> str:
    answer = client.get(reverse(name, **how) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def invited(session: SharingSession, owner: Any = None, **fields: Any) -> SessionInvitation:
    account = make_account(owner, **fields)
    return SessionInvitation.objects.create(session=session, account=account, invited_on=TODAY - DAY)


def test_from_the_plan_to_the_follow_up(client: Client) -> None:
    signed_in(client)
    elephant, rabbit = make_account(name="Big Bakery", tier="elephant"), make_account(name="Small Shop", tier="rabbit")
    data = {"name": "Approvals in a day", "on": TODAY.isoformat(), "starts_at": "15:00", "seats": "10"}
    assert client.post(reverse("session_add"), data | {"seats": "0"}).status_code == 422
    client.post(reverse("session_add"), data)
    session = SharingSession.objects.get()
    invite = reverse("session_invite", args=[session.pk])
    text = page(client, "session_invite", "?tier=elephant", args=[session.pk])
    assert "1 customer would be invited" in text
    assert ("Big Bakery" in text, "Small Shop" in text) == (True, False)
    client.post(invite, {"tier": "elephant"})
    row = SessionInvitation.objects.get()
    assert row.account == elephant
    assert "1 customer fits and is invited already" in page(
        client, "session_invite", "?tier=elephant", args=[session.pk]
    )
    client.post(reverse("invitation_answer", args=[row.pk]), {"answer": "accepted"})
    answer = client.post(reverse("session_came", args=[session.pk]), {"selected": [row.pk]}, follow=True)
    assert "1 customer came." in answer.content.decode()
    client.post(BulkRun.objects.get().undo)
    assert not Attendance.objects.exists()
    client.post(reverse("session_came", args=[session.pk]), {"selected": [row.pk]})
    assert client.post(reverse("session_walk_in", args=[session.pk]), {"account": "Nobody"}).status_code == 422
    client.post(reverse("session_walk_in", args=[session.pk]), {"account": rabbit.external_id})
    assert Attendance.objects.filter(name="Approvals in a day").count() == 2
    past = client.post(reverse("session_follow_ups", args=[session.pk]), {"due_on": "2020-01-01"})
    assert past.status_code == 422
    client.post(reverse("session_follow_ups", args=[session.pk]), {"due_on": (TODAY + 3 * DAY).isoformat()})
    row.refresh_from_db()
    assert row.follow_up is not None
    client.post(reverse("invitation_followed_up", args=[row.pk]))
    assert TimelineEntry.objects.get(pk=row.follow_up_id).follow_up_done_at is not None
    text = page(client, "sharing_session", args=[session.pk])
    assert "Came by itself" in text


def test_a_session_of_the_past_invites_nobody_and_says_why(client: Client) -> None:
    signed_in(client)
    make_account()
    session = make_session(on=TODAY - DAY)
    assert "is over or called off" in page(client, "session_invite", args=[session.pk])
    answer = client.post(reverse("session_invite", args=[session.pk]), {})
    assert (answer.status_code, "This session is over" in answer.content.decode()) == (422, True)
    assert not SessionInvitation.objects.exists()


def test_one_sees_and_counts_the_customers_that_are_ones_own(client: Client) -> None:
    session, other = make_session(on=TODAY), make_user()
    far = invited(session, other, name="Far Foundry")
    me = signed_in(client, "csm")
    invited(session, me, name="Near Nursery")
    text = page(client, "sharing_session", args=[session.pk])
    assert ("Near Nursery" in text, "Far Foundry" in text) == (True, False)
    # The list counts one invitation, not two.
    assert 'data-kind="number">1</td>' in page(client)
    assert "Far Foundry" not in page(client, "session_invite", args=[session.pk])
    for name in ("invitation_answer", "invitation_withdraw", "invitation_not_came", "invitation_followed_up"):
        assert client.post(reverse(name, args=[far.pk]), {"answer": "accepted"}).status_code == 404
    client.post(reverse("session_came", args=[session.pk]), {"selected": [far.pk]})
    assert not Attendance.objects.exists()


def test_who_plans_and_who_invites(client: Client) -> None:
    session = make_session(on=TODAY + DAY)
    signed_in(client, "csm")
    assert client.get(reverse("session_add")).status_code == 404
    assert client.post(reverse("session_cancel", args=[session.pk]), {"reason": "x"}).status_code == 404
    assert client.get(reverse("session_invite", args=[session.pk])).status_code == 200
    signed_in(client, "viewer")
    assert client.get(reverse("session_invite", args=[session.pk])).status_code == 404
    assert "Plan a session" not in page(client)


def test_a_session_is_called_off_with_undo_edited_and_deleted(client: Client) -> None:
    signed_in(client)
    session = make_session(on=TODAY + DAY)
    answer = client.post(reverse("session_cancel", args=[session.pk]), {"reason": "No room"}, follow=True)
    assert reverse("session_restore", args=[session.pk]) in answer.content.decode()
    client.post(reverse("session_restore", args=[session.pk]))
    data = {"name": session.name, "on": (TODAY + 2 * DAY).isoformat(), "place": "Room 7"}
    client.post(reverse("session_edit", args=[session.pk]), data)
    session.refresh_from_db()
    assert (session.state, session.place, session.on) == ("planned", "Room 7", TODAY + 2 * DAY)
    invitation = invited(session)
    assert client.post(reverse("session_edit", args=[session.pk]), data | {"on": "2026-01-01"}).status_code == 422
    kept = client.post(reverse("session_delete", args=[session.pk]), follow=True)
    assert "Call the session off" in kept.content.decode()
    client.post(reverse("invitation_withdraw", args=[invitation.pk]))
    client.post(reverse("session_delete", args=[session.pk]))
    assert not SharingSession.objects.exists()


def test_talks_are_those_of_advocates_that_one_may_see(client: Client) -> None:
    session = make_session(on=TODAY + DAY)
    advocate = make_advocate(make_account(make_user(), name="Far Foundry"))
    consent = make_consent(advocate.contact, expires_on=TODAY + 90 * DAY)
    signed_in(client)
    client.post(reverse("talk_add", args=[session.pk]), {"advocate": advocate.pk, "title": "<b>Our way</b>"})
    text = page(client, "sharing_session", args=[session.pk])
    assert ("&lt;b&gt;Our way" in text, "<b>Our way" in text) == (True, False)
    assert "No consent" not in text
    revoke_consent(consent=consent, by=None, at=timezone.now())
    assert "No consent" in page(client, "sharing_session", args=[session.pk])
    signed_in(client, "csm")
    assert "Our way" not in page(client, "sharing_session", args=[session.pk])


def test_imported_attendance_is_taken_up(client: Client) -> None:
    signed_in(client)
    session = make_session(on=TODAY - DAY)
    Attendance.objects.create(account=make_account(), name=session.name, on=session.on)
    answer = client.post(reverse("session_take_up", args=[session.pk]), follow=True)
    assert "1 attendance taken up." in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", True), ("?state=planned", True), ("?state=held", False), ("?q=talks", True), ("?q=zebra", False),
     ("?since=2026-01-01", True), ("?until=2020-01-01", False)],
)  # fmt: skip
def test_the_list_is_narrowed(client: Client, query: str, shown: bool) -> None:
    signed_in(client)
    make_session(name="Talks in June", on=TODAY)
    assert ("Talks in June</a>" in page(client, query=query)) == shown


def test_more_rows_ask_no_more_queries(client: Client, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    signed_in(client)
    session = make_session(on=TODAY)
    invited(session)
    for name, args in (("sharing_sessions", []), ("sharing_session", [session.pk])):
        page(client, name, args=args)
        with django_assert_max_num_queries(60) as one:
            page(client, name, args=args)
        for _ in range(12):
            invited(session)
            invited(make_session(on=TODAY))
        with django_assert_max_num_queries(len(one.captured_queries)):
            page(client, name, args=args)


def test_the_files_hold_addresses_for_who_may_see_them(client: Client) -> None:
    session = make_session(on=TODAY)
    row = invited(session)
    row.contact = make_contact(row.account, email="who@example.com")
    row.save()

    def text(name: str, *args: Any) -> str:
        answer = client.get(reverse(name, args=[*args, "csv"]))
        return b"".join(answer.streaming_content).decode()

    signed_in(client)
    assert "who@example.com" in text("invitation_export", session.pk)
    assert session.name in text("session_export")
    signed_in(client, "product_manager")
    assert "who@example.com" not in text("invitation_export", session.pk)
