"""Which mappings come with Mainstay, and which columns has a file in our own format?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from portfolio.importing.targets import ORDER, TARGETS

# What a first import is mostly made of.
FIRST = ("accounts", "contacts", "people", "products", "contract_lines", "usage_days")


@dataclass(frozen=True)
class Template:
    """One file in our own format."""

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]


@cache
def mappings() -> dict[str, tuple[str, Path]]:
    """Find the mappings that come with Mainstay: key → (name, file)."""
    found = sorted((Path(settings.BASE_DIR) / "docs" / "examples" / "mappings").glob("*.toml"))
    return {file.stem: (str(tomllib.loads(file.read_text("utf-8")).get("name", file.stem)), file) for file in found}


def templates() -> list[Template]:
    """List the files that a book in our own format may have, those of a first import first."""
    names = [*FIRST, *(name for name in ORDER if name not in FIRST)]
    return [template(name) for name in names]


def template(name: str) -> Template:
    """Describe one file in our own format."""
    target = TARGETS[name]
    return Template(
        name,
        tuple(one.name for one in target.fields),
        tuple(one.name for one in target.fields if one.required),
    )
