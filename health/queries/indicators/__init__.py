"""What is the value of each indicator of a scorecard, for many accounts on one day?

Every source is a few queries over all accounts of a book that return columns; none asks per account. It reads only
facts known by the day, so a past day can be scored as it would have been then.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from health.queries.indicators import commercial, outcomes, usage, voice
from health.queries.indicators.book import Book, Measure
from health.queries.sources import formula
from health.rules.formulas import FORMULA
from health.rules.score import Flags, Floats
from health.rules.scorecard import Indicator, Scorecard

Source = Callable[[Book, Indicator], Measure]

SOURCES: dict[str, Source] = {
    "login_frequency": usage.login_frequency,
    "feature_coverage": usage.feature_coverage,
    "core_intensity": usage.core_intensity,
    "advanced_penetration": usage.advanced_penetration,
    "scenario_coverage": usage.scenario_coverage,
    "milestone_rate": outcomes.milestone_rate,
    "reading": outcomes.reading,
    "custom_field": outcomes.custom_field,
    "nps": voice.nps,
    "issue_resolution": voice.issue_resolution,
    "renewal_progress": commercial.renewal_progress,
    "expansion_density": commercial.expansion_density,
    FORMULA: formula,
}

__all__ = ["SOURCES", "Book", "Measure", "measure", "stale"]


def measure(card: Scorecard, book: Book) -> tuple[Floats, Flags]:
    """Read the values of a scorecard's indicators (accounts × indicators), and which of them have expired."""
    shape = (len(book.ids), len(card.indicators))
    values, expired = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    for column, indicator in enumerate(card.indicators):
        found = _measure(book, indicator)
        values[:, column] = found.values
        if indicator.shelf_days is not None and found.age is not None:
            expired[:, column] = found.age > indicator.shelf_days
    return values, expired


def stale(card: Scorecard, book: Book) -> Flags:
    """Which values still count but are so old that they are marked (accounts × indicators)."""
    marked = np.zeros((len(book.ids), len(card.indicators)), dtype=bool)
    for column, indicator in enumerate(card.indicators):
        if indicator.stale_days is None:
            continue
        age = _measure(book, indicator).age
        if age is not None:
            marked[:, column] = age > indicator.stale_days
    return marked


def _measure(book: Book, indicator: Indicator) -> Measure:
    """Measure once what several scorecards ask alike; a measure that is gone has no value for anybody."""
    if indicator.source not in SOURCES:
        return Measure(np.full(len(book.ids), np.nan))
    asked = (indicator.source, indicator.days, repr(sorted(indicator.params.items())))
    return book.once(asked, lambda: SOURCES[indicator.source](book, indicator))
