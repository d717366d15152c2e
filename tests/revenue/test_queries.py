"""Do the figures of accounts follow the ledger, on any day and in the reporting currency?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Organisation
from revenue.actions import derive_movements
from revenue.models import ContractLine, ExchangeRate
from revenue.queries import (
    RateMissing,
    arr_by_account,
    arr_steps,
    expansions_by_account,
    ledger,
    ledger_by_month,
    months_between,
    next_renewal,
    seats_by_account,
    with_arr,
)
from tests.factories import make_account, make_line

pytestmark = pytest.mark.django_db
D = Decimal


def on(month: int, day: int = 1) -> dt.date:
    return dt.date(2026, month, day)


@pytest.fixture
def book():
    """Two customers: one in dollars that grows and leaves, one in euros; a third never paid."""
    dollars, euros, _never = make_account(), make_account(), make_account()
    make_line(dollars, "1200.10", seats=5, ends_on=on(9))
    make_line(dollars, "300.05", starts_on=on(4), ends_on=on(9), seats=2)
    make_line(euros, "1000.01", currency="EUR", starts_on=on(2))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2025, 1, 1), rate=D("1.1"))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=on(6), rate=D("1.25"))
    derive_movements()
    return dollars, euros


def test_arr_of_a_day_is_the_lines_in_force_at_that_days_rate(book):
    dollars, euros = book
    assert arr_by_account(on(1)) == {dollars.pk: D("1200.10")}
    assert arr_by_account(on(3)) == {dollars.pk: D("1200.10"), euros.pk: D("1100.01")}
    assert arr_by_account(on(7)) == {dollars.pk: D("1500.15"), euros.pk: D("1250.01")}
    assert arr_by_account(on(9)) == {euros.pk: D("1250.01")}


def test_arr_of_some_accounts_is_asked_for_alone(book):
    _dollars, euros = book
    assert arr_by_account(on(3), [euros.pk]) == {euros.pk: D("1100.01")}
    assert arr_by_account(on(3), []) == {}
    assert arr_by_account(on(3), [euros.pk, *range(10**6, 10**6 + 3000)]) == {euros.pk: D("1100.01")}


def test_the_annotation_gives_the_same_figures(book):
    for day in (on(1), on(3), on(7), on(9)):
        annotated = with_arr(Account.objects.all(), on=day).values_list("pk", "arr")
        assert {pk: arr for pk, arr in annotated if arr} == arr_by_account(day)


@pytest.mark.parametrize("cents", [1, 333, 100_005, 110_05, 99_999_999_99])
@pytest.mark.parametrize("rate", ["1.1", "0.00012345", "123.45678901", "1.005"])
def test_the_annotation_rounds_like_the_rule(cents, rate):
    account = make_account()
    make_line(account, str(D(cents) / 100), currency="EUR")
    ExchangeRate.objects.create(
        base="USD" if rate == "1.005" else "EUR", quote="EUR" if rate == "1.005" else "USD", on=on(1), rate=D(rate)
    )
    derive_movements()
    found = with_arr(Account.objects.all(), on=on(1)).get().arr
    assert found == arr_by_account(on(1)).get(account.pk, D(0))


def test_an_annotated_list_can_be_filtered_and_sorted(book):
    dollars, euros = book
    accounts = with_arr(Account.objects.all(), on=on(3)).filter(arr__gte=1100).order_by("-arr")
    assert list(accounts) == [dollars, euros]


def test_the_annotation_asks_as_often_for_100_accounts_as_for_1(book):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            list(with_arr(Account.objects.all(), on=on(3)))
        return len(found)

    before = queries()
    for _ in range(100):
        make_line(make_account())
    derive_movements()
    assert queries() == before


def test_a_missing_rate_is_refused_by_currency_and_day():
    make_line(make_account(), currency="CHF")
    derive_movements()
    with pytest.raises(RateMissing, match="CHF to USD") as refusal:
        arr_by_account(on(2))
    assert (refusal.value.base, refusal.value.on) == ("CHF", on(2))
    with pytest.raises(RateMissing, match="CHF to USD"):
        with_arr(Account.objects.all(), on=on(2))


def test_the_reporting_currency_is_a_setting(book):
    dollars, euros = book
    Organisation.objects.create(pk=1, reporting_currency="EUR")
    assert arr_by_account(on(7)) == {dollars.pk: D("1200.12"), euros.pk: D("1000.01")}


def test_the_ledger_of_a_month_balances_in_each_currency(book):
    months = ledger_by_month(on(1), on(10))
    assert len(months) == 10
    assert all(month.is_balanced for month in months)
    assert [month.total.closing for month in months][-1] == D("1250.01")
    february = months[1]
    assert (february.total.opening, february.total.new) == (D("1200.10"), D("1100.01"))
    assert [(line.currency, line.new) for line in february.by_currency] == [("EUR", D("1000.01")), ("USD", 0)]
    assert months[5].total.exchange == D("150.00")
    assert months[8].total.churn == D("1500.15")


def test_one_period_is_the_sum_of_its_months_but_for_the_rates(book):
    year = ledger(on(1), dt.date(2027, 1, 1))
    months = ledger_by_month(on(1), on(12))
    assert year.is_balanced
    assert year.total.opening == months[0].total.opening
    assert year.total.closing == months[-1].total.closing
    for own, parts in zip(year.by_currency, ("EUR", "USD"), strict=True):
        found = [line for month in months for line in month.by_currency if line.currency == parts]
        assert own.churn == sum(line.churn for line in found)
        assert own.new == sum(line.new for line in found)


def test_the_ledger_of_some_accounts_and_of_the_others_add_up_to_all(book):
    dollars, euros = book
    whole, first, second = (ledger(on(3), on(12), ids) for ids in (None, [dollars.pk], [euros.pk]))
    for name in ("opening", "new", "expansion", "churn", "exchange", "closing"):
        assert getattr(whole.total, name) == getattr(first.total, name) + getattr(second.total, name)


def test_the_ledger_of_nothing_is_zero():
    found = ledger(on(1), on(2))
    assert (found.total.opening, found.total.closing, found.by_currency) == (0, 0, [])


def test_months_run_over_the_turn_of_the_year():
    assert months_between(dt.date(2025, 12, 31), on(1, 2)) == [dt.date(2025, 12, 1), on(1), on(2)]


def test_the_next_renewal_is_the_end_of_the_chain(book):
    dollars, euros = book
    assert next_renewal(on(5)) == {dollars.pk: on(9)}
    make_line(dollars, starts_on=on(9), ends_on=on(12))
    assert next_renewal(on(5)) == {dollars.pk: on(12)}
    assert next_renewal(on(5), [euros.pk]) == {}


def test_seats_are_those_of_the_lines_in_force(book):
    dollars, _euros = book
    assert seats_by_account(on(2)) == {dollars.pk: 5}
    assert seats_by_account(on(5)) == {dollars.pk: 7}
    assert seats_by_account(on(9)) == {}


def test_expansions_of_a_year_are_counted_by_day(book):
    dollars, _euros = book
    assert expansions_by_account(on(4)) == {dollars.pk: 1}
    assert expansions_by_account(on(3)) == {}
    assert expansions_by_account(dt.date(2027, 3, 31)) == {dollars.pk: 1}
    assert expansions_by_account(dt.date(2027, 4, 1)) == {}


def test_the_steps_of_the_chart_are_the_days_of_change(book):
    dollars, euros = book
    assert arr_steps(dollars) == [(on(1), D("1200.10")), (on(4), D("1500.15")), (on(9), D("0.00"))]
    assert arr_steps(euros) == [(on(2), D("1100.01"))]


def test_arr_on_every_day_is_the_plain_sum_of_the_lines(book):
    dollars, _euros = book
    for number in range(300):
        day = on(1) + dt.timedelta(days=number)
        lines = ContractLine.objects.active_on(day).filter(account=dollars)
        assert arr_by_account(day, [dollars.pk]).get(dollars.pk, D(0)) == sum((line.arr for line in lines), D(0))
