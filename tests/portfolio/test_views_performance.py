"""Is each gain and loss credited to who owned the account that day, and who sees whose figures?"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, Handoff, ServiceAssignment, TimelineEntry, User
from health.models import EarlyWarning, HealthScore, ScorecardVersion, WarningRule
from playbooks.models import Task, WorkloadSettings
from portfolio.queries.performance import Line, PerformancePage, performance_page
from revenue.actions import derive_movements
from revenue.models import ContractLine, ExpansionTarget, RevenueSettings
from revenue.queries import hands_between, retention, retention_credits
from revenue.rules.credit import NOBODY
from tests.factories import make_account, make_handoff, make_line, make_product, make_team, make_user
from usage.models import SurveyAnswer

pytestmark = pytest.mark.django_db
START, END = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
ON = dt.date(2026, 2, 1)
YEAR = {"from": "2025-01-01", "to": "2025-12-31"}


def serve(account: Account, user: User, start: dt.date, end: dt.date | None = None) -> None:
    ServiceAssignment.objects.create(account=account, user=user, started_on=start, ended_on=end)


@pytest.fixture
def book() -> Any:
    """PRODUCT.md §2: X 100, Y 100 with CSM 1; Y +20 in April, to CSM 2 on 1 July, Y (120) churns in October."""
    team = make_team(name="North")
    one, two = (make_user(name=name, team=team) for name in ("One", "Two"))
    product = make_product()
    x, y = (make_account(name=name, tier="rabbit") for name in ("X", "Y"))
    for account in (x, y):
        make_line(account, 100, starts_on=dt.date(2024, 3, 1), product=product,
                  ends_on=None if account == x else dt.date(2025, 10, 1))  # fmt: skip
    make_line(y, 20, starts_on=dt.date(2025, 4, 1), ends_on=dt.date(2025, 10, 1), product=product)
    serve(x, one, dt.date(2024, 3, 1))
    serve(y, one, dt.date(2024, 3, 1), dt.date(2025, 7, 1))
    serve(y, two, dt.date(2025, 7, 1))
    derive_movements()
    return SimpleNamespace(team=team, one=one, two=two, x=x, y=y, product=product)


def read(user: User, **asked: Any) -> PerformancePage:
    return performance_page(START, END, on=ON, user=user, **asked)


def by_name(page: PerformancePage) -> dict[str, Line]:
    return {line.name: line for line in [*page.lines, *page.below]}


def test_the_transfer_example_is_credited_by_owner_on_the_day(book: Any) -> None:
    page = read(make_user("admin"))
    lines = by_name(page)
    assert lines["One"].nrr == Fraction(110, 100)
    assert lines["Two"].nrr == 0
    assert page.total is not None
    assert page.total.nrr == Fraction(1, 2)
    assert (lines["One"].base, lines["Two"].base, lines["Two"].taken_over) == (200, 120, 120)
    assert (lines["Handed over among them"].accounts, lines["Handed over among them"].base) == (-1, -120)


def test_the_lines_add_up_to_the_sum_and_nobodys_accounts_have_theirs(book: Any) -> None:
    for number, owned in enumerate((None, dt.date(2025, 5, 1), dt.date(2025, 9, 1))):
        account = make_account()
        make_line(account, 70 + number, starts_on=dt.date(2024, 3, 1), product=book.product,
                  ends_on=dt.date(2025, 8, 1) if number != 1 else None)  # fmt: skip
        if owned:
            serve(account, book.two, owned)
    derive_movements()
    page = read(make_user("admin"))
    for name in ("accounts", "base", "taken_over", "expansion", "contraction", "churn"):
        assert sum(getattr(line, name) for line in [*page.lines, *page.below]) == getattr(page.total, name)
    assert by_name(page)["Nobody’s"].churn == 142
    found = retention(START, END)
    assert page.total is not None
    assert (page.total.base, page.total.accounts, page.total.nrr) == (found.opening, found.accounts, found.nrr)


def test_hands_say_the_same_as_credits_by_owner(book: Any) -> None:
    found = hands_between(START, END)
    assert [found.credits[one.owner] for one in retention_credits(START, END)] == retention_credits(START, END)
    assert NOBODY not in found.credits


def test_everybody_sees_only_what_is_theirs_to_see(book: Any) -> None:
    page = read(book.two)
    assert [line.name for line in page.lines] == ["Two"]
    assert page.below == []
    assert page.total is not None
    assert (page.total.name, page.total.nrr) == ("North", Fraction(1, 2))
    manager = read(make_user("cs_manager", team=book.team))
    assert [line.name for line in manager.lines] == ["One", "Two"]
    assert read(make_user("cs_manager", team=make_team())).is_empty
    alone = read(make_user("csm"))
    assert alone.total is None
    assert alone.is_empty


def test_what_is_to_be_expected_follows_from_the_bands_that_were_taken_over(book: Any) -> None:
    version = ScorecardVersion.objects.order_by("pk").first()
    assert version is not None
    score = {"coverage": 1, "version": version, "components": {}}
    for account, on, points, band in (
        *((book.x, dt.date(2024, 12, 30), 80, "green"), (book.y, dt.date(2024, 12, 30), 80, "green")),
        *((book.y, dt.date(2025, 6, 28), 20, "red"), (book.x, dt.date(2025, 12, 30), 70, "green")),
    ):
        HealthScore.objects.create(account=account, on=on, score=points, band=band, **score)
    lines = by_name(read(make_user("admin")))
    half = 184
    assert lines["Two"].expected == Fraction(round(120 * Decimal("0.60") ** (Decimal(half) / 365), 2)) / 120
    kept = 100 * Decimal("0.95") + 100 * Decimal("0.95") ** (Decimal(181) / 365)
    assert abs(lines["One"].expected_loss - (200 - kept)) <= Decimal("0.01")
    assert lines["Two"].difference == -lines["Two"].expected
    assert (lines["One"].health_change, lines["Two"].health_change) == (-10, None)


def test_the_companys_own_past_says_what_is_kept_where_there_is_enough(book: Any) -> None:
    RevenueSettings.objects.create(pk=1, small_cohort=1)
    keeps = dict(read(book.one).keeps)
    assert keeps["No data"].is_own
    assert not keeps["At risk"].is_own
    assert keeps["At risk"].rate == Decimal("0.60")


def test_work_is_counted_for_who_did_it(book: Any) -> None:
    at = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
    TimelineEntry.objects.create(account=book.x, kind="call", at=at, title="Spoke")
    TimelineEntry.objects.create(account=book.x, kind="note", at=at, title="Thought")
    for day, score in ((dt.date(2025, 6, 1), 10), (dt.date(2025, 8, 1), 2)):
        SurveyAnswer.objects.create(account=book.y, kind="nps", score=score, answered_on=day)
    make_handoff(book.x, state=Handoff.State.ACCEPTED, submitted_at=at, decided_at=at, decided_by=book.one)
    for start in (dt.date(2025, 4, 1), dt.date(2025, 10, 1)):
        ExpansionTarget.objects.create(user=book.one, starts_on=start, amount=40, currency="USD")
    rule = WarningRule.objects.order_by("pk").first()
    assert rule is not None
    for account, day in ((book.x, dt.date(2025, 3, 1)), (book.x, dt.date(2025, 5, 1)), (book.y, dt.date(2025, 9, 1))):
        EarlyWarning.objects.create(
            account=account, rule=rule, opened_on=day, last_seen_on=day, state="resolved", resolved_on=day
        )
    make_line(book.x, 7, starts_on=dt.date(2025, 8, 1), product=book.product)
    derive_movements()
    lines = by_name(read(make_user("admin")))
    one, two = lines["One"], lines["Two"]
    assert (one.touch_rate, one.handoff_rate, two.handoff_rate, two.touch_rate) == (1, 1, None, None)
    assert one.touch_tiers == [("Small", 1, 1)]
    assert (one.tally.warned, one.save_rate, two.tally.warned, two.save_rate) == (1, 1, 1, 0)
    assert (one.nps, two.nps) == (100, -100)
    assert (one.credited, one.met, one.target, one.target_rate) == (27, 20, 80, Decimal("0.25"))


def test_tasks_and_load_are_counted_by_hand(book: Any) -> None:
    """Of four tasks due in the year two were done by their first day; the fifth is due after it."""
    for due, done, state in (
        (dt.date(2025, 3, 3), dt.date(2025, 3, 3), Task.State.DONE),
        (dt.date(2025, 5, 5), dt.date(2025, 5, 1), Task.State.DONE),
        # Moved by a week and done by the new day: late, for the first day counts.
        (dt.date(2025, 6, 2), dt.date(2025, 6, 9), Task.State.DONE),
        (dt.date(2025, 9, 1), None, Task.State.OPEN),
        (dt.date(2026, 1, 5), None, Task.State.OPEN),
        (dt.date(2025, 9, 1), dt.date(2025, 9, 1), Task.State.SKIPPED),
    ):
        Task.objects.create(
            account=book.x, title="t", assignee=book.one, due_on=due, first_due_on=due, done_on=done, state=state,
            created_at=dt.datetime(2025, 1, 2, tzinfo=dt.UTC),
        )  # fmt: skip
    WorkloadSettings.objects.update_or_create(
        pk=1, defaults={"weight_elephant": 5, "weight_cheetah": 3, "weight_rabbit": 2, "capacity": 8}
    )
    large = make_account(tier="elephant")
    serve(large, book.one, dt.date(2025, 11, 1))
    # Handed on before the last day: it weighs on nobody here.
    serve(make_account(tier="elephant"), book.one, dt.date(2025, 1, 1), dt.date(2025, 12, 1))

    one = by_name(read(make_user("admin")))["One"]

    assert (one.tally.tasks_due, one.tally.tasks_on_time, one.task_rate) == (4, 2, Fraction(1, 2))
    # X is small: 2, the large one 5, of the 8 that a person can carry.
    assert (one.load, one.load_share) == (7, 7 / 8)


def test_a_small_book_does_not_rank_by_its_rates(book: Any) -> None:
    for _number in range(5):
        account = make_account()
        make_line(account, 10, starts_on=dt.date(2024, 3, 1), product=book.product)
        serve(account, book.two, dt.date(2024, 3, 1))
    derive_movements()
    admin = make_user("admin")
    assert [line.name for line in read(admin, sort="-nrr").lines] == ["Two", "One"]
    assert [line.name for line in read(admin, sort="-base").lines] == ["One", "Two"]
    assert [line.name for line in read(admin, sort="name").lines] == ["One", "Two"]
    assert [line.name for line in read(admin, sort="-no").lines] == ["Two", "One"]


def test_the_page_shows_it_and_leads_to_the_accounts(book: Any, client: Client) -> None:
    client.force_login(make_user("admin"))
    said = client.get(reverse("csm_performance"), YEAR).content.decode()
    assert "110.0%" in said
    assert "50.0%" in said
    assert "too few" in said
    assert f"{reverse('account_list')}?owner={book.one.pk}" in said
    behind = (
        f"{reverse('retention_accounts')}?from=2025-01-01&to=2025-12-31&figure=opening&by=csm&segment={book.one.pk}"
    )
    assert behind.replace("&", "&amp;") in said
    assert "X" in client.get(behind).content.decode()


def test_it_says_when_there_is_nothing_and_what_is_wrong(book: Any, client: Client) -> None:
    client.force_login(make_user("admin"))
    there = reverse("csm_performance")
    assert "No book in this period" in client.get(there, {"from": "2001-01-01", "to": "2001-12-31"}).content.decode()
    assert client.get(there, {"period": "ever"}).status_code == 400
    assert client.get(there, {"cat": 1}).status_code == 400
    ContractLine.objects.update(currency="EUR")
    derive_movements()
    assert "from EUR to USD" in client.get(there, YEAR).content.decode()
    client.force_login(make_user("product_manager"))
    assert client.get(there).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_lines_leave_as_a_file(book: Any, client: Client, kind: str) -> None:
    client.force_login(make_user("admin"))
    answer = client.get(reverse("performance_export", args=[kind]), YEAR)
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if kind == "csv":
        rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        assert [row["CSM"] for row in rows] == ["One", "Two", "Nobody’s", "Handed over among them", "All customers"]
        assert [row["NRR"] for row in rows] == ["1.100000", "0.000000", "", "", "0.500000"]
    assert client.get(reverse("performance_export", args=["pdf"])).status_code == 404


def test_the_api_says_the_same(book: Any, client: Client) -> None:
    client.force_login(make_user("admin"))
    there = "/api/v1/csm-performance/"
    said = client.get(there, YEAR).json()
    assert [(line["name"], line["nrr"]) for line in said["lines"]] == [("One", "1.100000"), ("Two", "0.000000")]
    assert (said["total"]["nrr"], said["total"]["base"], said["total"]["user"]) == ("0.500000", "200.00", None)
    assert [line["kind"] for line in said["below"]] == ["unassigned", "handover"]
    assert [keep["band"] for keep in said["keeps"]] == ["green", "yellow", "red", "unknown"]
    assert (said["from"], said["to"]) == ("2025-01-01", "2026-01-01")
    assert client.get(there, {"from": "x"}).status_code == 400
    client.force_login(make_user("product_manager"))
    assert client.get(there).status_code == 403


def test_many_people_take_the_queries_of_one(book: Any) -> None:
    admin = make_user("admin")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(admin)
        return len(captured)

    few = queries()
    for _number in range(6):
        account = make_account(make_user())
        make_line(account, 10, starts_on=dt.date(2024, 3, 1), product=book.product)
    derive_movements()
    assert queries() <= few
