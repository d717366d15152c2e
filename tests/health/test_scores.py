"""Can every score be looked up, followed over weeks, and explained?"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from health.actions import publish_version, score_accounts, score_days
from health.models import HealthScore, Scorecard, ScorecardVersion
from health.queries.scores import (
    Slopes,
    band_distribution,
    drivers_by_account,
    explain_change,
    family_of,
    is_reproduced,
    latest_scores,
    reproduce,
    slopes_of,
    weekly_scores,
    weekly_series,
)
from health.rules.components import dump_components
from health.rules.score import score_columns
from health.rules.scorecard import parse_scorecard
from tests.health.book import AT, ON, ago, answer, expand, make_account, make_line
from tests.health.test_actions import NPS_ONLY
from tests.health.test_queries import little_book, make_random_book
from tests.health.test_rules import body_of, scorings

pytestmark = pytest.mark.django_db


def put(account: Account, on: dt.date, score: float | None, band: str = "yellow", **given: Any) -> HealthScore:
    """One stored score."""
    version = ScorecardVersion.objects.order_by("number").first()
    return HealthScore.objects.create(
        **{"account": account, "on": on, "score": score, "band": band, "coverage": 1, "version": version, **given}
    )


def test_the_latest_score_is_the_last_one_by_the_day():
    ada, bob = make_account("Ada"), make_account("Bob")
    put(ada, ago(9), 50)
    put(ada, ago(2), 60)
    put(ada, ago(-1), 70)
    put(bob, ago(5), 40)
    assert sorted(latest_scores(ON).values_list("account", "score")) == [
        (ada.pk, Decimal(60)),
        (bob.pk, Decimal(40)),
    ]
    assert [row.score for row in latest_scores(ago(3), [ada.pk])] == [50]


def test_a_week_shows_its_last_score_and_a_gap_where_there_was_none():
    ada, bob = make_account("Ada"), make_account("Bob")
    for days, score in ((0, 61), (6, 66), (7, 57), (13, 53), (28, 30), (84, 1)):
        put(ada, ago(days), score)
    put(ada, ago(21), 20, "unknown")
    assert weekly_series(ON, [ada.pk, bob.pk]) == {
        ada.pk: [None] * 7 + [30.0, None, None, 57.0, 61.0],
        bob.pk: [None] * 12,
    }
    accounts, matrix = weekly_scores(ON)
    assert accounts.tolist() == [ada.pk]
    assert np.nansum(matrix) == 148


def test_series_and_reasons_of_many_accounts_take_the_queries_of_one():
    make_random_book(2)
    score_days(days=[ago(7), ON], at=AT)
    ids = list(Account.objects.values_list("pk", flat=True))
    for ask in (weekly_series, drivers_by_account):
        with CaptureQueriesContext(connection) as one:
            ask(ON, ids[:1])
        with CaptureQueriesContext(connection) as many:
            ask(ON, ids)
        assert len(one) == len(many) <= 2


def test_reasons_are_the_costliest_indicators_with_their_change_since_a_week_ago():
    ada = little_book()
    score_accounts(on=ago(7), at=AT)
    score_accounts(on=ON, at=AT)
    (drivers,) = drivers_by_account(ON).values()
    assert [(driver.key, driver.lost) for driver in drivers] == [
        ("issue_resolution", 10),
        ("advanced_penetration", 8),
        ("milestone_rate", Decimal("6.67")),
    ]
    week_ago = {part.key: part.contribution for part in reproduce(ada.health_scores.get(on=ago(7))).components}
    assert all(driver.change == driver.contribution - week_ago[driver.key] for driver in drivers)
    assert drivers[0].name == "Issues resolved"


def test_the_slope_is_told_in_points_per_week_over_4_and_13_weeks():
    ada = make_account()
    for days, score in ((84, 80), (56, 80), (21, 50), (14, 52), (7, 54), (0, 56)):
        put(ada, ago(days), score)
    put(ada, ago(3), 0, "unknown")
    with CaptureQueriesContext(connection) as queries:
        slopes = slopes_of(ada, ON)
    assert slopes.weeks_4 == 2.0
    assert slopes.weeks_13 is not None
    assert slopes.weeks_13 < -1
    assert slopes_of(ada, ago(84)) == Slopes(None, None)
    assert len(queries) == 1


def test_a_stored_score_is_worked_out_again_and_a_tampered_one_is_found():
    ada = little_book()
    score_accounts(on=ON, at=AT)
    row = HealthScore.objects.get(account=ada)
    assert is_reproduced(row)
    row.score = (row.score or 0) + 1
    assert not is_reproduced(row)


def test_a_changed_scorecard_has_a_line_of_its_own():
    ada = little_book()
    score_accounts(on=ago(1), at=AT)
    publish_version(scorecard=Scorecard.objects.get(), definition=NPS_ONLY, effective_on=ON, by=None, at=AT)
    answer(ada, 0, ON)
    score_accounts(on=ON, at=AT)
    old, new = HealthScore.objects.order_by("on")
    assert old.score is not None
    assert new.score is not None
    moves = {move.key: move.points for move in explain_change(old, new)}
    assert sum(moves.values()) == new.score - old.score
    # Yesterday Ann 9, Bob 7, Cid 10 and nobody's 8 gave 50, by the new card 50 points. Today Cid's is too old and there
    # is a 0: no points.
    assert moves == {"nps": Decimal("-50.00"), "scorecard": Decimal("50.00") - old.score}


@given(scorings(), scorings(), st.booleans())
def test_what_moved_between_two_stored_scores_adds_up_exactly(one: Any, two: Any, changed: bool):
    rows = []
    for number, (groups, values) in enumerate([one, two if changed else (one[0], (two[1] * 20)[: len(one[1])])]):
        definition = body_of(groups)
        card = parse_scorecard(definition)
        done = score_columns(card, np.array([[np.nan if value is None else value for value in values]]))
        stored = json.loads(dump_components([row.key for row in card.indicators], done)[0])
        version = ScorecardVersion(pk=1 + number * changed, definition=definition)
        rows.append(HealthScore(score=Decimal(int(done.score[0])) / 100, version=version, components=stored))
    moves = explain_change(rows[0], rows[1])
    assert sum(move.points for move in moves) == rows[1].score - rows[0].score
    assert changed or "scorecard" not in {move.key for move in moves}


def test_bands_are_counted_by_number_and_by_what_they_pay():
    for name, band, amount in (
        ("A", "green", 300),
        ("B", "green", 200),
        ("C", "red", 50),
        ("D", None, 7),
        ("E", "red", 9),
    ):
        account = make_account(name)
        make_line(account)
        expand(account, ago(100), kind="new")
        account.movements.update(amount=amount, arr_after=amount)
        if band:
            put(account, ago(7 if name == "E" else 1), 80, band)
    spread = {share.band: (share.accounts, share.arr) for share in band_distribution(Account.objects.all(), ON)}
    assert spread["green"] == (2, Decimal(500))
    assert spread["red"] == (1, Decimal(50))
    assert spread["yellow"] == (0, Decimal(0))
    only = band_distribution(Account.objects.filter(name="C"), ON)
    assert sum(share.accounts for share in only) == 1


def test_a_parent_shows_its_worst_child_and_the_figure_weighted_by_contract():
    top = make_account("Top")
    mid, low, odd = (make_account(name, parent=top) for name in ("Mid", "Low", "Odd"))
    deep = make_account("Deep", parent=low)
    for account, score, amount in ((top, 90, 100), (mid, 70, 200), (low, 60, 100), (deep, 20, 100)):
        put(account, ON, score)
        expand(account, ago(100), kind="new")
        account.movements.update(amount=amount, arr_after=amount)
    put(odd, ON, 5, "unknown")
    family = family_of(top, ON)
    assert family is not None
    # (90·100 + 70·200 + 60·100 + 20·100) / 500 = 31,000 / 500
    assert (family.worst, family.weighted) == (Decimal(20), Decimal("62.00"))
    assert family_of(deep, ON) is None


def test_a_circle_of_parents_ends():
    a, b = make_account("A"), make_account("B")
    Account.objects.filter(pk=a.pk).update(parent=b)
    Account.objects.filter(pk=b.pk).update(parent=a)
    put(a, ON, 50)
    family = family_of(a, ON)
    assert family is not None
    assert family.worst == 50
