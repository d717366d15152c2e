"""On which day is each step due, counted in days of the calendar, working days of a region, or months?

A day is a local day of the organisation's time zone and has no hours, so a day on which the clock changes counts as one
like any other.
"""

from __future__ import annotations

import datetime as dt
import graphlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.workdays import MONDAY_TO_FRIDAY, add_months, add_working_days, is_working_day
from playbooks.rules.steps import START, STEP, Kind, Landing, Step, Unit, waits_for

# A region in which nobody works for so long has no calendar worth the name; the date stays where it is.
LONGEST_BREAK = 366


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days people of a region work."""

    working_days: frozenset[int] = frozenset(MONDAY_TO_FRIDAY)
    holidays: frozenset[dt.date] = frozenset()

    def works_on(self, day: dt.date) -> bool:
        """Say whether people work on a day."""
        return is_working_day(day, self.working_days, self.holidays)


EVERYDAY = Calendar()


@dataclass(frozen=True, slots=True)
class Planned:
    """When a step is due, and the day from which that was counted; neither while that day is not known."""

    counted_from: dt.date | None
    due_on: dt.date | None


def land(day: dt.date, landing: str, calendar: Calendar = EVERYDAY) -> dt.date:
    """Move a date that falls on a day off to the next working day or to the one before, or leave it.

    >>> saturday = dt.date(2026, 1, 3)
    >>> [str(land(saturday, rule)) for rule in ("keep", "next", "previous")]
    ['2026-01-03', '2026-01-05', '2026-01-02']
    """
    if landing == Landing.KEEP:
        return day
    step = dt.timedelta(days=1 if landing == Landing.NEXT else -1)
    landed = day
    for _ in range(LONGEST_BREAK):
        if calendar.works_on(landed):
            return landed
        landed += step
    return day


def count_from(
    anchor: dt.date, offset: int, unit: str, landing: str = Landing.NEXT, calendar: Calendar = EVERYDAY
) -> dt.date:
    """The day so many days, working days or months after (or before) another, landed.

    Working days are counted as `common.periods.add_working_days` does, so the first after a Friday is the Monday; zero
    of them is the day itself. A month after 31 January is the last day of February.

    >>> friday = dt.date(2026, 1, 2)
    >>> str(count_from(friday, 1, "calendar")), str(count_from(friday, 1, "working"))
    ('2026-01-05', '2026-01-05')
    >>> str(count_from(dt.date(2026, 1, 31), 1, "months", "keep"))
    '2026-02-28'
    """
    if unit == Unit.MONTHS:
        return land(add_months(anchor, offset), landing, calendar)
    if unit == Unit.WORKING and offset:
        return add_working_days(anchor, offset, calendar.working_days, calendar.holidays)
    return land(anchor + dt.timedelta(days=offset), landing, calendar)


def shifted(day: dt.date, days: int, landing: str, calendar: Calendar = EVERYDAY) -> dt.date:
    """Move a due date by so many days of the calendar, and land it by the rule of its step.

    >>> str(shifted(dt.date(2026, 1, 2), 8, "next"))
    '2026-01-12'
    """
    return land(day + dt.timedelta(days=days), landing, calendar)


def plan(
    steps: Sequence[Step],
    started_on: dt.date,
    dates: Mapping[str, dt.date | None],
    calendar: Calendar = EVERYDAY,
    *,
    not_before: dt.date | None = None,
) -> dict[str, Planned]:
    """Say for each step from which day it is counted and when it is due; a step without its day has no date.

    `dates` are the account's own: signed_on, live_on, renewal_on. A date before `not_before` (the start) would be late
    from the first day, so it becomes that day: who starts 60 days before a renewal does at once what was for day −120.

    >>> steps = [Step("talk", {}, anchor="renewal_on", offset=-120), Step("note", {}, anchor="step:talk", offset=2)]
    >>> plan(steps, dt.date(2026, 1, 5), {"renewal_on": None})["note"].due_on is None
    True
    >>> planned = plan(steps, dt.date(2026, 1, 5), {"renewal_on": dt.date(2026, 6, 1)})
    >>> str(planned["talk"].due_on), str(planned["note"].due_on)
    ('2026-02-02', '2026-02-04')
    """
    by_key = {step.key: step for step in steps}
    planned: dict[str, Planned] = {}
    for key in graphlib.TopologicalSorter({step.key: waits_for(step) for step in steps}).static_order():
        step = by_key.get(key)
        if step is None:
            continue
        anchor = _anchor(step, started_on, dates, planned)
        planned[key] = Planned(anchor, due_after(step, anchor, calendar, not_before=not_before))
    return planned


def due_after(
    step: Step, anchor: dt.date | None, calendar: Calendar = EVERYDAY, *, not_before: dt.date | None = None
) -> dt.date | None:
    """The due date of a step counted from a day; none while the day is not known, or beyond all calendars.

    >>> str(due_after(Step("talk", {}, offset=-5), dt.date(2026, 1, 9), not_before=dt.date(2026, 1, 7)))
    '2026-01-07'
    """
    if anchor is None:
        return None
    try:
        due = count_from(anchor, step.offset, step.unit, step.landing, calendar)
        if not_before is not None and due < not_before:
            due = land(not_before, Landing.KEEP if step.landing == Landing.KEEP else Landing.NEXT, calendar)
    except (OverflowError, ValueError):
        return None
    return due


def counted_from_step(due_on: dt.date | None, done_on: dt.date | None) -> dt.date | None:
    """The day from which the steps after another are counted: its due date, or the day of its end if that is later.

    A step that ends early leaves the others where they were planned: nobody is late because a colleague was quick.

    >>> due, early, late = dt.date(2026, 3, 10), dt.date(2026, 3, 6), dt.date(2026, 3, 16)
    >>> str(counted_from_step(due, early)), str(counted_from_step(due, late)), str(counted_from_step(None, late))
    ('2026-03-10', '2026-03-16', '2026-03-16')
    """
    known = [day for day in (due_on, done_on) if day is not None]
    return max(known) if known else None


def held_by(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Name for each step those that have to end before it can begin: its dependencies, and every gate above it.

    >>> gate = Step("go", {}, kind=Kind.GATE)
    >>> held_by([Step("a", {}), gate, Step("b", {}, depends_on=("a",)), Step("c", {}, depends_on=("gone",))])
    {'a': (), 'go': (), 'b': ('a', 'go'), 'c': ('go',)}
    """
    there = {step.key for step in steps}
    # A gate cannot hold back what it waits for itself.
    before: dict[str, set[str]] = {}
    for key in graphlib.TopologicalSorter({step.key: waits_for(step) for step in steps}).static_order():
        own = next((waits_for(step) for step in steps if step.key == key), ())
        before[key] = set(own).union(*(before.get(other, set()) for other in own))
    gates: list[str] = []
    held: dict[str, tuple[str, ...]] = {}
    for step in steps:
        above = [gate for gate in gates if step.key not in before[gate]]
        held[step.key] = tuple(dict.fromkeys(key for key in (*step.depends_on, *above) if key in there))
        if step.kind == Kind.GATE:
            gates.append(step.key)
    return held


