"""Which accounts are behind a figure of retention, and how much of it is each?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account, Organisation
from portfolio.queries.retention_page import period_words
from revenue.queries import check_dimension, retention_accounts
from revenue.rules.retention import COUNTS

ON_A_PAGE = 100
FIGURES = {
    "opening": _lazy("Paying at the opening"),
    "new": _lazy("New"),
    "reactivation": _lazy("Reactivated"),
    "expansion": _lazy("Expanded"),
    "contraction": _lazy("Contracted"),
    "churn": _lazy("Churned"),
    "exchange": _lazy("Exchange effect"),
    "closing": _lazy("Paying at the closing"),
    "accounts_lost": _lazy("Customers lost"),
    "new_then_lost": _lazy("New, then lost"),
    "returned": _lazy("Returned"),
    "committed_churn": _lazy("Committed churn"),
    "failed_payment_churn": _lazy("Churn by failed payments"),
}


@dataclass(frozen=True)
class Line:
    """One account and its part of the figure; what it paid at both ends stands beside it."""

    account: Account
    amount: Decimal
    opening: Decimal
    closing: Decimal


@dataclass(frozen=True)
class Behind:
    """One page of the accounts behind a figure, with its sum over all of them."""

    title: str
    period: str
    segment: str
    currency: str
    lines: Sequence[Line]
    total: Decimal
    count: int
    is_count: bool
    page: int
    pages: int


def behind(
    start: dt.date,
    end: dt.date,
    *,
    figure: str,
    reading: str,
    by: str,
    segment: str | None,
    accounts: list[int] | None,
    page: int,
) -> Behind:
    """Read the accounts behind a figure of all, or of one segment of a dimension; the largest amounts first."""
    rows = retention_accounts(start, end, accounts=accounts, by=None if segment is None else by, reading=reading)
    found = rows.behind(figure, segment)
    pages = max(-(-len(found) // ON_A_PAGE), 1)
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    known = Account.objects.in_bulk([account for account, _amount in shown])
    place = {account: index for index, account in enumerate(rows.account.tolist())}
    ends = {name: rows.columns[name] for name in ("opening", "closing")}
    lines = [
        Line(known[account], amount, *(Decimal(int(column[place[account]])).scaleb(-2) for column in ends.values()))
        for account, amount in shown
        if account in known
    ]
    label = ""
    if segment is not None and rows.segments is not None:
        names = dict(zip(rows.segments.values, rows.segments.labels, strict=True))
        label = f"{check_dimension(by).label}: {names.get(segment, segment)}"
    return Behind(
        str(FIGURES[figure]),
        period_words(start, end),
        label,
        Organisation.load().reporting_currency,
        lines,
        sum((amount for _account, amount in found), Decimal(0)),
        len(found),
        figure in COUNTS,
        page,
        pages,
    )
