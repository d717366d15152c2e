"""Does a token open the API for its owner alone, within its scopes, and die when it should?"""

import datetime as dt
import json

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts.models import AuditEvent, User
from accounts.rules.roles import Capability
from common.errors import Refused
from integrations.actions import create_token, revoke_all, revoke_token
from integrations.models import ApiToken
from integrations.rules import Parts, compose, generate
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
AT = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)


@api_view(["GET", "POST"])
def who(request):
    return Response({"name": request.user.name})


class Ingest(APIView):
    scope = "ingest"

    def post(self, request):
        return Response(status=202)


class People(APIView):
    scope = "admin"

    def get(self, request):
        return Response([])


class Catalogue(APIView):
    write_capability = Capability.EDIT_CATALOGUE

    def post(self, request):
        return Response(status=201)


urlpatterns = [
    path("who/", who),
    path("events/", Ingest.as_view()),
    path("people/", People.as_view()),
    path("catalogue/", Catalogue.as_view()),
]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def make_token(owner: User | None = None, **values):
    fields = {"name": "Sync", "scopes": ["read"], **values}
    return create_token(by=owner or make_user(name="Ada"), at=timezone.now(), **fields)


def ask(client, secret: str, to: str = "/who/", method: str = "GET", **extra):
    headers = {"Authorization": f"Bearer {secret}", **extra.pop("headers", {})}
    return client.generic(method, to, b"{}", content_type="application/json", headers=headers, **extra)


def test_a_token_acts_for_its_owner(client):
    _token, secret = make_token()
    assert ask(client, secret).json() == {"name": "Ada"}


def test_the_secret_is_nowhere_in_the_database():
    token, secret = make_token()
    body = secret.rpartition("_")[2]
    row = json.dumps([ApiToken.objects.values().get(pk=token.pk), list(AuditEvent.objects.values())], default=str)
    assert body[:20] not in row
    assert token.public_id in row


def test_another_pepper_makes_the_stored_hashes_useless(client, settings):
    _token, secret = make_token()
    settings.TOKEN_PEPPER = "another"
    assert ask(client, secret).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic eA==", "Bearer mst_x", "Bearer \xff\xfe", "mst_x"])
def test_a_wrong_header_is_refused(client, header):
    response = client.get("/who/", headers={"Authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_is_not_read(client):
    _token, secret = make_token()
    assert client.get("/who/", {"token": secret, "access_token": secret, "api_key": secret}).status_code == 401


def test_a_wrong_secret_says_no_more_than_an_unknown_token(client):
    token, _secret = make_token()
    unknown = ask(client, compose(generate())).json()
    wrong = ask(client, compose(Parts(token.public_id, generate().secret))).json()
    assert unknown.pop("request_id") != wrong.pop("request_id")
    assert unknown == wrong
    assert unknown["detail"] == "This token is not valid."


@pytest.mark.parametrize(
    ("role", "scopes", "method", "to", "status"),
    [
        ("csm", ["read"], "GET", "/who/", 200),
        ("csm", ["read"], "POST", "/who/", 403),
        ("csm", ["write"], "GET", "/who/", 200),
        ("csm", ["write"], "POST", "/who/", 200),
        ("csm", ["ingest"], "GET", "/who/", 403),
        ("csm", ["ingest"], "POST", "/who/", 403),
        ("csm", ["ingest"], "POST", "/events/", 202),
        ("csm", ["write"], "POST", "/events/", 403),
        ("viewer", ["read"], "GET", "/who/", 200),
        ("viewer", ["write"], "POST", "/who/", 403),
        ("viewer", ["ingest"], "POST", "/events/", 403),
        ("csm", ["write"], "POST", "/catalogue/", 403),
        ("product_manager", ["write"], "POST", "/catalogue/", 201),
        ("product_manager", ["read"], "POST", "/catalogue/", 403),
        ("admin", ["write"], "GET", "/people/", 403),
        ("admin", ["admin"], "GET", "/people/", 200),
        ("admin", ["admin"], "POST", "/who/", 200),
    ],
)
def test_a_token_may_what_its_scopes_and_its_owner_may(client, role, scopes, method, to, status):
    _token, secret = make_token(make_user(role), scopes=scopes)
    assert ask(client, secret, to, method).status_code == status


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"role": "viewer"}, {"password": "other"}],
    ids=["deactivated", "other role", "other password"],
)
def test_a_token_dies_with_its_owners_rights_at_the_next_request(client, change):
    owner = make_user("admin", password="a long password 1")
    _token, secret = make_token(owner)
    assert ask(client, secret).status_code == 200
    if "password" in change:
        owner.set_password(change["password"])
        owner.save()
    else:
        User.objects.filter(pk=owner.pk).update(**change)
    assert ask(client, secret).json()["detail"] == "This token is not valid."


