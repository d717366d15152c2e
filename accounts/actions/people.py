"""How do people come in, change what they may do, and leave?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import audit, sign_ins
from accounts.actions.invitations import send_link
from accounts.models import Team, User
from accounts.rules.roles import DEFAULT_VISIBILITY, Role
from common import text
from common.errors import Refused

OWN_SETTINGS = ("name", "language", "theme", "density", "keys_enabled")


@transaction.atomic
def invite_person(
    *,
    by: User | None,
    at: dt.datetime,
    email: str,
    name: str,
    role: str,
    team: Team | None = None,
    visibility: str | None = None,
    with_mail: bool = True,
) -> User:
    """Make a person and mail them a link with which they choose a password; `by` is None on the command line."""
    person = User(
        email=_free_email(email),
        name=text.clean(name, _("Name"), max_length=200),
        role=Role(role),
        team=team,
        visibility=visibility or DEFAULT_VISIBILITY[Role(role)],
        joined_at=at,
    )
    person.set_unusable_password()
    person.save(force_insert=True)
    rights = {"role": [None, person.role], "team": [None, person.team_id], "visibility": [None, person.visibility]}
    audit.record("person.invited", by=by, at=at, obj=person, changes=rights)
    if with_mail:
        send_link(person=person, by=by, at=at)
    return person


def _free_email(email: str) -> str:
    """Give an address as it is stored, or say why it cannot be used."""
    email = text.clean(email, _("E-mail"), max_length=254).lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(_("E-mail must be an address like name@example.com."), field="email", code="invalid") from None
    if User.objects.filter(email=email).exists():
        raise Refused(_("Somebody with this e-mail exists already."), field="email", code="unique")
    return email


@transaction.atomic
def change_person(*, person: User, by: User, at: dt.datetime, **values: Any) -> User:
    """Change name, role, team or visibility. Another role ends the person's sessions and tokens."""
    unknown = set(values) - {"name", "role", "team", "visibility"}
    if unknown:
        raise TypeError(f"not to be changed here: {sorted(unknown)}")
    locked = _lock(person)
    if "name" in values:
        values["name"] = text.clean(values["name"], _("Name"), max_length=200)
    changes = audit.differences(locked, values, private=frozenset({"name"}))
    if not changes:
        return locked
    if "role" in changes:
        if locked.is_staff:
            _keep_an_admin(locked)
        sign_ins.end_all(person=locked, by=by, at=at, why="role")
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(values))
    audit.record("person.changed", by=by, at=at, obj=locked, changes=changes)
    return locked


@transaction.atomic
def deactivate_person(*, person: User, by: User, at: dt.datetime) -> User:
    """Shut a person out, at their next request; what they did stays under their name."""
    locked = _lock(person)
    if not locked.is_active:
        return locked
    if locked.is_staff:
        _keep_an_admin(locked)
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    sign_ins.end_all(person=locked, by=by, at=at, why="deactivated")
    audit.record("person.deactivated", by=by, at=at, obj=locked, changes={"is_active": [True, False]})
    return locked


@transaction.atomic
def reactivate_person(*, person: User, by: User, at: dt.datetime) -> User:
    """Let a person in again, as what they were."""
    locked = _lock(person)
    if locked.is_active:
        return locked
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    audit.record("person.reactivated", by=by, at=at, obj=locked, changes={"is_active": [False, True]})
    return locked


def _lock(person: User) -> User:
    locked: User = User.objects.select_for_update().get(pk=person.pk)
    return locked


def _keep_an_admin(leaving: User) -> None:
    """Refuse to take the last admin away; two who leave at once wait for each other."""
    admins = User.objects.active().admins().select_for_update().values_list("pk", flat=True)
    if set(admins) <= {leaving.pk}:
        raise Refused(_("This is the last admin. Make somebody else an admin first."), code="last_admin")


@transaction.atomic
def change_own_settings(*, by: User, at: dt.datetime, **values: Any) -> User:
    """Change what a person sets for themselves: name, language, look, keys."""
    unknown = set(values) - set(OWN_SETTINGS)
    if unknown:
        raise TypeError(f"not one's own to change: {sorted(unknown)}")
    if "name" in values:
        values["name"] = text.clean(values["name"], _("Name"), max_length=200)
    changes = audit.differences(by, values, private=frozenset({"name"}))
    if not changes:
        return by
    for name, value in values.items():
        setattr(by, name, value)
    by.save(update_fields=list(values))
    audit.record("person.set_own", by=by, at=at, obj=by, changes=changes)
    return by


@transaction.atomic
def create_team(*, name: str, by: User, at: dt.datetime) -> Team:
    """Make a team."""
    team = Team.objects.create(name=_free_team_name(name))
    audit.record("team.created", by=by, at=at, obj=team, changes={"name": [None, team.name]})
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: User, at: dt.datetime) -> Team:
    """Give a team another name."""
    name = _free_team_name(name, but=team)
    changes = audit.differences(team, {"name": name})
    if changes:
        team.name = name
        team.save(update_fields=["name"])
        audit.record("team.renamed", by=by, at=at, obj=team, changes=changes)
    return team


def _free_team_name(name: str, but: Team | None = None) -> str:
    name = text.clean(name, _("Name"), max_length=100)
    others = Team.objects.exclude(pk=but.pk) if but else Team.objects.all()
    if others.filter(name__iexact=name).exists():
        raise Refused(_("A team with this name exists already."), field="name", code="unique")
    return name


@transaction.atomic
def delete_team(*, team: Team, by: User, at: dt.datetime) -> None:
    """Delete a team that has nobody in it; what was shared with it is shared no longer."""
    if team.members.exists():
        raise Refused(_("There are people in this team. Move them to another one first."), code="in_use")
    audit.record("team.deleted", by=by, at=at, obj=team, changes={"name": [team.name, None]})
    team.delete()
