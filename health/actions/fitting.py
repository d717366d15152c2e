"""How is a model fitted to columns of figures, whoever they come from?

The library is imported when a model is fitted, by a job or a command: a page never loads it. What comes out is plain
JSON (see `health.rules.model`), checked here against what the library itself says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from health.rules.churn import LEAST, MOST, log_odds, share_of
from health.rules.evaluation import log_loss
from health.rules.model import (
    ISOTONIC,
    LOGISTIC,
    SIGMOID,
    TREES,
    calibrate,
    score_model,
    time_split,
    usable_figures,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SEED = 0
# Trees need rows: below, they are not tried.
LEAST_FOR_TREES = 2_000
# With fewer losses than this among the rows held out, a curve of two numbers is all that can be fitted.
LEAST_FOR_ISOTONIC = 1_000
# How far the stored form may differ from the library's own answer.
TOLERANCE = 1e-6


class CannotFit(Exception):
    """There is nothing to learn from; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Fitted:
    """A model as it is stored: the names of its figures in order, its numbers, and how its candidates did."""

    names: tuple[str, ...]
    parameters: dict[str, Any]
    tried: dict[str, float] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What kind of model it is."""
        return str(self.parameters["kind"])

    def risk(self, x: Floats, names: Sequence[str]) -> Floats:
        """Risks of rows whose figures stand in the given order."""
        return score_model(self.parameters, x[:, [list(names).index(name) for name in self.names]])[0]


def fit_columns(x: Floats, left: Flags, names: Sequence[str], *, days: Ints, horizon: int) -> Fitted:
    """Fit candidates to the earlier rows, choose and calibrate by the later ones, then fit the best to all.

    `days` orders the rows in time; a table without time gives a random order and a horizon of 0.
    """
    x = np.where(np.isfinite(x), x, np.nan)
    learn, held = time_split(days, horizon)
    if not _has_both(left[learn]) or not _has_both(left[held]):
        # Too short a history to hold anything out of it: then a share of the rows is.
        held = np.random.default_rng(SEED).random(len(left)) < 0.3
        learn = ~held
    if not _has_both(left[learn]) or not _has_both(left[held]):
        raise CannotFit("one_class")
    places = usable_figures(x[learn], names)
    if not places:
        raise CannotFit("no_figures")
    x = x[:, places]
    tried: dict[str, float] = {}
    best: tuple[float, str, dict[str, Any]] | None = None
    for kind in (LOGISTIC, TREES):
        if kind == TREES and learn.sum() < LEAST_FOR_TREES:
            continue
        parameters = _fit(kind, x[learn], left[learn])
        odds = _odds(parameters, x[held])
        calibration = _calibration(odds, left[held])
        tried[kind] = round(log_loss(calibrate(calibration, odds), left[held]), 6)
        if best is None or tried[kind] < best[0]:
            best = (tried[kind], kind, calibration)
    assert best is not None  # noqa: S101  the first kind is always tried
    whole = _fit(best[1], x, left)
    return Fitted(tuple(names[place] for place in places), {**whole, "calibration": best[2]}, tried)


def _has_both(left: Flags) -> bool:
    return bool(left.any() and not left.all())


def _odds(parameters: dict[str, Any], x: Floats) -> Floats:
    risk, _ = score_model({**parameters, "calibration": {"kind": SIGMOID, "slope": 1.0, "start": 0.0}}, x)
    return np.asarray(log_odds(risk))


def _calibration(odds: Floats, left: Flags) -> dict[str, Any]:
    """Fit what turns the model's odds into shares: two numbers, or steps where there are losses enough."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415  slow to import, and only training needs it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    if min(int(left.sum()), int((~left).sum())) < LEAST_FOR_ISOTONIC:
        line = LogisticRegression(C=1e3, max_iter=1000).fit(odds[:, None], left)
        # A slope below zero would turn the model round: then it says nothing, and the base rate is all there is.
        slope = max(float(line.coef_[0, 0]), 0.0)
        start = float(line.intercept_[0]) if slope else float(log_odds(float(left.mean())))
        return {"kind": SIGMOID, "slope": slope, "start": start}
    steps = IsotonicRegression(y_min=LEAST, y_max=MOST, out_of_bounds="clip").fit(share_of(odds), left)
    return {"kind": ISOTONIC, "said": steps.X_thresholds_.tolist(), "came": steps.y_thresholds_.tolist()}


def _fit(kind: str, x: Floats, left: Flags) -> dict[str, Any]:
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  it comes with the library

    # One thread: a job in the background leaves the other cores to those who wait for a page.
    with threadpool_limits(limits=1):
        return _fit_line(x, left) if kind == LOGISTIC else _fit_trees(x, left)


def _fit_line(x: Floats, left: Flags) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    known = np.isfinite(x)
    middle = np.nanmedian(x, axis=0)
    filled = np.where(known, x, middle)
    scale = np.maximum(filled.std(axis=0), 1e-9)
    standard = np.clip((filled - middle) / scale, -6, 6)
    often = (~known).mean(axis=0) >= 0.01
    both = np.column_stack([standard, (~known)[:, often]])
    line = LogisticRegression(C=0.5, max_iter=2000).fit(both, left)
    weights = line.coef_[0]
    missing = np.zeros(x.shape[1])
    missing[often] = weights[x.shape[1] :]
    parameters = {
        "kind": LOGISTIC,
        "middle": middle.tolist(),
        "scale": scale.tolist(),
        "weights": weights[: x.shape[1]].tolist(),
        "missing": missing.tolist(),
        "start": float(line.intercept_[0]),
    }
    # A column that is seldom missing has no weight of its own for it.
    _check(parameters, x, line.decision_function(both))
    return parameters


def _fit_trees(x: Floats, left: Flags) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    boosted = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.07, max_leaf_nodes=12, min_samples_leaf=max(20, len(x) // 400),
        l2_regularization=2.0, early_stopping=False, random_state=SEED,
    ).fit(x, left)  # fmt: skip
    parameters = {
        "kind": TREES,
        "start": float(boosted._baseline_prediction.ravel()[0]),
        "trees": [_tree(found[0].nodes) for found in boosted._predictors],
    }
    _check(parameters, x, boosted.decision_function(x))
    return parameters


def _tree(nodes: Any) -> dict[str, list[Any]]:
    """Write a tree down as lists; the value of an inner node is the mean of its leaves', by their rows."""
    value, count = nodes["value"].astype(np.float64), nodes["count"].astype(np.float64)
    leaf = nodes["is_leaf"].astype(bool)
    for node in np.flatnonzero(~leaf)[::-1]:
        left, right = int(nodes["left"][node]), int(nodes["right"][node])
        value[node] = (value[left] * count[left] + value[right] * count[right]) / (count[left] + count[right])
    return {
        "feature": np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)).tolist(),
        "below": np.where(leaf, 0.0, np.nan_to_num(nodes["num_threshold"], posinf=1e300)).tolist(),
        "left": nodes["left"].astype(np.int64).tolist(),
        "right": nodes["right"].astype(np.int64).tolist(),
        "missing_left": nodes["missing_go_to_left"].astype(np.int64).tolist(),
        "value": value.tolist(),
    }


def _check(parameters: dict[str, Any], x: Floats, odds: Floats) -> None:
    """Compare what is stored with what the library says, on the very rows; a difference is a fault, not a model."""
    some = np.linspace(0, len(x) - 1, min(len(x), 500)).astype(np.int64)
    ours = score_model({**parameters, "calibration": None}, x[some])[0]
    if not np.allclose(ours, share_of(odds[some]), atol=TOLERANCE):
        raise CannotFit("not_reproduced")
