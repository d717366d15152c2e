"""Does the admin change advocates by the same actions as everybody else?"""

import datetime as dt

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from advocacy.actions import refresh_people
from advocacy.models import Advocate, Ask
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_user

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model in (Advocate, Ask)]


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("admin"))
    return client


def url(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def row_of(model):
    """Make a row of each of our models around one advocate."""
    advocate = make_advocate(make_account())
    account, contact, on = advocate.account, advocate.contact, AT.date()
    makers = {
        "Advocate": lambda: advocate,
        "Ask": lambda: Ask.objects.create(advocate=advocate, kind="review", asked_on=on),
        "Consent": lambda: make_consent(contact),
        "ReferenceRequest": lambda: model.objects.create(prospect="Prospect", requested_on=on),
        "PublicMention": lambda: model.objects.create(account=account, title="Review", on=on),
        "AdvocacySettings": lambda: model.objects.create(pk=1),
        "AdvocateScore": lambda: model.objects.create(account=account, month=on.replace(day=1), on=on, rank=1, of=1),
        "AdvocateRow": lambda: refresh_people(on=on) and model.objects.get(),
    }
    return makers[model.__name__]()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_form_opens(client, model):
    row = row_of(model)
    found = client.get(url(model, "changelist"), {"q": "a"} if admin.site._registry[model].search_fields else {})
    assert found.status_code == 200
    may_add = admin.site._registry[model].has_add_permission(client.get("/").wsgi_request)
    assert client.get(url(model, "add")).status_code == (200 if may_add else 403)
    assert client.get(url(model, "change", row.pk)).status_code == 200


def test_an_advocate_is_added_moved_on_and_asked(client):
    contact = make_contact(make_account())
    make_consent(contact, expires_on=dt.date(2099, 1, 1))
    assert client.post(url(Advocate, "add"), {"contact": contact.pk, "note": "Loves it."}).status_code == 302
    advocate = Advocate.objects.get()
    client.post(url(Advocate, "change", advocate.pk), {"stage": "agreed", "note": "Loves it."})
    advocate.refresh_from_db()
    assert advocate.stage == "agreed"
    refused = client.post(url(Advocate, "change", advocate.pk), {"stage": "asked", "note": ""}, follow=True)
    assert "one can go to" in refused.content.decode()
    client.post(url(Ask, "add"), {"advocate": advocate.pk, "kind": "review", "reason": ""})
    ask = Ask.objects.get()
    client.post(url(Ask, "change", ask.pk), {"answer": "accepted", "answered_on": str(ask.asked_on), "outcome": ""})
    ask.refresh_from_db()
    assert (ask.answer, ask.answered_on) == ("accepted", ask.asked_on)
    changed = {
        "answer": "accepted",
        "answered_on": str(ask.asked_on),
        "done_on": str(ask.asked_on),
        "outcome": "Great.",
    }
    client.post(url(Ask, "change", ask.pk), changed)
    ask.refresh_from_db()
    assert (ask.state, ask.outcome) == ("done", "Great.")
