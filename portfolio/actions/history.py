"""How is it kept what a person did, so that they can take it back for 30 days?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from portfolio.actions.undo import undo
from portfolio.models import Change
from portfolio.queries.history import was_changed_since

KEPT = dt.timedelta(days=30)
FACTS = {"ticket": "usage.ticket", "answer": "usage.surveyanswer", "milestone": "usage.milestonereached"}
# Which row a step is about, and under which key what was kept of it names the row.
ABOUT = {
    "renewal_advanced": ("revenue.renewal", "renewal"),
    "renewal_called": ("revenue.renewal", "renewal"),
    "opportunity_advanced": ("revenue.opportunity", "opportunity"),
    "risk_opened": ("revenue.risk", "risk"),
    "risk_closed": ("revenue.risk", "risk"),
    "line_added": ("revenue.contractline", "line"),
    "line_changed": ("revenue.contractline", "line"),
    "warning_answered": ("health.earlywarning", "warning"),
    "gap_closed": ("accounts.expectationgap", "gap"),
    "contact_left": ("accounts.contact", "contact"),
    "promise_settled": ("accounts.promise", "promise"),
    "follow_up_done": ("accounts.timelineentry", "entry"),
    "recommendation_answered": ("portfolio.recommendation", "recommendation"),
    "task_snoozed": ("playbooks.task", "task"),
    "account_field_set": ("accounts.account", "account"),
    "tasks_done": ("playbooks.task", "tasks"),
    "tasks_given": ("playbooks.task", "was"),
    "tasks_moved": ("playbooks.task", "moves"),
}


def keep_change(*, step: str, was: Mapping[str, Any], by: User, at: dt.datetime) -> Change:
    """Keep an act with what is needed to take it back."""
    object_type, key = ABOUT.get(step, ("", ""))
    if step == "fact_added":
        object_type, key = FACTS[was["kind"]], "pk"
    row_id = _first(was.get(key))
    return Change.objects.create(
        user=by, account_id=_account_of(object_type, row_id, was), step=step, was=dict(was), at=at,
        object_type=object_type, object_id="" if row_id is None else str(row_id),
    )  # fmt: skip


def _first(named: Any) -> Any:
    """The row that was named; of several the first."""
    while isinstance(named, list | tuple | dict):
        named = next(iter(named), None)
    return named


def _account_of(object_type: str, row_id: Any, was: Mapping[str, Any]) -> int | None:
    """The account that an act was about: as it was kept, else by its row."""
    named = was.get("account") or (was.get("copy") or {}).get("account")
    if named is not None or not object_type or row_id is None:
        return named
    rows = apps.get_model(object_type)._default_manager.filter(pk=row_id)
    found: int | None = rows.values_list("account_id", flat=True).first()
    return found


@transaction.atomic
def take_back(*, change: Change, by: User, at: dt.datetime) -> Change:
    """Take an act back, once, within 30 days, and only as long as nothing else has happened to what it changed."""
    locked = Change.objects.select_for_update(of=("self",)).filter(pk=change.pk, user=by, undone_at=None).first()
    if locked is None or locked.at < at - KEPT:
        raise Refused(_("This can no longer be undone."))
    if was_changed_since([locked]):
        raise Refused(_("This has been changed again since, so undoing would take that back as well."))
    undo(locked.step, locked.was, by=by, at=at)
    locked.undone_at = at
    locked.save(update_fields=["undone_at"])
    return locked


def forget_changes(*, at: dt.datetime) -> int:
    """Delete what can no longer be taken back, with all that was kept of it."""
    return Change.objects.filter(at__lt=at - KEPT).delete()[0]
