"""Does a score follow from its values exactly, whatever is missing?"""

import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.rules.components import dump_components, read_components, strongest, what_moved
from health.rules.conditions import parse_conditions
from health.rules.default import DEFAULT_DEFINITION
from health.rules.score import apportion, score_columns, score_one, settle_bands
from health.rules.scorecard import Line, Scorecard, ScorecardError, parse_scorecard

DEFAULT = parse_scorecard(DEFAULT_DEFINITION)


def body_of(groups: Sequence[list[int]], **settings: Any) -> dict[str, Any]:
    """A definition with these weights in these groups; the indicators a, b, c, … score what they measure."""
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    body = [
        {
            "key": f"g{number}",
            "indicators": [{"key": next(letters), "weight": weight, "red": 0, "green": 100} for weight in group],
        }
        for number, group in enumerate(groups)
    ]
    return {"groups": body, **settings}


def card_of(*groups: list[int], **settings: Any) -> Scorecard:
    """The scorecard of such a definition."""
    return parse_scorecard(body_of(groups, **settings))


def test_a_missing_weight_stays_in_its_group():
    """P = {missing 30, 20 at 100}, R = {50 at 0}: P still weighs 50, so 50 · 100 % + 50 · 0 % = 50.0."""
    result = score_one(card_of([30, 20], [50]), {"a": None, "b": 100, "c": 0})
    assert (result.score, result.coverage) == (Decimal("50.00"), Decimal("0.7000"))


def test_half_the_weight_measured_gives_a_figure_that_is_not_trusted():
    """Weights 50/25/10/5/10 with –, 40, 80, 100, 60: (25·40 + 10·80 + 5·100 + 10·60) / 50 = 2,900 / 50 = 58.0."""
    card = card_of([50, 25, 10, 5, 10])
    result = score_one(card, {"a": None, "b": 40, "c": 80, "d": 100, "e": 60})
    assert (result.score, result.coverage) == (Decimal("58.00"), Decimal("0.5000"))
    done = score_columns(card, np.array([[np.nan, 40, 80, 100, 60]]))
    assert settle_bands(card, done).tolist() == ["unknown"]


def test_a_group_with_nothing_left_gives_its_weight_to_the_other_groups():
    """A and B of 30 and 30 stand for all 100: (30 · 80 + 30 · 20) / 60 = 50."""
    result = score_one(card_of([30], [30], [40]), {"a": 80, "b": 20, "c": None})
    assert (result.score, result.coverage) == (Decimal("50.00"), Decimal("0.6000"))
    assert [part.weight for part in result.components] == [Decimal(50), Decimal(50), Decimal(0)]


def test_nothing_measured_is_no_score_and_not_0():
    card = card_of([60, 40])
    result = score_one(card, {})
    assert (result.score, result.coverage) == (None, Decimal(0))
    assert settle_bands(card, score_columns(card, np.full((1, 2), np.nan))).tolist() == ["unknown"]


def test_an_expired_value_is_kept_and_left_out():
    result = score_one(card_of([60, 40]), {"a": 90, "b": 10}, expired={"a"})
    assert (result.score, result.coverage) == (Decimal("10.00"), Decimal("0.4000"))
    assert result.components[0].is_expired
    assert result.components[0].value == 90


def test_a_lower_value_can_be_the_better_one():
    card = parse_scorecard(
        {"groups": [{"key": "g", "indicators": [{"key": "late", "weight": 100, "red": 10, "green": 2}]}]}
    )
    assert [score_one(card, {"late": value}).score for value in (12, 6, 1)] == [0, 50, 100]


def test_a_weight_of_0_is_shown_and_counts_for_nothing():
    result = score_one(card_of([0, 100]), {"a": 0, "b": 70})
    assert (result.score, result.coverage) == (Decimal(70), Decimal(1))
    assert score_one(card_of([0, 100]), {"a": 0}).score is None


def test_an_exact_half_of_a_hundredth_rounds_up():
    """(50 · 33.33 + 50 · 33.34) / 100 = 33.335."""
    assert score_one(card_of([50, 50]), {"a": 33.33, "b": 33.34}).score == Decimal("33.34")


@pytest.mark.parametrize(
    ("score", "before", "last", "band"),
    [
        (75, "", None, "green"),
        (74.99, "", None, "yellow"),
        (49.99, "", None, "red"),
        (74, "green", 76, "green"),  # 1 point past, first reading
        (74, "green", 74.5, "yellow"),  # second reading in a row
        (72.01, "green", 80, "green"),
        (72, "green", 80, "yellow"),  # 3 points past
        (77, "yellow", 74, "yellow"),
        (77, "yellow", 75, "green"),
        (78, "yellow", 60, "green"),
        (48, "green", 90, "yellow"),  # clear of the upper edge, not of the lower one
        (47, "green", 90, "red"),
        (52, "red", 40, "red"),
        (80, "red", 40, "green"),
        (60, "unknown", None, "yellow"),  # what was no colour holds nothing back
        (60, "onboarding", 80, "yellow"),
    ],
)
def test_a_band_changes_only_when_it_is_sure(score: float, before: str, last: float | None, band: str):
    card = card_of([100])
    bands = settle_bands(
        card,
        score_columns(card, np.array([[score]])),
        previous_bands=np.array([before], dtype="U10"),
        previous_scores=np.array([np.nan if last is None else last]),
    )
    assert bands.tolist() == [band]


