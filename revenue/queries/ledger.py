"""What moved in a period, and does it add up?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db.models import Case, Count, IntegerField, Min, QuerySet, Value, When

from accounts.models import Organisation
from common.columns import codes, masked, only_ids, read_columns
from revenue.models import ContractLine, Movement
from revenue.queries.arr import balances_on, read_moved
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.rules.ledger import Balances, Ledger, ledgers
from revenue.rules.movements import KINDS, Lines, Movements, movements_of

# A movement's kind by its place in KINDS.
KIND_NUMBER = Case(
    *(When(kind=kind, then=Value(number)) for number, kind in enumerate(KINDS)), output_field=IntegerField()
)


def read_lines(account_ids: Sequence[int] | None = None) -> Lines:
    """Read contract lines as columns."""
    rows = only_ids(ContractLine.objects.order_by(), "account_id", account_ids)
    columns = masked(
        read_columns(rows, account_id="int", currency="text", starts_on="day", ends_on="day", arr="cents"),
        "account_id",
        account_ids,
    )
    numbers, names = codes(columns["currency"])
    return Lines(columns["account_id"], numbers, columns["starts_on"], columns["ends_on"], columns["arr"], tuple(names))


def derived_movements(account_ids: Sequence[int] | None = None) -> Movements:
    """The movements that follow from the contract lines as they stand."""
    lines = read_lines(account_ids)
    organisation = Organisation.load()
    with refuse_missing_rate():
        return movements_of(
            lines,
            gap_days=organisation.renewal_gap_days,
            rates=load_rates(lines.currencies, organisation.reporting_currency),
            reporting=organisation.reporting_currency,
        )


def stored_movements(account_ids: Sequence[int] | None = None) -> tuple[Movements, Any]:
    """The movements as they are stored, as columns, and their ids."""
    columns, names = _read(Movement.objects.all(), account_ids, id="int")
    return _movements(columns, names), columns["id"]


def _read(rows: QuerySet[Movement], account_ids: Sequence[int] | None, **more: str) -> tuple[dict[str, Any], list[str]]:
    """Read movements as columns."""
    numbered = rows.annotate(kind_number=KIND_NUMBER)
    kinds = {"on": "day", "kind_number": "int", "amount": "cents", "arr_after": "cents"}
    return read_moved(numbered, account_ids, **more, **kinds)


def _movements(columns: dict[str, Any], names: Sequence[str]) -> Movements:
    """Movements of the columns that were read."""
    order = ("account_id", "on", "currency", "kind_number", "amount", "arr_after")
    parts: tuple[Any, ...] = (*(columns[name] for name in order), tuple(names))
    return Movements(*parts)


def ledger(start: dt.date, end: dt.date, account_ids: Iterable[int] | None = None) -> Ledger:
    """The ledger of a period (end exclusive), of all accounts or some."""
    return _ledgers([start, end], account_ids)[0]


def ledger_by_month(first: dt.date, last: dt.date, account_ids: Iterable[int] | None = None) -> list[Ledger]:
    """The ledger of each calendar month, from the one of a day to the one of another."""
    return _ledgers(months_between(first, last), account_ids)


def ledger_bounds(on: dt.date) -> tuple[dt.date, dt.date]:
    """The span that an audit adds up: from the day of the first movement to a day."""
    first = Movement.objects.aggregate(first=Min("on"))["first"]
    return (min(first, on) if first else on), on


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months from one day's to another's, and of the month after."""
    count = (last.year - first.year) * 12 + last.month - first.month + 2
    months = [first.year * 12 + first.month - 1 + step for step in range(max(count, 2))]
    return [dt.date(month // 12, month % 12 + 1, 1) for month in months]


def _ledgers(bounds: Sequence[dt.date], account_ids: Iterable[int] | None) -> list[Ledger]:
    """Read what was before the first bound, and what moved since, and add it up."""
    opening, movements = opening_and_movements(bounds[0], bounds[-1], account_ids)
    reporting = Organisation.load().reporting_currency
    with refuse_missing_rate():
        return ledgers(opening, movements, bounds, load_rates(movements.currencies, reporting), reporting)


def opening_and_movements(
    start: dt.date, end: dt.date, account_ids: Iterable[int] | None = None
) -> tuple[Balances, Movements]:
    """What was paid before a period and what moved in it, with currencies numbered alike."""
    ids = None if account_ids is None else list(account_ids)
    opening, names = balances_on(start - dt.timedelta(days=1), ids)
    return _same_names(opening, names, _movements(*_read(Movement.objects.between(start, end), ids)))


def _same_names(opening: Balances, names: Sequence[str], movements: Movements) -> tuple[Balances, Movements]:
    """Number the currencies of both alike."""
    union = [*names, *(name for name in movements.currencies if name not in names)]
    numbers = np.array([union.index(name) for name in movements.currencies], dtype=np.int64)
    return opening, replace(
        movements,
        currency=numbers[movements.currency] if movements.currency.size else movements.currency,
        currencies=tuple(union),
    )


def expansions_by_account(on: dt.date, account_ids: Iterable[int] | None = None, *, days: int = 365) -> dict[int, int]:
    """On how many days of the last year (up to and including a day) each account expanded; others are left out."""
    ids = None if account_ids is None else list(account_ids)
    moved = Movement.objects.between(on - dt.timedelta(days=days - 1), on + dt.timedelta(days=1))
    rows = only_ids(moved.filter(kind=Movement.Kind.EXPANSION), "account_id", ids).order_by()
    wanted = None if ids is None else set(ids)
    counted = rows.values_list("account_id").annotate(times=Count("on", distinct=True))
    return {account: times for account, times in counted if wanted is None or account in wanted}