def _anchor(
    step: Step, started_on: dt.date, dates: Mapping[str, dt.date | None], planned: Mapping[str, Planned]
) -> dt.date | None:
    if step.anchor == START:
        return started_on
    if step.anchor.startswith(STEP):
        return planned[step.anchor.removeprefix(STEP)].due_on
    return dates.get(step.anchor)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the task of a step stands: when it is due and was due first, what that was counted from, when it ended."""

    due_on: dt.date | None
    first_due_on: dt.date | None = None
    counted_from: dt.date | None = None
    done_on: dt.date | None = None
    is_finished: bool = False

    @property
    def was_moved(self) -> bool:
        """Somebody gave it another day: from then on that day holds."""
        return self.due_on != self.first_due_on


def replan(
    steps: Sequence[Step],
    started_on: dt.date,
    dates: Mapping[str, dt.date | None],
    standing: Mapping[str, Standing],
    calendar: Calendar = EVERYDAY,
    *,
    on: dt.date,
) -> dict[str, Planned]:
    """Say which open steps get another day, because what they are counted from became known, moved or ended late.

    A step that is finished, that somebody moved, or that is counted from the start keeps its day; so does one whose
    anchor stands where it stood or is gone: what somebody moves by hand takes others along only if they say so. No new
    day is before `on`.

    >>> go_live = [Step("check", {}, anchor="live_on", offset=7, landing=Landing.KEEP)]
    >>> waiting, live = {"check": Standing(None)}, {"live_on": dt.date(2026, 5, 4)}
    >>> str(replan(go_live, dt.date(2026, 4, 1), live, waiting, on=dt.date(2026, 5, 4))["check"].due_on)
    '2026-05-11'
    """
    by_key = {step.key: step for step in steps}
    planned: dict[str, Planned] = {}
    changed: dict[str, Planned] = {}
    for key in graphlib.TopologicalSorter({step.key: waits_for(step) for step in steps}).static_order():
        step = by_key.get(key)
        if step is None:
            continue
        stands = standing.get(key)
        anchor = _anchor_now(step, started_on, dates, planned, standing)
        if stands is None:
            # A step for accounts that are served otherwise: others may still be counted from its date.
            planned[key] = Planned(anchor, due_after(step, anchor, calendar, not_before=started_on))
            continue
        planned[key] = Planned(stands.counted_from, stands.first_due_on or stands.due_on)
        stays = stands.is_finished or stands.was_moved or step.anchor == START
        if not stays and anchor is not None and anchor != stands.counted_from:
            planned[key] = changed[key] = Planned(anchor, due_after(step, anchor, calendar, not_before=on))
    return changed


def _anchor_now(
    step: Step,
    started_on: dt.date,
    dates: Mapping[str, dt.date | None],
    planned: Mapping[str, Planned],
    standing: Mapping[str, Standing],
) -> dt.date | None:
    if step.anchor.startswith(STEP):
        other = step.anchor.removeprefix(STEP)
        stands = standing.get(other)
        return counted_from_step(planned[other].due_on, stands.done_on if stands else None)
    return _anchor(step, started_on, dates, planned)
