"""How does an industry change a playbook, without a copy of all that stays the same?

An overlay names another name and purpose, changes fields of steps by their key, and adds steps behind others:

    {"name": {…}, "purpose": {…},
     "change": {"kick_off": {"instructions": {…}}},
     "add": [{"after": "go_live", "step": {"key": "paper_off", "title": {…}, …}}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from health.rules.parsing import N_, ScorecardError, read_list, read_mapping, refuse_unknown

Body = Mapping[str, Any]


def apply_overlay(base: Body, overlay: Body, *, industry: str, accounts: list[str]) -> dict[str, Any]:
    """Give what a playbook says for an industry: for accounts whose industry is one of some words.

    >>> base = {"name": "Rescue", "steps": [{"key": "call", "title": "Call"}]}
    >>> more = [{"after": "call", "step": {"key": "x", "title": "X"}}]
    >>> overlay = {"change": {"call": {"title": "Visit"}}, "add": more}
    >>> made = apply_overlay(base, overlay, industry="Finance", accounts=["Finance"])
    >>> [step["title"] for step in made["steps"]], made["entry"]["conditions"][0]["value"]
    (['Visit', 'X'], ['Finance'])
    >>> apply_overlay(base, {"change": {"mail": {}}}, industry="Finance", accounts=[])
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: There is no step “mail” to change.
    """
    given = read_mapping(overlay, "")
    refuse_unknown(given, "", {"name", "purpose", "change", "add"})
    changes = read_mapping(given.get("change", {}), "change")
    steps = [dict(step) for step in base["steps"]]
    keys = {step["key"] for step in steps}
    for key in changes:
        if key not in keys:
            raise ScorecardError(N_("There is no step “%(key)s” to change."), "change", key=str(key)[:60])
    steps = [{**step, **changes.get(step["key"], {})} for step in steps]
    for row in read_list(given.get("add", []), "add"):
        _add(steps, read_mapping(row, "add"))
    entry = dict(base.get("entry", {}))
    condition = {"field": "industry", "operator": "in", "value": list(accounts)}
    entry["conditions"] = [*entry.get("conditions", []), condition]
    words = {name: given[name] for name in ("name", "purpose") if name in given}
    return {**base, **words, "industry": industry, "steps": steps, "entry": entry}


def _add(steps: list[dict[str, Any]], row: Body) -> None:
    after = next((number for number, step in enumerate(steps) if step["key"] == row.get("after")), None)
    if after is None:
        raise ScorecardError(N_("There is no step “%(key)s” to change."), "add", key=str(row.get("after"))[:60])
    steps.insert(after + 1, dict(read_mapping(row.get("step"), "add.step")))
