"""Does the admin change sessions by the same actions as everybody else?"""

from __future__ import annotations

import pytest
from django.contrib import admin as site
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from advocacy.models import SessionInvitation, SessionTalk, SharingSession
from tests.factories import make_account, make_advocate, make_session, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin"))
    return client


def url(model: type, page: str, *args: int) -> str:
    return reverse(f"admin:advocacy_{model.__name__.lower()}_{page}", args=args)


def test_every_list_and_form_opens(admin: Client) -> None:
    session, advocate = make_session(on=TODAY), make_advocate(make_account())
    rows = {
        SharingSession: session,
        SessionInvitation: SessionInvitation.objects.create(session=session, account=advocate.account),
        SessionTalk: SessionTalk.objects.create(session=session, advocate=advocate, title="Our way"),
    }
    for model, row in rows.items():
        assert model in site.site._registry
        assert admin.get(url(model, "changelist"), {"q": "a"}).status_code == 200
        assert admin.get(url(model, "add")).status_code == 200
        assert admin.get(url(model, "change", row.pk)).status_code == 200


def test_a_session_is_planned_and_somebody_invited_unless_it_is_past(admin: Client) -> None:
    data = {"name": "Approvals", "on": TODAY.isoformat(), "place": "", "topic": ""}
    admin.post(url(SharingSession, "add"), data)
    session = SharingSession.objects.get()
    account = make_account()
    admin.post(url(SessionInvitation, "add"), {"session": session.pk, "account": account.pk})
    assert SessionInvitation.objects.get().account == account
    past = make_session(on=TODAY.replace(year=TODAY.year - 1))
    refused = admin.post(url(SessionInvitation, "add"), {"session": past.pk, "account": account.pk}, follow=True)
    assert "is over" in refused.content.decode()
    kept = admin.post(url(SharingSession, "delete", session.pk), {"post": "yes"}, follow=True)
    assert kept.status_code == 200
    assert SharingSession.objects.count() == 2
