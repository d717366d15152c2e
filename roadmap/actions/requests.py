"""What happens when a need is written down, worded better, or taken away?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import User
from common import jobs
from common.errors import Refused
from roadmap.actions.writing import apply_changes, check_day, check_external_id, rank_anew
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.queries.board import named_customers
from usage.models import Module

# What whoever notes wishes may word, and what only who plans the roadmap decides.
NOTED_FIELDS = frozenset({"title", "description", "module", "created_on", "external_id"})
PLANNED_FIELDS = frozenset({"shared_title", "shared_text", "promised_on", "feature", "use_goal_percent", "use_goal_on"})
REQUEST_FIELDS = NOTED_FIELDS | PLANNED_FIELDS
COMPARED = frozenset({"title", "description"})


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
    check_external_id(request)
    check_day(request.created_on, at, "created_on")
    request.save()
    leave_audit("feature_request.added", request, by=by, at=at, changes={"state": [None, str(request.state)]})
    look_for_duplicates(request.pk)
    rank_anew(request.pk)
    return request


@transaction.atomic
def change_request(*, request: FeatureRequest, by: User | None, at: dt.datetime, **values: Any) -> FeatureRequest:
    """Word a need better, plan its promise or its text for customers; its state changes by `change_state`."""
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    changes = apply_changes(locked, REQUEST_FIELDS, values)
    if not changes:
        return locked
    _check(locked, at)
    locked.save(update_fields=list(changes))
    leave_audit("feature_request.changed", locked, by=by, at=at, changes=changes)
    if COMPARED & changes.keys():
        look_for_duplicates(locked.pk)
    if "module" in changes:
        rank_anew(locked.pk)
    return locked


@transaction.atomic
def delete_request(*, request: FeatureRequest, by: User | None, at: dt.datetime) -> None:
    """Take away a need that nobody voiced; one with voices is declined instead."""
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    voiced = RequestEvidence.objects.filter(asked_as=locked).exists()
    if voiced or locked.merged_into_id or locked.evidence.exists() or locked.merged.exists():
        raise Refused(_("Customers asked for this. Decline it with a reason instead."))
    leave_audit("feature_request.deleted", locked, by=by, at=at)
    locked.delete()


def look_for_duplicates(request_id: int) -> None:
    """Ask for a look at what a need resembles, once it is written."""
    jobs.enqueue("roadmap.find_duplicates", key=f"duplicates:{request_id}", request_ids=[request_id])


def _check(request: FeatureRequest, at: dt.datetime) -> None:
    check_external_id(request)
    check_day(request.created_on, at, "created_on")
    if request.shared_text and not request.shared_title:
        raise Refused(_("Give the title for customers as well."), field="shared_title")
    if request.use_goal_percent is not None and not 1 <= request.use_goal_percent <= 100:
        raise Refused(_("Give a share from 1 to 100%."), field="use_goal_percent")
    if request.use_goal_on and request.use_goal_percent is None:
        raise Refused(_("Say how many are expected to use it."), field="use_goal_percent")
    for field in ("shared_title", "shared_text"):
        named = named_customers(request, getattr(request, field))
        if named:
            words = _("Customers read this text. Leave out the name of a customer: %(name)s.")
            raise Refused(words % {"name": named[0]}, field=field)
