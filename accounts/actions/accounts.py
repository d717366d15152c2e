"""How do an account's own fields change: made, edited, tagged, moved to another stage?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.service_team import assign
from accounts.actions.traces import judge_triggers, leave_audit, leave_entry, rescore, today
from accounts.models import Account, CustomField, ServiceAssignment, Tag, TimelineEntry, User
from accounts.models.account import new_external_id
from accounts.rules import accounts as rules
from accounts.rules import custom_fields
from accounts.rules.roles import Role
from common.errors import Conflict, Refused

EDITABLE = (
    "external_id",
    "name",
    "domain",
    "industry",
    "region",
    "employees",
    "tier",
    "purchase_level",
    "stage",
    "parent",
    "signed_on",
    "live_on",
    "currency",
    "custom",
)


def custom_words(code: str, field: CustomField) -> str:
    """Say in words why a custom field cannot hold a value."""
    words = {
        "number": _("%(label)s must be a number, like 12 or 12.5."),
        "too_big": _("%(label)s must be below 1,000,000,000,000."),
        "decimals": _("%(label)s: at most 6 decimals."),
        "date": _("%(label)s must be a date like 2026-03-31."),
        "yes_no": _("%(label)s must be yes or no."),
        "choice": _("%(label)s must be one of: %(choices)s."),
        "too_long": _("%(label)s: at most 500 characters."),
        "text": _("%(label)s must be text that can be stored."),
    }
    return words[code] % {"label": field.label, "choices": ", ".join(field.choices)}


def typed_custom(values: Mapping[str, object], fields: Iterable[CustomField] | None = None) -> dict[str, Any]:
    """Turn custom values into what is stored, or refuse the first unfit one; an emptied field is left out."""
    known = {field.key: field for field in (CustomField.objects.all() if fields is None else fields)}
    stored: dict[str, Any] = {}
    for key, raw in values.items():
        if key not in known:
            raise Refused(_("Unknown custom field: %(key)s.") % {"key": key}, field="custom", code="unknown")
        try:
            value = custom_fields.typed_value(known[key].kind, raw, known[key].choices)
        except custom_fields.UnfitValueError as unfit:
            raise Refused(custom_words(unfit.code, known[key]), field="custom", code="invalid") from None
        if value is not None:
            stored[key] = value
    return stored


def _check(account: Account) -> None:
    """Refuse what the database would, in words."""
    if account.live_on and account.signed_on and account.live_on < account.signed_on:
        raise Refused(_("Went live on must not be before signed on."), field="live_on")
    others = Account.objects.exclude(pk=account.pk).filter(external_id=account.external_id)
    if others.exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
    if account.parent_id is not None and rules.makes_circle(account.pk, account.parent_id, _parents(account)):
        raise Refused(_("An account cannot be above itself. Choose another parent."), field="parent")


def _parents(account: Account) -> dict[int, int | None]:
    """Read the chain above an account, one level after the other."""
    chain: dict[int, int | None] = {}
    parent_id = account.parent_id
    while parent_id is not None and parent_id not in chain and len(chain) < rules.MAX_DEPTH:
        chain[parent_id] = Account.objects.filter(pk=parent_id).values_list("parent", flat=True).first()
        parent_id = chain[parent_id]
    return chain


@transaction.atomic
def create_account(
    *, by: User, at: dt.datetime, owner: User | None = None, tags: Sequence[Tag] = (), **values: Any
) -> Account:
    """Make an account; a CSM who makes one owns it unless another owner is named."""
    custom = typed_custom(values.pop("custom", None) or {})
    values["domain"] = rules.normal_domain(values.get("domain", ""))
    values["external_id"] = values.get("external_id") or new_external_id()
    account = Account(**values, custom=custom, created_at=at, updated_at=at)
    _check(account)
    account.save(force_insert=True)
    account.tags.set(tags)
    leave_audit("account.created", account, by=by, at=at)
    if owner is None and by.role == Role.CSM:
        owner = by
    if owner is not None:
        assign(account=account, user=owner, role=ServiceAssignment.Role.CSM, by=by, at=at, started_on=today(at))
    rescore(account.pk)
    judge_triggers(account.pk)
    return account


@transaction.atomic
def update_account(
    *, account: Account, by: User, at: dt.datetime, version: int | None = None,
    tags: Sequence[Tag] | None = None, **values: Any,
) -> Account:  # fmt: skip
    """Change fields of an account; whoever edited an older version is told both values and nothing is written."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if "domain" in values:
        values["domain"] = rules.normal_domain(values["domain"])
    if "custom" in values:
        kept = {key: value for key, value in locked.custom.items() if key not in values["custom"]}
        values["custom"] = kept | typed_custom(values["custom"])
    _check_version(locked, version, values)
    changes = differences(locked, values)
    old_stage = locked.stage
    for name, value in values.items():
        setattr(locked, name, value)
    _check(locked)
    if tags is not None:
        changes |= _set_tags(locked, tags)
    if not changes:
        return locked
    locked.version += 1
    locked.updated_at = at
    locked.save()
    leave_audit("account.changed", locked, by=by, at=at, changes=changes)
    if locked.stage != old_stage:
        _tell_stage(locked, old_stage, by=by, at=at)
    rescore(locked.pk)
    judge_triggers(locked.pk)
    return locked


