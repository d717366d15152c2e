"""How does a playbook leave as a file, and how is one read that comes back?

    {"format": "mainstay.playbook", "version": 1, "key": "rescue", "definition": {…}}

The version is the file format's. A file of a later one is refused rather than half understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from health.rules.parsing import N_, ScorecardError, read_mapping, refuse_unknown
from playbooks.rules.definition import Definition, dump_definition, parse_definition

FORMAT = "mainstay.playbook"
VERSION = 1
MOST_BYTES = 2 * 1024 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
SETTINGS = frozenset({"format", "version", "key", "definition"})


class PlaybookFile(NamedTuple):
    """What a file holds: under which key, and what the playbook says."""

    key: str
    definition: Definition


def parse_file(text: str) -> PlaybookFile:
    """Read a playbook's file, or say what is wrong with it.

    >>> said = {"name": "Call", "steps": [{"key": "call", "title": "Call"}]}
    >>> body = {"format": "mainstay.playbook", "version": 1, "key": "call", "definition": said}
    >>> parse_file(json.dumps(body)).key
    'call'
    >>> parse_file(json.dumps(body | {"version": 2}))
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: This file is of format version 2; version 1 is read here.
    """
    try:
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ScorecardError(N_("This is no playbook file: it is not valid JSON.")) from None
    given = read_mapping(body, "")
    if given.get("format") != FORMAT:
        raise ScorecardError(N_("This is no playbook file: “format” must be “%(format)s”."), "format", format=FORMAT)
    if given.get("version") != VERSION or isinstance(given.get("version"), bool):
        raise ScorecardError(
            N_("This file is of format version %(given)s; version %(known)s is read here."),
            "version", given=str(given.get("version"))[:20], known=VERSION,
        )  # fmt: skip
    refuse_unknown(given, "", SETTINGS)
    key = given.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise ScorecardError(N_("The key of a playbook has letters, digits, - and _ only, at most 60 of them."), "key")
    return PlaybookFile(key, parse_definition(given.get("definition")))


def dump_file(key: str, definition: Definition) -> str:
    """Write a playbook as a file; reading it again gives the same.

    >>> call = parse_definition({"name": "Call", "steps": [{"key": "call", "title": "Call"}]})
    >>> parse_file(dump_file("call", call)) == PlaybookFile("call", call)
    True
    """
    body: Mapping[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "key": key,
        "definition": dump_definition(definition),
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def _refuse_constant(word: str) -> float:
    """NaN and the infinities are no JSON."""
    raise ValueError(word)
