"""How do the terms change by which the effect of playbooks is measured?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from playbooks.models import EffectPolicy


@transaction.atomic
def change_effect_policy(*, by: User, at: dt.datetime, **values: int) -> EffectPolicy:
    """Change the terms; who is compared already keeps the days on which they are read."""
    policy = EffectPolicy.objects.select_for_update().filter(pk=1).first() or EffectPolicy(pk=1)
    changes = differences(policy, values)
    for name, value in values.items():
        setattr(policy, name, value)
    if policy.health_days > policy.kept_days:
        raise Refused(_("Retention cannot be read before health."), field="kept_days")
    if changes:
        policy.save()
        leave_audit("effect_policy.changed", policy, by=by, at=at, changes=changes)
    return policy
