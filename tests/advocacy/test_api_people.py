"""Does the API rank, match, keep consents and ask, within the same limits and sight as the pages?"""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from advocacy.models import Advocate, Ask, Consent, PublicMention, ReferenceRequest
from portfolio.actions import rank_advocates
from tests.advocacy.test_api import client_of, get, post
from tests.advocacy.test_views import promoter
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_user

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_june():
    with time_machine.travel(AT, tick=False):
        yield


def test_an_ask_goes_its_whole_way():
    csm = make_user()
    contact = promoter(csm)
    made = post(csm, "asks", contact=contact.pk, kind="talk")
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    number = made.json()["id"]
    assert post(csm, f"asks/{number}/done").status_code == 409
    assert post(csm, f"asks/{number}/answer", answer="accepted").json()["state"] == "accepted"
    done = post(csm, f"asks/{number}/done", done_on=str(TODAY), outcome="Forty people came.")
    assert (done.json()["state"], done.json()["outcome"]) == ("done", "Forty people came.")
    assert post(csm, f"asks/{number}/thank").json()["state"] == "thanked"
    assert [row["id"] for row in get(csm, "asks", state="thanked").json()["results"]] == [number]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "talk"}, 400),
        ({"kind": "talk", "contact": -1}, 400),
        ({"kind": "talk", "asked_on": "2026-06-14"}, 400),
        ({"kind": "talk", "asked_on": "2026-06-16"}, 400),
        ({"kind": "talk", "consent_evidence": "Mail."}, 400),
        ({"kind": "talk", "stage": "active"}, 400),
    ],
)
def test_a_wrong_ask_is_refused(body, status):
    csm = make_user()
    contact = promoter(csm)
    sent = body if body == {"kind": "talk"} else {"contact": contact.pk} | body
    assert post(csm, "asks", **sent).status_code == status
    assert not Ask.objects.exists()


def test_an_ask_to_who_left_or_without_consent_is_refused_with_the_field():
    csm = make_user()
    gone = make_contact(make_account(csm), left_on=TODAY - DAY)
    make_consent(gone)
    assert "left" in post(csm, "asks", contact=gone.pk, kind="talk").json()["detail"]
    bare = make_contact(make_account(csm))
    refused = post(csm, "asks", contact=bare.pk, kind="talk")
    assert refused.status_code in (400, 409)
    assert "no consent" in str(refused.json())
    given = {"consent_evidence": "Said so.", "consent_until": str(TODAY + 30 * DAY)}
    assert post(csm, "asks", contact=bare.pk, kind="talk", **given).status_code == 201
    assert Consent.objects.get(contact=bare).scope == "talk"


def test_scores_and_people_are_read_as_far_as_one_sees_the_accounts():
    csm, other = make_user(), make_user()
    contact = promoter(csm)
    promoter(other, name="Foreign Person")
    rank_advocates(on=TODAY)
    scores = get(csm, "advocate-scores").json()["results"]
    assert [row["account"] for row in scores] == [contact.account_id]
    assert scores[0]["of"] == 2
    people = get(csm, "advocate-people", is_promoter="true").json()["results"]
    assert [row["contact"] for row in people] == [contact.pk]
    assert people[0]["excluded_for"] == []
    for path in ("advocate-scores", "advocate-people"):
        for query in ({"sort": "password"}, {"account": "abc"}, {"nothing": 1}):
            assert get(csm, path, **query).status_code == 400


def test_consents_are_given_read_and_revoked():
    csm = make_user()
    advocate = make_advocate(make_account(csm))
    body = {
        "contact": advocate.contact_id, "scope": "talk", "channel": "event", "given_on": str(TODAY),
        "expires_on": str(TODAY + 30 * DAY), "evidence": "Mail of 3 June.",
    }  # fmt: skip
    made = post(csm, "advocacy-consents", **body)
    assert made.status_code == 201
    assert post(csm, "advocacy-consents", **body | {"expires_on": str(TODAY)}).status_code == 400
    ask = post(csm, "asks", advocate=advocate.pk, kind="talk").json()
    assert [row["id"] for row in get(csm, "advocacy-consents", on=str(TODAY)).json()["results"]] == [made.json()["id"]]
    post(csm, f"advocacy-consents/{made.json()['id']}/revoke")
    assert get(csm, f"asks/{ask['id']}").json()["state"] == "withdrawn"
    assert client_of(make_user()).get(f"/api/v1/advocacy-consents/{made.json()['id']}/").status_code == 404


def test_a_request_is_made_matched_and_decided():
    manager = make_user("cs_manager", visibility="all")
    contact = promoter(manager)
    rank_advocates(on=TODAY)
    made = post(manager, "reference-requests", prospect="Quayside", kind="talk", industry="Retail", arr="900.00")
    assert made.status_code == 201
    number = made.json()["id"]
    found = get(manager, f"reference-requests/{number}/matches").json()
    assert [row["contact"] for row in found["free"]] == [contact.pk]
    assert (found["compared"], found["free"][0]["met"]) == (1, {"industry": "yes"})
    changed = client_of(manager).patch(f"/api/v1/reference-requests/{number}/", {"industry": "Energy"}, format="json")
    assert changed.json()["industry"] == "Energy"
    assert post(manager, f"reference-requests/{number}/decide", outcome="won").json()["outcome"] == "won"
    assert "arr" not in get(make_user("product_manager"), f"reference-requests/{number}").json()
    assert ReferenceRequest.objects.get().decided_on == TODAY


def test_mentions_and_settings():
    csm, manager = make_user(), make_user("cs_manager")
    account = make_account(csm)
    body = {"account": account.pk, "kind": "post", "title": "We love it", "on": str(TODAY), "url": "https://a.example"}
    made = post(csm, "public-mentions", **body)
    assert made.status_code == 201
    assert post(csm, "public-mentions", **body | {"url": "ftp://a.example"}).status_code == 400
    assert client_of(csm).delete(f"/api/v1/public-mentions/{made.json()['id']}/").status_code == 204
    assert not PublicMention.objects.exists()
    assert get(csm, "advocacy-settings").json()["rest_days"] == 21
    address = "/api/v1/advocacy-settings/"
    assert client_of(csm).patch(address, {"rest_days": 5}, format="json").status_code == 403
    changed = client_of(manager).patch(address, {"rest_days": 30}, format="json")
    assert changed.json()["rest_days"] == 30
    assert client_of(manager).patch(address, {"spread_weight": 90}, format="json").status_code in (400, 409)


def test_an_advocate_of_a_foreign_account_is_not_asked():
    advocate = make_advocate(make_account(make_user()))
    make_consent(advocate.contact)
    stranger = make_user()
    assert post(stranger, "asks", advocate=advocate.pk, kind="talk").status_code == 400
    assert post(stranger, "asks", contact=advocate.contact_id, kind="talk").status_code == 400
    assert Advocate.objects.get().stage == "identified"
