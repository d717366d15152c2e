"""What does the page of the cohorts show: the picture, its finding in words, and the figures below it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import charts
from common.charts import Chart
from common.formats import date, money, number, percent
from revenue.queries.cohorts import CohortTable
from revenue.rules.cohorts import By, Measure
from revenue.rules.rates import from_cents
from revenue.rules.retention import decimal_rate

# The point of which the title speaks: a year after the signing, if anybody has come that far.
YEAR: dict[By, int] = {"month": 12, "quarter": 4}
# Turns the place of a cohort and of one of its points (or none) into an address.
Href = Callable[[dt.date, int | None], str]


@dataclass(frozen=True)
class CohortPage:
    """The heat map of a table, with all that is said about it."""

    table: CohortTable
    chart: Chart
    title: str
    desc: str
    definition: str
    small_note: str


def cohort_page(table: CohortTable, measure: Measure, *, small: int, href: Href) -> CohortPage:
    """Draw a table; cohorts below a size are marked."""
    total = table.total(measure)
    rates = [*(cohort.rates(measure) for cohort in table.cohorts), total]
    width = len(total)
    values = [[_percent(rate) for rate in [*row, *[None] * (width - len(row))]] for row in rates]
    starts = [cohort.start for cohort in table.cohorts]
    chart = charts.heat_map(
        [*(period_label(start, table.by) for start in starts), _("All cohorts")],
        [number(point) for point in range(width)],
        values,
        corner=_("Signing"),
        sizes=[*(cohort.size for cohort in table.cohorts), table.size],
        size_at=lambda row, point: table.size_at(point) if row == len(starts) else table.cohorts[row].size,
        size_label=_("Customers"),
        least_size=small,
        formatted=percent,
        row_hrefs=[*(href(cohort.start, None) if cohort.size else "" for cohort in table.cohorts), ""],
        cell_href=lambda row, point: href(starts[row], point) if row < len(starts) else "",
        has_total=True,
        figures=[_figures(table, index, measure, width) for index in range(len(starts))],
    )
    note = ngettext(
        "Dashed: cohorts of fewer than %(num)s customer.",
        "Dashed: cohorts of fewer than %(num)s customers, where one more or less moves the rate much.",
        small,
    )
    has_small = any(0 < cohort.size < small for cohort in table.cohorts)
    return CohortPage(
        table, chart, _title(total, table.by, measure), _desc(table, measure), _definition(table, measure),
        note % {"num": number(small)} if has_small else "",
    )  # fmt: skip


def export_of(table: CohortTable, measure: Measure) -> tuple[list[str], Iterator[list[Any]]]:
    """The heat map as a file: a row for each cohort, its rates as fractions."""
    width = max((len(cohort.customers) for cohort in table.cohorts), default=0)
    header = ["signed_from", "signed_before", "customers", "opening_arr", "currency", *map(str, range(width))]
    rows = (
        [
            *(cohort.start, cohort.end, cohort.size, from_cents(cohort.opening), table.currency),
            *map(_percent, cohort.rates(measure)),
            *[None] * (width - len(cohort.customers)),
        ]
        for cohort in table.cohorts
    )
    return header, rows


def period_label(start: dt.date, by: By) -> str:
    """Name a month or a quarter."""
    if by == "month":
        return date(start, "month")
    return _("Q%(quarter)s %(year)s") % {"quarter": (start.month + 2) // 3, "year": start.year}


def _percent(rate: Fraction | None) -> Decimal | None:
    return None if rate is None else decimal_rate(rate)


def _figures(table: CohortTable, index: int, measure: Measure, width: int) -> tuple[str, ...]:
    """One cohort in customers or money, for the table under the picture."""
    cohort = table.cohorts[index]
    values = cohort.values(measure)
    written = [number(value) if measure == "logo" else money(from_cents(value), table.currency) for value in values]
    return (
        period_label(cohort.start, table.by),
        number(cohort.size),
        *(written if cohort.size else [number(None)]),
        *[""] * (width - (len(written) if cohort.size else 1)),
    )


def _title(total: list[Fraction | None], by: By, measure: Measure) -> str:
    """The finding in words."""
    point = min(YEAR[by], len(total) - 1)
    rate = total[point] if point > 0 else None
    if rate is None:
        return _("Nobody has been here for a whole period yet")
    after = (
        ngettext("After %(num)s month", "After %(num)s months", point)
        if by == "month"
        else ngettext("After %(num)s quarter", "After %(num)s quarters", point)
    ) % {"num": point}
    words = {"after": after, "rate": percent(_percent(rate))}
    if measure == "logo":
        return _("%(after)s, %(rate)s of the customers are still here") % words
    return _("%(after)s, customers pay %(rate)s of what they began with") % words


def _desc(table: CohortTable, measure: Measure) -> str:
    if measure == "logo":
        return _("Which share of the customers who signed in one period still paid, period by period.")
    return _("What the customers who signed in one period paid later, as a share of what they began with.")


def _definition(table: CohortTable, measure: Measure) -> str:
    if measure == "logo":
        return _(
            "A customer belongs to the period of its first paying day; column 0 is all of them. Each "
            "column after it is the end of one more period that is over. Who left and came back counts again."
        )
    return _(
        "A customer belongs to the period of its first paying day; column 0 is what was paid on it. Each "
        "column after it is the ARR at the end of one more period that is over. All at the exchange rates of %(day)s, "
        "so that currencies are neither growth nor loss."
    ) % {"day": date(table.on)}
