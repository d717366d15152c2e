"""Does the admin change requests by the same actions as everybody else?"""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, ExpectationGap
from roadmap import actions
from roadmap.models import (
    DuplicatePair,
    FeatureRequest,
    RequestAnswer,
    RequestChange,
    RequestEvidence,
    RequestLink,
    SharedRoadmap,
)
from tests.factories import AT, make_account, make_evidence, make_request, make_user

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
    row = make_row(model)
    may_add = model not in (DuplicatePair, RequestAnswer, RequestChange, SharedRoadmap)
    assert client.get(url(model, "changelist"), {"q": "a"}).status_code == 200
    assert client.get(url(model, "add")).status_code == (200 if may_add else 403)
    assert client.get(url(model, "change", row.pk)).status_code == 200


def make_row(model):
    """Make one row of a model, and what it stands on."""
    account = make_account()
    voice = make_evidence(account)
    who = {"by": make_user("admin"), "at": AT}
    if model is RequestEvidence:
        return voice
    if model is RequestLink:
        gap = ExpectationGap.objects.create(account=account, text="Offline", found_on=AT.date())
        return actions.link_request(request=voice.request, target=gap, **who)
    if model is SharedRoadmap:
        return actions.share_roadmap(name="For all", **who)
    if model in (RequestChange, RequestAnswer):
        actions.change_state(request=voice.request, state="planned", **who)
        return model.objects.get()
    if model is DuplicatePair:
        other = make_request()
        return DuplicatePair.objects.create(one=voice.request, other=other, likeness=0.5)
    return voice.request


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
