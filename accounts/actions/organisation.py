"""How do the settings of the whole organisation change?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import Holiday, Organisation, User
from common import text
from common.errors import Refused


@transaction.atomic
def change_organisation(*, by: User, at: dt.datetime, **values: Any) -> Organisation:
    """Change what holds for everybody; figures follow at their next computation."""
    if "name" in values:
        values["name"] = text.clean(values["name"], _("Name"), max_length=200)
    organisation = Organisation.objects.select_for_update().filter(pk=1).first() or Organisation(pk=1)
    changes = audit.differences(organisation, values)
    for name, value in values.items():
        setattr(organisation, name, value)
    if changes:
        organisation.save()
        audit.record("organisation.changed", by=by, at=at, obj=organisation, changes=changes)
    return organisation


@transaction.atomic
def add_holiday(*, on: dt.date, name: str, by: User, at: dt.datetime, region: str = "") -> Holiday:
    """Make a day one on which nobody works, everywhere or in one region."""
    name, region = text.clean(name, _("Name"), max_length=100), region.strip()
    if Holiday.objects.filter(on=on, region=region).exists():
        raise Refused(_("This day is a holiday already."), field="on", code="unique")
    holiday = Holiday.objects.create(on=on, name=name, region=region)
    audit.record("holiday.added", by=by, at=at, obj=holiday, changes={"on": [None, str(on)], "name": [None, name]})
    return holiday


@transaction.atomic
def remove_holiday(*, holiday: Holiday, by: User, at: dt.datetime) -> None:
    """Make a holiday a day like others."""
    was = {"on": [str(holiday.on), None], "name": [holiday.name, None]}
    audit.record("holiday.removed", by=by, at=at, obj=holiday, changes=was)
    holiday.delete()
