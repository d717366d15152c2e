"""Is every rule shown by an example and written down for people?"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, modules, place, role, tree


def rules() -> Iterator[tuple[str, ast.FunctionDef]]:
    """List the public functions of the rules."""
    for file in modules():
        if role(file) == "rules":
            for node in tree(file).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield f"{module_name(file)}.{node.name}", node


def module_name(file: Path) -> str:
    return ".".join(place(file).with_suffix("").parts)


RULES = dict(rules())


@pytest.mark.parametrize("name", RULES)
def test_it_has_an_example(name: str) -> None:
    assert ">>> " in (ast.get_docstring(RULES[name]) or "")


@pytest.mark.parametrize("name", RULES)
def test_it_has_a_line_in_the_formulas(name: str) -> None:
    assert f"`{RULES[name].name}`" in (ROOT / "docs" / "formulas.md").read_text(encoding="utf-8")
