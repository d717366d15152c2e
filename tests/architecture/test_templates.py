"""Is every template used, and is nothing in one trusted or styled by hand?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps as installed

from tests.architecture.sources import ROOT, apps, modules, nodes, place, project_files

FOLDER = ROOT / "templates"
REFERENCE = re.compile(r"""(?:extends|include|import|from)\s+["']([^"']+)["']""")
INLINE = re.compile(
    # Data for a script (application/json) is never run; the policy lets it pass.
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>|<style[\s>]|\sstyle=|\son[a-z]+=|href=[\"']javascript:",
    re.IGNORECASE,
)
TRUSTING = re.compile(r"\|\s*safe\b|autoescape\s+(false|off)", re.IGNORECASE)


def templates() -> list[Path]:
    return [file for file in project_files() if file.suffix in (".html", ".txt") and FOLDER in file.parents]


def name(file: Path) -> str:
    """Say under which name a template is loaded."""
    return str(file.relative_to(FOLDER)).removeprefix("django/")


def references() -> Iterator[re.Pattern[str]]:
    """Find what Python and other templates load; a name put together from parts stands for all that fit."""
    for file in templates():
        yield from (re.compile(re.escape(found)) for found in REFERENCE.findall(file.read_text(encoding="utf-8")))
    for file in modules():
        for node in nodes(file, "Constant"):
            if str(node.value).endswith((".html", ".txt")):
                yield re.compile(re.escape(str(node.value)))
        for node in nodes(file, "JoinedStr"):
            parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[^/]+" for v in node.values]
            if parts[-1].endswith(("html", "txt")):
                yield re.compile("".join(parts))


def asked_for_by_a_package(file: Path) -> bool:
    """Tell whether a package that we use loads a template of this name."""
    folders = [Path(config.path) for config in installed.get_app_configs() if config.name not in apps()]
    import django.forms

    folders.append(Path(django.forms.__file__).parent)
    return any((folder / kind / name(file)).exists() for folder in folders for kind in ("templates", "jinja2"))


def test_every_template_is_used() -> None:
    used = list(references())

    idle = [
        str(place(file))
        for file in templates()
        if not any(pattern.fullmatch(name(file)) for pattern in used) and not asked_for_by_a_package(file)
    ]
    assert idle == []


def test_no_template_trusts_text_or_carries_script_or_style() -> None:
    found = [
        f"{place(file)}:{number} {line.strip()[:80]}"
        for file in templates()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if INLINE.search(line) or TRUSTING.search(line)
    ]
    assert found == []


def test_every_icon_is_drawn() -> None:
    """A name without a drawing breaks the page that meets it, which may be one that is empty and seldom seen."""
    controls = (FOLDER / "components/controls.html").read_text(encoding="utf-8")
    drawn = set(
        re.findall(r'^  "([\w-]+)":', controls.partition("drawings = {")[2].partition("} -%}")[0], re.MULTILINE)
    )
    named = re.compile(r'(?:\bicon=|ui\.icon\()"([\w-]+)"')

    assert len(drawn) > 20
    missing = [
        f"{place(file)}: {icon}"
        for file in templates()
        for icon in named.findall(file.read_text(encoding="utf-8"))
        if icon not in drawn
    ]
    assert missing == []
