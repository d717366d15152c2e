"""Who did what, when, from where, and what was it before?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.db import models

from accounts.models import AuditEvent, User
from common.logs import REQUEST_ID

# The address whose request this thread answers; the middleware sets it, a job has none.
ADDRESS: ContextVar[str | None] = ContextVar("address", default=None)


def record(
    verb: str,
    *,
    by: User | None,
    at: dt.datetime,
    obj: models.Model | None = None,
    changes: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> AuditEvent:
    """Write down one act. `changes` maps a field to [old, new]; people stand in it as ids, never by name or address.

    What identifies a person is left out of the audit, so that erasing somebody never means to edit it.
    """
    return AuditEvent.objects.create(
        at=at,
        actor=by,
        verb=verb,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        changes=dict(changes or {}),
        address=address or ADDRESS.get(),
        request_id=REQUEST_ID.get(),
    )


def differences(row: models.Model, new: Mapping[str, Any], private: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Say which fields of a row are about to change, [old, new]; of private ones only that they change."""
    changed: dict[str, Any] = {}
    for name, value in new.items():
        old = getattr(row, name)
        if old != value:
            changed[name] = [None, None] if name in private else [_plain(old), _plain(value)]
    return changed


def _plain(value: Any) -> Any:
    """Give a value as JSON keeps it; a row is kept as its id."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:500]
