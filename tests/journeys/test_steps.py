"""How many steps does each core task take, by mouse and by keyboard, in English and in Chinese?

Never more than was measured: steps.toml. With --log-cli-level=INFO each walk tells its steps and its seconds.
"""

from __future__ import annotations

import logging
import statistics
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page
from pytest_django.live_server_helper import LiveServer

from tests.journeys.book import Visitor, person
from tests.journeys.hands import HANDS, Hand
from tests.journeys.tasks import ADMINS, CORE, CoreTask, set_the_stage

BASELINE = Path(__file__).with_name("steps.toml")
TASKS = (*CORE, *ADMINS)
LOG = logging.getLogger(__name__)
MOST_LOADS, MOST_FIELDS = 3, 3


def measured() -> dict[str, dict[str, int]]:
    return tomllib.loads(BASELINE.read_text(encoding="utf-8"))


@contextmanager
def at_work(visitor: Visitor, name: str, language: str) -> Iterator[Page]:
    """Sit somebody down at their browser, in a language."""
    who = person(name)
    who.language = language
    who.save(update_fields=["language"])
    with visitor.signed_in(who, locale={"en": "en-US", "zh-hans": "zh-CN"}[language]) as page:
        yield page


def walked(page: Page, task: CoreTask, hand_name: str, language: str) -> Hand:
    """Do one task from where the person's day begins, and give the hand that did it."""
    page.goto("/")
    hand = HANDS[hand_name](page, language)
    task.walk(hand)
    hand.done()
    return hand


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("hand_name", list(HANDS))
def test_each_task_takes_as_few_steps_as_measured(
    book: LiveServer, visitor: Visitor, hand_name: str, language: str
) -> None:
    set_the_stage()
    wrong: list[str] = []
    for name, tasks in groupby(sorted(TASKS, key=lambda task: task.who), key=lambda task: task.who):
        with at_work(visitor, name, language) as page:
            for task in tasks:
                start = time.monotonic()
                try:
                    hand = walked(page, task, hand_name, language)
                except (AssertionError, Error) as error:
                    said = str(error).partition("Aria snapshot")[0].strip()
                    wrong.append(f"{task.key}: {said}")
                    continue
                wrong += compared(task, hand)
                taken = ", ".join(hand.steps.taken)
                seconds = time.monotonic() - start
                LOG.info("%s, %s, %s: %s (%.1f s)", task.key, hand_name, language, taken, seconds)
    assert not wrong, "\n".join(wrong)


def test_the_core_tasks_are_short_by_what_was_measured() -> None:
    known = measured()
    assert set(known) == {task.key for task in TASKS}
    for task in TASKS:
        assert known[task.key]["steps"] <= task.most, task.key
        assert known[task.key]["loads"] <= MOST_LOADS, task.key
        assert known[task.key]["fields"] <= MOST_FIELDS, task.key
    longest: dict[int, int] = {}
    for task in CORE:
        longest[task.number] = max(longest.get(task.number, 0), known[task.key]["steps"])
    assert sorted(longest) == list(range(1, 13))
    assert max(longest.values()) <= 5
    assert statistics.median(longest.values()) <= 4
    assert sum(longest.values()) <= 41


def compared(task: CoreTask, hand: Hand) -> Iterator[str]:
    """Say what differs from what was measured, and what is more than may be."""
    known = measured()[task.key]
    for name, found in (("steps", len(hand.steps.taken)), ("loads", hand.steps.loads), ("fields", hand.steps.fields)):
        if found > known[name]:
            yield f"{task.key} takes {found} {name} now, {known[name]} before: {hand.steps.taken}"
        elif found < known[name]:
            yield f"{task.key} takes only {found} {name} now: write it into {BASELINE.name}"
