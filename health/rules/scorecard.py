"""What does a scorecard say, and does what it says make sense?

A definition is plain JSON, stored with its version, so that every past score can be reproduced:

    {"groups": [{"key": "adoption", "name": "Adoption", "indicators": [
        {"key": "login_frequency", "weight": 12, "red": 0.1, "green": 0.6, "days": 30, "shelf_days": 30}]}],
     "coverage_floor": 0.6, "bands": {"green": 75, "yellow": 50},
     "hysteresis": {"points": 3, "readings": 2}, "grace_days": 30, "knock_outs": []}

An indicator has either a line (`red` scores 0, `green` scores 100, linear between; the larger of the two may be
either) or `steps` ([[from, score], …], rising). `source` names the measure and defaults to the key, so that one
measure can be used twice; whatever else it takes stands in `params`. The source `formula` is put together from parts
by settings alone: see health.rules.formulas. A value older than `stale_days` is marked and still counts; one older
than `shelf_days` counts no more.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from health.rules.formulas import FORMULA, parse_formula
from health.rules.parsing import (
    N_,
    ScorecardError,
    read_key,
    read_list,
    read_mapping,
    read_number,
    read_text,
    read_whole,
    refuse_unknown,
)

__all__ = ["N_", "Group", "Indicator", "KnockOut", "Line", "Scorecard", "ScorecardError", "Steps", "parse_scorecard"]

HUNDREDTHS = 100
WHOLE = 100 * HUNDREDTHS
# What each measure that comes with Mainstay takes besides its window.
SHIPPED_PARAMS: dict[str, frozenset[str]] = {
    "login_frequency": frozenset(),
    "feature_coverage": frozenset(),
    "core_intensity": frozenset(),
    "advanced_penetration": frozenset(),
    "scenario_coverage": frozenset({"needs"}),
    "milestone_rate": frozenset(),
    "nps": frozenset(),
    "issue_resolution": frozenset(),
    "renewal_progress": frozenset({"expected", "progress"}),
    "expansion_density": frozenset(),
    "reading": frozenset({"metric", "how"}),
    "custom_field": frozenset({"key"}),
}
INDICATOR_SETTINGS = {
    "key", "name", "source", "weight", "red", "green", "steps", "days", "shelf_days", "stale_days", "params",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A score that runs straight from 0 at `red` to 100 at `green`."""

    red: float
    green: float


