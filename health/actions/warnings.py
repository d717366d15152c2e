"""What can a person do about a warning: take note, put it off, resolve it, take that back?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import TimelineEntry, User
from common.errors import Refused
from health.models import EarlyWarning

State, Cause = EarlyWarning.State, EarlyWarning.Cause
# A warning put off for longer than this is one that nobody means to look at.
LONGEST_SNOOZE = 365


@transaction.atomic
def acknowledge_warning(*, warning: EarlyWarning, by: User, at: dt.datetime) -> EarlyWarning:
    """Say that somebody sees to it; it stays until its cause is gone."""
    locked = _locked(warning)
    _refuse_resolved(locked)
    if locked.state == State.ACKNOWLEDGED:
        return locked
    return _move(locked, "acknowledged", by=by, at=at, state=State.ACKNOWLEDGED, snoozed_until=None, snooze_reason="")


def check_snooze(*, until: dt.date, reason: str, at: dt.datetime) -> None:
    """Refuse a day or a reason with which nothing can be put off."""
    on = today(at)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if until < on:
        raise Refused(_("Choose today or a later day."), field="until")
    if (until - on).days > LONGEST_SNOOZE:
        raise Refused(_("Choose a day within a year."), field="until")


@transaction.atomic
def snooze_warning(*, warning: EarlyWarning, until: dt.date, reason: str, by: User, at: dt.datetime) -> EarlyWarning:
    """Put it off until the end of a day, with the reason."""
    check_snooze(until=until, reason=reason, at=at)
    locked = _locked(warning)
    _refuse_resolved(locked)
    words = reason.strip()
    return _move(locked, "snoozed", by=by, at=at, state=State.SNOOZED, snoozed_until=until, snooze_reason=words)


@transaction.atomic
def resolve_warning(*, warning: EarlyWarning, reason: str, by: User, at: dt.datetime) -> EarlyWarning:
    """Close it with the reason; it opens again only when its cause has gone and returned."""
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    locked = _locked(warning)
    _refuse_resolved(locked)
    moved = _move(
        locked, "resolved", by=by, at=at, state=State.RESOLVED, resolved_on=today(at), resolved_cause=Cause.PERSON,
        resolved_reason=reason.strip(), is_gone=False, snoozed_until=None, snooze_reason="",
    )  # fmt: skip
    leave_entry(
        moved.account, TimelineEntry.Kind.HEALTH, _("Warning resolved: %(name)s") % {"name": moved.rule.name},
        by=by, at=at, body=moved.resolved_reason, details={"warning": moved.rule.key, "event": "settled"},
    )  # fmt: skip
    return moved


@transaction.atomic
def reopen_warning(*, warning: EarlyWarning, by: User, at: dt.datetime) -> EarlyWarning:
    """Take back that it was acknowledged, put off or resolved."""
    locked = _locked(warning)
    if locked.state == State.OPEN:
        return locked
    others = EarlyWarning.objects.unresolved().filter(account=locked.account_id, rule=locked.rule_id)
    if others.exclude(pk=locked.pk).exists():
        raise Refused(_("A newer warning of this rule is open for this account."))
    return _move(
        locked, "reopened", by=by, at=at, state=State.OPEN, snoozed_until=None, snooze_reason="",
        resolved_on=None, resolved_cause="", resolved_reason="", is_gone=False,
    )  # fmt: skip


@transaction.atomic
def restore_warning(
    *, warning: EarlyWarning, state: str, until: str | None, reason: str, by: User, at: dt.datetime
) -> EarlyWarning:
    """Bring an unresolved warning back to how it was before it was acknowledged or put off."""
    locked = _locked(warning)
    _refuse_resolved(locked)
    day = dt.date.fromisoformat(until) if until else None
    return _move(locked, "restored", by=by, at=at, state=State(state), snoozed_until=day, snooze_reason=reason)


def _locked(warning: EarlyWarning) -> EarlyWarning:
    rows = EarlyWarning.objects.select_related("account", "rule").select_for_update(of=("self",))
    return rows.get(pk=warning.pk)


def _refuse_resolved(warning: EarlyWarning) -> None:
    if warning.state == State.RESOLVED:
        raise Refused(_("This warning is resolved already."))


def _move(warning: EarlyWarning, verb: str, *, by: User, at: dt.datetime, **values: Any) -> EarlyWarning:
    """Write a new state, and who brought it about."""
    before = warning.state
    for name, value in values.items():
        setattr(warning, name, value)
    warning.changed_by = by
    warning.save(update_fields=[*values, "changed_by"])
    changes: dict[str, Any] = {"state": [before, str(warning.state)]}
    if values.get("snoozed_until"):
        changes["until"] = [None, values["snoozed_until"].isoformat()]
    leave_audit(f"early_warning.{verb}", warning, by=by, at=at, changes=changes)
    return warning
