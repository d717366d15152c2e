"""How are the weights changed by which load is compared?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit
from accounts.models import User
from playbooks.models import WorkloadSettings


@transaction.atomic
def set_workload(*, by: User, at: dt.datetime, **values: Decimal) -> WorkloadSettings:
    """Set the weight of each tier and what one person can carry."""
    row, _created = WorkloadSettings.objects.select_for_update().get_or_create(pk=1)
    changes = differences(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    if changes:
        leave_audit("workload.set", row, by=by, at=at, changes=changes)
    return row
