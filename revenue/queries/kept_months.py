"""Which figures of the last months need not be worked out again, since nothing changed under them?"""

from __future__ import annotations

import datetime as dt

from accounts.models import Organisation
from common.periods import add_months, month_end, month_start
from revenue.models import KeptMonth, LedgerChange
from revenue.queries.ledger import months_between
from revenue.queries.retention import Accounts, RetentionMonth, retention_months
from revenue.rules.months import figures_of
from revenue.rules.retention import Figures

# How many months are kept, the one under way included.
MONTHS_KEPT = 36


def retention_trend(first: dt.date, last: dt.date, *, accounts: Accounts = None) -> list[RetentionMonth]:
    """What `retention_months` says: read where it is kept for the whole book and fresh, worked out otherwise."""
    kept = kept_months(first, last) if accounts is None else None
    return retention_months(first, last, accounts=accounts) if kept is None else kept


def kept_months(first: dt.date, last: dt.date) -> list[RetentionMonth] | None:
    """The kept figures of each month from one day's to another's; None where one is missing or stale.

    Changes are looked for before the rows: whoever commits in between is told of by the rows, or not yet by either.
    """
    if LedgerChange.objects.filter(since__lt=month_end(last)).exists():
        return None
    reporting = Organisation.load().reporting_currency
    rows = KeptMonth.objects.filter(month__gte=month_start(first), month__lte=last, currency=reporting).order_by()
    kept = {(row.month, row.window): figures_kept(row) for row in rows}
    months = months_between(first, last)[:-1]
    if len(kept) != len(months) * len(KeptMonth.Window):
        return None
    return [RetentionMonth(kept[month, KeptMonth.Window.MONTH], kept[month, KeptMonth.Window.YEAR]) for month in months]


def figures_kept(row: KeptMonth) -> Figures:
    """A kept row as the figures that it was made of."""
    end = add_months(row.month, 1)
    return figures_of(add_months(end, -row.window), end, {name: getattr(row, name) for name in KeptMonth.FIGURES})


def stale_since(on: dt.date) -> dt.date | None:
    """The first month that has to be worked out again, as seen on a day; None where all that should be kept is."""
    first, last = kept_span(on)
    reporting = Organisation.load().reporting_currency
    rows = KeptMonth.objects.filter(month__gte=first, month__lte=last, currency=reporting).order_by()
    held = set(rows.values_list("month", "window"))
    missing = (
        month
        for month in months_between(first, last)[:-1]
        for window in KeptMonth.Window
        if (month, window) not in held
    )
    changes = LedgerChange.objects.order_by().values_list("since", flat=True)
    stale = [*missing, *(max(first, month_start(since)) for since in changes if since < month_end(last))]
    return min(stale, default=None)


def kept_span(on: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last month that are kept on a day."""
    return add_months(month_start(on), 1 - MONTHS_KEPT), month_start(on)
