"""What happens when somebody says what a request takes, what it brings, and what it needs?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import differences, leave_audit
from accounts.models import User
from common.errors import Refused
from common.jobs import enqueue
from roadmap.models import FeatureRequest, RequestEstimate, RequestNeed
from roadmap.rules.planning import has_circle

ESTIMATE_FIELDS = frozenset(
    {"effort", "reach", "impact", "confidence", "business_value", "time_criticality", "opportunity"}
)


@transaction.atomic
def change_estimate(*, request: FeatureRequest, by: User, at: dt.datetime, **values: Any) -> RequestEstimate:
    """Say what a request takes and brings; its places by RICE and WSJF follow."""
    unknown = set(values) - ESTIMATE_FIELDS
    if unknown:
        raise ValueError(f"not a field that may change: {', '.join(sorted(unknown))}")
    FeatureRequest.objects.select_for_update().get(pk=request.pk)
    estimate = RequestEstimate.objects.filter(request=request).first() or RequestEstimate(request=request)
    effort = values.get("effort")
    if effort is not None and effort < Decimal("0.1"):
        raise Refused(_("An effort is at least 0.1 person-weeks. Leave it empty if it is not known."), field="effort")
    changes = differences(estimate, values)
    if changes:
        for name in changes:
            setattr(estimate, name, values[name])
        _refuse_out_of_bounds(estimate, set(changes))
        estimate.changed_by, estimate.changed_at = by, at
        estimate.save()
        leave_audit("request_estimate.changed", request, by=by, at=at, changes=changes)
        enqueue("roadmap.rank_request", key=f"rank:{request.pk}", request_ids=[request.pk])
    return estimate


def _refuse_out_of_bounds(estimate: RequestEstimate, names: set[str]) -> None:
    """Refuse a value beyond what its column is for, in the words of the column."""
    try:
        estimate.clean_fields(exclude={field.name for field in estimate._meta.fields} - names)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from None


@transaction.atomic
def estimate_request(*, request: FeatureRequest, by: User, at: dt.datetime, values: dict[str, Any]) -> RequestEstimate:
    """Save an estimate and, where they are given, what the request needs: both or neither."""
    needed = values.pop("needs", None)
    if needed is not None:
        change_needs(request=request, needed=needed, by=by, at=at)
    return change_estimate(request=request, by=by, at=at, **values)


@transaction.atomic
def change_needs(
    *, request: FeatureRequest, needed: Collection[FeatureRequest], by: User, at: dt.datetime
) -> list[FeatureRequest]:
    """Say what a request cannot be built without."""
    list(RequestNeed.objects.select_for_update().values_list("pk", flat=True))
    before = set(RequestNeed.objects.filter(request=request).values_list("needed_id", flat=True))
    after = {row.pk for row in needed}
    if request.pk in after:
        raise Refused(_("A request cannot need itself."), field="needs")
    others = RequestNeed.objects.exclude(request=request).values_list("request_id", "needed_id")
    if has_circle((*others, *((request.pk, pk) for pk in after))):
        raise Refused(
            _("These requests would need each other in a circle, so that none could be built first."), field="needs"
        )
    if before != after:
        RequestNeed.objects.filter(request=request).exclude(needed__in=after).delete()
        RequestNeed.objects.bulk_create([RequestNeed(request=request, needed_id=pk) for pk in sorted(after - before)])
        changes = {"needs": [sorted(before), sorted(after)]}
        leave_audit("request_estimate.changed", request, by=by, at=at, changes=changes)
    return list(needed)
