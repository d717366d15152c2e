"""Do the ledger's formulas hold for tables worked out by hand and for anything else?"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.rules.ledger import Balances, ledgers, worth_by_account
from revenue.rules.movements import OPEN, Lines, Movements, day_number, day_of, movements_of
from revenue.rules.rates import MissingRate, Rates, convert, converted, rate_on
from revenue.rules.renewals import chains_of, verdict

D = Decimal
FIRST = dt.date(2026, 1, 1)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def line(start: int, end: int | None, arr: int | str, currency: str = "USD", account: int = 1):
    return (account, currency, day(start), None if end is None else day(end), D(arr))


def derive(*rows, gap_days: int = 0, rates: Rates | None = None):
    found = movements_of(Lines.of(rows), gap_days=gap_days, rates=rates).rows()
    return [((on - FIRST).days, kind, currency, cents / 100) for _account, on, currency, kind, cents, _after in found]


EURO = Rates.of([("EUR", "USD", day(-400), D("1.2")), ("EUR", "USD", day(50), D("1.1"))])

TABLE = {
    "open-ended": ([line(0, None, 100)], [(0, "new", "USD", 100)]),
    "ends": ([line(0, 30, 100)], [(0, "new", "USD", 100), (30, "churn", "USD", -100)]),
    "renewed on the day": ([line(0, 30, 100), line(30, None, 100)], [(0, "new", "USD", 100)]),
    "renewed for more": (
        [line(0, 30, 100), line(30, None, 130)],
        [(0, "new", "USD", 100), (30, "expansion", "USD", 30)],
    ),
    "renewed for less": (
        [line(0, 30, 100), line(30, None, 60)],
        [(0, "new", "USD", 100), (30, "contraction", "USD", -40)],
    ),
    "comes back": (
        [line(0, 30, 100), line(31, None, 50)],
        [(0, "new", "USD", 100), (30, "churn", "USD", -100), (31, "reactivation", "USD", 50)],
    ),
    "overlapping": (
        [line(0, 60, 100), line(30, 90, 50)],
        [
            (0, "new", "USD", 100),
            (30, "expansion", "USD", 50),
            (60, "contraction", "USD", -100),
            (90, "churn", "USD", -50),
        ],
    ),
    "free": ([line(0, None, 0)], []),
    "free first": ([line(0, 30, 0), line(30, None, 5)], [(30, "new", "USD", 5)]),
    "written the wrong way round": (
        [line(30, None, 130), line(0, 30, 100)],
        [(0, "new", "USD", 100), (30, "expansion", "USD", 30)],
    ),
    "dated far ahead": ([line(9000, None, 7)], [(9000, "new", "USD", 7)]),
    "dated before 1970": ([line(-25000, None, 7)], [(-25000, "new", "USD", 7)]),
    "two products swap": ([line(0, 30, 40), line(0, None, 60), line(30, None, 40)], [(0, "new", "USD", 100)]),
}


@pytest.mark.parametrize("name", TABLE)
def test_lines_become_the_movements_of_the_table(name):
    rows, expected = TABLE[name]
    assert derive(*rows) == expected


def test_a_change_of_currency_is_judged_in_the_reporting_currency_at_its_day():
    # On day 30 a euro is worth 1.2 dollars: 100 dollars become 90 euros = 108 dollars. On day 60 it is 1.1: 99.
    rows = [line(0, 30, 100), line(30, None, 90, "EUR")]
    assert derive(*rows, rates=EURO)[1:] == [(30, "expansion", "EUR", 90), (30, "expansion", "USD", -100)]
    rows = [line(0, 60, 100), line(60, None, 90, "EUR")]
    assert derive(*rows, rates=EURO)[1:] == [(60, "contraction", "EUR", 90), (60, "contraction", "USD", -100)]


def test_a_change_of_currency_without_a_rate_is_refused_by_name_and_day():
    with pytest.raises(MissingRate, match="EUR to USD on 2026-01-31"):
        derive(line(0, 30, 100), line(30, None, 90, "EUR"))


def test_currencies_that_never_meet_need_no_rate():
    rows = [line(0, None, 100), line(10, 20, 50, "EUR")]
    assert derive(*rows)[1:] == [(10, "expansion", "EUR", 50), (20, "contraction", "EUR", -50)]


@pytest.mark.parametrize(
    ("pause", "gap_days", "churns"), [(1, 0, True), (1, 1, False), (30, 29, True), (30, 30, False), (31, 30, True)]
)
def test_a_pause_is_bridged_up_to_the_setting(pause, gap_days, churns):
    kinds = [row[1] for row in derive(line(0, 30, 100), line(30 + pause, None, 100), gap_days=gap_days)]
    assert kinds == (["new", "churn", "reactivation"] if churns else ["new"])


def test_a_bridged_pause_ends_in_the_difference_alone():
    rows = [line(0, 30, 70), line(10, 30, 30), line(0, 20, 5), line(40, None, 120)]
    assert derive(*rows, gap_days=15)[-1] == (40, "expansion", "USD", 20)


def test_a_pause_of_another_account_is_not_bridged_by_ones_own_lines():
    rows = [line(0, 30, 100, account=1), line(35, None, 100, account=2)]
    assert derive(*rows, gap_days=30) == [(0, "new", "USD", 100), (30, "churn", "USD", -100), (35, "new", "USD", 100)]


# --- anything else ---------------------------------------------------------------------------------------------------

spans = st.tuples(st.integers(0, 90), st.one_of(st.none(), st.integers(1, 60)))
lines_of_any_kind = st.lists(
    st.builds(
        lambda span, cents, currency, account: (
            account,
            currency,
            day(span[0]),
            None if span[1] is None else day(span[0] + span[1]),
            D(cents) / 100,
        ),
        spans,
        st.integers(0, 10_000),
        st.sampled_from(["USD", "EUR", "CNY"]),
        st.integers(1, 4),
    ),
    max_size=12,
)
WORLD = Rates.of(
    [
        *(("EUR", "USD", day(start), D(rate)) for start, rate in [(-400, "1.2"), (20, "1.05"), (70, "1.3333")]),
        *(("USD", "CNY", day(start), D(rate)) for start, rate in [(-400, "7.1"), (45, "6.9")]),
    ]
)


def paid(rows, gap_days: int, last: int):
    """What each account pays in each currency day by day, the slow way: one day after the other."""
    history: dict[int, list[dict[str, Decimal]]] = {}
    for account in {row[0] for row in rows}:
        own = [row for row in rows if row[0] == account and row[4] > 0]
        days: list[dict[str, Decimal]] = []
        for number in range(-1, last):
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for _account, currency, start, end, arr in own:
                if start <= day(number) and (end is None or day(number) < end):
                    sums[currency] += arr
            days.append(dict(sums))
        paying = [number for number, sums in enumerate(days) if sums]
        for before, after in itertools.pairwise(paying):
            if 0 < after - before - 1 <= gap_days:
                days[before + 1 : after] = [days[before]] * (after - before - 1)
        history[account] = days
    return history


def slow_movements(rows, gap_days: int, last: int):
    """The definition of PRODUCT.md §2, followed literally."""
    found = []
    for account, days in paid(rows, gap_days, last).items():
        was_customer = False
        for number, (before, after) in enumerate(itertools.pairwise(days)):
            change = {name: after.get(name, D(0)) - before.get(name, D(0)) for name in {*before, *after}}
            change = {name: amount for name, amount in change.items() if amount}
            if not change:
                continue
            if not before:
                kind = "reactivation" if was_customer else "new"
            elif not after:
                kind = "churn"
            else:
                worth = sum(
                    Fraction(amount) * rate_on(WORLD, name, "USD", day(number)) for name, amount in change.items()
                )
                kind = "expansion" if worth >= 0 else "contraction"
            was_customer = True
            for name, amount in change.items():
                found.append((account, day(number), name, kind, int(amount * 100), int(after.get(name, D(0)) * 100)))
    return sorted(found)


@settings(max_examples=200, deadline=None)
@given(lines_of_any_kind, st.sampled_from([0, 0, 1, 7, 30]))
def test_columns_give_what_the_definition_says_day_by_day(rows, gap_days):
    found = movements_of(Lines.of(rows), gap_days=gap_days, rates=WORLD, reporting="USD").rows()
    assert sorted(found) == slow_movements(rows, gap_days, 160)


@settings(max_examples=100, deadline=None)
@given(lines_of_any_kind, st.randoms(use_true_random=False), st.sampled_from([0, 5]))
def test_neither_order_nor_cutting_a_line_in_two_matters(rows, random, gap_days):
    whole = movements_of(Lines.of(rows), gap_days=gap_days, rates=WORLD).rows()
    pieces = []
    for account, currency, start, end, arr in rows:
        if random.random() < 0.5:
            middle = start + dt.timedelta(days=random.randint(1, 20))
            if end is None or middle < end:
                pieces += [(account, currency, start, middle, arr), (account, currency, middle, end, arr)]
                continue
        half = (arr / 2).quantize(D("0.01"))
        pieces += [(account, currency, start, end, half), (account, currency, start, end, arr - half)]
    random.shuffle(pieces)
    assert movements_of(Lines.of(pieces), gap_days=gap_days, rates=WORLD).rows() == whole


@settings(max_examples=200, deadline=None)
@given(lines_of_any_kind, st.lists(st.integers(-5, 150), min_size=2, max_size=6, unique=True))
def test_the_ledger_balances_in_every_period_and_currency(rows, cuts):
    moved = movements_of(Lines.of(rows), rates=WORLD)
    bounds = [day(-10), *(day(cut) for cut in sorted(cuts)), day(400)]
    nothing = Balances(*[np.empty(0, dtype=np.int64)] * 3)
    found = ledgers(nothing, moved, bounds, WORLD, "USD")
    assert all(ledger.is_balanced for ledger in found)
    for before, after in itertools.pairwise(found):
        assert before.total.closing == after.total.opening
    # The closing of each period is what the accounts pay then, each rounded by itself.
    days = paid(rows, 0, 410)
    for ledger in found:
        number = (ledger.end - FIRST).days - 1
        each = (
            [
                convert(arr, rate_on(WORLD, name, "USD", day(number)))
                for history in days.values()
                for name, arr in history[number + 1].items()
            ]
            if number >= -1
            else []
        )
        assert ledger.total.closing == sum(each, D(0))


def test_without_a_change_of_rates_there_is_no_exchange_effect():
    moved = movements_of(Lines.of([line(0, None, "33.33", "EUR"), line(3, 40, "0.01", "EUR", 2)]))
    nothing = Balances(*[np.empty(0, dtype=np.int64)] * 3)
    rates = Rates.of([("EUR", "USD", day(-1), D("1.23456789"))])
    ledger = ledgers(nothing, moved, [day(0), day(90)], rates, "USD")[0]
    assert ledger.total.exchange == 0
    assert ledger.is_balanced


def test_the_exchange_effect_is_a_line_of_its_own():
    # 100 euros stay 100 euros; at 1.2 they open at 120 dollars and at 1.1 they close at 110.
    moved = movements_of(Lines.of([line(0, None, 100, "EUR")]), rates=EURO)
    opening = Balances(np.array([1]), np.array([0]), np.array([10_000]))
    none = np.empty(0, dtype=np.int64)
    still = Movements(none, none, none, none, none, none, moved.currencies)
    ledger = ledgers(opening, still, [day(40), day(60)], EURO, "USD")[0]
    total = ledger.total
    assert (total.opening, total.expansion, total.contraction, total.exchange, total.closing) == (120, 0, 0, -10, 110)


def test_accounts_add_up_to_their_total_whatever_the_rate():
    balances = Balances(np.arange(1000), np.zeros(1000, dtype=np.int64), np.full(1000, 333))
    rates = Rates.of([("EUR", "USD", FIRST, D("1.1111"))])
    _, cents = worth_by_account(balances, ["EUR"], rates, "USD", FIRST)
    assert cents.sum() == 1000 * 370


@pytest.mark.parametrize(
    ("base", "quote", "on", "via", "expected"),
    [
        ("USD", "USD", day(-9999), None, Fraction(1)),
        ("EUR", "USD", day(0), None, Fraction(6, 5)),
        ("EUR", "USD", day(50), None, Fraction(11, 10)),
        ("USD", "EUR", day(50), None, Fraction(10, 11)),
    ],
)
def test_rates_hold_from_their_day_on_in_both_directions(base, quote, on, via, expected):
    assert rate_on(EURO, base, quote, on, via=via) == expected


def test_a_cross_rate_needs_both_halves():
    assert rate_on(WORLD, "EUR", "CNY", day(0), via="USD") == Fraction(12, 10) * Fraction(71, 10)
    with pytest.raises(MissingRate, match="EUR to CNY"):
        rate_on(WORLD, "EUR", "CNY", day(0))
    with pytest.raises(MissingRate, match="USD to GBP"):
        rate_on(WORLD, "EUR", "GBP", day(0), via="USD")


@given(
    st.lists(st.integers(-(10**14), 10**14), max_size=5), st.fractions(min_value=Fraction(1, 10**6), max_value=10**4)
)
def test_columns_convert_as_decimals_do(cents, rate):
    exact = [
        (abs(amount) * 2 * rate.numerator + rate.denominator) // (2 * rate.denominator) * (1 if amount >= 0 else -1)
        for amount in cents
    ]
    assert converted(np.array(cents, dtype=np.int64), rate).tolist() == exact


@pytest.mark.parametrize(
    ("rows", "on", "expected"),
    [
        ([line(0, 30, 1)], 0, 30),
        ([line(0, 30, 1), line(30, 60, 1)], 0, 60),
        ([line(0, 30, 1), line(0, 90, 1)], 0, 90),
        ([line(0, 30, 1), line(31, 60, 1)], 0, 30),
        ([line(0, 30, 1), line(31, 60, 1)], 40, 60),
        ([line(0, None, 1)], 5, None),
        ([line(0, 30, 1), line(40, 60, 0)], 5, 30),
    ],
)
def test_a_contract_runs_to_the_end_of_its_chain(rows, on, expected):
    _, ends = chains_of(Lines.of(rows)).current(day(on))
    assert [None if end == OPEN else day_of(end) for end in ends] == [None if expected is None else day(expected)]


def test_an_account_in_a_pause_that_is_bridged_still_pays():
    chains = chains_of(Lines.of([line(0, 30, 1), line(35, 60, 1)]), gap_days=5)
    pays, _ = chains.around(np.array([1, 1, 2]), np.array([day_number(day(n)) for n in (32, 60, 32)]))
    assert pays.tolist() == [True, False, False]


def test_a_verdict_waits_for_the_pause_that_would_be_bridged():
    assert verdict(day(0), day(5), goes_on=False, gap_days=5) is None
    assert verdict(day(0), day(6), goes_on=False, gap_days=5) == "lost"
