"""Does the API plan, invite and note who came as the pages do?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from advocacy.models import SessionInvitation
from tests.factories import make_account, make_advocate, make_consent, make_contact, make_session, make_user
from usage.models import Attendance

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user: Any, path: str, **data: Any) -> Any:
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def test_a_session_is_planned_filled_and_held() -> None:
    admin = make_user("admin")
    one, other = make_account(tier="elephant"), make_account(tier="rabbit")
    made = post(admin, "sharing-sessions", name="Approvals", on=TODAY.isoformat())
    assert (made.status_code, made.json()["state"]) == (201, "planned")
    session = made.json()["id"]
    assert post(admin, "session-invitations/invite", session=session, tier=["elephant"]).json() == {"count": 1}
    contact = make_contact(other)
    single = post(admin, "session-invitations", session=session, account=other.pk, contact=contact.pk)
    assert (single.status_code, single.json()["contact"]) == (201, contact.pk)
    row = SessionInvitation.objects.get(account=one)
    assert post(admin, f"session-invitations/{row.pk}/answer", answer="declined").json()["answer"] == "declined"
    assert post(admin, "session-invitations/came", session=session, accounts=[one.pk]).json() == {"count": 1}
    assert client_of(admin).get(f"/api/v1/sharing-sessions/{session}/").json()["state"] == "held"
    assert post(admin, f"session-invitations/{row.pk}/not-came").status_code == 204
    assert not Attendance.objects.exists()


def test_a_session_of_the_past_invites_nobody_over_the_api() -> None:
    admin, session = make_user("admin"), make_session(on=TODAY - dt.timedelta(days=1))
    account = make_account()
    assert post(admin, "session-invitations", session=session.pk, account=account.pk).status_code == 409
    assert post(admin, "session-invitations/invite", session=session.pk).status_code == 409
    wrong = post(admin, "session-invitations", session=make_session(on=TODAY).pk, account=account.pk,
                 contact=make_contact(make_account()).pk)  # fmt: skip
    assert wrong.status_code == 400
    # A refused contact leaves no invitation behind.
    assert not SessionInvitation.objects.exists()


def test_who_may_not_plan_or_see_is_refused() -> None:
    csm, session = make_user(), make_session(on=TODAY)
    foreign = make_account(make_user())
    assert post(csm, "sharing-sessions", name="X", on=TODAY.isoformat()).status_code == 403
    assert post(csm, f"sharing-sessions/{session.pk}/cancel", reason="X").status_code == 403
    assert post(csm, "session-invitations", session=session.pk, account=foreign.pk).status_code == 400
    assert post(csm, "session-invitations/came", session=session.pk, accounts=[foreign.pk]).status_code == 400
    assert post(csm, "session-invitations/invite", session=session.pk).json() == {"count": 0}
    assert post(make_user("viewer"), "session-invitations/invite", session=session.pk).status_code == 403
    mine = make_account(csm)
    assert post(csm, "session-invitations", session=session.pk, account=mine.pk).status_code == 201


def test_a_session_is_called_off_and_talks_come_and_go() -> None:
    admin, session = make_user("admin"), make_session(on=TODAY)
    advocate = make_advocate(make_account())
    assert post(admin, "session-talks", session=session.pk, advocate=advocate.pk, title="Our way").status_code == 400
    make_consent(advocate.contact, expires_on=TODAY + dt.timedelta(days=90))
    made = post(admin, "session-talks", session=session.pk, advocate=advocate.pk, title="Our way")
    assert made.status_code == 201
    assert client_of(admin).delete(f"/api/v1/session-talks/{made.json()['id']}/").status_code == 204
    assert post(admin, f"sharing-sessions/{session.pk}/cancel", reason="No room").json()["state"] == "cancelled"
    assert post(admin, f"sharing-sessions/{session.pk}/restore").json()["state"] == "planned"
    patched = client_of(admin).patch(f"/api/v1/sharing-sessions/{session.pk}/", {"place": "Room 7"}, format="json")
    assert patched.json()["place"] == "Room 7"
    assert client_of(admin).delete(f"/api/v1/sharing-sessions/{session.pk}/").status_code == 204


def test_lists_ask_as_often_for_many_rows_as_for_one() -> None:
    admin = make_user("admin")
    for path in ("sharing-sessions", "session-invitations", "session-talks"):
        asked = []
        for number in (1, 20):
            for _ in range(number):
                session, advocate = make_session(on=TODAY), make_advocate(make_account())
                SessionInvitation.objects.create(session=session, account=advocate.account, invited_on=TODAY)
                session.talks.create(advocate=advocate, title="Our way")
            with CaptureQueriesContext(connection) as seen:
                client_of(admin).get(f"/api/v1/{path}/", {"page_size": 100})
            asked.append(len(seen))
        assert asked[0] == asked[1]
