"""Is what was known of a customer on a day known on that day, and is only what could be seen called a loss?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from accounts.models import Account, Contact, TimelineEntry
from health.models import ChurnSettings, HealthScore, ScorecardVersion
from health.queries.indicators.book import day_number
from health.queries.snapshots import LeakFound, Snapshots, month_ends, snapshots
from health.rules.features import Facts
from revenue.actions import derive_movements
from revenue.models import ContractLine, Movement
from tests.health.book import (
    AT,
    ON,
    ago,
    answer,
    make_account,
    make_feature,
    make_line,
    make_milestone,
    make_ticket,
    reach,
    use,
)
from tests.health.churn_book import make_history
from usage.models import AccountUsageDay, Metric, MilestoneReached, Reading, SurveyAnswer, Ticket

pytestmark = pytest.mark.django_db


def figures(found: Snapshots, row: int = 0) -> dict[str, float]:
    return dict(zip(found.names, found.figures[row].tolist(), strict=True))


def read(account: Account, metric: Metric, on: dt.date, value: int, period: str = "day") -> None:
    Reading.objects.create(account=account, metric=metric, period=period, on=on, value=Decimal(value))


def make_everything() -> Account:
    """An account with facts of every kind before and after a day half a year ago."""
    ada = make_account()
    make_line(ada, dt.date(2025, 1, 1), ends_on=ago(20), notice_on=ago(80), seats=5)
    make_line(ada, ago(100), arr=Decimal(600))
    core = make_feature("core", "core")
    milestones = [make_milestone("kick-off", 20), make_milestone("live", 60)]
    metric = Metric.objects.create(external_id="calls", name="Calls")
    for back in (300, 260, 230, 215, 190, 150, 100, 40, 10):
        use(ada, ago(back), core, events=back)
        make_ticket(ada, ago(back), target_days=2, resolved_days=30)
        answer(ada, back % 11, ago(back))
        read(ada, metric, ago(back), back)
        TimelineEntry.objects.create(account=ada, kind="call", title="Call", at=AT - dt.timedelta(days=back))
    reach(ada, milestones[0], ago(280))
    reach(ada, milestones[1], ago(50))
    Contact.objects.create(account=ada, name="Eve", role="champion", left_on=ago(90))
    version = ScorecardVersion.objects.first()
    for back in (215, 185, 183, 30, 2):
        HealthScore.objects.create(
            account=ada, on=ago(back), score=Decimal(back % 100), band="red", coverage=1, version=version
        )
    derive_movements()
    return ada


def test_figures_of_a_past_day_stay_the_same_when_the_later_facts_are_deleted():
    make_everything()
    day = ago(180)
    whole = snapshots([day], on=ON, check=True)
    for model, name in (
        (AccountUsageDay, "day"), (SurveyAnswer, "answered_on"), (MilestoneReached, "on"), (Movement, "on"),
        (HealthScore, "on"), (Contact, "left_on"), (ContractLine, "starts_on"), (Reading, "on"),
    ):  # fmt: skip
        model.objects.filter(**{f"{name}__gt": day}).delete()
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
    TimelineEntry.objects.filter(at__gte=end).delete()
    Ticket.objects.filter(opened_at__gte=end).delete()
    Ticket.objects.filter(resolved_at__gte=end).update(resolved_at=None)
    ContractLine.objects.filter(ends_on__gt=day).update(ends_on=None, notice_on=None)
    cut = snapshots([day], on=day)
    np.testing.assert_array_equal(whole.figures, cut.figures)
    assert figures(whole)["tickets_90"] == 4
    assert figures(whole)["score"] == 83


def test_a_figure_that_knows_the_future_stops_the_looks():
    make_everything()

    def ends(facts: Facts, day: int) -> dict[str, np.ndarray]:
        return {"days_to_end": facts.rows["ended"].newest(facts.accounts, day, day + 1000) - day}

    with pytest.raises(LeakFound, match="days_to_end"):
        snapshots([ago(180)], on=ON, check=True, sources=[ends])


def test_a_monthly_reading_is_known_on_the_last_day_of_its_month():
    ada = make_account()
    make_line(ada)
    metric = Metric.objects.create(external_id="calls", name="Calls")
    read(ada, metric, dt.date(2026, 2, 1), 70, "month")
    read(ada, metric, dt.date(2026, 3, 1), 10, "month")
    days = [dt.date(2026, 3, 30), dt.date(2026, 3, 31)]
    found = snapshots(days, on=ON)
    assert [figures(found, row)["reading:calls:level"] for row in (0, 1)] == [70, 10]
    assert figures(found, 1)["reading:calls:trend"] == pytest.approx(1 / 7)


def test_a_loss_is_one_within_the_horizon_and_only_where_it_could_be_seen():
    ada, bob = make_account("Ada"), make_account("Bob")
    make_line(ada, ends_on=ago(50))
    make_line(bob)
    derive_movements()
    days = [ago(200), ago(100), ago(60), ago(40)]
    found = snapshots(days, on=ON)
    assert found.accounts.tolist() == [ada.pk, bob.pk, ada.pk, bob.pk, ada.pk, bob.pk, bob.pk]
    assert found.left_within(90).tolist() == [False, False, True, False, True, False, False]
    seen = found.observed(90, ON)
    assert [day for day in days if (found.days == day_number(day))[seen].any()] == days[:2]


def test_losses_can_be_those_that_people_recorded():
    ada = make_account()
    make_line(ada)
    ada.churn_records.create(on=ago(50))
    assert not snapshots([ago(60)], on=ON).left_within(90).any()
    ChurnSettings.objects.create(pk=1, counts_records=True)
    assert snapshots([ago(60)], on=ON).left_within(90).all()


def test_looks_are_taken_at_the_ends_of_months():
    assert month_ends(dt.date(2026, 1, 31), dt.date(2026, 4, 29)) == [
        dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31),
    ]  # fmt: skip
    assert month_ends(dt.date(2026, 4, 1), dt.date(2026, 4, 29)) == []
    assert len(month_ends(dt.date(2000, 1, 1), ON, most=18)) == 18


def test_a_book_without_anything_gives_no_looks():
    found = snapshots([ON], on=ON)
    assert (len(found.days), found.left_within(90).tolist()) == (0, [])


@pytest.mark.parametrize("accounts", [1, 60])
def test_more_accounts_ask_no_more_queries(accounts: int, django_assert_max_num_queries):
    make_history(accounts, 0)
    with django_assert_max_num_queries(18):
        snapshots([dt.date(2026, 3, 31), dt.date(2026, 4, 30)], on=ON)
