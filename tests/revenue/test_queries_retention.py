"""Do retention's figures follow the stored ledger, by segment and account by account, in a few queries?"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, ChurnRecord, CustomField, Organisation, ServiceAssignment
from common.errors import Refused
from common.periods import previous_span
from revenue.actions import derive_movements
from revenue.models import ExchangeRate
from revenue.queries import (
    RateMissing,
    accounts_shown_to,
    dimensions,
    ledger,
    retention,
    retention_accounts,
    retention_credits,
    retention_months,
    retention_report,
    retention_since,
)
from revenue.rules.retention import READINGS, WAY
from tests.factories import make_account, make_line, make_product, make_team, make_user

pytestmark = pytest.mark.django_db
D = Decimal
START, END = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
LONG_AGO = dt.date(2024, 2, 1)


def on(month: int, day: int = 1) -> dt.date:
    return dt.date(2025, month, day)


def serve(account: Account, user, start: dt.date, end: dt.date | None = None) -> None:
    ServiceAssignment.objects.create(account=account, user=user, started_on=start, ended_on=end)


@pytest.fixture
def book():
    """Four customers at the opening: one grows, one loses a seat, one leaves, one pays in euros; one more comes."""
    north, south = make_user(name="North", team=make_team(name="Up")), make_user(name="South")
    small, large = make_product(name="Small"), make_product(name="Large")
    grows = make_account(tier="elephant", region="EU", signed_on=dt.date(2023, 5, 2), custom={"seats": 10, "vip": True})
    shrinks = make_account(tier="cheetah", region="EU", custom={"seats": 2, "vip": False})
    leaves = make_account(tier="rabbit", region=" ", custom={})
    euros = make_account(tier="rabbit", region="US")
    comes = make_account(tier="rabbit", region="US", signed_on=on(3, 9))
    serve(grows, north, LONG_AGO, on(7))
    serve(grows, south, on(7))
    serve(shrinks, north, START)
    serve(euros, south, LONG_AGO)
    serve(comes, south, on(3), on(9))
    serve(comes, north, on(9))
    make_line(grows, 600, starts_on=LONG_AGO, product=small)
    make_line(grows, 600, starts_on=LONG_AGO, product=large)
    make_line(grows, 300, starts_on=on(4), product=small)
    make_line(shrinks, 500, starts_on=LONG_AGO, ends_on=on(6), product=small)
    make_line(shrinks, 400, starts_on=on(6), ends_on=on(3, 1).replace(year=2026), notice_on=on(11), product=large)
    make_line(leaves, 100, starts_on=LONG_AGO, ends_on=on(8), product=small, is_payment_failed=True)
    make_line(euros, 200, starts_on=LONG_AGO, currency="EUR", product=large)
    make_line(comes, 50, starts_on=on(3, 9), product=small)
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2024, 1, 1), rate=D("1.1"))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=on(6), rate=D("1.25"))
    CustomField.objects.create(key="seats", label="Rooms", kind="number")
    CustomField.objects.create(key="vip", label="Invited", kind="yes_no")
    derive_movements()
    return SimpleNamespace(grows=grows, shrinks=shrinks, leaves=leaves, euros=euros, comes=comes, north=north,
                           south=south, small=small, large=large)  # fmt: skip


def way(found) -> list[Decimal]:
    return [getattr(found, name) for name in WAY]


def test_the_headline_is_point_to_point_at_the_openings_rates(book):
    found = retention(START, END)
    assert way(found) == [2020, 50, 0, 300, 100, 100, 30, 2200]
    assert found.is_balanced
    assert (found.nrr, found.grr_revenue) == (Fraction(2120, 2020), Fraction(1820, 2020))
    assert (found.grr_logo, found.logo_churn) == (Fraction(3, 4), Fraction(1, 4))
    assert (found.accounts, found.accounts_lost, found.accounts_closing) == (4, 1, 4)
    assert (found.failed_payment_churn, found.committed_churn, found.committed_accounts) == (100, 400, 1)


def test_the_ledger_reading_is_the_ledger(book):
    found, same = retention(START, END, reading="ledger"), ledger(START, END).total
    assert way(found) == [getattr(same, name) for name in WAY]


def test_segments_add_up_to_the_total_in_every_dimension_and_reading(book):
    for by, reading in itertools.product((dimension.key for dimension in dimensions()), READINGS):
        found = retention(START, END, by=by, reading=reading)
        for name in (*WAY, "accounts", "accounts_lost", "committed_churn", "failed_payment_churn"):
            assert sum(getattr(part.retention, name) for part in found.segments) == getattr(found, name), (by, reading)


def test_a_report_tells_what_each_question_by_itself_would(book):
    keys = [dimension.key for dimension in dimensions()]
    early = (START, on(7))
    for start, end in (early, (on(7), END), (on(2, 15), on(4, 3))):
        before = previous_span(start, end)
        for reading in READINGS:
            report = retention_report(start, end, by=keys, reading=reading)
            assert report.readings == {name: retention(start, end, reading=name) for name in READINGS}
            assert report.split == {key: retention(start, end, by=key) for key in keys}
            assert report.before == retention(*before, reading=reading)
            assert report.split_before == {key: retention(*before, by=key) for key in keys}
    assert "chained" not in retention_report(dt.date(2001, 1, 1), END, accounts=[book.grows.pk]).readings


def test_a_report_without_the_rate_of_the_period_before_tells_the_period_alone(book):
    ExchangeRate.objects.all().delete()
    ExchangeRate.objects.create(base="EUR", quote="USD", on=START - dt.timedelta(days=1), rate=D("1.1"))
    report = retention_report(START, END, by=["tier"])
    assert report.split["tier"] == retention(START, END, by="tier")
    assert (report.before, report.split_before) == (None, {})


def shown(book, by: str) -> list[tuple[str, int, Decimal]]:
    return [
        (part.label, part.retention.accounts, part.retention.closing) for part in retention(START, END, by=by).segments
    ]


def test_segments_come_in_the_order_of_their_values_and_what_is_not_set_comes_last(book):
    Organisation.objects.create(pk=1, elephant_label="Whales")
    assert shown(book, "tier") == [("Whales", 1, 1500), ("Mid-size", 1, 400), ("Small", 2, 300)]
    assert shown(book, "region") == [("EU", 2, 1900), ("US", 1, 300), ("Not set", 1, 0)]
    assert shown(book, "field:seats") == [("2", 1, 400), ("10", 1, 1500), ("Not set", 2, 300)]
    assert shown(book, "field:vip") == [("Yes", 1, 1500), ("No", 1, 400), ("Not set", 2, 300)]
    # Who has no day of signing signed with the first movement.
    assert [label for label, *_ in shown(book, "cohort")] == ["2023, quarter 2", "2024, quarter 1", "2025, quarter 1"]


def test_owners_are_those_of_the_opening_and_for_who_comes_later_the_first_in_the_period(book):
    # The owner of `shrinks` began on the first day of the period: at its opening nobody had it.
    assert shown(book, "csm") == [("North", 1, 1500), ("South", 1, 300), ("Not set", 2, 400)]
    assert shown(book, "team") == [("Up", 1, 1500), ("Not set", 3, 700)]


def test_a_product_is_that_of_the_largest_line_at_the_opening_and_a_tie_goes_by_name(book):
    assert shown(book, "product") == [("Large", 2, 1750), ("Small", 2, 450)]


def test_every_figure_names_its_accounts(book):
    rows = retention_accounts(START, END, by="region")
    assert rows.behind("expansion") == [(book.grows.pk, 300)]
    assert rows.behind("exchange", "US") == [(book.euros.pk, 30)]
    assert rows.behind("accounts_lost") == [(book.leaves.pk, 1)]
    assert rows.behind("opening", "EU") == [(book.grows.pk, 1200), (book.shrinks.pk, 500)]
    assert rows.behind("opening", "Mars") == []


def test_some_accounts_are_asked_for_by_id_or_as_a_queryset(book):
    ids = [book.grows.pk, book.comes.pk]
    found = retention(START, END, accounts=ids)
    assert way(found) == [1200, 50, 0, 300, 0, 0, 0, 1550]
    assert retention(START, END, accounts=Account.objects.filter(pk__in=ids)) == found
    assert retention(START, END, accounts=[]).nrr is None


def test_a_person_sees_the_figures_of_their_accounts(book):
    assert accounts_shown_to(book.south) == [book.grows.pk, book.euros.pk]
    assert accounts_shown_to(make_user("admin")) is None


def test_months_and_the_twelve_months_up_to_them_say_what_the_periods_say(book):
    for row in retention_months(on(5), on(12)):
        for figures in (row.month, row.trailing):
            same = retention(figures.start, figures.end)
            assert [getattr(figures, name) for name in (*WAY, "nrr", "grr_revenue", "grr_logo", "accounts")] == [
                getattr(same, name) for name in (*WAY, "nrr", "grr_revenue", "grr_logo", "accounts")
            ]
    assert (row.trailing.start, row.trailing.end, row.month.start) == (START, END, on(12))


def test_gains_and_losses_belong_to_who_owned_the_account_that_day(book):
    found = {credit.owner: credit for credit in retention_credits(START, END)}
    assert (found[book.north.pk].base, found[book.north.pk].nrr) == (1750, Fraction(1950, 1750))
    assert (found[book.south.pk].base, found[book.south.pk].taken_over) == (1720, 1500)


def test_a_churn_record_of_the_day_tells_of_a_failed_payment_too(book):
    line = make_line(make_account(), 70, starts_on=LONG_AGO, ends_on=on(10))
    ChurnRecord.objects.create(account=line.account, on=on(10), is_failed_payment=True)
    derive_movements()
    assert retention(START, END).failed_payment_churn == 170
    assert retention(START, END, reading="flow").failed_payment_churn == 170


def test_a_missing_rate_is_refused_by_currency_and_day(book):
    ExchangeRate.objects.all().delete()
    for ask in (retention, retention_accounts, retention_months):
        with pytest.raises(RateMissing, match="EUR to USD is known for"):
            ask(START, END)


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"end": START}, "to", "The end must be after the start"),
        ({"reading": "gross"}, "reading", "gross is no reading"),
        ({"by": "mood"}, "by", "mood is nothing to group by"),
        ({"by": "field:none"}, "by", "nothing to group by"),
        ({"start": dt.date(2001, 1, 1), "reading": "chained"}, "to", "120 months at most"),
    ],
)
def test_what_means_nothing_is_refused_in_words(book, asked, field, words):
    with pytest.raises(Refused, match=words) as refused:
        retention(**({"start": START, "end": END} | asked))
    assert refused.value.field == field


def test_a_period_outside_the_book_has_no_value(book):
    for year in (2001, 2099):
        found = retention(dt.date(year, 1, 1), dt.date(year + 1, 1, 1), by="tier")
        assert (found.new, found.churn) == (0, 0)
        assert (found.nrr, bool(found.segments)) == ((None, False) if year == 2001 else (1, True))


def test_dimensions_are_listed_with_the_organisations_own_last(book):
    listed = [(dimension.key, dimension.label) for dimension in dimensions()]
    assert (listed[0], listed[-1]) == (("tier", "Tier"), ("field:seats", "Rooms"))


@pytest.mark.parametrize("by", [None, "csm", "product", "cohort", "field:seats"])
def test_more_accounts_need_no_more_queries(book, by):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            retention(START, END, by=by)
        return len(queries)

    before = asked()
    for _ in range(5):
        make_line(make_account(book.north), starts_on=LONG_AGO)
    derive_movements()
    assert asked() == before <= 14


def test_periods_with_one_end_are_read_once_and_are_what_each_is_by_itself(book):
    starts = [on(7), START, on(3)]

    with CaptureQueriesContext(connection) as queries:
        found = retention_since(starts, END)
    with CaptureQueriesContext(connection) as single:
        alone = retention(START, END)

    assert found == [retention(on(7), END), alone, retention(on(3), END)]
    assert len(queries) == len(single)


def test_no_period_ends_before_it_begins_among_several(book):
    with pytest.raises(Refused):
        retention_since([START, END], END)
