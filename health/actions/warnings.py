"""What can a person do about a warning: take note, put it off, resolve it, take that back?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
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
Transition = Callable[..., EarlyWarning]


@transaction.atomic
def acknowledge_warning(*, warning: EarlyWarning, by: User, at: dt.datetime) -> EarlyWarning:
    """Say that somebody sees to it; it stays until its cause is gone."""
    locked = _locked(warning)
    _refuse_resolved(locked)
    if locked.state == State.ACKNOWLEDGED:
        return locked
    return _move(locked, "acknowledged", by=by, at=at, state=State.ACKNOWLEDGED, snoozed_until=None, snooze_reason="")


@transaction.atomic
def snooze_warning(*, warning: EarlyWarning, until: dt.date, reason: str, by: User, at: dt.datetime) -> EarlyWarning:
    """Put it off until the end of a day, with the reason."""
    on = today(at)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if until < on:
        raise Refused(_("Choose today or a later day."), field="until")
    if (until - on).days > LONGEST_SNOOZE:
        raise Refused(_("Choose a day within a year."), field="until")
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
def acknowledge_warnings(*, warnings: Iterable[EarlyWarning], by: User, at: dt.datetime) -> int:
    """Acknowledge several; those that are resolved already are passed over. Returns how many."""
    return _each(warnings, lambda one: acknowledge_warning(warning=one, by=by, at=at), State.ACKNOWLEDGED)


@transaction.atomic
def snooze_warnings(*, warnings: Iterable[EarlyWarning], until: dt.date, reason: str, by: User, at: dt.datetime) -> int:
    """Put several off; those that are resolved already are passed over. Returns how many."""
    return _each(warnings, lambda one: snooze_warning(warning=one, until=until, reason=reason, by=by, at=at))


def _each(warnings: Iterable[EarlyWarning], act: Transition, *done: str) -> int:
    count = 0
    for one in warnings:
        if one.state not in (State.RESOLVED, *done):
            act(one)
            count += 1
    return count


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
