"""Does the usage monitor count who uses, who stopped and who came back, and lead from each figure to its accounts?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, User
from health.queries.monitor import Monitor, usage_monitor
from portfolio.actions import refresh_rows
from tests.factories import make_account, make_user
from tests.health.book import AT, ON, ago, make_feature, make_line, make_product, use
from usage.models import Feature

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def book(client: Client) -> dict[str, Any]:
    """Five accounts that use two core features and one retention feature, each in its own way; one is foreign."""
    csm = make_user()
    client.force_login(csm)
    make_product()
    run, plan = make_feature("run", "core"), make_feature("plan", "core")
    stay = make_feature("stay", "retention")
    names = ("steady", "lost", "back", "new", "silent")
    accounts = {name: make_account(csm, name=name, region="North" if name == "steady" else "") for name in names}
    for account in accounts.values():
        make_line(account)
    foreign = make_account(make_user(), name="foreign")
    make_line(foreign)
    for days in (1, 3, 8, 12, 40):
        use(accounts["steady"], ago(days), run, f"p{days % 2}")
    use(accounts["steady"], ago(2), plan, "p0")
    for days in (9, 35):
        use(accounts["lost"], ago(days), run)
    for days in (2, 70):
        use(accounts["back"], ago(days), run, "")
    use(accounts["new"], ago(0), run)
    use(accounts["steady"], ago(5), stay)
    use(foreign, ago(1), run)
    refresh_rows(on=ON)
    return {"csm": csm, "run": run, "plan": plan, "stay": stay, **accounts}


def counted(book: dict[str, Any], figure: str, name: str | None = None, on: dt.date = ON) -> list[str]:
    monitor = usage_monitor(Account.objects.visible_to(book["csm"]), on, "core")
    one = monitor.figures_of(book[name].pk if name else None)
    assert one is not None
    ids = monitor.accounts[one.masks[figure]].tolist()
    return sorted(Account.objects.filter(pk__in=ids).values_list("name", flat=True))


def test_each_figure_counts_the_accounts_it_says(book):
    assert counted(book, "weekly", "run") == ["back", "new", "steady"]
    assert counted(book, "weekly_before", "run") == ["lost", "steady"]
    assert counted(book, "lost_week", "run") == ["lost"]
    assert counted(book, "won_back_week", "run") == ["back"]
    assert counted(book, "monthly", "run") == ["back", "lost", "new", "steady"]
    assert counted(book, "won_back_month", "run") == ["back"]
    assert counted(book, "lost_month", "run") == []
    assert counted(book, "lost_month", "run", on=ON + dt.timedelta(days=25)) == ["lost"]
    assert counted(book, "using", "plan") == ["steady"]
    assert counted(book, "entitled") == ["back", "lost", "new", "silent", "steady"]


def test_rates_growth_and_people_follow_from_the_counts(book):
    monitor = usage_monitor(Account.objects.visible_to(book["csm"]), ON, "core")
    run = monitor.figures_of(book["run"].pk)
    assert run is not None
    assert (run.usage_rate, run.weekly_growth) == (0.8, 0.5)
    assert (run.weekly_people, run.weekly_people_before) == (2, 2)  # who is not named counts for nobody
    assert monitor.weeks[-1] == (ON, 3)
    assert [count for _, count in monitor.weeks[-2:]] == [2, 3]
    assert len(monitor.weeks) == 12


def test_a_past_day_knows_nothing_of_later_use(book):
    assert counted(book, "weekly", "run", on=ago(6)) == ["lost", "steady"]
    assert counted(book, "won_back_week", on=ago(6)) == ["lost", "steady"]  # 35 and 40 days ago, then 9 and 8


def test_without_an_entitled_account_there_is_no_rate(book):
    monitor = usage_monitor(Account.objects.none(), ON, "core")
    assert monitor.total.usage_rate is None
    assert monitor.total.weekly_growth is None


def ended(book: dict[str, Any], number: int, *, renewed: int, used: int) -> None:
    """So many contracts that ended 20 days ago, of which some were renewed and some used the retention feature."""
    for n in range(number):
        account = make_account(book["csm"])
        make_line(account, ends_on=ago(20))
        if n < renewed:
            make_line(account, starts_on=ago(20))
        if n < used:
            use(account, ago(60), book["stay"])
            if n == 0:  # long before, within the days that count, and after the end
                use(account, ago(200), book["stay"])
                use(account, ago(5), book["stay"])
        elif n == used:
            use(account, ago(19), book["stay"])  # after the end
            use(account, ago(111), book["stay"])  # too long before it


def retained(book: dict[str, Any]) -> Monitor:
    return usage_monitor(Account.objects.visible_to(book["csm"]), ON, Feature.Kind.RETENTION)


def test_renewal_with_and_without_use_is_compared_only_over_enough(book):
    ended(book, 21, renewed=15, used=10)
    any_, stay = retained(book).renewals
    assert (any_.used, any_.unused) == (stay.used, stay.unused)
    assert (stay.used.due, stay.used.renewed, stay.unused.due, stay.unused.renewed) == (10, 10, 11, 5)
    assert stay.difference == pytest.approx(1 - 5 / 11)
    low, high = stay.unused.interval or (0, 0)
    assert low < 5 / 11 < high


def test_too_few_ends_of_contract_say_nothing(book, client):
    ended(book, 4, renewed=2, used=2)
    assert retained(book).renewals[0].difference is None
    page = client.get(reverse("usage_monitor"), {"kind": "retention"}).content.decode()
    assert "too few" in page


def test_the_page_leads_from_a_figure_to_its_accounts(book, client):
    page = client.get(reverse("usage_monitor"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Any core feature" in text
    assert (
        f"feature={book['run'].pk}&amp;figure=lost_week" in text
        or f"figure=lost_week&amp;feature={book['run'].pk}" in text
    )
    behind = client.get(reverse("usage_monitor"), {"feature": book["run"].pk, "figure": "lost_week"}).content.decode()
    assert "run: Lost this week" in behind
    assert reverse("account_usage", args=[book["lost"].pk]) in behind
    assert reverse("account_usage", args=[book["steady"].pk]) not in behind
    north = client.get(reverse("usage_monitor"), {"region": "North", "figure": "weekly"}).content.decode()
    assert reverse("account_usage", args=[book["steady"].pk]) in north
    assert reverse("account_usage", args=[book["new"].pk]) not in north


@pytest.mark.parametrize(
    "query", [{"on": "2026-02-31"}, {"kind": "basic"}, {"module": "x"}, {"figure": "masks"}, {"colour": "red"}]
)
def test_a_wrong_filter_is_said_in_words(book, client, query):
    page = client.get(reverse("usage_monitor"), query)
    assert (page.status_code, "There is a problem" in page.content.decode()) == (400, True)
    if "figure" not in query:
        assert client.get("/api/v1/usage-monitor/", query).status_code == 400


def test_the_file_and_the_api_hold_the_same_figures(book, client):
    answer = client.get("/api/v1/usage-monitor/", {"kind": "core"}).json()
    lines = [line.split(",") for line in client.get(reverse("usage_monitor_export")).getvalue().decode().splitlines()]
    header, total = lines[0], dict(zip(lines[0], lines[1], strict=True))
    assert header[0].endswith("feature")
    assert (answer["total"]["weekly"], answer["total"]["usage_rate"]) == (
        int(total["weekly"]),
        float(total["usage_rate"]),
    )
    assert [one["feature"] for one in answer["features"]] == ["plan", "run"]
    accounts = client.get(reverse("usage_monitor_export"), {"figure": "lost_week"}).getvalue().decode()
    assert ",lost," in accounts
    assert "foreign" not in accounts


def test_the_queries_do_not_grow_with_the_book(book):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            usage_monitor(Account.objects.visible_to(book["csm"]), ON, "core")
        return len(queries)

    few = asked()
    for number in range(5):
        account = make_account(book["csm"], name=f"more {number}")
        make_line(account)
        use(account, ago(1), book["run"])
    assert asked() == few <= 12
    assert User.objects.exists()
