"""Does the demo book show wishes that were merged, decided and answered, with gaps, losses and a page for customers?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from portfolio.demo.load import Plan, load_facts
from portfolio.demo.requests import decide_requests
from revenue.actions import derive_movements, sync_renewals
from roadmap.models import DuplicatePair, FeatureRequest, RequestAnswer, RequestEvidence, RequestLink, SharedRoadmap
from roadmap.queries import board, shared_items, told_report
from tests.factories import make_user

ON = dt.date(2026, 6, 14)
AT = dt.datetime(2026, 6, 14, 18, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load a smaller demo book without usage and scores once for these tests, and take it away again."""
    with django_db_blocker.unblock(), transaction.atomic():
        plan = Plan(accounts=90, months=14, seed=7, on=ON, at=AT, with_usage=False)
        load_facts(plan)
        derive_movements()
        sync_renewals(on=plan.on, at=plan.at)
        decide_requests(plan)
        yield
        transaction.set_rollback(True)


def test_wishes_stand_in_every_state_and_in_several_quarters():
    assert set(FeatureRequest.objects.values_list("state", flat=True)) == set(FeatureRequest.State.values)
    assert sum(column.count > 0 for column in board(make_user("admin"), ON)) >= 4


def test_duplicates_were_merged_and_others_wait_for_a_look():
    assert FeatureRequest.objects.exclude(merged_into=None).count() == 2
    assert RequestEvidence.objects.exclude(asked_as=None).exists()
    assert DuplicatePair.objects.open().count() >= 2


def test_customers_were_told_in_time_late_and_not_yet():
    report = told_report(RequestAnswer.objects.all(), ON)
    assert min(report.in_time, report.late, report.waiting, report.replied, report.not_applicable) > 0


def test_gaps_and_losses_hang_on_wishes():
    kinds = {link.kind for link in RequestLink.objects.all()}
    assert {"gap", "renewal"} <= kinds


def test_customers_read_something_at_an_open_address():
    items = shared_items(SharedRoadmap.objects.open().get(), ON)
    assert all(items.values())