def _check_version(locked: Account, version: int | None, values: Mapping[str, Any]) -> None:
    """Refuse a stale save, with what is stored and what was sent."""
    if version is None or version == locked.version:
        return
    both = {name: (getattr(locked, name), value) for name, value in values.items() if getattr(locked, name) != value}
    raise Conflict(_("Someone else saved this account while you were editing. Nothing was overwritten."), both)


def _tell_stage(account: Account, old_stage: str, *, by: User | None, at: dt.datetime) -> None:
    title = _("Stage: %(old)s → %(new)s") % {
        "old": Account.Stage(old_stage).label,
        "new": Account.Stage(account.stage).label,
    }
    kind = TimelineEntry.Kind.STAGE
    leave_entry(account, kind, title, by=by, at=at, details={"old": old_stage, "new": account.stage})


@transaction.atomic
def set_stage(*, account: Account, stage: str, by: User | None, at: dt.datetime) -> Account:
    """Move an account to another lifecycle stage; where it stands already nothing happens."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    old_stage = locked.stage
    if old_stage == stage:
        return locked
    locked.stage = Account.Stage(stage)
    locked.version += 1
    locked.updated_at = at
    locked.save(update_fields=["stage", "version", "updated_at"])
    leave_audit("account.stage_set", locked, by=by, at=at, changes={"stage": [old_stage, stage]})
    _tell_stage(locked, old_stage, by=by, at=at)
    rescore(locked.pk)
    judge_triggers(locked.pk)
    return locked


def _set_tags(account: Account, tags: Sequence[Tag]) -> dict[str, Any]:
    """Put these tags on an account and say what changed."""
    old = sorted(account.tags.values_list("name", flat=True))
    new = sorted(tag.name for tag in tags)
    if old == new:
        return {}
    account.tags.set(tags)
    return {"tags": [old, new]}


@transaction.atomic
def set_tags(*, account: Account, tags: Sequence[Tag], by: User, at: dt.datetime) -> list[int]:
    """Put exactly these tags on an account; answers with the ids of those it had, so that it can be undone."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    before = list(locked.tags.order_by("pk").values_list("pk", flat=True))
    changes = _set_tags(locked, tags)
    if changes:
        leave_audit("account.tagged", locked, by=by, at=at, changes=changes)
        rescore(locked.pk)
    return before


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Find or make the tags with these names, whatever their case."""
    found: list[Tag] = []
    for name in dict.fromkeys(name.strip() for name in names if name.strip()):
        if len(name) > 50:
            raise Refused(_("Tags: at most 50 characters each."), field="tags")
        tag = Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name)
        if tag not in found:
            found.append(tag)
    return found
