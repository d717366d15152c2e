"""Does the admin change requests by the same actions as everybody else?"""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from roadmap.models import FeatureRequest, RequestEvidence
from tests.factories import make_account, make_evidence, make_request, make_user

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "roadmap"]


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("admin"))
    return client


def url(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_form_opens(client, model):
    voice = make_evidence(make_account())
    assert client.get(url(model, "changelist"), {"q": "a"}).status_code == 200
    assert client.get(url(model, "add")).status_code == 200
    row = voice if model is RequestEvidence else voice.request
    assert client.get(url(model, "change", row.pk)).status_code == 200


def form(need, **fields):
    return {"title": need.title, "description": "", "created_on": str(need.created_on)} | fields


def test_a_need_is_declined_with_a_reason_and_taken_up_again(client):
    need = make_request()
    page = url(FeatureRequest, "change", need.pk)
    refused = client.post(page, form(need, state="declined"), follow=True)
    assert "Say why the request is declined" in refused.content.decode()
    client.post(page, form(need, state="declined", decline_reason="Too few.", title="Better words"))
    need.refresh_from_db()
    assert (need.state, need.decline_reason, need.title) == ("declined", "Too few.", "Better words")
    client.post(page, form(need, state="planned", decline_reason="Too few."))
    need.refresh_from_db()
    assert (need.state, need.decline_reason) == ("planned", "")
    assert AuditEvent.objects.filter(verb="feature_request.state_changed").count() == 2


def test_a_voice_is_added_and_a_need_with_voices_stays(client):
    need, account = make_request(), make_account()
    data = {"request": need.pk, "account": account.pk, "importance": "2", "asked_on": "2026-01-05"}
    assert client.post(url(RequestEvidence, "add"), data).status_code == 302
    assert RequestEvidence.objects.get().importance == 2
    client.post(url(FeatureRequest, "delete", need.pk), {"post": "yes"})
    assert FeatureRequest.objects.exists()
