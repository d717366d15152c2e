"""What does a manager see first: the books, what the quarter brought, and who is large and fares badly?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, User
from common import charts
from portfolio.actions import refresh_rows
from portfolio.models import AccountRow
from portfolio.queries.today import today as today_page
from portfolio.queries.today_standing import standings
from portfolio.queries.today_team import team_today
from revenue.actions import derive_movements
from revenue.rules.expansion import quarter_start
from tests.factories import make_account, make_line, make_team, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def team() -> tuple[User, User]:
    near = make_team()
    return make_user("cs_manager", team=near, visibility="team"), make_user("csm", team=near)


def customer(owner: User, name: str, arr: int, *, since: dt.date, band: str = "green", score: int = 90) -> None:
    account = make_account(owner, name=name)
    make_line(account, arr, starts_on=since)
    derive_movements()
    refresh_rows(on=TODAY, account_ids=[account.pk])
    AccountRow.objects.filter(pk=account.pk).update(band=band, score=score)


def test_the_bridge_of_the_quarter_opens_with_what_was_there_and_adds_what_came() -> None:
    manager, csm = team()
    first = quarter_start(TODAY)
    customer(csm, "Old", 100_000, since=first - dt.timedelta(days=400))
    customer(csm, "New", 40_000, since=first)

    found = team_today(manager, AccountRow.objects.all(), TODAY, standings(AccountRow.objects.all(), TODAY))

    assert found is not None
    assert found.bridge_title == "This quarter: up $40K, NRR 100.0%"
    amounts = dict(row[:2] for row in found.bridge.figures.rows)
    assert (amounts["Opening"], amounts["New"], amounts["Closing"]) == ("$100K", "$40K", "$140K")


def test_the_large_ones_that_fare_badly_are_counted_in_the_title() -> None:
    manager, csm = team()
    since = TODAY - dt.timedelta(days=500)
    customer(csm, "Large and red", 900_000, since=since, band="red", score=20)
    customer(csm, "Large and green", 800_000, since=since)
    customer(csm, "Small and red", 10_000, since=since, band="red", score=20)

    found = team_today(manager, AccountRow.objects.all(), TODAY, standings(AccountRow.objects.all(), TODAY))

    assert found is not None
    assert found.matrix.title == "1 large account is at risk: $900K"
    assert [mark.label.partition(":")[0] for mark in found.matrix.chart.marks] == [
        "Large and red", "Large and green", "Small and red",
    ]  # fmt: skip


def test_who_leads_nobody_is_shown_no_team(client: Client) -> None:
    _manager, csm = team()
    customer(csm, "Own", 5_000, since=TODAY)
    client.force_login(csm)

    page = client.get("/today/").content.decode()

    assert team_today(csm, AccountRow.objects.all(), TODAY, standings(AccountRow.objects.all(), TODAY)) is None
    assert "The quarter so far" not in page


def test_a_manager_sees_the_books_before_single_accounts(client: Client) -> None:
    manager, csm = team()
    customer(csm, "Own", 5_000, since=TODAY)
    client.force_login(manager)

    page = client.get("/today/").content.decode()

    assert page.index("Books of the team") < page.index("The quarter so far") < page.index("Do these first")


def test_the_team_costs_as_many_queries_for_many_accounts_as_for_one() -> None:
    manager, csm = team()

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert team_today(manager, AccountRow.objects.all(), TODAY, standings(AccountRow.objects.all(), TODAY))
        return len(found)

    customer(csm, "First", 5_000, since=TODAY)
    few = asked()
    for number in range(8):
        customer(csm, f"Account {number}", 5_000 + number, since=TODAY)

    assert asked() == few


def test_a_page_reads_the_organisation_once_and_the_next_one_sees_what_changed(client: Client) -> None:
    manager, csm = team()
    customer(csm, "Own", 5_000, since=TODAY)
    Organisation.objects.update_or_create(pk=1, defaults={"reporting_currency": "USD"})
    client.force_login(manager)

    with CaptureQueriesContext(connection) as found:
        first = client.get("/today/").content.decode()
    Organisation.objects.update(elephant_label="Whales")

    assert sum('FROM "accounts_organisation"' in query["sql"] for query in found) == 1
    assert "Whales" not in first
    assert Organisation.load().elephant_label == "Whales"


def test_the_figures_of_the_strip_and_the_books_add_up_to_the_accounts() -> None:
    manager, csm = team()
    for number in range(3):
        customer(csm, f"Account {number}", 5_000 + number, since=TODAY)

    page = today_page(manager, TODAY)

    assert sum(band.accounts for band in page.bands) == AccountRow.objects.count() == 3
    assert sum(band.arr or 0 for band in page.bands) == sum(row.arr for row in AccountRow.objects.all()) > 0
    assert [(book.accounts, book.arr) for book in page.books] == [(3, 15_003)]


def test_the_field_of_danger_is_above_and_to_the_left() -> None:
    spots = [charts.Spot("A", 20, 10.0), charts.Spot("B", 90, 1.0)]

    field = charts.quadrant(spots, x_line=50, y_line=5.0, heads=("", "", "", ""), danger=True, fields="abcd")

    (zone,) = field.zones
    assert (zone.x, zone.tone, zone.width) == (0, "risk", field.last.x)
    assert [name.text for name in field.dots] == ["a", "b", "c", "d"]
