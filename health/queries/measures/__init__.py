"""What can a rule measure, and how is it read for all accounts of a book at once?

Each measure is a query or two over all accounts that gives columns; it reads only facts known by the day, so that a
rule can be tried on past days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from health.models import MeasureName
from health.queries.indicators.book import Book
from health.queries.measures import commercial, people, usage, voice
from health.queries.measures.measured import Measured
from health.rules.warnings import Test

Read = Callable[[Book, Test], Measured]


@dataclass(frozen=True)
class Kind:
    """One measure: how it is read, the days of its window unless a rule says others (None: it has no window)."""

    read: Read
    days: int | None = None


MEASURES: dict[str, Kind] = {
    MeasureName.SILENCE: Kind(usage.silence),
    MeasureName.ACTIVE_DAYS: Kind(usage.active_days, 30),
    MeasureName.USE_CHANGE: Kind(usage.use_change, 30),
    MeasureName.CORE_CHANGE: Kind(usage.core_change, 30),
    MeasureName.ONLY_BASIC: Kind(usage.only_basic, 30),
    MeasureName.MODULES_USED: Kind(usage.modules_used, 30),
    MeasureName.MODULES_LOST: Kind(usage.modules_lost, 30),
    MeasureName.CORE_PROCESS_LATE: Kind(usage.core_process_late),
    MeasureName.MILESTONES_REACHED: Kind(usage.milestones_reached),
    MeasureName.TICKETS: Kind(voice.tickets, 30),
    MeasureName.COMPLAINTS: Kind(voice.complaints, 30),
    MeasureName.OPEN_TICKETS: Kind(voice.open_tickets),
    MeasureName.CRITICAL_TICKETS: Kind(voice.critical_tickets),
    MeasureName.NPS: Kind(voice.nps),
    MeasureName.NPS_CHANGE: Kind(voice.nps_change, 90),
    MeasureName.RENEWAL_QUIET: Kind(commercial.renewal_quiet),
    MeasureName.RENEWAL_TALKS: Kind(commercial.renewal_talks),
    MeasureName.EXPANSIONS: Kind(commercial.expansions, 365),
    MeasureName.CONTRACTIONS: Kind(commercial.contractions, 180),
    MeasureName.HEALTH_SCORE: Kind(commercial.health_score),
    MeasureName.HEALTH_BAND: Kind(commercial.health_band),
    MeasureName.SCORE_CHANGE: Kind(commercial.score_change, 30),
    MeasureName.PEOPLE_LEFT: Kind(people.people_left, 180),
    MeasureName.DAYS_SINCE_TOUCH: Kind(people.days_since_touch),
    MeasureName.OPEN_GAPS: Kind(people.open_gaps),
    MeasureName.OVERDUE_PROMISES: Kind(people.overdue_promises),
}


def measure_test(book: Book, test: Test) -> Measured:
    """Measure what a test asks for, once for all rules that ask alike."""
    kind = MEASURES[test.measure]
    return book.once(("warning", test.measure, test.days or kind.days, test.minimum), lambda: kind.read(book, test))
