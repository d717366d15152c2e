"""Does the admin change advocates by the same actions as everybody else?"""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from advocacy.models import Advocate, Ask
from tests.factories import AT, make_account, make_advocate, make_contact, make_user

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model in (Advocate, Ask)]


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("admin"))
    return client


def url(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_form_opens(client, model):
    advocate = make_advocate(make_account())
    ask = Ask.objects.create(advocate=advocate, kind="review", asked_on=AT.date())
    assert client.get(url(model, "changelist"), {"q": "a"}).status_code == 200
    assert client.get(url(model, "add")).status_code == 200
    assert client.get(url(model, "change", ask.pk if model is Ask else advocate.pk)).status_code == 200


def test_an_advocate_is_added_moved_on_and_asked(client):
    contact = make_contact(make_account())
    assert client.post(url(Advocate, "add"), {"contact": contact.pk, "note": "Loves it."}).status_code == 302
    advocate = Advocate.objects.get()
    client.post(url(Advocate, "change", advocate.pk), {"stage": "agreed", "note": "Loves it."})
    advocate.refresh_from_db()
    assert advocate.stage == "agreed"
    refused = client.post(url(Advocate, "change", advocate.pk), {"stage": "asked", "note": ""}, follow=True)
    assert "one can go to" in refused.content.decode()
    client.post(url(Ask, "add"), {"advocate": advocate.pk, "kind": "review", "asked_on": "2026-01-05"})
    ask = Ask.objects.get()
    client.post(url(Ask, "change", ask.pk), {"answer": "accepted", "answered_on": "2026-01-06"})
    ask.refresh_from_db()
    assert (ask.answer, str(ask.answered_on)) == ("accepted", "2026-01-06")
