"""How does retention look by the month or quarter of signing, on a day, among which accounts?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Case, IntegerField, Min, QuerySet, Value, When

from accounts.models import Account, Organisation
from common.columns import codes, masked, only_ids, read_columns
from revenue.models import Movement
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.rules.cohorts import (
    By,
    Cohort,
    Measure,
    Paid,
    all_cohorts,
    cohorts_of,
    paid_by_account,
    signed_between,
)
from revenue.rules.rates import converted, from_cents, rate_on
from revenue.rules.retention import decimal_rate

BEGINS = (Movement.Kind.NEW, Movement.Kind.REACTIVATION)


@dataclass(frozen=True)
class CohortTable:
    """The cohorts of some accounts as they stand on a day, in the reporting currency at that day's rates."""

    by: By
    on: dt.date
    currency: str
    cohorts: list[Cohort]
    # Whether anybody signed before or after the span that was asked for.
    is_part: bool

    @property
    def size(self) -> int:
        """Customers in all cohorts."""
        return sum(cohort.size for cohort in self.cohorts)

    def size_at(self, point: int) -> int:
        """Customers in the cohorts that have reached a point."""
        return sum(cohort.size for cohort in self.cohorts if len(cohort.customers) > point)

    def total(self, measure: Measure) -> list[Fraction | None]:
        """All cohorts together, point by point."""
        return all_cohorts(self.cohorts, measure)

    def figures(self, measure: Measure, small: int) -> dict[str, Any]:
        """All of it as plain values for programs; rates as text, for no float holds a third."""
        return {
            "on": self.on,
            "by": self.by,
            "measure": measure,
            "currency": self.currency,
            "cohorts": [
                {
                    "start": cohort.start,
                    "end": cohort.end,
                    "size": cohort.size,
                    "is_small": cohort.size < small,
                    "opening": from_cents(cohort.opening),
                    "customers": list(cohort.customers),
                    "arr": [from_cents(cents) for cents in cohort.cents],
                    "rates": [_text(rate) for rate in cohort.rates(measure)],
                }
                for cohort in self.cohorts
            ],
            "total": [_text(rate) for rate in self.total(measure)],
        }


def cohort_table(
    on: dt.date,
    *,
    by: By,
    first: dt.date | None = None,
    last: dt.date | None = None,
    account_ids: Iterable[int] | None = None,
) -> CohortTable:
    """The cohorts that signed in a span of days (whole periods, both ends included), of all accounts or some."""
    paid, currency = _paid(on, account_ids)
    every = cohorts_of(paid, by=by, on=on)
    shown = signed_between(every, first, last)
    return CohortTable(by, on, currency, shown, is_part=len(shown) < len(every))


def signed_in(accounts: QuerySet[Account], start: dt.date, end: dt.date) -> QuerySet[Account]:
    """The accounts whose first paying day lies in a period (end exclusive)."""
    firsts = Movement.objects.order_by().values("account").annotate(first=Min("on"))
    return accounts.filter(pk__in=firsts.filter(first__gte=start, first__lt=end).values("account"))


@dataclass(frozen=True)
class CohortAccount:
    """One account of a cohort: since when it pays, and what it paid at each point, in cents."""

    account: Account
    signed_on: dt.date
    cents: tuple[int, ...]


def cohort_accounts(on: dt.date, *, by: By, accounts: Sequence[Account]) -> tuple[list[CohortAccount], str]:
    """Some accounts with their points, in the reporting currency, which is named."""
    ids = [account.pk for account in accounts]
    paid, currency = _paid(on, ids)
    points = paid_by_account(paid, by=by, on=on)
    firsts = Movement.objects.filter(account__in=ids).order_by().values_list("account").annotate(first=Min("on"))
    signed = dict(firsts)
    rows = [CohortAccount(account, signed[account.pk], points[account.pk]) for account in accounts]
    return rows, currency


def _text(rate: Fraction | None) -> str | None:
    return None if rate is None else f"{decimal_rate(rate):f}"


def _paid(on: dt.date, account_ids: Iterable[int] | None) -> tuple[Paid, str]:
    """Read the movements up to a day, and value them at that day's rates."""
    ids = None if account_ids is None else list(account_ids)
    step = Case(
        When(kind__in=BEGINS, then=Value(1)),
        When(kind=Movement.Kind.CHURN, then=Value(-1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = only_ids(Movement.objects.filter(on__lte=on), "account_id", ids).order_by().annotate(step=step)
    kinds = {
        "account_id": "int",
        "on": "day",
        "currency": "text",
        "step": "int",
        "amount": "cents",
        "arr_after": "cents",
    }
    columns = masked(read_columns(rows, **kinds), "account_id", ids)
    numbers, names = codes(columns["currency"])
    reporting = Organisation.load().reporting_currency
    worth, after = columns["amount"].copy(), columns["arr_after"]
    with refuse_missing_rate():
        rates = load_rates(names, reporting, until=on)
        for number, name in enumerate(names):
            rate, of = rate_on(rates, name, reporting, on), numbers == number
            # The converted ARR after it less the converted ARR before it, so that rounding never adds up.
            worth[of] = converted(after[of], rate) - converted(after[of] - columns["amount"][of], rate)
    return Paid(columns["account_id"], columns["on"], worth, columns["step"]), reporting
