"""Do cohorts hold every customer once, begin at 100 %, and add up to the book?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.rules.cohorts import (
    By,
    Paid,
    all_cohorts,
    cohorts_of,
    paid_by_account,
    period_number,
    period_start,
    points_of,
)
from revenue.rules.movements import CHURN, NEW, REACTIVATION, Lines, day_number, movements_of
from revenue.rules.rates import Rates, from_cents

FIRST = dt.date(2024, 1, 1)
AT_PAR = Rates.of([("EUR", "USD", FIRST, Decimal(1))])
STEPS = {NEW: 1, REACTIVATION: 1, CHURN: -1}

spans = st.tuples(
    st.integers(1, 6), st.sampled_from(["USD", "EUR"]), st.integers(0, 500), st.integers(1, 400), st.integers(1, 900)
)
books = st.lists(spans, max_size=14)
days = st.integers(0, 800)
both = st.sampled_from(["month", "quarter"])


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def paid_of(book: list[tuple[int, str, int, int, int]], on: dt.date) -> Paid:
    """The movements of a book up to a day; an amount in euros is taken for one in dollars."""
    lines = Lines.of(
        (account, currency, day(start), day(start + length), from_cents(cents))
        for account, currency, start, length, cents in book
    )
    moved = movements_of(lines, rates=AT_PAR)
    keep = moved.day <= day_number(on)
    steps = np.array([STEPS.get(int(kind), 0) for kind in moved.kind], dtype=np.int64)
    return Paid(moved.account[keep], moved.day[keep], moved.cents[keep], steps[keep])


def arr_on(book: list[tuple[int, str, int, int, int]], on: dt.date) -> dict[int, int]:
    """What each account pays on a day, straight from the lines."""
    paid: dict[int, int] = defaultdict(int)
    for account, _currency, start, length, cents in book:
        if day(start) <= on < day(start + length):
            paid[account] += cents
    return paid


@given(book=books, on=days, by=both)
@settings(max_examples=60)
def test_cohorts_add_up_to_the_book_and_begin_at_all_of_it(
    book: list[tuple[int, str, int, int, int]], on: int, by: By
) -> None:
    today = day(on)
    cohorts = cohorts_of(paid_of(book, today), by=by, on=today)
    assert sum(cohort.size for cohort in cohorts) == len({row[0] for row in book if day(row[2]) <= today})
    for cohort in cohorts:
        assert cohort.rates("logo")[0] == (1 if cohort.size else None)
        assert cohort.rates("revenue")[0] == (1 if cohort.size else None)
        assert len(cohort.customers) == len(cohort.cents) == points_of(cohort.start, today, by)
        assert all(count <= cohort.size for count in cohort.customers)
    # At the end of any period that is over, the cohorts' ARR is the book's, and so is the number of customers.
    for number in range(period_number(FIRST, by), period_number(today + dt.timedelta(days=1), by)):
        end = period_start(number + 1, by) - dt.timedelta(days=1)
        ages = [(cohort, number - period_number(cohort.start, by)) for cohort in cohorts]
        cents = sum(cohort.cents[age] if age else cohort.cents_at_close for cohort, age in ages if age >= 0)
        customers = sum(cohort.customers[age] if age else cohort.customers_at_close for cohort, age in ages if age >= 0)
        expected = arr_on(book, end)
        assert (cents, customers) == (sum(expected.values()), len(expected))


@given(book=books, on=days)
@settings(max_examples=30)
def test_the_accounts_of_a_cohort_add_up_to_it(book: list[tuple[int, str, int, int, int]], on: int) -> None:
    today = day(on)
    paid = paid_of(book, today)
    by_account = paid_by_account(paid, by="month", on=today)
    points: dict[int, list[int]] = defaultdict(list)
    for values in by_account.values():
        points[len(values)].append(sum(values))
    for cohort in cohorts_of(paid, by="month", on=today):
        if len(cohort.cents) > 1:
            assert sum(points[len(cohort.cents)]) == sum(cohort.cents)


def test_a_customer_who_leaves_comes_back_and_grows_stays_in_its_cohort() -> None:
    book = [(1, "USD", 14, 100, 500), (1, "USD", 200, 400, 800), (2, "USD", 20, 500, 500), (3, "EUR", 40, 5, 100)]
    january, february = cohorts_of(paid_of(book, day(250)), by="month", on=day(250))
    assert (january.start, january.end, january.size, january.opening) == (FIRST, dt.date(2024, 2, 1), 2, 1000)
    assert january.customers == (2, 2, 2, 1, 1, 1, 2, 2)
    assert january.rates("revenue")[-1] == Fraction(13, 10)
    assert (february.customers[:3], february.cents_at_close) == ((1, 0, 0), 0)


def test_no_point_lies_in_a_period_that_is_not_over() -> None:
    book = [(1, "USD", 0, 900, 100)]
    for on, points in ((dt.date(2024, 1, 31), 1), (dt.date(2024, 2, 28), 1), (dt.date(2024, 2, 29), 2)):
        assert len(cohorts_of(paid_of(book, on), by="month", on=on)[0].customers) == points
    assert len(cohorts_of(paid_of(book, dt.date(2024, 6, 29)), by="quarter", on=dt.date(2024, 6, 29))[0].cents) == 1


def test_months_without_a_signing_are_empty_rows_and_have_no_rate() -> None:
    cohorts = cohorts_of(paid_of([(1, "USD", 0, 900, 100), (2, "USD", 70, 900, 50)], day(130)), by="month", on=day(130))
    assert [cohort.size for cohort in cohorts] == [1, 0, 1]
    assert set(cohorts[1].rates("logo")) == set(cohorts[1].rates("revenue")) == {None}
    assert all_cohorts(cohorts, "revenue") == [1, 1, 1, 1]
    assert all_cohorts([], "logo") == []


@pytest.mark.parametrize("by", ["month", "quarter"])
def test_a_book_without_movements_has_no_cohorts(by: By) -> None:
    assert cohorts_of(paid_of([], FIRST), by=by, on=FIRST) == []
    assert paid_by_account(paid_of([], FIRST), by=by, on=FIRST) == {}


def test_the_order_of_movements_does_not_matter() -> None:
    paid = paid_of([(1, "USD", 0, 90, 100), (1, "EUR", 0, 50, 70), (2, "USD", 10, 300, 50)], day(300))
    order = np.random.default_rng(1).permutation(paid.account.size)
    mixed = Paid(paid.account[order], paid.day[order], paid.cents[order], paid.step[order])
    assert cohorts_of(mixed, by="month", on=day(300)) == cohorts_of(paid, by="month", on=day(300))
