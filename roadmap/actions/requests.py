"""What happens when a customer asks for something, and when somebody decides about it?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import differences, leave_audit, today
from accounts.models import Account, Contact, User
from common.errors import Refused
from roadmap.models import FeatureRequest, RequestEvidence
from usage.models import Module

State = FeatureRequest.State
REQUEST_FIELDS = frozenset({"title", "description", "module", "created_on", "external_id"})
EVIDENCE_FIELDS = frozenset({"verbatim", "importance", "asked_on", "contact", "source", "external_id"})
# A customer's own words may be personal; the audit says only that they changed.
PERSONAL = frozenset({"verbatim"})


@transaction.atomic
def add_request(
    *,
    title: str,
    by: User | None,
    at: dt.datetime,
    description: str = "",
    module: Module | None = None,
    created_on: dt.date | None = None,
    external_id: str | None = None,
) -> FeatureRequest:
    """Write down a need."""
    request = FeatureRequest(
        title=title, description=description, module=module, created_on=created_on or today(at),
        external_id=external_id or None,
    )  # fmt: skip
    _check_external_id(request)
    _check_day(request.created_on, at, "created_on")
    request.save()
    leave_audit("feature_request.added", request, by=by, at=at, changes={"state": [None, str(request.state)]})
    return request


@transaction.atomic
def change_request(*, request: FeatureRequest, by: User | None, at: dt.datetime, **values: Any) -> FeatureRequest:
    """Word a need better, or put it under another module; its state changes by `change_state`."""
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    _write(locked, "feature_request.changed", REQUEST_FIELDS, values, by=by, at=at)
    return locked


@transaction.atomic
def change_state(
    *, request: FeatureRequest, state: str, by: User | None, at: dt.datetime, decline_reason: str = ""
) -> FeatureRequest:
    """Decide about a need. Declining takes a reason, which whoever asked will be told."""
    reason = decline_reason.strip()
    if state not in State.values:
        raise Refused(_("Choose a state of the request."), field="state")
    if state == State.DECLINED and not reason:
        raise Refused(_("Say why the request is declined."), field="decline_reason")
    if state != State.DECLINED and reason:
        raise Refused(_("Only a declined request has a reason for declining."), field="decline_reason")
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    values = {"state": state, "decline_reason": reason}
    _write(locked, "feature_request.state_changed", frozenset(values), values, by=by, at=at)
    return locked


@transaction.atomic
def delete_request(*, request: FeatureRequest, by: User | None, at: dt.datetime) -> None:
    """Take away a need that nobody voiced; one with voices is declined instead."""
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.evidence.exists():
        raise Refused(_("Customers asked for this. Decline it with a reason instead."))
    leave_audit("feature_request.deleted", locked, by=by, at=at)
    locked.delete()


@transaction.atomic
def ask_for(
    *, account: Account, title: str, by: User | None, at: dt.datetime, request: FeatureRequest | None = None,
    **evidence: Any,
) -> RequestEvidence:  # fmt: skip
    """Write down that an account asks for something: one more voice for a known need, or for a new one."""
    need = request or add_request(title=title, by=by, at=at)
    return add_evidence(request=need, account=account, by=by, at=at, **evidence)


@transaction.atomic
def add_evidence(
    *,
    request: FeatureRequest,
    account: Account,
    by: User | None,
    at: dt.datetime,
    verbatim: str = "",
    importance: int = RequestEvidence.Importance.USEFUL,
    asked_on: dt.date | None = None,
    contact: Contact | None = None,
    source: str = "",
    external_id: str | None = None,
) -> RequestEvidence:
    """Write down one voice for a need, in the customer's own words."""
    voice = RequestEvidence(
        request=request, account=account, contact=contact, verbatim=verbatim, importance=importance, source=source,
        asked_on=asked_on or today(at), external_id=external_id or None,
    )  # fmt: skip
    _check_evidence(voice, at)
    voice.save()
    named = {"request": [None, request.pk], "account": [None, account.pk], "importance": [None, int(importance)]}
    leave_audit("request_evidence.added", voice, by=by, at=at, changes=named)
    return voice


@transaction.atomic
def change_evidence(*, evidence: RequestEvidence, by: User | None, at: dt.datetime, **values: Any) -> RequestEvidence:
    """Correct what a customer said, how much it mattered to them, or when."""
    locked: RequestEvidence = RequestEvidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    _write(locked, "request_evidence.changed", EVIDENCE_FIELDS, values, by=by, at=at)
    return locked


@transaction.atomic
def delete_evidence(*, evidence: RequestEvidence, by: User | None, at: dt.datetime) -> None:
    """Take away a voice that never was."""
    named = {"request": [evidence.request_id, None], "account": [evidence.account_id, None]}
    leave_audit("request_evidence.deleted", evidence, by=by, at=at, changes=named)
    evidence.delete()


def _write(
    row: models.Model, verb: str, allowed: frozenset[str], values: dict[str, Any], *, by: User | None, at: dt.datetime
) -> None:
    """Write what differs, and say so."""
    unknown = set(values) - allowed
    if unknown:
        raise ValueError(f"not a field that may change: {', '.join(sorted(unknown))}")
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    changes = differences(row, values, private=PERSONAL)
    if not changes:
        return
    for name in changes:
        setattr(row, name, values[name])
    if isinstance(row, RequestEvidence):
        _check_evidence(row, at)
    elif isinstance(row, FeatureRequest):
        _check_external_id(row)
        _check_day(row.created_on, at, "created_on")
    row.save(update_fields=list(changes))
    leave_audit(verb, row, by=by, at=at, changes=changes)


def _check_evidence(voice: RequestEvidence, at: dt.datetime) -> None:
    """Refuse what nobody can have said."""
    _check_external_id(voice)
    _check_day(voice.asked_on, at, "asked_on")
    if voice.contact is not None and voice.contact.account_id != voice.account_id:
        raise Refused(_("Choose a contact of this account."), field="contact")


def _check_day(day: dt.date, at: dt.datetime, field: str) -> None:
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field=field)


def _check_external_id(row: FeatureRequest | RequestEvidence) -> None:
    others: Any = type(row).objects.exclude(pk=row.pk)
    if row.external_id and others.filter(external_id=row.external_id).exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
