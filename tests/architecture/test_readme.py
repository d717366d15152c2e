"""Are the README's pictures there, small, and made by the command that says so?"""

from __future__ import annotations

import ast
import re

import run
from tests.architecture.sources import ROOT

FOLDER = ROOT / "docs" / "images"
TAKER = ROOT / "tests" / "journeys" / "take_pictures.py"
MOST_BYTES = 150_000


def made() -> set[str]:
    """The names of the files that the command writes, from its table of pictures."""
    tree = ast.parse(TAKER.read_text(encoding="utf-8"))
    tables = {
        node.target.id: node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    listed = tables["PICTURES"]
    assert isinstance(listed, ast.Tuple)
    names = [ast.literal_eval(row.elts[0]) for row in listed.elts if isinstance(row, ast.Tuple)]
    return {f"{name}-{theme}.png" for name in names for theme in ("light", "dark")} | {"today-chinese.png"}


def test_the_command_names_the_pictures_of_the_readme() -> None:
    shown = set(re.findall(r"docs/images/([\w-]+\.png)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert shown == made()
    assert "pictures" in run.TARGETS


def test_the_pictures_are_there_and_small_and_no_other_is() -> None:
    files = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert set(files) == made()
    assert [name for name, size in files.items() if size >= MOST_BYTES] == []
