"""What happens with a request of sales: made, corrected, decided?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import differences, leave_audit, today
from accounts.models import User
from advocacy.models import ReferenceRequest
from common.errors import Conflict, Refused

Outcome = ReferenceRequest.Outcome


@transaction.atomic
def add_request(*, by: User, at: dt.datetime, **values: Any) -> ReferenceRequest:
    """Write down whom sales needs to hear from."""
    needed_by = values.get("needed_by")
    if needed_by is not None and needed_by < today(at):
        raise Refused(_("Choose today or a later day."), field="needed_by")
    request = ReferenceRequest(requested_by=by, requested_on=today(at), **values)
    _check(request)
    request.save()
    changes = {"prospect": [None, None], "kind": [None, str(request.kind)]}
    leave_audit("reference_request.added", request, by=by, at=at, changes=changes)
    return request


@transaction.atomic
def change_request(
    *, request: ReferenceRequest, by: User, at: dt.datetime, version: int | None = None, **values: Any
) -> ReferenceRequest:
    """Correct what is asked for; what was asked of advocates already stays."""
    locked = _locked(request)
    if version is not None and version != locked.version:
        stored = {
            name: (getattr(locked, name), value) for name, value in values.items() if getattr(locked, name) != value
        }
        raise Conflict(_("Somebody changed this request meanwhile."), stored)
    changes = differences(locked, values)
    if not changes:
        return locked
    for name, value in values.items():
        setattr(locked, name, value)
    _check(locked)
    locked.version += 1
    locked.save()
    leave_audit("reference_request.changed", locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def decide_request(
    *, request: ReferenceRequest, outcome: str, by: User, at: dt.datetime, decided_on: dt.date | None = None
) -> ReferenceRequest:
    """Say how the deal ended, or that it is open again."""
    locked = _locked(request)
    if outcome not in Outcome.values:
        raise Refused(_("Choose how it ended."), field="outcome")
    day = None if outcome == Outcome.OPEN else decided_on or today(at)
    if day is not None and day > today(at):
        raise Refused(_("The day cannot be in the future."), field="decided_on")
    if day is not None and day < locked.requested_on:
        raise Refused(_("It cannot be decided before it was requested."), field="decided_on")
    before = str(locked.outcome)
    if (before, locked.decided_on) == (outcome, day):
        return locked
    locked.outcome, locked.decided_on = outcome, day
    locked.version += 1
    locked.save(update_fields=["outcome", "decided_on", "version"])
    leave_audit("reference_request.decided", locked, by=by, at=at, changes={"outcome": [before, outcome]})
    return locked


def _locked(request: ReferenceRequest) -> ReferenceRequest:
    found: ReferenceRequest = ReferenceRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    return found


def _check(request: ReferenceRequest) -> None:
    try:
        request.full_clean(exclude=["requested_by", "product", "use_case"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=None if field == "__all__" else field) from None
