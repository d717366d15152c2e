"""What do the pairs of a playbook, or of one version, say of it by each measure?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from playbooks.models import EffectEstimate, EffectPolicy, EffectSubject
from playbooks.rules.effect import Estimate, Floats, Ints, differences, half_saved, kept_effect, mean_effect

Measure = EffectEstimate.Measure


@dataclass(frozen=True)
class Columns:
    """The compared accounts as columns; nan where something is not known."""

    run: Ints
    is_treated: Any
    like: Floats
    before: dict[str, Floats]
    after: dict[str, Floats]


FIELDS = (
    *("run_id", "is_treated", "arr", "tenure", "score", "trend", "active_days", "score_after", "active_days_after"),
    *("is_read", "is_kept"),
)


def estimates_of(subjects: QuerySet[EffectSubject], policy: EffectPolicy) -> list[EffectEstimate]:
    """Estimate the difference in health, use and retention; one query."""
    columns = _columns(subjects)
    made = []
    for measure in Measure:
        name = str(measure)
        found, before = _estimate(columns, name, policy.fewest_pairs)
        lost = None if found.untreated is None else 1 - found.untreated
        made.append(
            EffectEstimate(
                measure=name, pairs=found.pairs, partners=found.partners, treated=found.treated,
                untreated=found.untreated, effect=found.effect, low=found.low, high=found.high, before=before,
                verdict=found.verdict,
                predicted=half_saved(max(lost, 0.0), policy.saved_percent / 100)
                if measure == Measure.RETENTION and lost is not None else None,
            )
        )  # fmt: skip
    return made


def _columns(subjects: QuerySet[EffectSubject]) -> Columns:
    rows = list(subjects.order_by("run_id", "-is_treated", "pk").values_list(*FIELDS))
    table = {name: [row[place] for row in rows] for place, name in enumerate(FIELDS)}
    numbers = {name: _floats(table[name]) for name in FIELDS[2:9]}
    read = np.array(table["is_read"], dtype=bool)
    like = np.stack(
        [
            np.log(np.maximum(numbers["arr"], 1)),
            np.log(np.maximum(numbers["tenure"], 0) + 182),
            np.nan_to_num(numbers["score"]),
            np.nan_to_num(numbers["trend"]),
        ],
        axis=1,
    ) if rows else np.empty((0, 4))  # fmt: skip
    return Columns(
        run=np.array(table["run_id"], dtype=np.int64),
        is_treated=np.array(table["is_treated"], dtype=bool),
        like=like,
        before={"health": numbers["score"], "usage": numbers["active_days"], "retention": np.ones(len(rows))},
        after={
            "health": np.where(read, numbers["score_after"], np.nan),
            "usage": np.where(read, numbers["active_days_after"], np.nan),
            "retention": _floats(table["is_kept"]),
        },
    )


def _floats(values: list[Any]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)


def _estimate(columns: Columns, name: str, fewest: int) -> tuple[Estimate, float | None]:
    """The estimate by one measure, and where the treated stood before."""
    change = columns.after[name] if name == "retention" else columns.after[name] - columns.before[name]
    ours, theirs = np.flatnonzero(columns.is_treated), np.flatnonzero(~columns.is_treated)
    theirs = theirs[np.isin(columns.run[theirs], columns.run[ours])]
    runs, treated, untreated = differences(columns.run[ours], change[ours], change[theirs], columns.run[theirs])
    counted = theirs[np.isin(columns.run[theirs], runs) & np.isfinite(change[theirs])]
    places = ours[np.isin(columns.run[ours], runs)]
    at = np.searchsorted(runs, columns.run[counted])
    count = np.maximum(np.bincount(at, minlength=len(runs)), 1)
    means = np.stack(
        [np.bincount(at, weights=columns.like[counted, n], minlength=len(runs)) / count for n in range(4)], axis=1
    )
    off = columns.like[places] - means
    estimate = kept_effect if name == "retention" else mean_effect
    found = estimate(treated, untreated, off, len(counted), fewest)
    before = columns.before[name][places]
    return found, float(before.mean()) if found.effect is not None and len(before) else None
