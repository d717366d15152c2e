"""How do the settings of the whole organisation change?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import Holiday, Organisation, RegionCalendar, User
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
def set_region_calendar(*, region: str, working_days: Sequence[int], by: User, at: dt.datetime) -> RegionCalendar:
    """Say on which days people of a region work, where that is not as everywhere."""
    region = text.clean(region, _("Region"), max_length=100)
    days = sorted({int(day) for day in working_days})
    if not days or not set(days) <= set(range(7)):
        raise Refused(_("Choose at least one working day."), field="working_days", code="required")
    found = RegionCalendar.objects.select_for_update().filter(region__iexact=region).first()
    calendar = found or RegionCalendar(region=region)
    before = calendar.working_days if found else None
    calendar.working_days = days
    calendar.save()
    if before != days:
        changes = {"region": [None, calendar.region], "working_days": [before, days]}
        audit.record("region_calendar.set", by=by, at=at, obj=calendar, changes=changes)
    return calendar


@transaction.atomic
def remove_region_calendar(*, calendar: RegionCalendar, by: User, at: dt.datetime) -> None:
    """Let a region work as everywhere; its holidays stay."""
    was = {"region": [calendar.region, None], "working_days": [calendar.working_days, None]}
    audit.record("region_calendar.removed", by=by, at=at, obj=calendar, changes=was)
    calendar.delete()


@transaction.atomic
def remove_holiday(*, holiday: Holiday, by: User, at: dt.datetime) -> None:
    """Make a holiday a day like others."""
    was = {"on": [str(holiday.on), None], "name": [holiday.name, None]}
    audit.record("holiday.removed", by=by, at=at, obj=holiday, changes=was)
    holiday.delete()
