"""Is each feature placed by how many use it and how often, and does an account’s first page tell its use?"""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Account
from health.models import HealthScore, ScorecardVersion
from playbooks.actions import start_run
from portfolio.queries.account_head import account_head
from portfolio.queries.overview import overview
from portfolio.queries.usage_page import volume_of
from portfolio.queries.usage_reach import reach_of
from tests.factories import make_account, make_feature, make_playbook, make_step, make_user
from usage.models import AccountUsageDay, FeatureUsageDay

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 8)  # a Sunday


def used(account: Account, feature: object, person: str, events: int, back: int = 1) -> None:
    FeatureUsageDay.objects.create(
        account=account, feature=feature, person=person, day=ON - dt.timedelta(days=back), events=events
    )


def test_depth_and_breadth_are_those_that_one_counts_by_hand() -> None:
    account = make_account()
    board, export = make_feature(name="Board"), make_feature("retention", name="Export")
    for person in "abcd":
        used(account, board, person, 3)
    used(account, board, "a", 4, back=2)
    used(account, export, "a", 10)
    used(account, export, "e", 99, back=30)  # before the 30 days

    found = reach_of(account_head(account, make_user("admin"), ON))

    assert found is not None
    assert found.people == 4
    assert found.title == "1 of 2 features in use reach half of the people or more"
    # The board: 4 of 4 people, 16 events; the export: 1 of 4, 10 events.
    assert found.chart.figures is not None
    assert [row[:3] for row in found.chart.figures.rows] == [("Board", "100%", "4"), ("Export", "25%", "10")]


def test_where_the_product_does_not_say_who_acts_there_is_no_breadth() -> None:
    account = make_account()
    used(account, make_feature(), "", 50)
    assert reach_of(account_head(account, make_user("admin"), ON)) is None


def test_a_playbook_that_started_is_marked_on_the_line_of_the_score() -> None:
    admin, account = make_user("admin"), make_account()
    HealthScore.objects.create(
        account=account, on=ON, score=60, band="yellow", coverage=1, version=ScorecardVersion.objects.first()
    )
    at = dt.datetime(2026, 2, 20, 9, tzinfo=dt.UTC)
    start_run(playbook=make_playbook(make_step("a"), name="Rescue them"), account=account, by=admin, at=at)

    chart = overview(account_head(account, admin, ON), admin).chart

    assert chart is not None
    assert [event.text for event in chart.stories] == ["Feb 20: Playbook started: Rescue them"]


def test_the_first_page_tells_use_beside_its_normal_range() -> None:
    admin, account = make_user("admin"), make_account()
    for week in range(12):
        day = ON - dt.timedelta(days=7 * week)
        AccountUsageDay.objects.create(account=account, day=day, events=10 if week == 0 else 100)

    found = overview(account_head(account, admin, ON), admin)

    assert found.volume is not None
    assert found.volume.title == "Use is below what is normal for this customer"
    assert volume_of(account_head(make_account(), admin, ON)) is None
