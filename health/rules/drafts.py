"""How is a scorecard's definition edited: groups, indicators and weights, one step at a time?

Each function takes a definition as it is stored and gives a changed copy; nothing is checked here, `parse_scorecard`
does that.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from common.shares import split
from health.rules.parsing import KEY_LENGTH

Definition = dict[str, Any]

EMPTY: Definition = {
    "groups": [],
    "coverage_floor": 0.6,
    "bands": {"green": 75, "yellow": 50},
    "hysteresis": {"points": 3, "readings": 2},
    "grace_days": 30,
    "knock_outs": [],
}


def key_for(name: str, taken: Collection[str], otherwise: str = "indicator") -> str:
    """Make a key out of a name; a name without Latin letters gets a number.

    >>> key_for("CSM’s sentiment", []), key_for("Usage", ["usage"]), key_for("情绪", [], "group")
    ('csm_s_sentiment', 'usage_2', 'group')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode().lower()
    words = "".join(sign if sign.isalnum() else " " for sign in plain).split()
    base = "_".join(words)[: KEY_LENGTH - 4].strip("_") or otherwise
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def indicator_keys(definition: Mapping[str, Any]) -> list[str]:
    """The keys of all indicators, in order.

    >>> indicator_keys({"groups": [{"key": "g", "indicators": [{"key": "a"}, {"key": "b"}]}]})
    ['a', 'b']
    """
    return [row["key"] for group in definition["groups"] for row in group.get("indicators", [])]


def weight_total(definition: Mapping[str, Any]) -> float:
    """What all weights add up to; 100 is wanted.

    >>> weight_total({"groups": [{"indicators": [{"weight": 12.5}, {"weight": 30}]}]})
    42.5
    """
    rows = (row for group in definition["groups"] for row in group.get("indicators", []))
    return round(sum(float(row.get("weight", 0)) for row in rows), 2)


def with_weights(definition: Definition, weights: Mapping[str, float]) -> Definition:
    """Give indicators other weights.

    >>> with_weights({"groups": [{"indicators": [{"key": "a", "weight": 1}]}]}, {"a": 100.0})["groups"][0]["indicators"]
    [{'key': 'a', 'weight': 100}]
    """
    new = copy.deepcopy(definition)
    for group in new["groups"]:
        for row in group.get("indicators", []):
            if row["key"] in weights:
                row["weight"] = plain_number(weights[row["key"]])
    return new


def weights_of(definition: Mapping[str, Any]) -> dict[str, float]:
    """The weight of each indicator, by its key.

    >>> weights_of({"groups": [{"indicators": [{"key": "a", "weight": 60}, {"key": "b", "weight": 40}]}]})
    {'a': 60.0, 'b': 40.0}
    """
    rows = (row for group in definition["groups"] for row in group.get("indicators", []))
    return {row["key"]: float(row.get("weight", 0)) for row in rows}


def with_room_made(before: Mapping[str, float], typed: Mapping[str, float]) -> dict[str, float]:
    """Weights that add up to 100: those somebody changed stay as typed, the others share the rest as before.

    Where that cannot be (nothing was changed, too much was given away, nothing is left to scale) all stay as typed.

    >>> with_room_made({"a": 40, "b": 40, "c": 20}, {"a": 70, "b": 40, "c": 20})
    {'a': 70, 'b': 20.0, 'c': 10.0}
    >>> with_room_made({"a": 40, "b": 60}, {"a": 30, "b": 70}), with_room_made({"a": 1}, {"a": 9})
    ({'a': 30, 'b': 70}, {'a': 9})
    """
    touched = {key for key, weight in typed.items() if weight != before.get(key)}
    others = {key: Decimal(str(weight)) for key, weight in typed.items() if key not in touched}
    left = Decimal(100) - sum((Decimal(str(typed[key])) for key in touched), Decimal(0))
    if not touched or left < 0 or not any(others.values()) or left == sum(others.values()):
        return dict(typed)
    parts = split(left, list(others.values()))
    return {**typed, **{key: float(part) for key, part in zip(others, parts, strict=True)}}


def plain_number(value: float) -> float:
    """A whole number without its point, so that a definition reads as people write it.

    >>> plain_number(30.0), plain_number(0.25)
    (30, 0.25)
    """
    return int(value) if float(value).is_integer() else float(value)


def with_group(definition: Definition, name: str) -> Definition:
    """Add an empty group at the end.

    >>> with_group({"groups": []}, "Product")
    {'groups': [{'key': 'product', 'name': 'Product', 'indicators': []}]}
    """
    new = copy.deepcopy(definition)
    key = key_for(name, [group["key"] for group in new["groups"]], "group")
    new["groups"].append({"key": key, "name": name, "indicators": []})
    return new


