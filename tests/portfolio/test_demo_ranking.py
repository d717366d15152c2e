"""Does the demo book show that a common need stands before a loud wish, where orders disagree, and what fits?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from portfolio.demo.load import Plan, load_facts
from portfolio.demo.ranking import rank
from revenue.actions import derive_movements, sync_renewals
from roadmap.models import QuarterPlan, RankDay, RequestEvidence, RequestRank
from roadmap.queries.disagreements import compare_orders
from usage.actions import rebuild_rollups

ON = dt.date(2026, 6, 14)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load a smaller demo book without its scores once for these tests, and take it away again."""
    with django_db_blocker.unblock(), transaction.atomic():
        plan = Plan(accounts=120, months=8, seed=7, on=ON, at=dt.datetime(2026, 6, 14, 18, tzinfo=dt.UTC))
        load_facts(plan)
        derive_movements()
        sync_renewals(on=plan.on, at=plan.at)
        rebuild_rollups()
        rank(plan)
        yield
        transaction.set_rollback(True)


def test_needs_that_many_share_stand_before_what_one_shouts_for():
    ranks = {row.request.title: row for row in RequestRank.objects.select_related("request")}
    shouted = ranks["Private cloud in our own region"]
    common = [row for row in ranks.values() if row.is_common]
    assert len(common) >= 3
    assert (shouted.accounts, shouted.asks, shouted.blockers) == (1, 6, 1)
    assert all(row.rank < shouted.rank for row in common)
    # One at least of the common ones pays less in all than those of a wish of few, and stands before it.
    loud = [row for row in ranks.values() if not row.is_common and row.accounts <= 3]
    assert any(few.arr > many.arr and few.rank > many.rank for few in loud for many in common)
    assert any(row.validation < 0.5 for row in common)


def test_the_orders_disagree_with_reasons_that_differ():
    _rows, compared = compare_orders(User.objects.get(role="product_manager"), {}, ON)
    by_order = {one.order: one for one in compared}
    assert set(by_order) == {"arr", "rice", "wsjf"}
    for one in compared:
        assert one.higher
        assert one.lower
        assert one.agreement is not None
    said = {reason for one in compared for row in (*one.higher, *one.lower) for reason in row.reasons}
    assert {"in_band", "below_band", "small_accounts", "large_accounts", "costly", "cheap"} <= said


def test_ranks_have_moved_over_twelve_weeks():
    days = RankDay.objects.values_list("on", flat=True).distinct().count()
    assert days >= 8
    assert RequestRank.objects.exclude(last_rank=None).count() >= 10
    assert any(row.moved for row in RequestRank.objects.all())


def test_the_next_quarter_has_scenarios_and_one_that_is_impossible():
    plans = {plan.name: plan for plan in QuarterPlan.objects.all()}
    assert {plan.state for plan in plans.values()} >= {"solved", "impossible"}
    chosen = QuarterPlan.objects.get(is_chosen=True)
    assert chosen.outcome["plan"]["value"] >= chosen.outcome["top"]["value"]
    assert plans["Everything the giants want"].outcome["obstacle"] == "too_much"
    assert all(plan.starts_on == dt.date(2026, 7, 1) for plan in plans.values())


def test_voices_are_in_both_languages():
    words = " ".join(RequestEvidence.objects.values_list("verbatim", flat=True))
    assert "流程" in words
    assert "every branch" in words or "each branch" in words


def test_its_pages_open(client):
    client.force_login(User.objects.get(role="product_manager"))
    for name in ("roadmap", "rank_disagreements", "quarter_plans", "ranking_settings"):
        assert client.get(reverse(name)).status_code == 200
    for plan in QuarterPlan.objects.all():
        assert client.get(reverse("quarter_plan", args=[plan.pk])).status_code == 200
    for pk in RequestRank.objects.values_list("request", flat=True):
        assert client.get(reverse("rank_why", args=[pk])).status_code == 200