def test_a_new_customer_reads_onboarding_whatever_was_measured():
    card = card_of([100])
    done = score_columns(card, np.array([[10.0], [np.nan]]))
    assert settle_bands(card, done, in_grace=np.array([True, True])).tolist() == ["onboarding"] * 2


def test_a_knock_out_holds_the_band_down_and_leaves_the_score():
    card = card_of([90, 10], knock_outs=[{"indicator": "b", "below": 10, "band": "red"}])
    done = score_columns(card, np.array([[100.0, 5.0], [100.0, 10.0], [100.0, np.nan]]))
    assert done.score.tolist() == [9050, 9100, 10000]
    assert settle_bands(card, done).tolist() == ["red", "green", "green"]


GROUPS = st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), min_size=1, max_size=4)
VALUE = st.one_of(st.none(), st.floats(-20, 120))


@st.composite
def scorings(draw: st.DrawFn) -> tuple[list[list[int]], list[float | None]]:
    """Weights that add up to 100 in groups, and values for them."""
    groups = draw(GROUPS)
    total = sum(map(sum, groups))
    if total > 100:
        groups = [[0] * len(group) for group in groups]
        total = 0
    groups[0][0] += 100 - total
    return groups, draw(st.lists(VALUE, min_size=sum(map(len, groups)), max_size=sum(map(len, groups))))


def named(values: list[float | None]) -> dict[str, float | None]:
    return dict(zip("abcdefghijklmnopqrstuvwxyz", values, strict=False))


@given(scorings())
def test_contributions_add_up_to_a_score_between_0_and_100(drawn: tuple[list[list[int]], list[float | None]]):
    groups, values = drawn
    result = score_one(card_of(*groups), named(values))
    total = sum(part.contribution for part in result.components)
    assert total == (result.score or 0)
    assert 0 <= total <= 100
    assert sum(part.weight for part in result.components) == (0 if result.score is None else 100)
    assert all(part.weight >= 0 and part.contribution >= 0 for part in result.components)


@given(scorings(), st.data())
def test_a_better_value_never_lowers_the_score(drawn: tuple[list[list[int]], list[float | None]], data: st.DataObject):
    groups, values = drawn
    card = card_of(*groups)
    at = data.draw(st.integers(0, len(values) - 1))
    if values[at] is None:
        values[at] = 0.0
    better = [*values]
    better[at] = (values[at] or 0.0) + data.draw(st.floats(0, 50))
    before, after = score_one(card, named(values)).score, score_one(card, named(better)).score
    assert (before is None) == (after is None)
    assert (before or 0) <= (after or 0)


@given(scorings(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_indicators_does_not_matter(
    drawn: tuple[list[list[int]], list[float | None]], random: Any
):
    groups, values = drawn
    card = card_of(*groups)
    mixed = list(card.groups)
    random.shuffle(mixed)
    shuffled = []
    for group in mixed:
        rows = list(group.indicators)
        random.shuffle(rows)
        shuffled.append(type(group)(group.key, group.name, tuple(rows)))
    one, two = score_one(card, named(values)), score_one(Scorecard(tuple(shuffled)), named(values))
    assert one.score == two.score
    assert {p.key: (p.weight, p.contribution) for p in one.components} == {
        p.key: (p.weight, p.contribution) for p in two.components
    }


@given(scorings(), scorings())
def test_many_accounts_score_as_each_of_them_alone(one: Any, two: Any):
    groups, first = one
    values = [first, (two[1] * 20)[: len(first)]]
    card = card_of(*groups)
    done = score_columns(card, np.array([[np.nan if value is None else value for value in row] for row in values]))
    for number, row in enumerate(values):
        alone = score_one(card, named(row))
        assert int(done.score[number]) == (alone.score or 0) * 100
        assert [Decimal(int(c)) / 100 for c in done.contributions[number]] == [p.contribution for p in alone.components]


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=12))
def test_rounded_shares_add_up_and_stay_within_one(shares: list[float]):
    total = int(np.floor(sum(np.round(shares, 6)) + 0.5))
    parts = apportion(np.array([shares]), np.array([total]))[0]
    assert parts.sum() == total
    assert all(abs(part - share) <= 1.00001 for part, share in zip(parts, shares, strict=True))


@given(scorings())
def test_a_stored_score_is_reproduced_from_its_stored_inputs(drawn: tuple[list[list[int]], list[float | None]]):
    import json

    groups, values = drawn
    card = card_of(*groups)
    done = score_columns(card, np.array([[np.nan if value is None else value for value in values]]))
    parts = read_components(json.loads(dump_components([row.key for row in card.indicators], done)[0]))
    again = score_one(card, {part.key: part.value for part in parts})
    assert (again.score or 0) * 100 == int(done.score[0])
    assert [part.contribution for part in again.components] == [part.contribution for part in parts]


