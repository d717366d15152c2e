"""How is each figure worked out? The file of formulas, part by part, beside the code that it describes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.utils.text import slugify

# The same file in each language: the same rules in the same order, as a test says.
FORMULAS = {"en": "docs/formulas.md", "zh-hans": "docs/formulas.zh-hans.md"}
NAMES = re.compile(r"`([A-Za-z_][\w.]*)`")
HEADS = re.compile(r"^##+ ", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """One function of the rules: where it lies, and what its docstring says with its example."""

    name: str
    module: str
    doc: str


@dataclass(frozen=True)
class Line:
    """One line of the formulas: the rules that it names, and what it says of them."""

    rules: Sequence[str]
    text: str
    code: Sequence[Rule]
    # The names that this line is the first to have: the places to which links lead.
    anchors: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """One part of the formulas: its address is that of the English title, in every language."""

    title: str
    slug: str
    about: Sequence[str] = field(default_factory=list)
    lines: Sequence[Line] = field(default_factory=list)


@cache
def rules() -> dict[str, Rule]:
    """Every public function of the apps' rules, by its name, read from the code that runs."""
    found: dict[str, Rule] = {}
    for module in _rule_modules():
        for name, one in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and one.__module__ == module.__name__:
                found.setdefault(name, Rule(name, module.__name__, inspect.getdoc(one) or ""))
    return found


def _rule_modules() -> Iterator[ModuleType]:
    for app in apps.get_app_configs():
        if Path(app.path).parent != settings.BASE_DIR or not _has_rules(Path(app.path)):
            continue
        top = importlib.import_module(f"{app.name}.rules")
        yield top
        for one in pkgutil.walk_packages(getattr(top, "__path__", []), f"{app.name}.rules."):
            yield importlib.import_module(one.name)


def _has_rules(folder: Path) -> bool:
    return (folder / "rules.py").exists() or (folder / "rules").is_dir()


@cache
def formulas(language: str = "en") -> tuple[Section, ...]:
    """The file of formulas, part by part, each line beside the code that it describes; none where it is missing."""
    seen: set[str] = set()
    sections = []
    for (title, body), (english, _body) in zip(_parts(language), _parts("en"), strict=False):
        lines = list(_lines(body, seen))
        sections.append(Section(title, slugify(english), _paragraphs(body.splitlines()), lines))
    return tuple(sections)


def _parts(language: str) -> list[tuple[str, str]]:
    """Cut the file at its headings, large and small: the title of each part and what stands below it."""
    file = settings.BASE_DIR / FORMULAS[language]
    if not file.exists():
        return []
    cut = (part.partition("\n") for part in HEADS.split(file.read_text(encoding="utf-8"))[1:])
    return [(title, body) for title, _sign, body in cut]


def _lines(body: str, seen: set[str]) -> Iterator[Line]:
    known = rules()
    for row in re.findall(r"^\| (.+?) \| (.+) \|$", body, re.MULTILINE):
        if names := NAMES.findall(row[0]):
            code = [known[name] for name in names if name in known]
            yield Line(names, _plain(row[1]), code, [name for name in names if name not in seen])
            seen.update(names)


@cache
def places() -> dict[str, str]:
    """In which part each rule is described: where a link to it leads."""
    return {name: part.slug for part in formulas() for line in part.lines for name in line.anchors}


def found(asked: str, language: str) -> list[Section]:
    """The parts with those lines that have all the words asked for, in a name, the text or the title of the part."""
    words = asked.casefold().split()
    parts = []
    for part in formulas(language):
        lines = [line for line in part.lines if all(word in _haystack(part, line) for word in words)]
        if lines:
            parts.append(replace(part, lines=lines))
    return parts


def _haystack(part: Section, line: Line) -> str:
    names = " ".join(line.rules)
    return f"{names} {names.replace('_', ' ')} {line.text} {part.title}".casefold()


def spoken(language: str | None) -> str:
    """The language in which the formulas are read by who speaks one: English where there is no file of their own."""
    return language if language in FORMULAS else "en"


def _plain(text: str) -> str:
    """Take the marks of Markdown off: of code, and of words said with stress."""
    return re.sub(r"(\*+)(\S[^*]*)\1", r"\2", text).replace("`", "")


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Join broken lines; a paragraph ends at an empty line, at a table, and where a line begins with a dash."""
    paragraphs: list[str] = [""]
    for line in lines:
        if not line or line.startswith(("|", "- ")):
            paragraphs.append("")
        if line and not line.startswith("|"):
            text, before = line.removeprefix("- ").strip(), paragraphs[-1]
            # Chinese stands without spaces.
            paragraphs[-1] = f"{before} {text}".strip() if before[-1:].isascii() else before + text
    return [_plain(paragraph) for paragraph in paragraphs if paragraph]
