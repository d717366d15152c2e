"""Does the API bring a case study to its page as the pages do?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from advocacy.models import CaseStudy
from tests.factories import make_account, make_case, make_consent, make_contact, make_goal, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user: Any, path: str, **data: Any) -> Any:
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def test_from_the_draft_to_the_address_and_off_it() -> None:
    admin, account = make_user("admin"), make_account()
    contact, goal = make_contact(account), make_goal(account, 4)
    made = post(admin, "case-studies", account=account.pk, title="Four days", goals=[goal.pk])
    assert (made.status_code, made.json()["state"], made.json()["shown_as"]) == (201, "draft", account.name)
    path = f"case-studies/{made.json()['id']}"
    assert post(admin, f"{path}/send").status_code == 400
    texts = {"situation": "a", "solution": "b", "outcome": "c"}
    client_of(admin).patch(f"/api/v1/{path}/", texts, format="json")
    sent = post(admin, f"{path}/send").json()
    assert (sent["state"], sent["frozen"][0]["after"]) == ("with_customer", "4.0000")
    post(admin, f"{path}/approve", approved_by=contact.pk, approval_note="Mail")
    assert post(admin, f"{path}/publish").status_code == 409
    make_consent(contact, expires_on=TODAY + dt.timedelta(days=90))
    live = post(admin, f"{path}/publish").json()
    assert live["public_url"].startswith(settings.SITE_URL)
    assert client_of(admin).get(live["public_url"].removeprefix(settings.SITE_URL)).status_code == 200
    gone = post(admin, f"{path}/withdraw", reason="They asked").json()
    assert (gone["state"], gone["public_url"]) == ("withdrawn", None)
    assert post(admin, f"{path}/redraft").json()["state"] == "draft"
    assert client_of(admin).delete(f"/api/v1/{path}/").status_code == 204


def test_who_may_do_what() -> None:
    csm = make_user()
    mine = make_case(make_account(csm), state="approved", approved_on=TODAY)
    assert post(csm, f"case-studies/{mine.pk}/publish").status_code == 403
    assert post(make_user("viewer"), f"case-studies/{mine.pk}/withdraw", reason="x").status_code == 403
    foreign = make_case(make_account(make_user()))
    assert client_of(csm).get(f"/api/v1/case-studies/{foreign.pk}/").status_code == 404
    assert post(csm, f"case-studies/{foreign.pk}/send").status_code == 404
    assert post(csm, "case-studies", account=foreign.account_id, title="x").status_code == 400
    stranger = make_goal(foreign.account, 4)
    assert post(csm, "case-studies", account=mine.account_id, title="x", goals=[stranger.pk]).status_code == 400
    assert CaseStudy.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"title": " "}, {"state": "published"}, {"token": "x"}, {"frozen": []}])
def test_what_is_not_written_by_hand_is_refused(wrong: dict[str, Any]) -> None:
    csm = make_user()
    data = {"account": make_account(csm).pk, "title": "x"} | wrong
    assert post(csm, "case-studies", **data).status_code == 400


def test_a_list_asks_as_often_for_many_rows_as_for_one() -> None:
    admin, asked = make_user("admin"), []
    for number in (1, 30):
        for _ in range(number):
            account = make_account()
            make_case(account).goals.add(make_goal(account))
        with CaptureQueriesContext(connection) as seen:
            client_of(admin).get("/api/v1/case-studies/", {"page_size": 100})
        asked.append(len(seen))
    assert asked[0] == asked[1]
