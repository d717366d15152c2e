"""Do people come in, change and leave by the rules, and does each act leave its line?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail

from accounts.actions import audit, organisation, people
from accounts.actions.invitations import make_link, person_of_link, send_link, use_link
from accounts.models import AuditEvent, Holiday, Organisation, Team, User
from accounts.rules.roles import Role
from common import jobs
from common.errors import Refused
from tests.factories import AT, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user("admin")


def invite(admin: User | None, **values: Any) -> User:
    return people.invite_person(
        **({"by": admin, "at": AT, "email": "Mei@Example.com ", "name": "Mei", "role": "csm"} | values)
    )


def test_an_invited_person_gets_a_link_and_the_visibility_of_the_role(admin: User) -> None:
    person = invite(admin, role="cs_manager")

    assert (person.email, person.visibility, person.has_usable_password()) == ("mei@example.com", "team", False)
    jobs.run_due(dt.datetime.now(dt.UTC))
    assert "/welcome/" in mail.outbox[0].body
    assert mail.outbox[0].to == ["mei@example.com"]


def test_the_mail_is_in_the_persons_language_and_at_the_configured_address(admin: User, settings: Any) -> None:
    settings.SITE_URL = "https://cs.example.com/"
    person = invite(admin)
    send_link(person=person, by=admin, at=AT)
    jobs.run_due(dt.datetime.now(dt.UTC))

    assert "https://cs.example.com/welcome/" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b.com\nBcc: x@y.com"}, "email"),
        ({"email": "taken@example.com"}, "email"),
        ({"name": "\u200b "}, None),
        ({"name": "x" * 201}, None),
    ],
)
def test_what_cannot_be_is_refused_in_words(admin: User, values: dict[str, str], field: str | None) -> None:
    make_user(email="taken@example.com")

    with pytest.raises(Refused) as refusal:
        invite(admin, **values)
    assert refusal.value.field == field
    assert User.objects.count() == 2


def test_a_change_is_kept_as_old_and_new_without_the_name(admin: User) -> None:
    person, team = make_user("csm", name="Old Name"), Team.objects.create(name="North")

    people.change_person(person=person, by=admin, at=AT, name="New Name", team=team, role=Role.VIEWER)

    event = AuditEvent.objects.get(verb="person.changed")
    assert event.changes == {"name": [None, None], "team": [None, team.pk], "role": ["csm", "viewer"]}
    assert (event.actor, event.object_type, event.object_id) == (admin, "accounts.user", str(person.pk))


def test_nothing_changed_leaves_no_line(admin: User) -> None:
    people.change_person(person=admin, by=admin, at=AT, role="admin", name=admin.name)

    assert not AuditEvent.objects.exists()


def test_the_last_admin_stays(admin: User) -> None:
    make_user("admin", is_active=False)

    with pytest.raises(Refused, match="last admin"):
        people.deactivate_person(person=admin, by=admin, at=AT)
    with pytest.raises(Refused, match="last admin"):
        people.change_person(person=admin, by=admin, at=AT, role="csm")
    admin.refresh_from_db()
    assert admin.is_staff


def test_one_of_two_admins_may_go(admin: User) -> None:
    people.deactivate_person(person=make_user("admin"), by=admin, at=AT)

    assert User.objects.active().admins().get() == admin


def test_who_was_shut_out_comes_back_as_what_they_were(admin: User) -> None:
    person = make_user("cs_manager")
    people.deactivate_person(person=person, by=admin, at=AT)
    people.deactivate_person(person=person, by=admin, at=AT)
    back = people.reactivate_person(person=person, by=admin, at=AT)

    assert (back.is_active, back.role, back.visibility) == (True, "cs_manager", person.visibility)
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "person.deactivated",
        "person.reactivated",
    ]


def test_nobody_who_is_shut_out_gets_in_by_a_link(admin: User) -> None:
    person = invite(admin)
    link = make_link(person=person, at=AT).rsplit("/", 2)[1]
    assert person_of_link(link, at=AT) == person

    people.deactivate_person(person=person, by=admin, at=AT)

    assert person_of_link(link, at=AT) is None
    with pytest.raises(Refused):
        use_link(link, password="a quiet harbour", at=AT)
    with pytest.raises(Refused):
        send_link(person=User.objects.get(pk=person.pk), by=admin, at=AT)


def test_rights_are_nothing_to_set_for_oneself(admin: User) -> None:
    with pytest.raises(TypeError):
        people.change_own_settings(by=admin, at=AT, role="admin")
    with pytest.raises(TypeError):
        people.change_person(person=admin, by=admin, at=AT, password="x")


def test_a_team_has_one_name_and_goes_only_when_empty(admin: User) -> None:
    team = people.create_team(name="North", by=admin, at=AT)
    with pytest.raises(Refused, match="exists already"):
        people.create_team(name="north", by=admin, at=AT)
    make_user(team=team)
    with pytest.raises(Refused, match="people in this team"):
        people.delete_team(team=team, by=admin, at=AT)
    User.objects.update(team=None)
    people.delete_team(team=team, by=admin, at=AT)

    assert not Team.objects.exists()


def test_the_organisation_is_one_row_whose_changes_are_kept(admin: User) -> None:
    organisation.change_organisation(by=admin, at=AT, name="Acme", working_days=[0, 1])
    organisation.change_organisation(by=admin, at=AT, name="Acme", working_days=[0, 1, 2])

    assert Organisation.load().working_days == [0, 1, 2]
    assert AuditEvent.objects.first().changes == {"working_days": [[0, 1], [0, 1, 2]]}


def test_a_day_is_a_holiday_once(admin: User) -> None:
    day = dt.date(2026, 12, 25)
    holiday = organisation.add_holiday(on=day, name="Christmas", by=admin, at=AT)
    with pytest.raises(Refused):
        organisation.add_holiday(on=day, name="Again", by=admin, at=AT)
    organisation.remove_holiday(holiday=holiday, by=admin, at=AT)

    assert not Holiday.objects.exists()


def test_a_line_knows_its_request_and_from_where(client: Any, admin: User) -> None:
    client.force_login(admin)
    client.post("/settings/teams/", {"name": "North"}, headers={"X-Request-ID": "abc-12345"}, REMOTE_ADDR="203.0.113.5")

    event = AuditEvent.objects.get()
    assert (event.verb, event.address, event.request_id) == ("team.created", "203.0.113.5", "abc-12345")
    assert audit.ADDRESS.get() is None
