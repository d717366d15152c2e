"""From which day to which does a named period go?"""

from __future__ import annotations

import datetime as dt

from revenue.rules.cohorts import period_number, period_start

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
    after = on + dt.timedelta(days=1)
    month, quarter = period_number(on, "month"), period_number(on, "quarter")
    starts = {
        "twelve_months": (_year_before(after), after),
        "this_month": (period_start(month, "month"), after),
        "last_month": (period_start(month - 1, "month"), period_start(month, "month")),
        "this_quarter": (period_start(quarter, "quarter"), after),
        "last_quarter": (period_start(quarter - 1, "quarter"), period_start(quarter, "quarter")),
        "this_year": (dt.date(on.year, 1, 1), after),
        "last_year": (dt.date(on.year - 1, 1, 1), dt.date(on.year, 1, 1)),
    }
    return starts[name]


def _year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; of 29 February the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