def test_a_token_expires(client, clock):
    _token, secret = make_token()
    clock.move_to(AT + dt.timedelta(days=90, seconds=-1))
    assert ask(client, secret).status_code == 200
    clock.move_to(AT + dt.timedelta(days=90))
    assert ask(client, secret).json()["detail"] == "This token has expired."


def test_a_token_is_kept_to_its_addresses(client):
    _token, secret = make_token(networks=["10.0.0.1/8", " 2001:db8::/32 "])
    assert ask(client, secret, REMOTE_ADDR="10.9.9.9").status_code == 200
    assert ask(client, secret, REMOTE_ADDR="192.0.2.1").status_code == 401
    spoofed = ask(client, secret, REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "10.9.9.9"})
    assert spoofed.status_code == 401


def test_a_revoked_token_is_dead_at_the_next_request(client):
    owner = make_user()
    token, secret = make_token(owner)
    revoke_token(by=owner, at=AT, token=token)
    revoke_token(by=owner, at=AT, token=token)
    assert ask(client, secret).json()["detail"] == "This token was revoked."
    assert AuditEvent.objects.filter(verb="token.revoked").count() == 1


def test_others_may_not_revoke_but_an_admin_may():
    token, _secret = make_token()
    with pytest.raises(Refused, match="Only its owner or an admin"):
        revoke_token(by=make_user("cs_manager"), at=AT, token=token)
    revoke_token(by=make_user("admin"), at=AT, token=token)
    token.refresh_from_db()
    assert token.revoked_at == AT


def test_one_call_revokes_everything(client):
    secrets = [make_token(make_user())[1] for _ in range(3)]
    admin = make_user("admin")
    with pytest.raises(Refused):
        revoke_all(by=make_user(), at=AT)
    assert revoke_all(by=admin, at=AT) == 3
    assert {ask(client, secret).status_code for secret in secrets} == {401}
    assert revoke_all(by=admin, at=AT) == 0


def test_people_revoke_their_own_tokens_alone(client):
    owner, other = make_user(), make_user()
    _mine, secret = make_token(owner)
    _theirs, kept = make_token(other)
    assert revoke_all(by=owner, at=AT, owner=owner) == 1
    assert (ask(client, secret).status_code, ask(client, kept).status_code) == (401, 200)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "\u200b"}, None),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "root"]}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"networks": ["everywhere"]}, "networks"),
        ({"networks": ["10.0.0.1"] * 21}, "networks"),
    ],
)
def test_a_token_that_may_too_much_is_not_made(values, field):
    with pytest.raises(Refused) as refusal:
        make_token(**values)
    assert refusal.value.field == field
    assert not ApiToken.objects.exists()


def test_its_use_is_noted_once_a_minute_and_a_new_address_at_once(client, clock):
    token, secret = make_token()

    def use(address="192.0.2.1"):
        ask(client, secret, REMOTE_ADDR=address)
        token.refresh_from_db()
        return token.last_used_at, token.last_used_from

    assert use() == (AT, "192.0.2.1")
    clock.shift(59)
    with CaptureQueriesContext(connection) as queries:
        assert use() == (AT, "192.0.2.1")
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    clock.shift(1)
    assert use() == (AT + dt.timedelta(minutes=1), "192.0.2.1")
    assert use("192.0.2.2")[1] == "192.0.2.2"
    addresses = AuditEvent.objects.filter(verb="token.new_address").order_by("pk").values_list("address", flat=True)
    assert list(addresses) == ["192.0.2.1", "192.0.2.2"]


def test_people_see_their_own_tokens_and_admins_all():
    owner, admin = make_user(), make_user("admin")
    token, _secret = make_token(owner)
    assert list(ApiToken.objects.visible_to(owner)) == [token]
    assert list(ApiToken.objects.visible_to(admin)) == [token]
    assert not ApiToken.objects.visible_to(make_user("cs_manager")).exists()


def test_a_session_may_use_the_api_but_needs_the_csrf_token():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(name="Ada"))
    assert client.get("/who/").json() == {"name": "Ada"}
    assert client.post("/who/", b"{}", content_type="application/json").status_code == 403


def test_a_token_needs_no_csrf_token():
    _token, secret = make_token(scopes=["write"])
    assert ask(Client(enforce_csrf_checks=True), secret, method="POST").status_code == 200


def test_each_token_has_a_budget_of_its_own(client, clock, monkeypatch):
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "token", "3/min")
    (_one, first), (_two, second) = make_token(), make_token()
    clock.shift(20)
    assert [ask(client, first).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ask(client, first)["Retry-After"] == "40"
    assert ask(client, second).status_code == 200
    clock.shift(40)
    assert ask(client, first).status_code == 200


def test_answers_to_tokens_are_kept_by_no_cache(client):
    _token, secret = make_token()
    assert ask(client, secret)["Cache-Control"] == "no-store, private"
