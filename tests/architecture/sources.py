"""What do the tests of taste read? The project's own files, apps and addresses."""

import ast
import inspect
import itertools
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize
from importlinter import api

ROOT = Path(__file__).resolve().parents[2]


@cache
def stack() -> tuple[frozenset[str], ...]:
    """Read the layers of apps, highest first, from the one place where they are written."""
    contracts = api.read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "stack")
    return tuple(frozenset(re.findall(r"\w+", layer)) for layer in layers)


def height(app: str) -> int:
    """Count how far above the ground an app stands."""
    return next(height for height, layer in enumerate(reversed(stack())) if app in layer)


def apps() -> frozenset[str]:
    """Name the project's own packages."""
    return frozenset().union(*stack())


@cache
def project_files() -> tuple[Path, ...]:
    """List the files that are in the project, or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(ROOT / name for name in sorted(filter(None, listed.split("\0"))) if (ROOT / name).is_file())


@cache
def modules() -> tuple[Path, ...]:
    """List the apps' own Python files, migrations left out."""
    return tuple(
        file
        for file in project_files()
        if file.suffix == ".py" and place(file).parts[0] in apps() and "migrations" not in place(file).parts
    )


def place(file: Path) -> Path:
    """Say where a file lies in the project."""
    return file.relative_to(ROOT)


def role(file: Path) -> str:
    """Name the part that a file plays in its app: `models` for health/models.py and for health/models/score.py."""
    parts = place(file).with_suffix("").parts
    return parts[1] if len(parts) > 1 else parts[0]


@cache
def tree(file: Path) -> ast.Module:
    """Parse a Python file, once."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def nodes(file: Path, *kinds: str) -> Iterator[Any]:
    """Walk over the syntax of some kinds in a file."""
    return (node for node in ast.walk(tree(file)) if type(node).__name__ in kinds)


def dotted(node: ast.AST) -> str:
    """Write a name with its dots, as in the source; an empty string for anything that is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


@dataclass(frozen=True)
class Address:
    """One URL pattern of the project, with a path that leads to it."""

    name: str
    path: str
    view: Callable[..., Any]

    @property
    def function(self) -> Callable[..., Any]:
        """The view below its decorators."""
        return inspect.unwrap(self.view)

    @property
    def app(self) -> str:
        """The package whose view this is."""
        owner = getattr(self.view, "view_class", None) or getattr(self.view, "cls", None) or self.function
        return str(getattr(owner, "__module__", "")).partition(".")[0]

    @property
    def is_own_page(self) -> bool:
        """Tell whether this is a function view of ours, and no viewset, page of the admin or view of a package."""
        return self.app in apps() and not hasattr(self.view, "cls") and not hasattr(self.view, "model_admin")


SAMPLES = ("1", "x", "json", ".json", "2026-03", "2026-03-31", "00000000-0000-4000-8000-000000000001", "accounts")


@cache
def addresses() -> tuple[Address, ...]:
    """List every address of the project, packages' own among them."""
    return tuple(_addresses(get_resolver(), ""))


def _addresses(resolver: URLResolver, prefix: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        regex = prefix + pattern.pattern.regex.pattern.removeprefix("^").removeprefix(r"\A")
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, regex)
        else:
            yield Address(pattern.name or "", _sample_path(pattern, regex), pattern.callback)


def _sample_path(pattern: URLPattern, regex: str) -> str:
    """Find a path that leads to the pattern."""
    for template, names in normalize(regex):
        for values in itertools.product(SAMPLES, repeat=len(set(names))):
            path = "/" + template % dict(zip(dict.fromkeys(names), values, strict=True))
            try:
                if resolve(path).func is pattern.callback:
                    return path
            except Resolver404:
                continue
    return ""
