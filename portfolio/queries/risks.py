"""What stands in the risk register, and how much of the book is at risk?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from portfolio.models import AccountRow
from revenue.models import Risk
from revenue.queries import arr_at_risk


@dataclass(frozen=True)
class RiskView:
    """One risk with what the list row of its account knows."""

    risk: Risk
    row: AccountRow | None
    is_overdue: bool


@dataclass(frozen=True)
class RiskSums:
    """What the open risks of a list add up to; each account's at most what it pays."""

    arr: Decimal
    open: int
    accounts: int
    overdue: int


def risk_views(risks: Iterable[Risk], on: dt.date) -> list[RiskView]:
    """Risks read with `with_account_rows`, as the pages show them."""
    return [RiskView(one, getattr(one.account, "row", None), one.is_open and one.update_due_on < on) for one in risks]


def with_account_rows(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Read accounts, their list rows and owners along."""
    return rows.select_related("account", "account__row", "owner", "renewal")


def risk_sums(rows: QuerySet[Risk], on: dt.date) -> RiskSums:
    """Add the open risks of a list up."""
    still = rows.filter(state=Risk.State.OPEN).order_by()
    counts = still.aggregate(
        open=Count("pk"),
        accounts=Count("account", distinct=True),
        overdue=Count("pk", filter=Q(update_due_on__lt=on)),
    )
    at_risk = arr_at_risk(on, still.values_list("account_id", flat=True)) if counts["open"] else {}
    return RiskSums(sum(at_risk.values(), Decimal(0)), **counts)


def risks_of(account_id: int, on: dt.date) -> Sequence[RiskView]:
    """The open risks of one account, the next update first."""
    return risk_views(with_account_rows(Risk.objects.open().filter(account=account_id)), on)


EXPORTED = (
    *("external_id", "account", "owner_of_account", "type", "reason", "arr_at_risk", "owner", "opened_on"),
    *("update_due_on", "is_overdue", "state", "outcome", "closed_on"),
)


def exported_risks(rows: QuerySet[Risk], on: dt.date) -> Iterator[list[Any]]:
    """The rows of an export."""
    for view in risk_views(with_account_rows(rows).order_by("update_due_on", "pk").iterator(chunk_size=1000), on):
        one, row = view.risk, view.row
        yield [
            *(one.account.external_id, one.account.name, row.owner_name if row else "", one.kind, one.reason),
            *(one.arr_at_risk, one.owner.name if one.owner else "", one.opened_on, one.update_due_on),
            *(view.is_overdue, one.state, one.outcome, one.closed_on),
        ]
