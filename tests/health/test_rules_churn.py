"""Does the prior move as published, never beyond its cap, and does a stored model answer from plain numbers alone?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.rules.churn import DEFAULT_BASE_RATES, DEFAULT_EFFECTS, Prior, log_odds, parse_prior, prior_risk, shares
from health.rules.evaluation import (
    Auc,
    average_precision,
    calibration,
    flagged,
    lead_days,
    roc_auc,
    verdict,
    weights_by_separation,
)
from health.rules.features import Facts, Rows, columns_on, leaks
from health.rules.model import matrix_of, score_model, time_split


def shipped(cap: float = 0.95) -> Prior:
    return parse_prior(DEFAULT_BASE_RATES, DEFAULT_EFFECTS, cap)


signs_drawn = st.lists(st.integers(0, 3), min_size=len(DEFAULT_EFFECTS), max_size=len(DEFAULT_EFFECTS))


@settings(max_examples=60)
@given(signs=signs_drawn, level=st.sampled_from(sorted(DEFAULT_BASE_RATES)), cap=st.floats(0.5, 0.99))
def test_a_year_is_never_safer_than_a_quarter_and_no_risk_passes_the_cap(signs: list[int], level: str, cap: float):
    soon, later = (prior_risk(shipped(cap), [level], np.array([signs], dtype=float), days) for days in (90, 365))
    assert soon.risk[0] <= later.risk[0] + 1e-12
    assert later.risk[0] <= max(cap, later.base[0]) + 1e-12
    assert later.risk[0] >= later.base[0] - 1e-12


@settings(max_examples=30)
@given(signs=signs_drawn, place=st.integers(0, len(DEFAULT_EFFECTS) - 1))
def test_one_sign_more_never_lowers_the_risk(signs: list[int], place: int):
    more = [*signs]
    more[place] += 1
    without, with_it = (prior_risk(shipped(), ["team"], np.array([row], dtype=float), 90) for row in (signs, more))
    assert with_it.risk[0] >= without.risk[0] - 1e-12


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("silent_7d", 3 * 0.25 / (1 + 3 * 0.25)),  # odds 0.2 / 0.8 times three
        ("core_drop_30", 1 - 0.6 * 0.8),  # 40 % less of the 80 % who renew
        ("complaints_5", 0.65),
        ("ka_no_expansion", 0.35),
        ("renewal_quiet_90d", 0.5),
        ("shallow_use", 1 - 0.79 * 0.8),
    ],
)
def test_each_published_effect_gives_its_published_figure_alone(key: str, expected: float):
    prior = shipped()
    signs = np.array([[float(effect.key == key) for effect in prior.effects]])
    assert prior_risk(prior, ["team"], signs, 365).risk[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("effects", "named"),
    [
        ([{"key": "a", "kind": "times", "value": 0}], "a"),
        ([{"key": "b", "kind": "retention", "value": 1.5}], "b"),
        ([{"key": "c", "kind": "magic", "value": 1}], "c"),
    ],
)
def test_an_effect_that_makes_no_sense_is_named(effects: list[dict[str, object]], named: str):
    with pytest.raises(ValueError, match=named):
        parse_prior({"team": 0.2}, effects, 0.9)


def test_reasons_are_shares_of_all_that_pushes():
    found = shares(np.array([[2.0, -1.0, 1.0], [0.0, 0.0, 0.0]]), ["a", "b", "c"])
    assert found == [[("a", 0.5), ("b", -0.25), ("c", 0.25)], []]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60))
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]):
    risk, left = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    found = roc_auc(risk, left)
    gone, stayed = risk[left], risk[~left]
    if not len(gone) or not len(stayed):
        assert found is None
        return
    pairs = (gone[:, None] > stayed[None, :]).mean() + (gone[:, None] == stayed[None, :]).mean() / 2
    assert found is not None
    assert found.value == pytest.approx(pairs)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_measures_are_those_of_the_library():
    from sklearn.metrics import average_precision_score, roc_auc_score

    rng = np.random.default_rng(1)
    risk, left = rng.random(400).round(2), rng.random(400) < 0.2
    assert roc_auc(risk, left).value == pytest.approx(roc_auc_score(left, risk))
    assert average_precision(risk, left) == pytest.approx(average_precision_score(left, risk))


def test_many_looks_at_few_accounts_widen_the_interval():
    rng = np.random.default_rng(2)
    owner = np.repeat(np.arange(40), 20)
    left = owner < 12
    risk = (rng.normal(left.astype(float), 1.5)[::20]).repeat(20)
    whole, rows = roc_auc(risk, left, owner), roc_auc(risk, left)
    assert whole is not None
    assert rows is not None
    assert whole.high - whole.low > 2 * (rows.high - rows.low)


def test_random_figures_are_called_no_better_than_chance():
    rng = np.random.default_rng(5)
    left = rng.random(2000) < 0.1
    assert verdict(roc_auc(rng.random(2000), left), int(left.sum()), 20) == "chance"
    assert verdict(Auc(0.3, 0.2, 0.4), 100, 20) == "worse"
    assert verdict(None, 0, 20) == "too_few"


def test_calibration_keeps_every_row_and_flags_count_themselves():
    risk, left = np.linspace(0, 1, 25), np.linspace(0, 1, 25) > 0.8
    assert sum(part.rows for part in calibration(risk, left)) == 25
    found = flagged(risk > 0.9, left)
    assert (found.precision, found.recall) == (1.0, 3 / 5)
    assert flagged(np.zeros(3, dtype=bool), np.zeros(3, dtype=bool)).precision is None


def test_a_warning_that_went_out_again_is_no_warning_of_the_loss():
    days, accounts = np.array([10, 40, 70, 10]), np.array([1, 1, 1, 2])
    flags, left_on = np.array([True, True, False, True]), np.array([90, 90, 90, 30])
    assert lead_days(days, accounts, flags, left_on).tolist() == [20]


def test_suggested_weights_add_up_to_a_hundred():
    assert sum(weights_by_separation([0.61, 0.58, 0.52, 0.5, 0.4])) == 100
    assert weights_by_separation([0.4, 0.5]) == [0, 0]


def test_nobody_learns_from_what_came_after_the_held_out_days_began():
    days = np.repeat(np.arange(0, 600, 30), 3)
    learn, held = time_split(days, 90)
    assert days[learn].max() + 90 <= days[held].min()
    assert not (learn & held).any()


def test_figures_that_are_gone_are_missing_and_never_an_error():
    line = {"kind": "logistic", "middle": [1.0], "scale": [0.5], "weights": [2.0], "missing": [0.3], "start": -1.0}
    risk, pushes = score_model(line, matrix_of({}, ["gone"], 2))
    assert pushes.tolist() == [[0.3], [0.3]]
    assert log_odds(risk).round(6).tolist() == [-0.7, -0.7]


def test_a_figure_of_the_future_is_found():
    rows = {"tickets": Rows(np.array([0, 0]), np.array([10, 200]), {"complaint": np.array([1.0, 1.0])})}
    facts = Facts(1, np.array([0]), np.array([1]), rows)
    assert leaks(facts, 100) == []

    def next_ticket(facts: Facts, day: int) -> dict[str, np.ndarray]:
        return {"next_ticket": facts.rows["tickets"].newest(facts.accounts, day + 1, 10_000)}

    assert leaks(facts, 100, [next_ticket]) == ["next_ticket"]
    assert columns_on(facts, 100)["tickets_90"].tolist() == [0.0]
