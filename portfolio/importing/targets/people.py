"""How do teams, colleagues, customers and the people at customers come in?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts.models import (
    Account,
    AuditEvent,
    Contact,
    CustomField,
    ServiceAssignment,
    Tag,
    Team,
    User,
)
from accounts.rules import roles
from portfolio.importing.targets.base import (
    FIRST_SIGNED,
    Context,
    Field,
    Flaw,
    Target,
    Values,
    choice,
    currency,
    day,
    email,
    identifier,
    in_order,
    link,
    links,
    text,
    whole,
)
from portfolio.importing.values import as_text


def _give_person_a_start(row: Values, _context: Context) -> None:
    """A new colleague sees what their role sees, and has no password until they make one."""
    row.setdefault("role", User.Role.CSM.value)
    row["visibility"] = row.get("visibility") or roles.DEFAULT_VISIBILITY[roles.Role(row["role"])].value
    row["password"] = make_password(None)


def _check_person(row: Values, _context: Context) -> Iterable[Flaw]:
    """What a person sees stays as it is where the file does not say."""
    if not row.get("visibility"):
        row.pop("visibility", None)
    return ()


def _audit_people(created: Sequence[Any], changed: Sequence[Any], context: Context) -> None:
    """Rights given by a file leave a trace of their own."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=context.at,
            actor_id=context.by_id,
            verb=verb,
            object_type="user",
            object_id=str(person.pk),
            changes={"role": [None, person.role]} if verb == "user.imported" else {"import": [None, "changed"]},
        )
        for verb, people in (("user.imported", created), ("user.changed_by_import", changed))
        for person in people
    )


def _check_custom_field(row: Values, _context: Context) -> Iterable[Flaw]:
    if row.get("kind") == CustomField.Kind.CHOICE and not row.get("choices"):
        yield "choices", _("a choice needs its choices, separated by semicolons")


def _check_assignment(row: Values, context: Context) -> Iterable[Flaw]:
    yield from in_order(row, "started_on", "ended_on", _("ends on or before the day it starts"))
    ended_on = row.get("ended_on")
    if ended_on is not None and ended_on > context.today:
        yield "ended_on", _("lies in the future: an assignment ends on its day")


def _address(name: str) -> Field:
    """An e-mail address that signs a person in: in lower case."""
    plain = email(name, required=True)
    return Field(name, lambda cell, way, context: plain.read(cell, way, context).lower(), required=True, kind="e-mail")


def _slug(name: str, length: int) -> Field:
    def read(cell: Any, _way: Any, _context: Any) -> str:
        key = as_text(cell)
        if not key.replace("-", "").replace("_", "").isalnum() or not key.isascii() or len(key) > length:
            raise ValueError(_("“%(value)s” must be letters, digits, - and _ only.") % {"value": key[:60]})
        return key

    return Field(name, read, required=True, says="letters, digits, - and _")


def _word_list(name: str) -> Field:
    def read(cell: Any, _way: Any, _context: Any) -> list[str]:
        return [part.strip() for part in as_text(cell).split(";") if part.strip()]

    return Field(name, read, blank=[], kind="texts", says="separated by ;")


TARGETS = (
    Target("teams", Team, ("name",), (text("name", 100, required=True),), link="name"),
    Target(
        "people",
        User,
        ("email",),
        (
            _address("email"),
            text("name", 200, required=True),
            choice("role", User.Role, blank=User.Role.CSM.value, without=User.Role.ADMIN.value),
            link("team", "teams", creates=True),
            choice("visibility", User.Visibility),
        ),
        check=_check_person,
        fill=_give_person_a_start,
        after=_audit_people,
        link="email",
    ),
    Target("tags", Tag, ("name",), (text("name", 50, required=True),), link="name"),
    Target(
        "custom_fields",
        CustomField,
        ("key",),
        (
            _slug("key", 40),
            text("label", 80, required=True),
            choice("kind", CustomField.Kind, blank=CustomField.Kind.TEXT.value),
            _word_list("choices"),
            text("help_text", 200),
            whole("position", most=32_767, blank=0),
        ),
        check=_check_custom_field,
        link="key",
    ),
    Target(
        "accounts",
        Account,
        ("external_id",),
        (
            identifier(),
            text("name", 200, required=True),
            text("domain", 253),
            text("industry", 100),
            text("region", 100),
            whole("employees"),
            choice("tier", Account.Tier, blank=Account.Tier.RABBIT.value),
            choice("purchase_level", Account.PurchaseLevel, blank=Account.PurchaseLevel.TEAM.value),
            choice("stage", Account.Stage, blank=Account.Stage.ONBOARDING.value),
            link("parent", "accounts", says="the external id of another account"),
            day("signed_on", first_year=FIRST_SIGNED),
            day("live_on", first_year=FIRST_SIGNED),
            currency(required=False),
            links("tags", "tags", creates=True),
        ),
        link="external_id",
        stamps={"version": "count", "created_at": "made", "updated_at": "changed"},
        takes_custom=True,
        feeds="facts",
    ),
    Target(
        "contacts",
        Contact,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            text("name", 200, required=True),
            text("title", 200),
            email(),
            text("phone", 40),
            choice("role", Contact.Role, blank=Contact.Role.END_USER.value),
            choice("sentiment", Contact.Sentiment, blank=Contact.Sentiment.UNKNOWN.value),
            day("touched_on"),
            day("left_on"),
        ),
        link="external_id",
        stamps={"version": "count"},
        feeds="facts",
    ),
    Target(
        "service_team",
        ServiceAssignment,
        ("account", "user", "role", "started_on"),
        (
            link("account", "accounts", required=True),
            link("user", "people", required=True, says="the e-mail of a colleague"),
            choice("role", ServiceAssignment.Role, blank=ServiceAssignment.Role.CSM.value),
            day("started_on", required=True),
            day("ended_on"),
        ),
        check=_check_assignment,
        feeds="facts",
    ),
)
