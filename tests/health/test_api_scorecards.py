"""Can a program read scorecards, draft, preview and publish them, with the same refusals in words?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from health.models import Scorecard, ScorecardDraft
from health.rules.drafts import with_weights
from tests.health.book import make_account, make_line
from tests.health.test_api import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin@example.org", "admin", "all"))


@pytest.fixture
def path() -> str:
    return f"/api/v1/scorecards/{Scorecard.objects.get().pk}/"


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    answer = getattr(client, method)(path, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_draft_is_read_changed_previewed_and_published(admin: Client, path: str):
    make_line(make_account())
    _status, draft = send(admin, "get", f"{path}draft/")
    assert (draft["draft_version"], draft["problem"], draft["conditions"]) == (0, "", [])
    uneven = with_weights(draft["definition"], {"nps": 0})
    status, saved = send(admin, "put", f"{path}draft/", {"definition": uneven, "draft_version": 0})
    assert status == 200, saved
    assert (saved["draft_version"], saved["problem"]) == (1, "The weights add up to 90, not to 100.")
    assert send(admin, "get", f"{path}preview/")[0] == 400
    even = with_weights(uneven, {"issue_resolution": 20})
    conditions = [{"field": "tier", "operator": "is", "value": "elephant"}]
    assert (
        send(admin, "put", f"{path}draft/", {"definition": even, "conditions": conditions, "draft_version": 1})[0]
        == 200
    )
    status, seen = send(admin, "get", f"{path}preview/")
    assert (status, seen["accounts"], len(seen["warned"]), seen["left_out"]) == (200, 1, 2, [])
    assert seen["movers"][0]["after"] == ""  # nobody scores who is no key account
    today = timezone.now().date().isoformat()
    status, card = send(admin, "post", f"{path}publish/", {"effective_on": today, "draft_version": 2})
    assert (status, card["versions"][0]["number"], card["versions"][0]["conditions"]) == (200, 2, conditions)
    assert not ScorecardDraft.objects.exists()
    assert AuditEvent.objects.filter(verb="scorecard.published").count() == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"definition": {}, "draft_version": 5}, "Someone else changed this draft"),
        ({"definition": {"groups": 3}, "draft_version": 0}, "groups must be a list."),
        ({"definition": {"groups": [], "wait": 1}, "draft_version": 0}, "Unknown setting: wait."),
        ({"definition": {"groups": []}}, "required"),
        ({"definition": [], "draft_version": 0}, "dictionary"),
        ({"definition": {"groups": []}, "conditions": [{"field": "colour"}], "draft_version": 0}, "no field “colour”"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused_in_words(admin: Client, path: str, body: Any, said: str):
    status, answer = send(admin, "put", f"{path}draft/", body)
    assert status in (400, 409)
    assert said in str(answer)
    assert not ScorecardDraft.objects.exists()


def test_scorecards_are_added_renamed_and_retired(admin: Client, path: str):
    status, made = send(admin, "post", "/api/v1/scorecards/", {"name": "Key"})
    assert (status, made["position"], made["versions"]) == (201, 1, [])
    status, named = send(admin, "patch", f"/api/v1/scorecards/{made['id']}/", {"name": "Key accounts"})
    assert (status, named["name"]) == (200, "Key accounts")
    status, refused = send(admin, "patch", path, {"is_active": False})
    assert status == 409
    assert "last scorecard in use" in str(refused)


def test_who_may_not_edit_health_reads_the_draft_and_no_more(path: str):
    client = signed_in(person("csm@example.org", "csm", "own"))
    assert send(client, "get", f"{path}draft/")[0] == 200
    assert send(client, "get", f"{path}preview/")[0] == 403
    assert send(client, "put", f"{path}draft/", {"definition": {"groups": []}, "draft_version": 0})[0] == 403
    assert send(client, "post", f"{path}publish/", {"effective_on": "2030-01-01", "draft_version": 0})[0] == 403
