"""Does the admin change referrals by the same actions as everybody else?"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from advocacy.models import Referral
from tests.factories import make_account, make_referral, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin"))
    return client


def url(page: str, *args: int) -> str:
    return reverse(f"admin:advocacy_referral_{page}", args=args)


def test_list_and_forms_open(admin: Client) -> None:
    made = make_referral(make_account())
    assert admin.get(url("changelist"), {"q": "a"}).status_code == 200
    assert admin.get(url("add")).status_code == 200
    assert admin.get(url("change", made.pk)).status_code == 200


def test_a_referral_is_added_moved_on_and_deleted_and_a_circle_is_refused(admin: Client) -> None:
    one, other = make_account(), make_account()
    data = {"referrer": one.pk, "company": "Newcomer", "account": other.pk, "invited_on": "2026-01-05", "note": ""}
    assert admin.post(url("add"), data).status_code == 302
    made = Referral.objects.get()
    admin.post(url("change", made.pk), data | {"state": "lost"})
    made.refresh_from_db()
    assert made.state == "lost"
    admin.post(url("change", made.pk), data | {"state": "invited"})
    refused = admin.post(url("add"), data | {"referrer": other.pk, "account": one.pk}, follow=True)
    assert "directly or through others" in refused.content.decode()
    assert Referral.objects.count() == 1
    admin.post(url("delete", made.pk), {"post": "yes"})
    assert not Referral.objects.exists()
