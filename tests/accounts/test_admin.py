"""Does every page of the admin open, for admins alone, and do changes there go the way of the actions?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AuditEvent, SignIn, Team, User
from accounts.rules.roles import Role
from config import urls
from tests.factories import AT, make_account, make_user

pytestmark = pytest.mark.django_db
# Tables that never have more rows than one reads at a glance.
SHORT = {
    *("organisation", "exchangerate", "scorecard", "scorecardversion", "churnmodel", "churnsettings", "trackrecord"),
    *("expansiontarget", "keptmonth", "renewalpolicy", "riskupdate"),
    *("effectpolicy", "servicechannel", "mailsettings", "advocacysettings"),
}
# With the addresses the site is complete.
REGISTERED = list(admin.site._registry.items()) if urls.urlpatterns else []


def name(item: Any) -> str:
    return item[0]._meta.label if isinstance(item, tuple) else str(item)


@pytest.fixture
def boss(client: Client) -> User:
    user = make_user("admin")
    client.force_login(user)
    return user


def address(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize(("model", "site"), REGISTERED, ids=[name(item) for item in REGISTERED])
def test_every_list_and_every_form_opens(client: Client, boss: User, model: Any, site: Any) -> None:
    listed = client.get(address(model, "changelist") + ("?q=x" if site.search_fields else ""))
    adding = client.get(address(model, "add"))

    assert listed.status_code == 200
    assert b"Set-up and support" in listed.content
    assert adding.status_code in (200, 403)
    assert (adding.status_code == 200) == (
        adding.wsgi_request.user == boss and site.has_add_permission(adding.wsgi_request)
    )


@pytest.mark.parametrize(("model", "site"), REGISTERED, ids=[name(item) for item in REGISTERED])
def test_every_model_can_be_found_or_needs_no_search(model: Any, site: Any) -> None:
    assert site.list_display != ("__str__",)
    assert site.search_fields or model._meta.model_name in SHORT


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_other_roles_do_not_get_in(client: Client, role: Role) -> None:
    client.force_login(make_user(role))

    assert client.get(reverse("admin:index")).status_code in (302, 403)
    assert client.get(address(User, "changelist")).status_code in (302, 403)


def test_an_admin_without_the_second_factor_does_not_get_in(client: Client, boss: User, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["admin"]

    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("mfa_index"))


def person_form(**changes: Any) -> dict[str, Any]:
    return {"email": "mei@example.com", "name": "Mei", "role": "csm", "visibility": "own", "is_active": "on"} | changes


def test_a_person_is_invited_changed_and_shut_out_by_the_actions(client: Client, boss: User) -> None:
    client.post(address(User, "add"), person_form())
    mei = User.objects.get(email="mei@example.com")
    client.post(address(User, "change", mei.pk), person_form(role="viewer", visibility="all"))
    client.post(address(User, "change", mei.pk), person_form(role="viewer", visibility="all", is_active=""))

    mei.refresh_from_db()
    assert (mei.role, mei.visibility, mei.is_active) == ("viewer", "all", False)
    verbs = list(AuditEvent.objects.filter(object_id=str(mei.pk)).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["person.invited", "person.link_sent", "person.changed", "person.deactivated"]


def test_the_last_admin_stays_one(client: Client, boss: User) -> None:
    answer = client.post(address(User, "change", boss.pk), person_form(email=boss.email, role="csm"))
    assert b"This is the last admin" in answer.content
    client.post(address(User, "changelist"), {"action": "shut_out", "_selected_action": [boss.pk]})

    boss.refresh_from_db()
    assert boss.is_staff


def test_nobody_is_deleted_and_the_audit_trail_is_only_read(client: Client, boss: User) -> None:
    event = AuditEvent.objects.create(at=AT, verb="x")

    assert client.post(address(User, "delete", boss.pk), {"post": "yes"}).status_code == 403
    assert client.post(address(AuditEvent, "delete", event.pk), {"post": "yes"}).status_code == 403
    assert client.post(address(AuditEvent, "change", event.pk), {"verb": "y"}).status_code == 403
    assert AuditEvent.objects.get(pk=event.pk).verb == "x"


def test_a_change_by_hand_leaves_a_line_without_the_words(client: Client, boss: User) -> None:
    team = Team.objects.create(name="North")
    client.post(address(Team, "change", team.pk), {"name": "South"})

    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.changes) == ("admin.team_changed", boss, {"name": [None, None]})


def test_an_account_is_changed_by_its_action_and_a_refusal_is_told(client: Client, boss: User) -> None:
    account, other = make_account(), make_account(external_id="TAKEN")
    fields = ("external_id", "name", "tier", "purchase_level", "stage", "currency")
    form = {field: getattr(account, field) for field in fields} | {"custom": "{}"}
    client.post(address(Account, "change", account.pk), form | {"name": "Renamed"})
    account.refresh_from_db()
    assert (account.name, account.version) == ("Renamed", 2)

    circle = client.post(address(Account, "change", account.pk), form | {"parent": account.pk}, follow=True)
    assert circle.status_code == 200
    account.refresh_from_db()
    assert account.parent is None
    assert other.external_id == "TAKEN"


def test_sessions_are_ended_from_the_list(client: Client, boss: User) -> None:
    row = SignIn.objects.create(user=make_user(), session_key="k", started_at=AT, seen_at=AT)
    client.post(address(SignIn, "changelist"), {"action": "end", "_selected_action": [row.pk]})

    row.refresh_from_db()
    assert row.ended_at is not None