def without_group(definition: Definition, key: str) -> Definition:
    """Take a group away with its indicators, and what hangs on them.

    >>> without_group({"groups": [{"key": "a", "indicators": []}], "knock_outs": []}, "a")
    {'groups': [], 'knock_outs': []}
    """
    new = copy.deepcopy(definition)
    new["groups"] = [group for group in new["groups"] if group["key"] != key]
    return _without_loose_ends(new)


def with_indicator(definition: Definition, group_key: str, row: Mapping[str, Any], key: str = "") -> Definition:
    """Put an indicator into a group: in the place of the one with a key, or at the end.

    >>> card = {"groups": [{"key": "g", "indicators": [{"key": "a", "weight": 10}]}]}
    >>> with_indicator(card, "g", {"key": "a", "weight": 30}, "a")["groups"][0]["indicators"]
    [{'key': 'a', 'weight': 30}]
    """
    new = copy.deepcopy(definition)
    for group in new["groups"]:
        rows = group.setdefault("indicators", [])
        at = next((n for n, old in enumerate(rows) if key and old["key"] == key), None)
        if group["key"] == group_key:
            rows[len(rows) if at is None else at : len(rows) if at is None else at + 1] = [dict(row)]
        elif at is not None:
            del rows[at]
    return new


def without_indicator(definition: Definition, key: str) -> Definition:
    """Take an indicator away, and its knock-outs.

    >>> card = {"groups": [{"key": "g", "indicators": [{"key": "a"}]}], "knock_outs": [{"indicator": "a"}]}
    >>> without_indicator(card, "a")
    {'groups': [{'key': 'g', 'indicators': []}], 'knock_outs': []}
    """
    new = copy.deepcopy(definition)
    for group in new["groups"]:
        group["indicators"] = [row for row in group.get("indicators", []) if row["key"] != key]
    return _without_loose_ends(new)


def _without_loose_ends(definition: Definition) -> Definition:
    keys = indicator_keys(definition)
    definition["knock_outs"] = [rule for rule in definition.get("knock_outs", []) if rule["indicator"] in keys]
    return definition


def moved(rows: Sequence[Any], at: int, by: int) -> list[Any]:
    """Move one of some rows up (by −1) or down (by 1); at the edge it stays.

    >>> moved(["a", "b", "c"], 1, -1), moved(["a", "b"], 0, -1)
    (['b', 'a', 'c'], ['a', 'b'])
    """
    new, to = list(rows), at + by
    if 0 <= at < len(new) and 0 <= to < len(new):
        new[at], new[to] = new[to], new[at]
    return new


def with_moved(definition: Definition, key: str, by: int, *, is_group: bool = False) -> Definition:
    """Move a group among the groups, or an indicator within its group.

    >>> card = {"groups": [{"key": "a", "indicators": []}, {"key": "b", "indicators": []}]}
    >>> [group["key"] for group in with_moved(card, "b", -1, is_group=True)["groups"]]
    ['b', 'a']
    """
    new = copy.deepcopy(definition)
    if is_group:
        keys = [group["key"] for group in new["groups"]]
        new["groups"] = moved(new["groups"], keys.index(key), by) if key in keys else new["groups"]
        return new
    for group in new["groups"]:
        keys = [row["key"] for row in group.get("indicators", [])]
        if key in keys:
            group["indicators"] = moved(group["indicators"], keys.index(key), by)
    return new


def what_differs(old: Any, new: Any, place: str = "") -> dict[str, list[Any]]:
    """Say where two definitions differ: place → [old, new]; rows with a key are named by it.

    >>> card = {"groups": [{"key": "g", "indicators": [{"key": "a", "weight": 10}]}]}
    >>> what_differs(card, with_weights(card, {"a": 30}))
    {'groups.g.indicators.a.weight': [10, 30]}
    """
    if old == new:
        return {}
    before, after = _named(old), _named(new)
    if before is None or after is None:
        return {place: [old, new]}
    found: dict[str, list[Any]] = {}
    for name in dict.fromkeys([*before, *after]):
        found |= what_differs(before.get(name), after.get(name), f"{place}.{name}".lstrip("."))
    return found or {place: [list(before), list(after)]}


def _named(value: Any) -> dict[str, Any] | None:
    """The parts of a value by name, None where it has none."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and all(isinstance(row, Mapping) and "key" in row for row in value):
        return {row["key"]: row for row in value}
    return None
