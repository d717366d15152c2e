"""Can every act behind one button be taken back, or does it ask first, or is it said why not?"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from tests.architecture.sources import ROOT, apps

LIST = Path(__file__).with_name("taken_back.toml")
QUESTIONS = ("ui.dialog(", "ui.question(", "ui.asked_button(", "cells.confirmed(")
# Acts on many rows: the run that they become says what was done and takes it back.
MANY = "for_chosen("


@cache
def listed() -> dict[str, tuple[str, str]]:
    """Each address with the way in which it is taken back, and what is said of that."""
    told = tomllib.loads(LIST.read_text(encoding="utf-8"))
    found = [(name, ("undo", "")) for name in told["undo"].split()]
    found += [(name, (kind, said)) for kind in ("asks", "back", "because") for name, said in told[kind].items()]
    assert [name for name, times in Counter(name for name, _way in found).items() if times > 1] == []
    return dict(found)


def patterns(under: Any = None) -> Iterator[URLPattern]:
    for one in (under or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from patterns(one)


@cache
def buttons() -> dict[str, str]:
    """What the views of our own pages that take a POST alone say, with the helpers of their module."""
    found = {}
    for one in patterns():
        view = inspect.unwrap(one.callback)
        if one.name and view.__module__.split(".")[0] in apps() and not hasattr(one.callback, "cls"):
            text = inspect.getsource(view)
            if "@require_POST" in text:
                found[one.name] = text + "".join(_helpers(text, inspect.getmodule(view)))
    return found


def _helpers(text: str, module: ModuleType | None) -> Iterator[str]:
    for name in set(re.findall(r"\b(\w+)\(", text)):
        helper: Callable[..., Any] | None = getattr(module, name, None)
        if inspect.isfunction(helper) and inspect.unwrap(helper).__module__ == getattr(module, "__name__", ""):
            yield inspect.getsource(inspect.unwrap(helper))


def single() -> set[str]:
    return {name for name, text in buttons().items() if MANY not in text}


def test_every_button_is_listed_and_nothing_else() -> None:
    assert sorted(single() - set(listed())) == []
    assert sorted(set(listed()) - single()) == []


@pytest.mark.parametrize("name", sorted(listed()))
def test_what_is_listed_holds(name: str) -> None:
    kind, said = listed()[name]
    if kind == "undo":
        assert "undo" in buttons()[name], f"{name} offers no undo"
    elif kind == "asks":
        text = (ROOT / "templates" / said).read_text(encoding="utf-8")
        asked = [text[max(0, found.start() - 900) : found.start()] for found in re.finditer(f'url\\("{name}"', text)]
        has_page = name in ("privacy_erase", "scorecard_publish")
        assert asked
        assert has_page or all(any(word in before for word in QUESTIONS) for before in asked), f"{name} does not ask"
    elif kind == "back":
        assert said in {one.name for one in patterns()}, f"{said} is no address"
    else:
        assert len(said) > 10
