"""Do cohorts read the ledger once, at one day's rates, for those accounts that were asked for?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from revenue.actions import derive_movements
from revenue.models import ExchangeRate
from revenue.queries import RateMissing, arr_by_account, cohort_accounts, cohort_table, signed_in
from revenue.rules.rates import from_cents
from tests.factories import make_account, make_line

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = dt.date(2026, 6, 30)


def on(month: int, day: int = 1) -> dt.date:
    return dt.date(2026, month, day)


@pytest.fixture
def book() -> list[Account]:
    """Two sign in January, one of them in euros; one in March, who leaves in May; one only in July."""
    made = [make_account() for _ in range(4)]
    make_line(made[0], "1200.10", starts_on=on(1, 5))
    make_line(made[0], "300.05", starts_on=on(4))
    make_line(made[1], "1000.01", currency="EUR", starts_on=on(1, 20))
    make_line(made[2], "50", starts_on=on(3), ends_on=on(5, 2))
    make_line(made[3], "99", starts_on=on(7))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2025, 1, 1), rate=D("1.1"))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=on(6), rate=D("1.25"))
    derive_movements()
    return made


def test_the_cohorts_hold_all_customers_and_their_last_point_is_the_arr_of_the_day(book: list[Account]) -> None:
    table = cohort_table(TODAY, by="month")
    assert [(cohort.start.month, cohort.size) for cohort in table.cohorts] == [(1, 2), (2, 0), (3, 1)]
    assert table.cohorts[0].customers == (2, 2, 2, 2, 2, 2)
    assert table.cohorts[2].customers == (1, 1, 0, 0)
    # The euros are worth what they are on the day of asking, at every point: rates are neither growth nor loss.
    assert table.cohorts[0].opening == 120010 + 125001
    assert from_cents(sum(cohort.cents[-1] for cohort in table.cohorts)) == sum(arr_by_account(TODAY).values())
    assert (table.size, table.is_part, table.currency) == (3, False, "USD")
    assert table.total("logo")[3] == Fraction(2, 3)


def test_a_span_and_some_accounts_narrow_it(book: list[Account]) -> None:
    table = cohort_table(TODAY, by="quarter", first=on(1), last=on(3, 31), account_ids=[book[0].pk, book[2].pk])
    assert [(cohort.size, cohort.customers) for cohort in table.cohorts] == [(2, (2, 1))]
    assert cohort_table(TODAY, by="month", first=on(2)).is_part
    assert cohort_table(TODAY, by="month", account_ids=[]).cohorts == []


def test_the_accounts_of_a_cohort_and_what_they_paid(book: list[Account]) -> None:
    january = signed_in(Account.objects.all(), on(1), on(2))
    assert set(january) == {book[0], book[1]}
    [row], currency = cohort_accounts(on(5, 31), by="month", accounts=[book[0]])
    assert (row.account, row.signed_on, currency) == (book[0], on(1, 5), "USD")
    assert row.cents == (120010, 120010, 120010, 150015, 150015)


def test_a_missing_rate_is_named(book: list[Account]) -> None:
    ExchangeRate.objects.all().delete()
    with pytest.raises(RateMissing, match="EUR"):
        cohort_table(TODAY, by="month")


def test_many_accounts_take_the_queries_of_one(book: list[Account]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            cohort_table(TODAY, by="month")
        return len(captured)

    few = queries()
    for _number in range(10):
        make_line(make_account(), 10, starts_on=on(2))
    derive_movements()
    assert queries() == few <= 4
