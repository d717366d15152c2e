"""Does the API tell colleagues names and admins all, and let admins alone change things?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, Organisation, Team, User
from accounts.rules.roles import Role
from integrations import actions
from tests.factories import AT, make_user

pytestmark = pytest.mark.django_db


class Program:
    """A client with a token of a person."""

    def __init__(self, user: User, *scopes: str) -> None:
        now = dt.datetime.now(dt.UTC)
        _token, secret = actions.create_token(by=user, at=now, name="x", scopes=scopes or ("read",))
        self.headers = {"Authorization": f"Bearer {secret}"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        kwargs = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(Client(), method)(f"/api/v1/{path}", headers=self.headers, **kwargs)


def test_a_colleague_is_a_name_a_role_and_a_team() -> None:
    csm, other = make_user("csm"), make_user("viewer", team=Team.objects.create(name="North"))
    row = Program(csm).ask("get", f"users/{other.pk}/").json()

    assert (row["name"], row["role"], row["team"]) == (other.name, "viewer", other.team_id)
    assert row["email"] is row["visibility"] is row["last_login"] is None
    assert Program(csm).ask("get", f"users/{csm.pk}/").json()["email"] == csm.email
    assert Program(make_user("admin")).ask("get", f"users/{other.pk}/").json()["email"] == other.email


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_other_roles_change_nobody(role: Role) -> None:
    user, victim = make_user(role), make_user("csm")
    program = Program(user, "write")

    for method, path, body in (
        ("post", "users/", {"email": "eve@example.com", "name": "Eve", "role": "admin"}),
        ("patch", f"users/{user.pk}/", {"role": "admin"}),
        ("post", f"users/{victim.pk}/deactivate/", {}),
        ("post", "teams/", {"name": "x"}),
        ("patch", "organisation/", {"name": "x"}),
    ):
        assert program.ask(method, path, body).status_code == 403, path
    assert program.ask("get", "audit-events/").status_code in (403, 404)
    assert not AuditEvent.objects.exclude(verb__startswith="token.").exists()


def test_an_admin_invites_changes_and_shuts_out() -> None:
    program = Program(make_user("admin"), "admin")
    team = Team.objects.create(name="North")

    made = program.ask("post", "users/", {"email": "Mei@example.com", "name": "Mei", "role": "csm", "team": team.pk})
    assert (made.status_code, made.json()["visibility"]) == (201, "own")
    address = f"users/{made.json()['id']}/"
    assert program.ask("patch", address, {"role": "cs_manager", "visibility": "team"}).json()["role"] == "cs_manager"
    assert program.ask("post", address + "deactivate/").json()["is_active"] is False
    assert program.ask("post", address + "reactivate/").json()["is_active"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "mei", "name": "Mei", "role": "csm"}, "email"),
        ({"email": "mei@example.com", "name": "Mei", "role": "boss"}, "role"),
        ({"email": "mei@example.com", "name": "Mei", "role": "csm", "team": 99}, "team"),
        ({"email": "mei@example.com", "name": "Mei", "role": "csm", "is_staff": True}, "is_staff"),
        ({"email": "mei@example.com", "name": "Mei", "role": "csm", "password": "x"}, "password"),
        ({"email": "mei@example.com", "role": "csm"}, "name"),
    ],
)
def test_a_wrong_invitation_names_the_field(body: dict[str, Any], field: str) -> None:
    answer = Program(make_user("admin"), "admin").ask("post", "users/", body)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert User.objects.count() == 1


def test_an_address_stays_what_it_was() -> None:
    admin = make_user("admin")
    answer = Program(admin, "admin").ask("patch", f"users/{admin.pk}/", {"email": "eve@example.com"})

    assert answer.status_code == 400


def test_the_last_admin_stays() -> None:
    admin = make_user("admin")

    assert Program(admin, "admin").ask("post", f"users/{admin.pk}/deactivate/").status_code == 409


def test_a_token_without_the_admin_scope_only_reads() -> None:
    program = Program(make_user("admin"), "write")

    assert program.ask("get", "teams/").status_code == 200
    assert program.ask("post", "teams/", {"name": "x"}).status_code == 403
    assert program.ask("get", "audit-events/").status_code == 403


def test_teams_are_made_renamed_and_deleted() -> None:
    program = Program(make_user("admin"), "admin")
    made = program.ask("post", "teams/", {"name": "North"})
    address = f"teams/{made.json()['id']}/"

    assert program.ask("patch", address, {"name": "South"}).json()["name"] == "South"
    assert program.ask("post", "teams/", {"name": "south"}).status_code == 400
    assert program.ask("delete", address).status_code == 204


def test_the_organisation_is_read_by_all_and_set_by_admins() -> None:
    assert Program(make_user("viewer")).ask("get", "organisation/").json()["time_zone"] == "UTC"
    program = Program(make_user("admin"), "admin")

    assert program.ask("patch", "organisation/", {"time_zone": "Asia/Shanghai"}).status_code == 200
    assert Organisation.load().time_zone == "Asia/Shanghai"
    wrongs: list[dict[str, Any]] = [
        {"time_zone": "Mars"},
        {"working_days": []},
        {"working_days": [9]},
        {"handoff_target_hours": 0},
        {"id": 2},
    ]
    for wrong in wrongs:
        assert program.ask("patch", "organisation/", wrong).status_code == 400, wrong


def test_the_audit_trail_is_read_and_narrowed_by_admins() -> None:
    admin = make_user("admin")
    program = Program(admin, "admin")
    AuditEvent.objects.create(at=AT, verb="a.b", actor=admin, changes={"x": [1, 2]})

    rows = program.ask("get", "audit-events/?verb=a.b").json()["results"]
    assert [(row["verb"], row["actor"], row["changes"]) for row in rows] == [("a.b", admin.pk, {"x": [1, 2]})]
    assert program.ask("get", "audit-events/?evil=1").status_code == 400
    assert program.ask("delete", f"audit-events/{rows[0]['id']}/").status_code == 405


def test_a_browser_left_open_cannot_give_a_role_away() -> None:
    admin, csm = make_user("admin"), make_user("csm")
    client = Client()
    client.force_login(admin)

    answer = client.patch(f"/api/v1/users/{csm.pk}/", {"role": "admin"}, content_type="application/json")

    assert answer.status_code == 403
    csm.refresh_from_db()
    assert csm.role == "csm"
