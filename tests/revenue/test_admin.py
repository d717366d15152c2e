"""Does the admin change revenue by the same actions as everybody else?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from revenue.actions import derive_movements
from revenue.models import ContractLine, ExchangeRate, Movement, Renewal
from tests.factories import make_account, make_line, make_product, make_user

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "revenue"]


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


def new_line(account, **fields):
    return {
        "account": account.pk,
        "product": make_product().pk,
        "arr": "100",
        "currency": "USD",
        "starts_on": "2026-01-01",
    } | fields


def test_a_line_added_changed_and_deleted_moves_the_ledger(client):
    account = make_account()
    assert client.post(url(ContractLine, "add"), new_line(account)).status_code == 302
    assert Movement.objects.get().amount == 100
    line = ContractLine.objects.get()
    changed = new_line(account, arr="150", product=line.product_id)
    assert client.post(url(ContractLine, "change", line.pk), changed).status_code == 302
    assert Movement.objects.get().amount == 150
    client.post(
        url(ContractLine, "changelist"), {"action": "delete_selected", "_selected_action": line.pk, "post": "yes"}
    )
    assert not Movement.objects.exists()
    verbs = ["contract_line.added", "contract_line.changed", "contract_line.deleted"]
    assert (
        list(AuditEvent.objects.filter(verb__startswith="contract_line").order_by("pk").values_list("verb", flat=True))
        == verbs
    )


def test_a_refusal_is_shown_and_nothing_is_written(client):
    answer = client.post(url(ContractLine, "add"), new_line(make_account(), currency="XXX"), follow=True)
    assert "Currency must be one of" in answer.content.decode()
    assert not ContractLine.objects.exists()


def test_movements_are_looked_at_alone(client):
    make_line(make_account())
    derive_movements()
    assert client.get(url(Movement, "change", Movement.objects.get().pk)).status_code == 200
    assert client.post(url(Movement, "delete", Movement.objects.get().pk), {"post": "yes"}).status_code == 403


def test_a_renewal_is_advanced_and_a_rate_replaced(client):
    renewal = Renewal.objects.create(account=make_account(), due_on=dt.date(2099, 1, 1))
    client.post(url(Renewal, "change", renewal.pk), {"stage": "committed"})
    renewal.refresh_from_db()
    assert (renewal.stage, AuditEvent.objects.filter(verb="renewal.advanced").count()) == ("committed", 1)
    client.post(url(ExchangeRate, "add"), {"base": "EUR", "quote": "USD", "on": "2026-01-01", "rate": "1.2"})
    assert ExchangeRate.objects.count() == 1