@dataclass(frozen=True, slots=True)
class Steps:
    """A score that jumps: from `froms[i]` on it is `scores[i]`; below the first it is the first."""

    froms: tuple[float, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measured figure, what it weighs (in hundredths of a point of 100) and how it is read."""

    key: str
    name: str
    source: str
    weight: int
    scale: Line | Steps
    days: int
    shelf_days: int | None = None
    stale_days: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Indicators that stand in for each other: the weight of a missing one stays in its group."""

    key: str
    name: str
    indicators: tuple[Indicator, ...]

    @property
    def weight(self) -> int:
        """What the group weighs, in hundredths."""
        return sum(indicator.weight for indicator in self.indicators)


@dataclass(frozen=True, slots=True)
class KnockOut:
    """An indicator whose score below a limit keeps the band at `band` or worse."""

    indicator: str
    below: float
    band: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Groups of weighted indicators and how their sum becomes a band."""

    groups: tuple[Group, ...]
    coverage_floor: float = 0.6
    green: float = 75
    yellow: float = 50
    clear_points: float = 3
    readings: int = 2
    grace_days: int = 30
    knock_outs: tuple[KnockOut, ...] = ()

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators, in the order in which they are shown."""
        return tuple(indicator for group in self.groups for indicator in group.indicators)

    @property
    def group_of(self) -> dict[str, Group]:
        """The group of every indicator, by key."""
        return {indicator.key: group for group in self.groups for indicator in group.indicators}


def parse_scorecard(definition: Any, *, is_draft: bool = False) -> Scorecard:
    """Read a definition, or say what is wrong with it. The weights of a draft need not add up yet.

    >>> card = parse_scorecard({"groups": [{"key": "p", "indicators": [
    ...     {"key": "nps", "weight": 30, "red": -50, "green": 50},
    ...     {"key": "late", "weight": 70, "red": 10, "green": 0}]}]})
    >>> [(i.key, i.weight, i.scale) for i in card.indicators]
    [('nps', 3000, Line(red=-50.0, green=50.0)), ('late', 7000, Line(red=10.0, green=0.0))]
    >>> parse_scorecard({"groups": []})
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: Give at least one weight.
    """
    body = read_mapping(definition, "")
    refuse_unknown(body, "", {"groups", "coverage_floor", "bands", "hysteresis", "grace_days", "knock_outs"})
    groups = tuple(_group(group, f"groups[{n}]") for n, group in enumerate(read_list(body.get("groups", []), "groups")))
    if not is_draft:
        _check_weights(groups)
    _check_keys(groups)
    bands = read_mapping(body.get("bands", {}), "bands")
    refuse_unknown(bands, "bands", {"green", "yellow"})
    hysteresis = read_mapping(body.get("hysteresis", {}), "hysteresis")
    refuse_unknown(hysteresis, "hysteresis", {"points", "readings"})
    card = Scorecard(
        groups=groups,
        coverage_floor=read_number(body.get("coverage_floor", 0.6), "coverage_floor", 0, 1),
        green=read_number(bands.get("green", 75), "bands.green", 0, 100),
        yellow=read_number(bands.get("yellow", 50), "bands.yellow", 0, 100),
        clear_points=read_number(hysteresis.get("points", 3), "hysteresis.points", 0, 100),
        readings=read_whole(hysteresis.get("readings", 2), "hysteresis.readings", 1, 2),
        grace_days=read_whole(body.get("grace_days", 30), "grace_days", 0, 3650),
        knock_outs=tuple(
            _knock_out(rule, f"knock_outs[{n}]", groups)
            for n, rule in enumerate(read_list(body.get("knock_outs", []), "knock_outs"))
        ),
    )
    if card.yellow >= card.green:
        raise ScorecardError(N_("The yellow band must begin below the green one."), "bands")
    return card


def _group(body: Any, place: str) -> Group:
    body = read_mapping(body, place)
    refuse_unknown(body, place, {"key", "name", "indicators"})
    key = read_key(body.get("key"), f"{place}.key")
    rows = read_list(body.get("indicators", []), f"{place}.indicators")
    indicators = tuple(_indicator(row, f"{place}.indicators[{n}]") for n, row in enumerate(rows))
    return Group(key, read_text(body.get("name", ""), f"{place}.name"), indicators)


def _indicator(body: Any, place: str) -> Indicator:
    body = read_mapping(body, place)
    refuse_unknown(body, place, INDICATOR_SETTINGS)
    key = read_key(body.get("key"), f"{place}.key")
    weight = read_number(body.get("weight", 0), f"{place}.weight")
    if weight < 0:
        raise ScorecardError(N_("A weight cannot be below 0 (%(key)s)."), f"{place}.weight", key=key)
    source = read_key(body.get("source", key), f"{place}.source")
    days = read_whole(body.get("days", 30), f"{place}.days", 1, 3650)
    params = read_mapping(body.get("params", {}), f"{place}.params")
    if source == FORMULA:
        parse_formula(params, days, f"{place}.params")
    else:
        _check_params(source, params, f"{place}.params")
    shelf, stale = _shelf(body, "shelf_days", place), _shelf(body, "stale_days", place)
    if shelf is not None and stale is not None and stale >= shelf:
        raise ScorecardError(
            N_("A value is marked as old before it goes missing (%(key)s)."), f"{place}.stale_days", key=key
        )
    return Indicator(
        key=key,
        name=read_text(body.get("name", ""), f"{place}.name"),
        source=source,
        weight=_hundredths(weight, key, f"{place}.weight"),
        scale=_scale(body, key, place),
        days=days,
        shelf_days=shelf,
        stale_days=stale,
        params=params,
    )


def _check_params(source: str, params: Mapping[str, Any], place: str) -> None:
    """Check what a measure that comes with Mainstay takes besides its window; most take nothing."""
    if source not in SHIPPED_PARAMS:
        return
    refuse_unknown(params, place, SHIPPED_PARAMS[source])
    for name in ("metric", "key"):
        read_text(params.get(name, ""), f"{place}.{name}")
    for name, choices in (("needs", ("all", "any")), ("how", ("mean", "sum", "latest"))):
        if params.get(name, choices[0]) not in choices:
            raise ScorecardError(N_("There is no “%(name)s”."), f"{place}.{name}", name=str(params[name])[:60])
    for stage, share in read_mapping(params.get("progress", {}), f"{place}.progress").items():
        read_number(share, f"{place}.progress.{stage}", 0, 1)
    for row in read_list(params.get("expected", []), f"{place}.expected"):
        if len(read_list(row, f"{place}.expected")) != 2:
            raise ScorecardError(N_("%(place)s must be a list."), place, place=f"{place}.expected")
        read_number(row[0], f"{place}.expected", 0, 3650)
        read_number(row[1], f"{place}.expected", 0, 1)


def _shelf(body: Mapping[str, Any], name: str, place: str) -> int | None:
    return None if body.get(name) is None else read_whole(body[name], f"{place}.{name}", 1, 3650)


def _scale(body: Mapping[str, Any], key: str, place: str) -> Line | Steps:
    if "steps" in body:
        if "red" in body or "green" in body:
            raise ScorecardError(N_("Give either steps or a red and a green point (%(key)s)."), place, key=key)
        return _steps(read_list(body["steps"], f"{place}.steps"), key, f"{place}.steps")
    if "red" not in body or "green" not in body:
        raise ScorecardError(N_("Give a red and a green point (%(key)s)."), place, key=key)
    red = read_number(body["red"], f"{place}.red")
    green = read_number(body["green"], f"{place}.green")
    if red == green:
        raise ScorecardError(N_("The red and the green point must differ (%(key)s)."), place, key=key)
    return Line(red, green)


def _steps(rows: Sequence[Any], key: str, place: str) -> Steps:
    if not rows or any(not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2 for row in rows):
        raise ScorecardError(N_("Each step is a value and the score from there on (%(key)s)."), place, key=key)
    froms = tuple(read_number(row[0], place) for row in rows)
    scores = tuple(read_number(row[1], place, 0, 100) for row in rows)
    if any(later <= earlier for earlier, later in itertools.pairwise(froms)):
        raise ScorecardError(N_("Steps must rise from one to the next (%(key)s)."), place, key=key)
    return Steps(froms, scores)


def _knock_out(body: Any, place: str, groups: Sequence[Group]) -> KnockOut:
    body = read_mapping(body, place)
    refuse_unknown(body, place, {"indicator", "below", "band"})
    key = read_key(body.get("indicator"), f"{place}.indicator")
    if key not in {indicator.key for group in groups for indicator in group.indicators}:
        raise ScorecardError(N_("There is no indicator “%(key)s”."), f"{place}.indicator", key=key)
    band = body.get("band", "red")
    if band not in {"red", "yellow"}:
        raise ScorecardError(N_("A knock-out leads to red or yellow."), f"{place}.band")
    return KnockOut(key, read_number(body.get("below", 1), f"{place}.below", 0, 100), band)


def _check_weights(groups: Sequence[Group]) -> None:
    total = sum(group.weight for group in groups)
    if total == 0:
        raise ScorecardError(N_("Give at least one weight."), "groups")
    if total != WHOLE:
        raise ScorecardError(N_("The weights add up to %(total)s, not to 100."), "groups", total=f"{total / 100:g}")


def _check_keys(groups: Sequence[Group]) -> None:
    for keys, place in (
        ([group.key for group in groups], "groups"),
        ([indicator.key for group in groups for indicator in group.indicators], "indicators"),
    ):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ScorecardError(N_("“%(key)s” is given twice."), place, key=twice[0])


def _hundredths(weight: float, key: str, place: str) -> int:
    hundredths = round(weight * HUNDREDTHS)
    if not math.isclose(hundredths, weight * HUNDREDTHS, abs_tol=1e-6):
        raise ScorecardError(N_("A weight has at most 2 decimals (%(key)s)."), place, key=key)
    return hundredths
