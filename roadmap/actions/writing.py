"""How is a change of a request's rows written, once what may not be is refused?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.actions.traces import differences, today
from common import jobs
from common.errors import Refused

# A customer's own words may be personal; the audit says only that they changed.
PERSONAL = frozenset({"verbatim", "reply", "why_text"})


def apply_changes(row: models.Model, allowed: frozenset[str], values: dict[str, Any]) -> dict[str, Any]:
    """Put what differs into a row that is not saved yet; answers with old and new for the audit."""
    unknown = set(values) - allowed
    if unknown:
        raise ValueError(f"not a field that may change: {', '.join(sorted(unknown))}")
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    changes = differences(row, values, private=PERSONAL)
    for name in changes:
        setattr(row, name, values[name])
    return changes


def rank_anew(*request_ids: int) -> None:
    """Ask for new ranks, because somebody asked for these requests or something was decided about them."""
    for pk in request_ids:
        jobs.enqueue("roadmap.rank_request", key=f"rank:{pk}", request_ids=[pk])


def check_day(day: dt.date, at: dt.datetime, field: str) -> None:
    """Refuse a day on which nothing can have happened yet."""
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field=field)


def check_external_id(row: Any) -> None:
    """Refuse an id of another system that another row has."""
    others = type(row).objects.exclude(pk=row.pk)
    if row.external_id and others.filter(external_id=row.external_id).exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
