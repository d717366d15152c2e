"""Do the readings of retention give the worked examples, and do they hold for any book?"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.rules.credit import credits_of, handed_over, spans_of
from revenue.rules.ledger import Balances, ledgers
from revenue.rules.months import month_matrix, window_figures
from revenue.rules.movements import OPEN, SPAN, Lines, Movements, day_number, movements_of
from revenue.rules.periods import NOTHING, Period, month_bounds, periods_of
from revenue.rules.rates import MissingRate, Rates
from revenue.rules.retention import (
    READINGS,
    WAY,
    annual_churn,
    chained_rate,
    components,
    monthly,
    retention,
    retentions,
)

D = Decimal
NONE = Balances(NOTHING, NOTHING, NOTHING)
YEAR = (dt.date(2025, 1, 1), dt.date(2026, 1, 1))
LONG_AGO = dt.date(2024, 1, 1)
A, B, C, DD, E, N = range(1, 7)


def on(month: int, day: int = 1) -> dt.date:
    return dt.date(2025, month, day)


def usd(account: int, arr: int, start: dt.date, end: dt.date | None = None):
    return (account, "USD", start, end, D(arr))


WORKED = [
    *(usd(A, 100, LONG_AGO), usd(A, 50, on(3), on(9)), usd(A, 20, on(9))),
    *(usd(B, 50, LONG_AGO, on(4)), usd(B, 50, on(7))),
    *(usd(C, 200, LONG_AGO, on(6)), usd(C, 160, on(6))),
    usd(DD, 80, LONG_AGO, on(10)),
    *(usd(E, 30, LONG_AGO, dt.date(2024, 6, 1)), usd(E, 30, on(5))),
    usd(N, 60, on(2), on(11)),
]


def columns_of(rows, start: dt.date, rates: Rates | None = None) -> tuple[Balances, Movements]:
    """What is paid before a day, and the movements from it on."""
    moved = movements_of(Lines.of(rows), rates=rates)
    number = day_number(start)
    last: dict[tuple[int, int], int] = {}
    for account, day, currency, after in zip(moved.account, moved.day, moved.currency, moved.after, strict=True):
        if day < number:
            last[int(account), int(currency)] = int(after)
    held = sorted(last)
    keys = [*zip(*held, strict=True)] or [(), ()]
    columns = (keys[0], keys[1], [last[key] for key in held])
    balances = Balances(*(np.array(column, dtype=np.int64) for column in columns))
    since = moved.day >= number
    moves = (moved.account, moved.day, moved.currency, moved.kind, moved.cents, moved.after)
    return balances, Movements(*(column[since] for column in moves), currencies=moved.currencies)


def period_of(rows, start: dt.date, end: dt.date, rates: Rates | None = None, **marks):
    opening, moved = columns_of(rows, start, rates)
    inside = moved.day < day_number(end)
    columns = (moved.account, moved.day, moved.currency, moved.kind, moved.cents, moved.after)
    moved = Movements(*(column[inside] for column in columns), currencies=moved.currencies)
    fixed = (rates or Rates(), "USD")
    whole = periods_of(opening, moved, [start, end], *fixed, **marks)[0]
    return whole, periods_of(opening, moved, month_bounds(start, end), *fixed, **marks)


def told(rows, reading: str, span=YEAR, rates: Rates | None = None):
    period, months = period_of(rows, *span, rates=rates)
    return retention(period, reading, months)


def percent(rate: Fraction | None) -> float | None:
    return None if rate is None else round(float(rate) * 100, 1)


@pytest.mark.parametrize(
    ("reading", "nrr", "grr"),
    [
        ("point_to_point", 76.7, 72.1),
        ("flow", 69.8, 39.5),
        ("cohort_flow", 76.7, 53.5),
        ("ledger", 83.7, 39.5),
        ("chained", 62.7, 56.9),
    ],
)
def test_the_worked_example_has_its_figures_in_every_reading(reading, nrr, grr):
    found = told(WORKED, reading)
    assert (percent(found.nrr), percent(found.grr_revenue)) == (nrr, grr)
    assert found.is_balanced
    assert (found.accounts, found.accounts_lost, found.accounts_closing) == (4, 1, 4)
    if reading != "chained":
        assert percent(found.grr_logo) == 75.0


def test_the_worked_example_keeps_who_came_and_went_and_who_returned_apart():
    found = told(WORKED, "point_to_point")
    assert [getattr(found, name) for name in WAY] == [430, 0, 30, 20, 40, 80, 0, 360]
    assert (found.new_then_lost_accounts, found.new_then_lost) == (1, 60)
    assert (found.returned_accounts, found.returned) == (1, 30)
    assert found.quick_ratio == Fraction(50, 120)
    gross = told(WORKED, "flow")
    assert [getattr(gross, name) for name in WAY] == [430, 60, 80, 50, 70, 190, 0, 360]


def test_a_movement_is_credited_to_who_owns_the_account_on_its_day():
    x, y, first, second = 1, 2, 11, 22
    rows = [usd(x, 100, LONG_AGO), usd(y, 100, LONG_AGO, on(10)), usd(y, 20, on(4), on(10))]
    period, _ = period_of(rows, *YEAR)
    july = day_number(on(7))
    spans = [[x, y, y], [first, first, second], [day_number(LONG_AGO)] * 2 + [july], [OPEN, july, OPEN]]
    found = credits_of(period, *(np.array(column) for column in spans))
    assert [(credit.owner, percent(credit.nrr), percent(credit.grr)) for credit in found] == [
        (first, 110.0, 100.0),
        (second, 0.0, 0.0),
    ]
    assert [(credit.accounts, credit.base, credit.taken_over) for credit in found] == [(2, 200, 0), (1, 120, 120)]
    assert percent(retention(period).nrr) == 50.0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 364), st.integers(1, 90)), max_size=12),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400), st.integers(1, 3)), max_size=12),
)
def test_hands_hold_every_account_on_every_day_and_add_up_to_the_opening(moves, passed):
    first = day_number(YEAR[0])
    moved = sorted({(day, account): cents for account, day, cents in moves}.items())
    columns = (
        zip(*((account, first + day, cents) for (day, account), cents in moved), strict=True) if moved else [()] * 3
    )
    account, day, cents = (np.array(column, dtype=np.int64) for column in columns)
    every, opening = np.arange(5), np.full(5, 100)
    ends = [opening, opening, opening, np.zeros(5, dtype=np.int64)]
    kinds = np.full(day.size, 2), np.zeros(day.size, dtype=bool)
    parts: list[Any] = [*YEAR, every, *ends, account, day, kinds[0], cents, kinds[1]]
    period = Period(*parts)
    starts = sorted({(who, first - 20 + start): owner for who, start, owner in passed}.items())
    spans = [
        (who, owner, start, after if same == who else OPEN)
        for ((who, start), owner), ((same, after), _next) in zip(starts, [*starts[1:], ((-1, 0), 0)], strict=False)
    ]
    found = spans_of(period, *(np.array([span[at] for span in spans], dtype=np.int64) for at in range(4)))
    assert (np.bincount(found.account, found.end - found.start, 5) == 365).all()
    told = credits_of(period, every[found.account], found.owner, found.start, found.end)
    _count, over = handed_over(found)
    assert sum(credit.base for credit in told) - over == 5
    assert sum(credit.expansion for credit in told) == D(int(cents.sum())) / 100
    assert over <= sum(credit.taken_over for credit in told)


def test_five_per_cent_a_month_is_forty_six_a_year():
    assert percent(annual_churn([Fraction(5, 100)] * 12)) == 46.0
    assert annual_churn([Fraction(0)] * 12) == 0
    assert annual_churn([None] * 12) is None
    assert chained_rate([Fraction(1, 2), Fraction(0), None]) == 0


def test_a_price_of_a_year_is_a_twelfth_a_month():
    assert [monthly(D(arr)) for arr in ("1200", "0.06", "-100", "0.05")] == [D("100"), D("0.01"), D("-8.33"), D("0")]


def test_an_empty_cohort_has_no_value_and_a_period_without_churn_has_none_of_it():
    for reading in READINGS:
        found = told([usd(1, 5, on(2))], reading)
        assert {found.nrr, found.grr_revenue, found.grr_logo, found.logo_churn} == {None}
        assert (found.quick_ratio, found.new, found.is_balanced) == (None, 5 * (reading != "cohort_flow"), True)
        calm = told([usd(1, 5, LONG_AGO)], reading)
        assert (calm.nrr, calm.grr_revenue, calm.grr_logo, calm.logo_churn) == (1, 1, 1, 0)


def test_no_rows_at_all_are_a_book_of_nothing():
    for reading in READINGS:
        found = told([], reading)
        assert (found.opening, found.closing, found.nrr, found.accounts) == (0, 0, None, 0)


def test_a_failed_payment_and_a_notice_are_marked_apart():
    rows = [usd(1, 70, LONG_AGO, on(5)), usd(2, 30, LONG_AGO, on(6)), usd(3, 20, LONG_AGO, dt.date(2026, 3, 1))]
    failed = np.array([1 * SPAN + day_number(on(5)), 2 * SPAN + day_number(on(7))])
    notices = Balances(np.array([3]), np.array([0]), np.array([2000]))
    period, _ = period_of(rows, *YEAR, failed=failed, notices=[notices])
    for reading in ("point_to_point", "flow", "ledger"):
        found = retention(period, reading)
        assert (found.churn, found.failed_payment_churn) == (100, 70)
        assert (found.committed_accounts, found.committed_churn) == (1, 20)


def test_rates_that_move_are_a_line_of_their_own():
    rates = Rates.of([("EUR", "USD", LONG_AGO, D("1.2")), ("EUR", "USD", on(6), D("1.1"))])
    found = told([(1, "EUR", LONG_AGO, None, D(100))], "point_to_point", rates=rates)
    assert (found.opening, found.exchange, found.closing, found.nrr) == (120, -10, 110, 1)
    # Month by month the effect falls in June, and the chain of constant-currency months is 1.
    chained = told([(1, "EUR", LONG_AGO, None, D(100))], "chained", rates=rates)
    assert (chained.exchange, chained.closing, chained.nrr, chained.is_balanced) == (-10, 110, 1, True)


def test_a_rate_that_is_missing_is_named_with_its_day():
    with pytest.raises(MissingRate, match="EUR to USD on 2024-12-31"):
        told([(1, "EUR", LONG_AGO, None, D(100))], "point_to_point")


# --- any book --------------------------------------------------------------------------------------------------------

WORLD = Rates.of(
    [
        *(("EUR", "USD", start, D(rate)) for start, rate in [(LONG_AGO, "1.2"), (on(3), "1.05"), (on(8), "1.3333")]),
        *(("USD", "CNY", start, D(rate)) for start, rate in [(LONG_AGO, "7.1"), (on(6, 10), "6.9")]),
    ]
)
FIRST = dt.date(2024, 11, 1)
books = st.lists(
    st.builds(
        lambda account, currency, begin, length, cents: (
            account,
            currency,
            FIRST + dt.timedelta(days=begin),
            None if length is None else FIRST + dt.timedelta(days=begin + length),
            D(cents) / 100,
        ),
        st.integers(1, 5),
        st.sampled_from(["USD", "USD", "EUR", "CNY"]),
        st.integers(0, 300),
        st.none() | st.integers(1, 250),
        st.integers(0, 50_000),
    ),
    max_size=14,
)
spans = st.tuples(st.integers(0, 250), st.integers(1, 250)).map(
    lambda pair: (FIRST + dt.timedelta(days=pair[0]), FIRST + dt.timedelta(days=sum(pair)))
)


@settings(max_examples=60, deadline=None)
@given(books, spans)
def test_every_reading_of_any_book_balances_and_the_headline_keeps_its_bounds(rows, span):
    period, months = period_of(rows, *span, rates=WORLD)
    for reading in READINGS:
        found = retention(period, reading, months)
        assert found.is_balanced
        assert (found.nrr is None) == (found.opening == 0)
    head = retention(period)
    if head.nrr is not None:
        assert 0 <= head.grr_revenue <= min(1, head.nrr)
        cohort = np.minimum(period.closing, period.opening).sum(), period.closing[period.cohort].sum()
        assert (head.grr_revenue, head.nrr) == tuple(Fraction(int(part), int(period.opening.sum())) for part in cohort)
        assert retention(period, "cohort_flow").nrr == head.nrr
    # The ledger of the period, which is added up elsewhere and in each currency, says the same.
    opening, moved = columns_of(rows, span[0], WORLD)
    ledger = ledgers(opening, moved, list(span), WORLD, "USD")[0]
    gross = retention(period, "ledger")
    assert [getattr(gross, name) for name in WAY] == [getattr(ledger.total, name) for name in WAY]
    assert ledger.is_balanced


@settings(max_examples=30, deadline=None)
@given(books, spans, st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_segments_of_any_book_add_up_to_the_total(rows, span, drawn):
    period, months = period_of(rows, *span, rates=WORLD)
    codes = np.array([drawn[account - 1] for account in period.account.tolist()], dtype=np.int64)
    for reading in READINGS:
        total, parts = retention(period, reading, months), retentions(period, reading, codes, 3, months)
        assert all(part.is_balanced for part in parts)
        names = (*WAY, "accounts", "accounts_lost", "new_then_lost", "returned", "committed_churn")
        for name in names:
            assert sum(getattr(part, name) for part in parts) == getattr(total, name)
        columns = components(period, reading, months)
        assert int(columns["churn"].sum()) == total.churn * 100


@settings(max_examples=30, deadline=None)
@given(books, spans, st.randoms(use_true_random=False))
def test_months_chain_to_the_same_closing_and_neither_order_nor_halves_matter(rows, span, random):
    period, months = period_of(rows, *span, rates=WORLD)
    whole = retention(period)
    pieces = [retention(month) for month in months]
    assert (pieces[0].opening, pieces[-1].closing) == (whole.opening, whole.closing)
    for before, after in itertools.pairwise(pieces):
        assert before.closing == after.opening
    halves = []
    for account, currency, start, end, arr in rows:
        middle = start + dt.timedelta(days=random.randint(1, 100))
        cut = end is None or middle < end
        halves += (
            [(account, currency, start, middle, arr), (account, currency, middle, end, arr)]
            if cut
            else [(account, currency, start, end, arr)]
        )
    random.shuffle(halves)
    again, parts = period_of(halves, *span, rates=WORLD)
    for reading in READINGS:
        assert retention(again, reading, parts) == retention(period, reading, months)


@settings(max_examples=30, deadline=None)
@given(books, st.integers(0, 5), st.integers(1, 9))
def test_the_matrix_of_months_says_what_the_periods_say(rows, first, length):
    months = [dt.date(2024 + (10 + step) // 12, (10 + step) % 12 + 1, 1) for step in range(16)]
    moved = movements_of(Lines.of(rows), rates=WORLD)
    matrix = month_matrix(moved.account, moved.day, moved.currency, moved.cents, moved.currencies, months)
    found = window_figures(matrix, first, first + length, WORLD, "USD")
    whole = retention(period_of(rows, months[first], months[first + length], WORLD)[0])
    names = (*WAY, "nrr", "grr_revenue", "grr_logo", "logo_churn", "quick_ratio")
    for name in (*names, "accounts", "accounts_lost", "accounts_closing"):
        assert getattr(found, name) == getattr(whole, name)
