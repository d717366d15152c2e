"""What does each account pay on a day, in the reporting currency?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Case, DecimalField, F, Func, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account, Organisation
from common.columns import masked, only_ids, read_columns
from revenue.models import ContractLine, Movement
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.rules.ledger import Balances, worth_by_account
from revenue.rules.rates import from_cents, rate_on

Ints = npt.NDArray[np.int64]
MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=14, decimal_places=2)


def balances_on(on: dt.date, account_ids: Iterable[int] | None = None) -> tuple[Balances, list[str]]:
    """What each account pays in each currency at the end of a day, from the movement ledger."""
    ids = None if account_ids is None else list(account_ids)
    columns, names = read_moved(Movement.objects.filter(on__lte=on), ids, amount="cents")
    return added(columns["account_id"], columns["currency"], columns["amount"], len(names)), names


def read_moved(rows: QuerySet[Movement], ids: Sequence[int] | None, **kinds: str) -> tuple[dict[str, Any], list[str]]:
    """Read the accounts of movements, their currencies as numbers, and more columns; and the names of the currencies.

    In most books there is one currency, and its column is not read at all.
    """
    wanted = only_ids(rows, "account_id", ids).order_by()
    held = sorted(wanted.values_list("currency", flat=True).distinct())
    if len(held) > 1:
        numbers = (When(currency=name, then=Value(number)) for number, name in enumerate(held))
        wanted = wanted.annotate(currency_number=Case(*numbers, output_field=IntegerField()))
        kinds["currency_number"] = "int"
    columns = masked(read_columns(wanted, account_id="int", **kinds), "account_id", ids)
    one = np.zeros(columns["account_id"].size, dtype=np.int64)
    return columns | {"currency": columns.get("currency_number", one)}, held


def added(account: Ints, currency: Ints, cents: Ints, currencies: int) -> Balances:
    """Add amounts up by account and currency, where the currencies are numbered."""
    width = max(currencies, 1)
    keys, position = np.unique(account * width + currency, return_inverse=True)
    sums = np.zeros(keys.size, dtype=np.int64)
    np.add.at(sums, position, cents)
    return Balances(keys // width, keys % width, sums)


def arr_columns(on: dt.date, account_ids: Iterable[int] | None = None) -> tuple[Ints, Ints]:
    """Ids of the accounts that pay on a day, ascending, and their ARR in cents of the reporting currency."""
    balances, names = balances_on(on, account_ids)
    reporting = Organisation.load().reporting_currency
    with refuse_missing_rate():
        rates = load_rates(names, reporting, until=on)
        accounts, cents = worth_by_account(balances, names, rates, reporting, on)
    return accounts[cents != 0], cents[cents != 0]


def arr_by_account(on: dt.date, account_ids: Iterable[int] | None = None) -> dict[int, Decimal]:
    """ARR of the accounts that pay on a day, in the reporting currency; an account that pays nothing is left out."""
    accounts, cents = arr_columns(on, account_ids)
    return {int(account): from_cents(amount) for account, amount in zip(accounts, cents, strict=True)}


class _Converted(Func):
    """An amount at a rate, rounded to the cent as `revenue.rules.rates.converted` does it."""

    output_field = MONEY

    def __init__(self, amount: Any, rate: Fraction) -> None:
        super().__init__(amount)
        self.rate = rate

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """PostgreSQL's decimals are exact."""
        sql, parameters = compiler.compile(self.source_expressions[0])
        rate = f"{self.rate.numerator}::numeric / {self.rate.denominator}"
        return f"ROUND({sql} * {rate}, 2)", parameters

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite has no decimals, so whole cents are multiplied and divided."""
        sql, parameters = compiler.compile(self.source_expressions[0])
        top, bottom = 2 * self.rate.numerator, 2 * self.rate.denominator
        cents = f"CAST(ROUND({sql} * 100) AS BIGINT)"
        # Beyond 64 bits SQLite goes on in floating numbers, so the quotient is cut to a whole number in any case.
        return f"CAST(({cents} * {top} + {self.rate.denominator}) / {bottom} AS BIGINT) / 100.0", parameters


def with_arr(accounts: QuerySet[Account], *, on: dt.date) -> Any:
    """Add `arr`, what each account pays on a day in the reporting currency, to filter and sort by."""
    reporting = Organisation.load().reporting_currency
    names = sorted(Movement.objects.filter(on__lte=on).order_by().values_list("currency", flat=True).distinct())
    rates = load_rates(names, reporting, until=on)
    total: Any = Value(Decimal(0), output_field=MONEY)
    with refuse_missing_rate():
        for name in names:
            total = total + _paid_in(name, on, rate_on(rates, name, reporting, on))
    return accounts.annotate(arr=total)


def _paid_in(currency: str, on: dt.date, rate: Fraction) -> Any:
    """What an account pays on a day in one currency, converted."""
    moved = Movement.objects.filter(account=OuterRef("pk"), currency=currency, on__lte=on).order_by()
    paid = moved.values("account").annotate(paid=Sum("amount")).values("paid")
    return Coalesce(_Converted(Subquery(paid, output_field=MONEY), rate), Value(Decimal(0), output_field=MONEY))


def arr_steps(account: Account) -> list[tuple[dt.date, Decimal]]:
    """ARR of one account after each day on which it changed, at that day's rates: the steps of its chart."""
    moved = list(account.movements.order_by("on", "pk").values_list("on", "currency", "arr_after"))
    reporting = Organisation.load().reporting_currency
    rates = load_rates({currency for _, currency, _ in moved}, reporting)
    paid: dict[str, int] = {}
    steps: dict[dt.date, Decimal] = {}
    with refuse_missing_rate():
        for on, currency, after in moved:
            paid[currency] = int(after.scaleb(2))
            held = [name for name, cents in paid.items() if cents]
            columns = (
                np.zeros(len(held), dtype=np.int64),
                np.arange(len(held)),
                np.array([paid[name] for name in held]),
            )
            worth = worth_by_account(Balances(*columns), held, rates, reporting, on)[1] if held else [0]
            steps[on] = from_cents(int(worth[0]))
    return list(steps.items())


def seats_by_account(on: dt.date, account_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Seats paid for on a day; an account whose lines name no seats is left out."""
    ids = None if account_ids is None else list(account_ids)
    lines = only_ids(ContractLine.objects.active_on(on).filter(seats__isnull=False), "account_id", ids).order_by()
    seats = lines.values_list("account_id").annotate(total=Sum(F("seats")))
    wanted = None if ids is None else set(ids)
    return {account: total for account, total in seats if wanted is None or account in wanted}
