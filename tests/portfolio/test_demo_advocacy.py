"""Does the ranking find in the demo book who speaks for the company at heart, and does every page have something?"""

from __future__ import annotations

import datetime as dt

import pytest

from advocacy.models import AdvocateRow, AdvocateScore, Ask, Consent, ReferenceRequest
from portfolio.actions import refresh_rows
from portfolio.demo.advocacy import add_advocacy, is_advocate_at_heart, number_of
from portfolio.demo.growth import add_growth
from portfolio.demo.load import Plan, load_facts
from revenue.actions import derive_movements, sync_renewals
from usage.actions import rebuild_rollups

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ON = dt.date(2026, 11, 23)
AT = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
PLAN = Plan(accounts=150, months=3, seed=7, on=ON, at=AT)


@pytest.fixture
def _book():
    load_facts(PLAN)
    derive_movements()
    sync_renewals(on=ON, at=AT)
    rebuild_rollups()
    refresh_rows(on=ON)
    add_growth(PLAN)
    add_advocacy(PLAN)


@pytest.mark.usefixtures("_book")
def test_the_ranking_finds_the_planted_advocates_and_explains_each():
    scores = list(AdvocateScore.objects.current().select_related("account").order_by("rank", "pk"))
    planted = {one.pk for one in scores if is_advocate_at_heart(PLAN.seed, number_of(one.account.external_id))}
    top = scores[: len(planted)]
    found = [one for one in top if one.pk in planted]
    # As many are named as are planted, so precision and recall are the same figure.
    assert len(planted) >= 8
    assert len(found) / len(planted) >= 0.75
    assert len({one.pk for one in scores[: 2 * len(planted)]} & planted) / len(planted) >= 0.9
    assert all(one.referred + one.mentions > 0 for one in found)


@pytest.mark.usefixtures("_book")
def test_every_page_of_advocacy_has_something_to_show():
    current = AdvocateScore.objects.current()
    assert current.filter(meets_login=True).exists()
    assert current.filter(is_technology_partner=True).exists()
    assert AdvocateScore.objects.values("month").distinct().count() > 5
    rows = AdvocateRow.objects.all()
    assert rows.filter(is_promoter=True, never_asked=True).exists()
    assert rows.filter(is_free=False).exists()
    assert {ask.state for ask in Ask.objects.all()} >= {"waiting", "declined", "done", "thanked"}
    assert Consent.objects.filter(revoked_on__isnull=False).exists()
    assert Consent.objects.filter(expires_on__lte=ON).exists()
    assert set(ReferenceRequest.objects.values_list("outcome", flat=True)) == {"open", "won", "lost", "cancelled"}
    assert Ask.objects.filter(request__outcome="won").exists()
