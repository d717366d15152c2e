"""What becomes of a draft when a step is added, changed, moved or taken away?

A draft is the JSON of a definition; every function gives a new one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from health.rules.parsing import KEY_LENGTH, N_, ScorecardError
from playbooks.rules.steps import STEP

Body = dict[str, Any]


def step_place(body: Mapping[str, Any], key: str) -> int | None:
    """Find the place of a step, counted from 0.

    >>> step_place({"steps": [{"key": "a"}, {"key": "b"}]}, "b")
    1
    """
    return next((number for number, step in enumerate(body["steps"]) if step["key"] == key), None)


def with_step(body: Body, step: Mapping[str, Any], *, after: str = "") -> Body:
    """Add a step behind another, or at the end; or put it in the place of the one with its key.

    >>> body = {"steps": [{"key": "a"}, {"key": "b"}]}
    >>> [step["key"] for step in with_step(body, {"key": "c"}, after="a")["steps"]]
    ['a', 'c', 'b']
    >>> with_step(body, {"key": "b", "kind": "gate"})["steps"][1]["kind"]
    'gate'
    """
    steps, there = list(body["steps"]), step_place(body, step["key"])
    if there is not None:
        steps[there] = dict(step)
    else:
        place = step_place(body, after)
        steps.insert(len(steps) if place is None else place + 1, dict(step))
    return {**body, "steps": steps}


def moved_step(body: Body, key: str, by: int) -> Body:
    """Move a step up or down; at the edge it stays.

    >>> [step["key"] for step in moved_step({"steps": [{"key": "a"}, {"key": "b"}]}, "b", -1)["steps"]]
    ['b', 'a']
    """
    steps, place = list(body["steps"]), step_place(body, key)
    if place is not None and 0 <= place + by < len(steps):
        steps.insert(place + by, steps.pop(place))
    return {**body, "steps": steps}


def without_step(body: Body, key: str) -> Body:
    """Take a step away; nothing waits for it any more. One from which others are counted stays.

    >>> steps = [{"key": "a"}, {"key": "b", "depends_on": ["a"]}]
    >>> without_step({"steps": steps}, "a")["steps"]
    [{'key': 'b', 'depends_on': []}]
    >>> without_step({"steps": [{"key": "a"}, {"key": "b", "anchor": "step:a"}]}, "a")
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: Other steps are counted from this one: b. Count them from something else first.
    """
    counted = [step["key"] for step in body["steps"] if step.get("anchor") == f"{STEP}{key}"]
    if counted:
        message = N_("Other steps are counted from this one: %(steps)s. Count them from something else first.")
        raise ScorecardError(message, "steps", steps=", ".join(counted))
    kept = [step for step in body["steps"] if step["key"] != key]
    return {**body, "steps": [_without_wait(step, key) for step in kept]}


def free_step_key(body: Mapping[str, Any], title: str) -> str:
    """Make a key for a new step from its title, with a number where it is taken or says nothing.

    >>> free_step_key({"steps": [{"key": "call"}]}, "Call!"), free_step_key({"steps": []}, "致电")
    ('call_2', 'step')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: KEY_LENGTH - 4].strip("_") or "step"
    taken = {step["key"] for step in body["steps"]}
    numbers = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return next(key for key in [stem, *numbers] if key not in taken)


def with_row(rows: Sequence[Any], row: Any) -> list[Any]:
    """Add a row, unless the same is there.

    >>> with_row([1], 2), with_row([1], 1)
    ([1, 2], [1])
    """
    return [*rows] if row in rows else [*rows, row]


def without_row(rows: Sequence[Any], number: str) -> list[Any]:
    """Take away the row that a button names by its number; a number that is none takes nothing away.

    >>> without_row(["a", "b"], "0"), without_row(["a"], "7"), without_row(["a"], "x")
    (['b'], ['a'], ['a'])
    """
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else -1
    return [row for place, row in enumerate(rows) if place != chosen]


def _without_wait(step: Mapping[str, Any], key: str) -> dict[str, Any]:
    if key not in step.get("depends_on", ()):
        return dict(step)
    return {**step, "depends_on": [one for one in step["depends_on"] if one != key]}
