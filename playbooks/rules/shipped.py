"""Which playbooks come with Mainstay, and what do they say?

Each is a file in the format in which playbooks are exported and imported (playbooks.rules.files); the industry library
adapts some of them by overlays (playbooks.rules.overlays).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from playbooks.rules.definition import Definition, dump_definition
from playbooks.rules.files import parse_file
from playbooks.rules.overlays import apply_overlay
from playbooks.rules.words import in_language

FOLDER = Path(__file__).resolve().parents[1] / "shipped"
# The order of the list; what an industry adapts comes behind, in the order of the files.
ORDER = (
    *("onboarding", "digital_onboarding", "rescue", "usage_drop", "sponsor_change", "escalation"),
    *("stabilization_30", "stabilization_90", "renewal", "expansion", "advocate_care", "win_back"),
)
Body = Mapping[str, Any]


@cache
def shipped_bodies() -> Mapping[str, Body]:
    """Give what each shipped playbook says, as JSON, by its key and in the order of the list.

    >>> "rescue" in shipped_bodies(), "rescue_finance" in shipped_bodies()
    (True, True)
    """
    bodies = {key: _body(FOLDER / f"{key}.json") for key in ORDER}
    adapted = [(f"{base}_{industry}", body) for industry, base, body in _adapted(bodies)]
    return {**bodies, **dict(adapted)}


def shipped_row(key: str) -> dict[str, Any]:
    """Give the columns of a shipped playbook's row in the list.

    >>> shipped_row("rescue")["category"]
    'rescue'
    """
    body = shipped_bodies()[key]
    names = ("name", "purpose", "category", "industry")
    return {name: body[name] for name in names} | {"position": 10 * (list(shipped_bodies()).index(key) + 1)}


def _body(file: Path) -> Body:
    definition: Definition = parse_file(file.read_text("utf-8")).definition
    return dump_definition(definition)


def _adapted(bodies: Mapping[str, Body]) -> Iterator[tuple[str, str, Body]]:
    for file in sorted((FOLDER / "industries").glob("*.json")):
        overlay = json.loads(file.read_text("utf-8"))
        industry = in_language(overlay["name"], "en")
        for base, change in overlay["playbooks"].items():
            made = apply_overlay(bodies[base], change, industry=industry, accounts=overlay["accounts"])
            yield overlay["key"], base, made