@given(scorings(), scorings())
def test_what_moved_adds_up_to_the_change(one: Any, two: Any):
    old_card, new_card = card_of(*one[0]), card_of(*two[0])
    old, new = score_one(old_card, named(one[1])), score_one(new_card, named(two[1]))
    rescored = score_one(new_card, named(one[1]))
    moves = what_moved(old.components, new.components, rescored=rescored.components)
    assert sum(move.points for move in moves) == (new.score or 0) - (old.score or 0)
    same = score_one(old_card, named((two[1] * 20)[: len(one[1])]))
    moves = what_moved(old.components, same.components)
    assert sum(move.points for move in moves) == (same.score or 0) - (old.score or 0)
    assert "scorecard" not in {move.key for move in moves}


def test_the_strongest_reasons_are_those_that_cost_most():
    result = score_one(card_of([40, 30, 20, 10]), {"a": 100, "b": 50, "c": 0, "d": 0})
    assert [part.key for part in strongest(result.components)] == ["c", "b", "d"]


def test_the_shipped_scorecard_has_the_ten_indicators_in_four_groups():
    assert [(group.key, group.weight) for group in DEFAULT.groups] == [
        ("adoption", 4000),
        ("outcomes", 2000),
        ("voice", 2000),
        ("commercial", 2000),
    ]
    assert len(DEFAULT.indicators) == 10
    assert (DEFAULT.green, DEFAULT.yellow, DEFAULT.coverage_floor, DEFAULT.clear_points) == (75, 50, 0.6, 3)


def changed(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(DEFAULT_DEFINITION) | changes


def first_indicator(**changes: Any) -> dict[str, Any]:
    body = copy.deepcopy(DEFAULT_DEFINITION)
    body["groups"][0]["indicators"][0] |= changes
    return body


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({}, "Give at least one weight."),
        (
            {"groups": [{"key": "g", "indicators": [{"key": "a", "weight": 0, "red": 0, "green": 1}]}]},
            "Give at least one weight.",
        ),
        (first_indicator(weight=-1), "A weight cannot be below 0 (login_frequency)."),
        (first_indicator(weight=13), "The weights add up to 101, not to 100."),
        (first_indicator(weight=12.001), "A weight has at most 2 decimals (login_frequency)."),
        (first_indicator(weight=float("nan")), "groups[0].indicators[0].weight must be a number."),
        (first_indicator(weight=10**400), "groups[0].indicators[0].weight must be a number."),
        (first_indicator(weight=True), "groups[0].indicators[0].weight must be a number."),
        (first_indicator(weight="12"), "groups[0].indicators[0].weight must be a number."),
        (first_indicator(red=0.6), "The red and the green point must differ (login_frequency)."),
        (first_indicator(key="nps"), "“nps” is given twice."),
        (first_indicator(key="Log in"), "A key has small letters, digits and _ only, at most 40 of them: “Log in”."),
        (first_indicator(days=0), "groups[0].indicators[0].days must be between 1 and 3650."),
        (first_indicator(days=1.5), "groups[0].indicators[0].days must be a whole number."),
        (first_indicator(steps=[[0, 0]]), "Give either steps or a red and a green point (login_frequency)."),
        (first_indicator(colour="red"), "Unknown setting: colour."),
        (changed(bands={"green": 50, "yellow": 75}), "The yellow band must begin below the green one."),
        (changed(coverage_floor=60), "coverage_floor must be between 0 and 1."),
        (changed(knock_outs=[{"indicator": "mood"}]), "There is no indicator “mood”."),
        (changed(groups={}), "groups must be a list."),
        ([], "definition must be an object."),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_in_words(definition: Any, message: str):
    with pytest.raises(ScorecardError) as refused:
        parse_scorecard(definition)
    assert str(refused.value) == message


def test_steps_must_rise():
    body = {"key": "a", "weight": 100, "steps": [[0, 0], [5, 50], [5, 100]]}
    with pytest.raises(ScorecardError, match="must rise"):
        parse_scorecard({"groups": [{"key": "g", "indicators": [body]}]})


def test_a_line_reads_its_points():
    assert DEFAULT.indicators[0].scale == Line(0.1, 0.6)


@pytest.mark.parametrize(
    "row",
    [
        {"field": "tier", "operator": "at_least", "value": 3},
        {"field": "password", "operator": "is", "value": "x"},
        {"field": "custom.a__b", "operator": "is", "value": "x"},
        {"field": "custom.", "operator": "is", "value": "x"},
        {"field": "tier", "operator": "regex", "value": "("},
        {"field": "tier", "operator": "is", "value": "a\0"},
        {"field": "tier", "operator": "is", "value": {}},
        {"field": "employees", "operator": "at_least", "value": "many"},
        {"field": "tier", "operator": "in", "value": ["x"] * 201},
        "tier",
        {"field": ["tier"]},
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(row: Any):
    with pytest.raises(ScorecardError):
        parse_conditions([row])
