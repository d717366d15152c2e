"""From which day to which does a named period go?"""

from __future__ import annotations

import datetime as dt

from common.periods import add_months, month_start

SPANS = ("twelve_months", "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year")


def span_of(name: str, on: dt.date) -> tuple[dt.date, dt.date]:
    """First day and the first day after (exclusive) of a named period, as seen on a day.

    What is under way ends with that day, so that nothing counts which has not happened. The twelve months are the
    trailing ones up to and including the day: the headline's period (PRODUCT.md §2).

    >>> [day.isoformat() for day in span_of("twelve_months", dt.date(2026, 11, 23))]
    ['2025-11-24', '2026-11-24']
    >>> [day.isoformat() for day in span_of("last_quarter", dt.date(2026, 11, 23))]
    ['2026-07-01', '2026-10-01']
    """
    after, month = on + dt.timedelta(days=1), month_start(on)
    quarter, year = add_months(month, -((on.month - 1) % 3)), month.replace(month=1)
    spans = {
        "twelve_months": (add_months(after, -12), after),
        "this_month": (month, after),
        "last_month": (add_months(month, -1), month),
        "this_quarter": (quarter, after),
        "last_quarter": (add_months(quarter, -3), quarter),
        "this_year": (year, after),
        "last_year": (add_months(year, -12), year),
    }
    return spans[name]
