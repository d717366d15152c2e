"""Do pipeline, coverage and lift say what their definitions say?"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.rules.expansion import (
    TraitLift,
    fit_points,
    look_back,
    median_cents,
    pipeline_coverage,
    quarter_start,
    target_rate,
    trait_lift,
    trait_weight,
    weighted_arr,
)


@pytest.mark.parametrize(("day", "first"), [("2026-01-01", "2026-01-01"), ("2026-03-31", "2026-01-01"),
                                            ("2026-04-01", "2026-04-01"), ("2026-12-31", "2026-10-01")])  # fmt: skip
def test_a_quarter_begins_in_january_april_july_and_october(day, first):
    assert quarter_start(dt.date.fromisoformat(day)).isoformat() == first


def test_quarters_count_across_the_year():
    assert quarter_start(dt.date(2026, 2, 5), -1) == dt.date(2025, 10, 1)


def test_a_weighted_amount_lies_between_nothing_and_the_amount():
    cents = np.array([0, 1, 99, 10**15])
    assert (weighted_arr(cents, np.full(4, 100)) == cents).all()
    assert not weighted_arr(cents, np.zeros(4, dtype=np.int64)).any()


def test_without_a_target_nothing_is_attained_and_nothing_covered():
    assert target_rate(Decimal(5), None) is None
    assert pipeline_coverage(Decimal(5), Decimal(5), None) is None


def test_a_trait_that_was_not_known_counts_on_neither_side():
    known = np.array([True, False, True, False])
    counts = trait_lift(known, np.array([True, True, False, False]), np.array([True, True, False, True]))
    assert counts == TraitLift(1, 1, 1, 0)


def test_twice_as_often_is_a_lift_of_two():
    counts = TraitLift(100, 40, 100, 20)
    assert counts.lift == 2
    assert trait_weight(counts, 10) == pytest.approx(math.log(40.5 / 20.5))


def test_too_few_cases_weigh_nothing_and_no_expansion_at_all_is_too_few():
    assert trait_weight(TraitLift(9, 9, 500, 1), 10) == 0
    assert TraitLift(50, 0, 50, 0).is_few(10)


def test_where_nobody_without_the_trait_expanded_there_is_no_lift_but_a_weight():
    counts = TraitLift(20, 5, 20, 0)
    assert counts.lift is None
    assert 0 < trait_weight(counts, 10) < 10


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_trait_and_its_opposite_weigh_against_each_other(cases):
    present, expanded = (np.array(column) for column in zip(*cases, strict=True))
    known = np.ones(len(cases), dtype=bool)
    weight = trait_weight(trait_lift(known, present, expanded), 1)
    assert weight == pytest.approx(-trait_weight(trait_lift(known, ~present, expanded), 1))


def test_points_add_up_over_the_traits_that_are_there():
    points = fit_points(np.array([[True, False], [True, True], [False, False]]), np.array([0.4, -0.1]))
    assert points.round(6).tolist() == [40.0, 30.0, 0.0]


def test_no_two_spans_looked_back_upon_overlap_and_the_last_ends_on_the_day():
    on = dt.date(2026, 11, 23)
    days = look_back(on, 182, 3)
    assert days[0] + dt.timedelta(days=182) == on
    assert [(a - b).days for a, b in pairwise(days)] == [182, 182]


def test_the_middle_of_two_amounts_is_their_mean():
    assert median_cents([100, 300]) == 200
