"""Does the admin change case studies by the same actions as everybody else?"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from advocacy.models import CaseStudy
from tests.factories import make_account, make_case, make_user

pytestmark = pytest.mark.django_db


def url(page: str, *args: int) -> str:
    return reverse(f"admin:advocacy_casestudy_{page}", args=args)


def test_a_draft_is_written_changed_and_deleted_and_the_rest_is_refused(client: Client) -> None:
    client.force_login(make_user("admin"))
    data = {"account": make_account().pk, "title": "First", "shown_as": "They"}
    assert client.get(url("add")).status_code == 200
    assert client.post(url("add"), data).status_code == 302
    case = CaseStudy.objects.get()
    assert client.get(url("changelist"), {"q": "a"}).status_code == 200
    client.post(url("change", case.pk), data | {"title": "Second"})
    case.refresh_from_db()
    assert case.title == "Second"
    seen = make_case(make_account(), state="with_customer")
    refused = client.post(url("change", seen.pk), {"title": "Third", "shown_as": "They"}, follow=True)
    assert "a draft again" in refused.content.decode()
    client.post(url("delete", case.pk), {"post": "yes"})
    assert list(CaseStudy.objects.all()) == [seen]
