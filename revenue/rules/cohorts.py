"""Of the customers who signed in one month or quarter, how many are still there later, and what do they pay?

An account belongs to the cohort of its first paying day, for ever. Point 0 is the signing itself: every customer, and
what each paid on its first day, so 100 %. Point k is the end of the k-th period after the one of the signing, and there
is none before that period is over. A customer who left and came back is counted again from the day of return.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
By = Literal["month", "quarter"]
Measure = Literal["logo", "revenue"]
MONTHS: dict[str, int] = {"month": 1, "quarter": 3}


@dataclass(frozen=True)
class Paid:
    """Movements as columns: account, day, cents in the reporting currency, and who begins (+1) or stops (−1) to pay.

    All currencies at the rates of one day. An account that moves in two currencies on one day has two rows, and its
    step stands in both.
    """

    account: Ints
    day: Ints
    cents: Ints
    step: Ints


@dataclass(frozen=True)
class Cohort:
    """The customers whose first paying day lies in one period (end exclusive)."""

    start: dt.date
    end: dt.date
    # At the signing, then at the end of each later period that is over: customers who pay, and their ARR in cents.
    customers: tuple[int, ...]
    cents: tuple[int, ...]
    # The same at the end of the signing's own period, as far as it has gone.
    customers_at_close: int = 0
    cents_at_close: int = 0

    @property
    def size(self) -> int:
        """All customers who ever signed in it."""
        return self.customers[0]

    @property
    def opening(self) -> int:
        """What they paid on their first days, in cents."""
        return self.cents[0]

    def values(self, measure: Measure) -> tuple[int, ...]:
        """Customers, or their ARR in cents, point by point."""
        return self.customers if measure == "logo" else self.cents

    def rates(self, measure: Measure) -> tuple[Fraction | None, ...]:
        """What was left at each point; no value for a cohort without customers."""
        values = self.values(measure)
        return tuple(Fraction(value, values[0]) if values[0] else None for value in values)


def period_numbers(days: Ints, by: By) -> Ints:
    """The months or quarters of days, counted from 1970.

    >>> period_numbers(np.array([0, 31, 89, 90, 365]), "month").tolist()
    [0, 1, 2, 3, 12]
    >>> period_numbers(np.array([0, 89, 90, 365]), "quarter").tolist()
    [0, 0, 1, 4]
    """
    months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // MONTHS[by]


def period_number(day: dt.date, by: By) -> int:
    """The month or quarter of one day.

    >>> period_number(dt.date(1971, 5, 1), "quarter")
    5
    """
    return ((day.year - 1970) * 12 + day.month - 1) // MONTHS[by]


def period_start(number: int, by: By) -> dt.date:
    """The first day of a month or quarter.

    >>> period_start(5, "quarter"), period_start(12, "month")
    (datetime.date(1971, 4, 1), datetime.date(1971, 1, 1))
    """
    year, month = divmod(number * MONTHS[by], 12)
    return dt.date(1970 + year, month + 1, 1)


def end_of_point(start: dt.date, point: int, by: By) -> dt.date:
    """The last day of the period that lies some periods after a cohort's own: the day that a point speaks of.

    >>> end_of_point(dt.date(2026, 1, 1), 1, "month"), end_of_point(dt.date(2026, 1, 1), 1, "quarter")
    (datetime.date(2026, 2, 28), datetime.date(2026, 6, 30))
    """
    return period_start(period_number(start, by) + point + 1, by) - dt.timedelta(days=1)


def points_of(start: dt.date, on: dt.date, by: By) -> int:
    """How many points a cohort has on a day: its signing, and each later period that has come to its end.

    >>> points_of(dt.date(2026, 1, 1), dt.date(2026, 3, 30), "month")
    2
    >>> points_of(dt.date(2026, 1, 1), dt.date(2026, 3, 31), "month")
    3
    """
    over = period_number(on + dt.timedelta(days=1), by) - 1
    return max(over - period_number(start, by), 0) + 1


def cohorts_of(paid: Paid, *, by: By, on: dt.date) -> list[Cohort]:
    """The cohorts of movements up to a day, from the first to the last in which somebody signed; empty ones between.

    paid: every movement of each account up to the day, in any order; each account's first one begins its cohort.

    >>> one = np.array([7, 7, 8]), np.array([0, 40, 5]), np.array([100, -100, 50]), np.array([1, -1, 1])
    >>> found = cohorts_of(Paid(*one), by="month", on=dt.date(1970, 3, 31))
    >>> [(cohort.customers, cohort.cents) for cohort in found]
    [((2, 1, 1), (150, 50, 50))]
    """
    if not paid.account.size:
        return []
    rows = _by_account(paid, by)
    first = int(rows.signing.min())
    cohort = rows.signing - first
    count, width = int(cohort.max()) + 1, period_number(on, by) - first + 1
    customers, cents = np.zeros((count, width), dtype=np.int64), np.zeros((count, width), dtype=np.int64)
    sizes, opening = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.add.at(customers, (cohort, rows.age), rows.step)
    np.add.at(cents, (cohort, rows.age), rows.cents)
    np.add.at(sizes, cohort[rows.is_first], 1)
    np.add.at(opening, cohort[rows.on_first_day], rows.cents[rows.on_first_day])
    customers, cents = customers.cumsum(axis=1), cents.cumsum(axis=1)
    made = []
    for index in range(count):
        start = period_start(first + index, by)
        later = slice(1, points_of(start, on, by))
        made.append(
            Cohort(
                start,
                period_start(first + index + 1, by),
                (int(sizes[index]), *customers[index, later].tolist()),
                (int(opening[index]), *cents[index, later].tolist()),
                int(customers[index, 0]),
                int(cents[index, 0]),
            )
        )
    return made


def paid_by_account(paid: Paid, *, by: By, on: dt.date) -> dict[int, tuple[int, ...]]:
    """What each account paid at the points of its own cohort, in cents; 0 while it was gone.

    >>> one = np.array([7, 7]), np.array([0, 40]), np.array([100, -100]), np.array([1, -1])
    >>> paid_by_account(Paid(*one), by="month", on=dt.date(1970, 3, 31))
    {7: (100, 0, 0)}
    """
    if not paid.account.size:
        return {}
    rows = _by_account(paid, by)
    accounts, place = np.unique(rows.account, return_inverse=True)
    width = period_number(on, by) - int(rows.signing.min()) + 1
    cents, opening = np.zeros((accounts.size, width), dtype=np.int64), np.zeros(accounts.size, dtype=np.int64)
    np.add.at(cents, (place, rows.age), rows.cents)
    np.add.at(opening, place[rows.on_first_day], rows.cents[rows.on_first_day])
    cents = cents.cumsum(axis=1)
    signed = rows.signing[rows.is_first]
    return {
        int(account): (
            int(opening[row]),
            *cents[row, 1 : points_of(period_start(int(signed[row]), by), on, by)].tolist(),
        )
        for row, account in enumerate(accounts)
    }


def all_cohorts(cohorts: Iterable[Cohort], measure: Measure) -> list[Fraction | None]:
    """What was left of all cohorts together at each point, over those that have reached it: the foot of the table.

    >>> day = dt.date(2026, 1, 1)
    >>> all_cohorts([Cohort(day, day, (4, 2), (0, 0)), Cohort(day, day, (2,), (0,))], "logo")
    [Fraction(1, 1), Fraction(1, 2)]
    """
    listed = [cohort.values(measure) for cohort in cohorts]
    found: list[Fraction | None] = []
    for point in range(max((len(values) for values in listed), default=0)):
        reached = [values for values in listed if len(values) > point]
        base = sum(values[0] for values in reached)
        found.append(Fraction(sum(values[point] for values in reached), base) if base else None)
    return found


def signed_between(cohorts: Sequence[Cohort], first: dt.date | None, last: dt.date | None) -> list[Cohort]:
    """The cohorts whose periods touch a span of days, both ends included.

    >>> january = Cohort(dt.date(2026, 1, 1), dt.date(2026, 2, 1), (1,), (1,))
    >>> len(signed_between([january], dt.date(2026, 1, 31), None)), signed_between([january], None, dt.date(2025, 1, 1))
    (1, [])
    """
    return [
        cohort for cohort in cohorts if (first is None or cohort.end > first) and (last is None or cohort.start <= last)
    ]


@dataclass(frozen=True)
class _Rows:
    """Movements sorted by account and day, and what each is to its account."""

    account: Ints
    cents: Ints
    step: Ints
    signing: Ints
    age: Ints
    is_first: npt.NDArray[np.bool_]
    on_first_day: npt.NDArray[np.bool_]


def _by_account(paid: Paid, by: By) -> _Rows:
    """Sort, and find each account's first day, its period, and how many periods later each movement falls."""
    order = np.lexsort((paid.day, paid.account))
    account, day, cents, step = (column[order] for column in (paid.account, paid.day, paid.cents, paid.step))
    is_first = np.concatenate([[True], account[1:] != account[:-1]])
    is_new_day = is_first | np.concatenate([[True], day[1:] != day[:-1]])
    first_day = day[is_first][np.cumsum(is_first) - 1]
    signing = period_numbers(first_day, by)
    return _Rows(
        account,
        cents,
        np.where(is_new_day, step, 0),
        signing,
        period_numbers(day, by) - signing,
        is_first,
        day == first_day,
    )
