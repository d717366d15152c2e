"""Do the sums hold for every scorecard that settings can express?"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from health.rules import drafts
from health.rules.components import dump_components, read_components
from health.rules.formulas import AS, Columns, parse_formula, work_out
from health.rules.score import score_columns, score_one
from health.rules.scorecard import WHOLE, ScorecardError, parse_scorecard
from health.rules.vocabulary import FIXED, WHATS

POINTS = st.integers(-1000, 1000)
VALUES = st.one_of(st.none(), st.floats(-2000, 2000, allow_nan=False))


@st.composite
def scales(draw: st.DrawFn) -> dict[str, Any]:
    """A line in either direction, or rising steps."""
    if draw(st.booleans()):
        red, green = draw(st.lists(POINTS, min_size=2, max_size=2, unique=True))
        return {"red": red, "green": green}
    froms = sorted(draw(st.lists(POINTS, min_size=1, max_size=4, unique=True)))
    return {"steps": [[start, draw(st.integers(0, 100))] for start in froms]}


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Any number of groups and indicators whose weights add up to 100."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    count = sum(sizes)
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), min_size=count - 1, max_size=count - 1)))
    weights = [(end - start) / 100 for start, end in zip([0, *cuts], [*cuts, WHOLE], strict=True)]
    rows = [{"key": f"i{n}", "weight": weight, **draw(scales())} for n, weight in enumerate(weights)]
    groups, begin = [], 0
    for number, size in enumerate(sizes):
        groups.append({"key": f"g{number}", "indicators": rows[begin : begin + size]})
        begin += size
    return {"groups": groups}


@settings(max_examples=60, deadline=None)
@given(definitions(), st.data())
def test_contributions_and_weights_add_up_exactly(definition: dict[str, Any], data: st.DataObject):
    card = parse_scorecard(definition)
    shape = [[data.draw(VALUES) for _row in card.indicators] for _account in range(3)]
    values = np.array([[np.nan if one is None else one for one in row] for row in shape])
    expired = np.array([[data.draw(st.booleans()) for _row in card.indicators] for _account in range(3)])
    done = score_columns(card, values, expired)
    assert (done.contributions.sum(axis=1) == done.score).all()
    assert np.isin(done.weights.sum(axis=1), (0, WHOLE)).all()
    assert ((done.score >= 0) & (done.score <= WHOLE)).all()
    # A missing value weighs and gives nothing.
    lost = np.isnan(values) | expired
    assert (done.contributions[lost] == 0).all()
    keys = [row.key for row in card.indicators]
    for text, score in zip(dump_components(keys, done, ~lost), done.score.tolist(), strict=True):
        parts = read_components(json.loads(text))
        assert sum(part.contribution for part in parts) * 100 == score
        assert all(part.is_stale != (part.score is None) for part in parts)


@settings(max_examples=60, deadline=None)
@given(definitions(), st.data())
def test_a_better_value_never_lowers_the_score(definition: dict[str, Any], data: st.DataObject):
    card = parse_scorecard(
        {
            "groups": [
                {
                    **group,
                    "indicators": [
                        {**row, "steps": [[start, score] for (start, _old), score in zip(
                            row["steps"], sorted(score for _start, score in row["steps"]), strict=True)]}
                        if "steps" in row else row
                        for row in group["indicators"]
                    ],
                }
                for group in definition["groups"]
            ]
        }
    )  # fmt: skip
    values = {row.key: data.draw(VALUES) for row in card.indicators}
    chosen = data.draw(st.sampled_from(card.indicators))
    low, high = sorted(data.draw(st.lists(st.floats(-2000, 2000, allow_nan=False), min_size=2, max_size=2)))
    falls = hasattr(chosen.scale, "red") and chosen.scale.red > chosen.scale.green
    worse, better = (high, low) if falls else (low, high)
    before = score_one(card, {**values, chosen.key: worse}).score
    after = score_one(card, {**values, chosen.key: better}).score
    assert (after or 0) >= (before or 0)


def test_what_is_missing_is_left_out_and_never_0():
    halves = parse_scorecard({"groups": [
        {"key": "p", "indicators": [{"key": "a", "weight": 30, "red": 0, "green": 100},
                                    {"key": "b", "weight": 20, "red": 0, "green": 100}]},
        {"key": "r", "indicators": [{"key": "c", "weight": 50, "red": 0, "green": 100}]},
    ]})  # fmt: skip
    assert score_one(halves, {"a": None, "b": 100, "c": 0}).score == 50
    assert score_one(halves, {"a": None, "b": None, "c": 80}).score == 80
    assert score_one(halves, {"a": None, "b": None, "c": None}).score is None


@st.composite
def terms(draw: st.DrawFn) -> dict[str, Any]:
    """A measure with some of its filters."""
    name = draw(st.sampled_from(sorted(WHATS)))
    what = WHATS[name]
    found: dict[str, Any] = {"what": name, "how": draw(st.sampled_from(what.hows))}
    for one in what.filters:
        if one in what.needs or draw(st.booleans()):
            found[one] = draw(st.sampled_from(FIXED[one])) if one in FIXED else "x"
    return found


@settings(max_examples=60, deadline=None)
@given(terms(), terms(), st.sampled_from(AS), st.integers(1, 3650))
def test_every_formula_of_the_vocabulary_can_be_read(of: dict[str, Any], over: dict[str, Any], how: str, days: int):
    body = {"of": of, "as": how, **({"over": over} if how in ("ratio", "difference") else {})}
    formula = parse_formula(body, days)
    assert [term.what for term in formula.terms] == [of["what"], *([over["what"]] if "over" in body else [])]
    assert formula.of.days == days


@settings(max_examples=60, deadline=None)
@example([1.0, 5e-324, None], "change")
@given(st.lists(VALUES, min_size=3, max_size=3), st.sampled_from(AS))
def test_a_formula_without_a_value_is_missing_and_never_infinite(row: list[float | None], how: str):
    now, before, other = (np.array([np.nan if one is None else one]) for one in row)
    found = work_out(how, Columns(now, (before,), other))
    assert not np.isinf(found).any()
    if row[0] is None:
        assert np.isnan(found).all()


@settings(max_examples=40, deadline=None)
@given(definitions(), st.data())
def test_a_draft_that_is_edited_can_be_read_at_every_step(definition: dict[str, Any], data: st.DataObject):
    keys = drafts.indicator_keys(definition)
    key = data.draw(st.sampled_from(keys))
    new = drafts.with_group(drafts.with_moved(definition, key, data.draw(st.sampled_from([-1, 1]))), "情绪")
    assert sorted(drafts.indicator_keys(new)) == sorted(keys)
    assert drafts.weight_total(new) == 100
    gone = drafts.without_indicator(new, key)
    assert key not in drafts.indicator_keys(gone)
    assert parse_scorecard(gone, is_draft=True).groups[-1].key == "group"
    assert not drafts.what_differs(definition, definition)
    assert drafts.what_differs(definition, gone)


@pytest.mark.parametrize(
    ("source", "params", "said"),
    [
        ("nps", {"wait": 1}, "Unknown setting: wait."),
        ("scenario_coverage", {"needs": ["all"]}, "There is no"),
        ("reading", {"metric": {"a": 1}}, "must be text"),
        ("reading", {"metric": "m", "how": "highest"}, "There is no “highest”."),
        ("custom_field", {"key": 5}, "must be text"),
        ("renewal_progress", {"progress": []}, "must be an object"),
        ("renewal_progress", {"progress": {"won": 2}}, "must be between 0 and 1"),
        ("renewal_progress", {"expected": "soon"}, "must be a list"),
        ("renewal_progress", {"expected": [[1, 2, 3]]}, "must be a list"),
        ("renewal_progress", {"expected": [["x", 0]]}, "must be a number"),
        ("formula", {"of": {"what": "events", "days": 0}}, "The window must have at least 1 day."),
        ("formula", {"of": {"what": "events", "kind": "odd"}}, "There is no “odd”."),
        ("formula", {"of": {"what": "events", "kind": 3}}, "must be text"),
        ("formula", {"of": {"what": "events"}, "as": "ratio"}, "A ratio or difference has two measures"),
        ("formula", {"of": {"what": "reading"}}, "Say which: metric."),
        ("formula", {"of": {"what": "survey", "survey": "nps", "how": "odd"}}, "There is no way “odd”"),
        ("formula", {"of": {"what": "events"}, "as": "odd"}, "There is no way “odd”"),
        ("formula", {"of": {"what": "events"}, "windows": 99, "as": "usual"}, "must be between 1 and 12"),
        ("formula", {}, "must be an object"),
    ],
)
def test_a_setting_that_would_break_the_scoring_is_refused_in_words(source: str, params: Any, said: str):
    row = {"key": "x", "source": source, "weight": 100, "red": 0, "green": 1, "params": params}
    with pytest.raises(ScorecardError, match=said):
        parse_scorecard({"groups": [{"key": "g", "indicators": [row]}]})
