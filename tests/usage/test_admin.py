"""Does the admin change the catalogue and the facts by the same actions as everybody else?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import make_account, make_feature, make_user
from usage.models import Milestone, Ticket

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "usage"]


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("admin"))
    return client


def url(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_form_opens(client, model):
    assert client.get(url(model, "changelist")).status_code == 200
    assert (
        client.get(url(model, "changelist"), {"q": "a"}).status_code == 200
        or not admin.site._registry[model].search_fields
    )
    assert client.get(url(model, "add")).status_code in (200, 403)


def test_a_ticket_gets_its_target_and_a_used_feature_stays(client):
    data = {"account": make_account().pk, "severity": "high", "opened_at_0": "2026-06-01", "opened_at_1": "00:00:00"}
    assert client.post(url(Ticket, "add"), data).status_code == 302
    assert Ticket.objects.get().target_at == dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
    feature = make_feature()
    answer = client.post(url(type(feature.module), "delete", feature.module_id), {"post": "yes"}, follow=True)
    assert answer.status_code == 200
    assert type(feature).objects.exists()
    client.post(url(Milestone, "add"), {"external_id": "m", "name": "M", "due_after_days": "5"})
    assert Milestone.objects.get().due_after_days == 5
