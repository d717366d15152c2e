"""What does a fitted model say, from plain numbers alone?

A model is stored as JSON: lists of numbers, no program. So it can be read, compared and scored without the library that
fitted it, and a stored row can do no harm. `kind` is `logistic` (a line through standardised figures) or `trees` (the
sum of many small trees), each followed by a calibration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from health.rules.churn import share_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOGISTIC, TREES = "logistic", "trees"
SIGMOID, ISOTONIC = "sigmoid", "isotonic"
# Figures this many standard deviations off say no more.
FAR = 6.0


def matrix_of(columns: Mapping[str, Floats], names: Sequence[str], rows: int) -> Floats:
    """Put columns side by side in a model's order; one that is not there any more is missing everywhere.

    >>> matrix_of({"a": np.array([1.0, 2.0])}, ["a", "gone"], 2).tolist()
    [[1.0, nan], [2.0, nan]]
    """
    made = np.full((rows, len(names)), np.nan)
    for place, name in enumerate(names):
        if name in columns:
            made[:, place] = columns[name]
    return np.where(np.isfinite(made), made, np.nan)


def score_model(parameters: Mapping[str, Any], x: Floats) -> tuple[Floats, Floats]:
    """Risks (0 to 1) of n rows, and what each of k figures adds to the log-odds before calibration (n × k).

    >>> line = {"kind": "logistic", "middle": [2.0], "scale": [1.0], "weights": [1.0], "missing": [0.0], "start": 0.0,
    ...         "calibration": {"kind": "sigmoid", "slope": 1.0, "start": 0.0}}
    >>> risk, pushes = score_model(line, np.array([[2.0], [3.0], [np.nan]]))
    >>> risk.round(3).tolist(), pushes.tolist()
    ([0.5, 0.731, 0.5], [[0.0], [1.0], [0.0]])
    >>> tree = {"feature": [0, -1, -1], "below": [1.5, 0, 0], "left": [1, 0, 0], "right": [2, 0, 0],
    ...         "missing_left": [1, 0, 0], "value": [0.0, -1.0, 1.0]}
    >>> risk, pushes = score_model({"kind": "trees", "start": 0.0, "trees": [tree]}, np.array([[1.0], [2.0], [np.nan]]))
    >>> risk.round(3).tolist(), pushes.tolist()
    ([0.269, 0.731, 0.269], [[-1.0], [1.0], [-1.0]])
    """
    if parameters["kind"] == LOGISTIC:
        start, pushes = _line(parameters, x)
    else:
        start, pushes = _trees(parameters, x)
    return calibrate(parameters.get("calibration"), start + pushes.sum(axis=1)), pushes


def _line(parameters: Mapping[str, Any], x: Floats) -> tuple[float, Floats]:
    middle, scale = np.array(parameters["middle"]), np.array(parameters["scale"])
    known = np.isfinite(x)
    off = np.clip((np.where(known, x, middle) - middle) / scale, -FAR, FAR)
    pushes = np.where(known, off * np.array(parameters["weights"]), np.array(parameters["missing"]))
    return float(parameters["start"]), pushes


def _trees(parameters: Mapping[str, Any], x: Floats) -> tuple[float, Floats]:
    """Walk every row down every tree; a step's change of the expected value goes to the figure that was asked."""
    pushes, start = np.zeros(x.shape), float(parameters["start"])
    rows = np.arange(len(x))
    for tree in parameters["trees"]:
        feature, left, right = (np.array(tree[name], dtype=np.int64) for name in ("feature", "left", "right"))
        below, value = np.array(tree["below"], dtype=np.float64), np.array(tree["value"], dtype=np.float64)
        missing_left = np.array(tree["missing_left"], dtype=bool)
        start += float(value[0])
        here, going = np.zeros(len(x), dtype=np.int64), rows
        while len(going):
            going = going[feature[here[going]] >= 0]
            node = here[going]
            asked = x[going, feature[node]]
            goes_left = np.where(np.isnan(asked), missing_left[node], asked <= below[node])
            there = np.where(goes_left, left[node], right[node])
            pushes[going, feature[node]] += value[there] - value[node]
            here[going] = there
    return start, pushes


def calibrate(calibration: Mapping[str, Any] | None, odds: Floats) -> Floats:
    """Turn a model's log-odds into the share that really left at such odds on time held out.

    >>> calibrate({"kind": "sigmoid", "slope": 2.0, "start": 0.0}, np.array([0.0, 1.0])).round(3).tolist()
    [0.5, 0.881]
    >>> odds = np.log(np.array([0.4]) / 0.6)
    >>> calibrate({"kind": "isotonic", "said": [0.2, 0.6], "came": [0.1, 0.3]}, odds).round(3).tolist()
    [0.2]
    """
    if calibration is None:
        return np.asarray(share_of(odds))
    if calibration["kind"] == SIGMOID:
        return np.asarray(share_of(calibration["slope"] * odds + calibration["start"]))
    came = np.interp(share_of(odds), calibration["said"], calibration["came"])
    return np.asarray(np.round(came, 12))


def time_split(days: Ints, horizon: int, share: float = 0.3) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Split rows by time: the last `share` of the days is held out, and nobody learns from what came after it began.

    A row is learnt from only if its horizon ended before the first day held out; what lies between is left out.

    >>> learn, held = time_split(np.arange(0, 100, 10), 15)
    >>> learn.nonzero()[0].tolist(), held.nonzero()[0].tolist()
    ([0, 1, 2, 3, 4, 5], [7, 8, 9])
    """
    looks = np.unique(days)
    if len(looks) < 2:
        return np.zeros(len(days), dtype=bool), np.zeros(len(days), dtype=bool)
    begins = looks[len(looks) - max(1, round(len(looks) * share))]
    return days + horizon < begins + 1, days >= begins


def usable_figures(x: Floats, names: Sequence[str], least: float = 0.02) -> list[int]:
    """The places of the figures from which something can be learnt: often enough there, and not always the same.

    >>> usable_figures(np.array([[1.0, 2.0, np.nan], [1.0, 3.0, np.nan]]), ["same", "good", "gone"])
    [1]
    """
    found = []
    for place in range(len(names)):
        known = x[np.isfinite(x[:, place]), place]
        if len(known) >= max(2, least * len(x)) and float(known.max()) - float(known.min()) > 1e-9:
            found.append(place)
    return found
