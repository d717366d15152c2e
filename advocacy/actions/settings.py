"""What happens when weights, criteria or limits change?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.traces import differences, leave_audit
from accounts.models import User
from advocacy.models import AdvocacySettings
from common import jobs
from common.errors import Refused


@transaction.atomic
def change_advocacy_settings(*, by: User, at: dt.datetime, **values: Any) -> AdvocacySettings:
    """Change some of the settings; limits hold at once, and all customers are ranked anew in the background."""
    settings = AdvocacySettings.objects.select_for_update().filter(pk=1).first() or AdvocacySettings(pk=1)
    changes = differences(settings, values)
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        settings.full_clean(exclude=["id"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from None
    if changes:
        settings.save()
        leave_audit("advocacy_settings.changed", settings, by=by, at=at, changes=changes)
        jobs.enqueue("portfolio.rank_advocates", key="all")
    return settings
