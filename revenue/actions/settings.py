"""How do the marks that revenue figures are held against change?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.traces import differences, leave_audit
from accounts.models import User
from common.errors import Refused
from revenue.models import RevenueSettings


@transaction.atomic
def change_revenue_settings(*, by: User, at: dt.datetime, **values: Any) -> RevenueSettings:
    """Change some of the marks; pages hold figures against the new ones from the next look on."""
    marks = RevenueSettings.objects.select_for_update().filter(pk=1).first() or RevenueSettings(pk=1)
    changes = differences(marks, values)
    for name, value in values.items():
        setattr(marks, name, value)
    try:
        marks.clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from None
    if changes:
        marks.save()
        leave_audit("revenue_settings.changed", marks, by=by, at=at, changes=changes)
    return marks
