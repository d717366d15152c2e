"""On which days do people of each region work?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.models import Holiday, Organisation, RegionCalendar
from common.workdays import MONDAY_TO_FRIDAY
from playbooks.rules.schedule import Calendar


@dataclass(frozen=True)
class Calendars:
    """The calendar of every region that has one of its own; all others follow the organisation's."""

    everywhere: Calendar
    regions: Mapping[str, Calendar]

    @classmethod
    def load(cls) -> Calendars:
        """Read them all: three small queries."""
        own = list(RegionCalendar.objects.values_list("region", "working_days"))
        days = list(Holiday.objects.values_list("region", "on"))
        usual = _week(Organisation.load().working_days, MONDAY_TO_FRIDAY)
        shared = frozenset(on for region, on in days if not region)
        weeks = {_name(region): _week(week, usual) for region, week in own}
        holidays: dict[str, set[dt.date]] = {}
        for region, on in days:
            if region:
                holidays.setdefault(_name(region), set()).add(on)
        return cls(
            Calendar(usual, shared),
            {
                region: Calendar(weeks.get(region, usual), shared | holidays.get(region, set()))
                for region in {*weeks, *holidays}
            },
        )

    def of(self, region: str) -> Calendar:
        """The calendar of a region, whatever the case in which its name is written."""
        return self.regions.get(_name(region), self.everywhere)


def _name(region: str) -> str:
    return region.strip().casefold()


def _week(days: object, otherwise: Iterable[int]) -> frozenset[int]:
    """The working days as they are stored; a week without any would let no date ever land."""
    week = frozenset(day for day in days if day in range(7)) if isinstance(days, list) else frozenset()
    return week or frozenset(otherwise)
