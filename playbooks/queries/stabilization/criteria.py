"""Does each exit criterion hold on a day, as the data say?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Organisation
from common.formats import number
from health.models import ComparisonName, HealthScore, MeasureName
from health.queries.indicators.book import Book, Catalogue
from health.queries.measures import MEASURES, measure_test
from health.queries.scorecards import cards_on
from health.queries.scores import indicator_name, latest_scores
from health.rules.components import read_components
from health.rules.warnings import Test, passes
from revenue.models import Renewal

INDICATOR = "indicator:"


class Criterion(Protocol):
    """What is tested: a stored criterion, or one that is thought of."""

    measure: str
    comparison: str
    threshold: float
    days: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a criterion measured on a day; what is not known does not hold."""

    value: float | None
    is_met: bool


def read_criteria(criteria: Iterable[tuple[int, Criterion]], on: dt.date) -> list[Reading]:
    """Measure criteria of any number of accounts, given as (account id, criterion), in a few queries for all."""
    asked = list(criteria)
    if not asked:
        return []
    ids = np.unique(np.array([account for account, _criterion in asked], dtype=np.int64))
    book = Book(on=on, zone=Organisation.load().zone, catalogue=Catalogue.load()).of(ids)
    indicators = _indicators(ids.tolist(), on) if any(one.measure.startswith(INDICATOR) for _a, one in asked) else {}
    return [_reading(book, account, criterion, indicators) for account, criterion in asked]


def _reading(book: Book, account: int, criterion: Criterion, indicators: dict[tuple[int, str], float]) -> Reading:
    if criterion.measure.startswith(INDICATOR):
        value = indicators.get((account, criterion.measure.removeprefix(INDICATOR)), float("nan"))
    elif criterion.measure in MEASURES:
        test = Test(criterion.measure, criterion.comparison, criterion.threshold, criterion.days)
        value = float(measure_test(book, test).values[np.searchsorted(book.ids, account)])
    else:
        value = float("nan")
    met = bool(passes(criterion.comparison, np.array([value]), criterion.threshold)[0])
    return Reading(None if np.isnan(value) else round(value, 2), met)


def _indicators(ids: Sequence[int], on: dt.date) -> dict[tuple[int, str], float]:
    """The value of each indicator in each account's latest score."""
    found = {}
    for account, components in latest_scores(on, ids).values_list("account_id", "components"):
        for part in read_components(components):
            if part.value is not None and not part.is_expired:
                found[account, part.key] = float(part.value)
    return found


def indicator_choices(on: dt.date) -> list[tuple[str, str]]:
    """The indicators of the scorecards in force on a day, as measures to choose from."""
    names = {
        indicator.key: indicator_name(indicator) or indicator.key
        for card in cards_on(on)
        for indicator in card.definition.indicators
    }
    return [(INDICATOR + key, name) for key, name in sorted(names.items(), key=lambda pair: pair[1])]


def measure_words(measure: str, names: dict[str, str] | None = None) -> str:
    """What a measure is called."""
    if measure in MeasureName.values:
        return str(MeasureName(measure).label).split(" (", 1)[0].split("（", 1)[0]
    return (names or {}).get(measure) or measure.removeprefix(INDICATOR)


def words_of(criterion: Criterion, names: dict[str, str] | None = None) -> str:
    """Say what a criterion asks for."""
    words = pgettext("criterion", "%(measure)s: %(comparison)s %(threshold)s") % {
        "measure": measure_words(criterion.measure, names),
        "comparison": ComparisonName(criterion.comparison).label,
        "threshold": value_words(criterion.measure, criterion.threshold),
    }
    return words + _(" (%(days)s days)") % {"days": criterion.days} if criterion.days else words


def value_words(measure: str, value: float | None) -> str:
    """Write a measured value: bands and stages by their names, all else as a number."""
    named: dict[str, list[Any]] = {
        MeasureName.HEALTH_BAND: [HealthScore.Band.RED, HealthScore.Band.YELLOW, HealthScore.Band.GREEN],
        MeasureName.RENEWAL_TALKS: [
            *(Renewal.Stage.NOT_STARTED, Renewal.Stage.IN_TALKS, Renewal.Stage.COMMITTED, Renewal.Stage.WON)
        ],
    }
    if value is None:
        return _("not known")
    if measure in named and float(value).is_integer() and 0 <= value < len(named[measure]):
        return str(named[measure][int(value)].label)
    return number(value, 0 if float(value).is_integer() else 1)
