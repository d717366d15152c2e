"""How do the terms of renewals, risks and downgrades change?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit
from accounts.models import User
from common.jobs import enqueue
from revenue.models import RenewalPolicy


@transaction.atomic
def change_policy(*, by: User, at: dt.datetime, **values: int) -> RenewalPolicy:
    """Change what holds for all renewals; calls and forecasts follow."""
    policy = RenewalPolicy.objects.select_for_update().filter(pk=1).first() or RenewalPolicy(pk=1)
    changes = differences(policy, values)
    for name, value in values.items():
        setattr(policy, name, value)
    if changes:
        policy.save()
        leave_audit("renewal_policy.changed", policy, by=by, at=at, changes=changes)
        enqueue("revenue.call_renewals", key="all")
    return policy
