"""Does the profile of expansion rest on what was known on each day, and on nothing that came later?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import BusinessGoal
from health.models import HealthScore, ScorecardVersion
from portfolio.actions import profile_expansion
from portfolio.models import ExpansionFit, ExpansionTrait
from revenue.actions import derive_movements
from revenue.models import ExpansionSettings
from revenue.rules.expansion import TraitLift
from tests.factories import make_account, make_feature, make_line, make_product
from usage.actions import rebuild_rollups
from usage.models import UsageEvent

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)
SNAPSHOT = TODAY - dt.timedelta(days=100)


@pytest.fixture(autouse=True)
def _short_history():
    ExpansionSettings(pk=1, horizon_days=100, windows=1, least_accounts=1).save()


def customer(expands_on: dt.date | None = None, **fields):
    account = make_account(signed_on=dt.date(2026, 1, 1), **fields)
    make_line(account, 1000, seats=2)
    if expands_on:
        make_line(account, 100, starts_on=expands_on)
    return account


def goal(account, on: dt.date):
    BusinessGoal.objects.create(account=account, name="Faster", baseline=10, target=2).measurements.create(
        on=on, value=2
    )


def used(account, on: dt.date, people: int):
    feature = make_feature()
    at = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
    UsageEvent.objects.bulk_create(
        UsageEvent(account=account, message_id=f"{account.pk}-{on}-{n}", person=f"p{n}", feature=feature, at=at, day=on)
        for n in range(people)
    )


def profiled() -> dict[str, TraitLift]:
    derive_movements()
    rebuild_rollups()
    profile_expansion(on=TODAY)
    return {trait.key: trait.counts for trait in ExpansionTrait.objects.all()}


def test_a_goal_reached_after_the_day_does_not_count_for_it():
    early, late = customer(SNAPSHOT + dt.timedelta(days=5)), customer()
    goal(early, SNAPSHOT)
    goal(late, SNAPSHOT + dt.timedelta(days=1))
    assert profiled()["goal_attained"] == TraitLift(having=1, having_expanded=1, lacking=1, lacking_expanded=0)


def test_use_and_scores_are_those_of_the_day():
    make_product()
    full, grown = customer(), customer()
    used(full, SNAPSHOT, 2)
    used(grown, SNAPSHOT, 1)
    used(grown, SNAPSHOT + dt.timedelta(days=1), 2)
    version = ScorecardVersion.objects.first()
    for account, on in ((full, SNAPSHOT), (grown, SNAPSHOT + dt.timedelta(days=1))):
        HealthScore.objects.create(account=account, on=on, score=90, band="green", coverage=1, version=version)
    counts = profiled()
    assert (counts["seats_full"].having, counts["seats_full"].lacking) == (1, 1)
    assert (counts["band:green"].having, counts["band:green"].lacking) == (1, 0)


def test_an_expansion_outside_the_span_and_a_customer_who_came_later_do_not_count():
    for day in (SNAPSHOT, SNAPSHOT + dt.timedelta(days=1), TODAY, TODAY + dt.timedelta(days=1)):
        customer(day, tier="cheetah")
    new = make_account(tier="cheetah")
    make_line(new, starts_on=TODAY - dt.timedelta(days=3))
    counts = profiled()["tier:cheetah"]
    assert (counts.having, counts.having_expanded) == (4, 2)
    assert ExpansionFit.objects.count() == 5


def test_points_come_with_what_they_rest_on_and_again_changes_nothing():
    thriving = customer(SNAPSHOT + dt.timedelta(days=5), industry="Energy")
    customer()
    goal(thriving, SNAPSHOT)
    profiled()
    fit = ExpansionFit.objects.get(account=thriving)
    assert ["goal_attained", 1, 1] in fit.traits
    assert fit.points > 0 > ExpansionTrait.objects.get(key="tier:elephant").weight - 1
    profile_expansion(on=TODAY)
    assert ExpansionFit.objects.get(account=thriving).points == fit.points


def test_a_book_without_history_has_no_weights():
    make_account()
    assert profiled() == {}
    make_line(make_account(), starts_on=TODAY)
    assert all(counts == TraitLift(0, 0, 0, 0) for counts in profiled().values())
    assert set(ExpansionFit.objects.values_list("points", flat=True)) == {0}


def test_the_number_of_queries_does_not_grow_with_the_book():
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            profile_expansion(on=TODAY)
        return len(found)

    customer()
    profiled()
    few = asked()
    for _ in range(6):
        customer()
    profiled()
    assert asked() == few
