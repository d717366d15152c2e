"""How do the pictures of the README come to be? `python3 run.py pictures` tells the demo book of one day and looks.

The clock stands at that day and the seed is the demo's, so that the same code gives the same pictures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count, Q
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from health.models import HealthScore
from playbooks.models import Run
from portfolio.models import AccountRow
from tests.journeys.book import Visitor, person
from tests.journeys.smaller import smaller

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
DAY = dt.date(2026, 10, 14)
AT = dt.datetime(2026, 10, 14, 9, 30, tzinfo=dt.UTC)
ACCOUNTS, MONTHS = 120, 24
WIDE = {"width": 1280, "height": 800}
MOST_BYTES = 150_000
CSM, MANAGER = "Jonas Weber", "Hanna Lindqvist"


def product_manager() -> User:
    return User.objects.filter(role=User.Role.PRODUCT_MANAGER).order_by("pk")[0]


def an_account() -> str:
    """The account at risk with the most money whose health has a story."""
    seen = AccountRow.objects.filter(owner=person(CSM), band=HealthScore.Band.RED).order_by("-arr", "pk")
    return reverse("account_overview", args=[seen[0].pk])


def a_run() -> str:
    """A playbook under way of which most is done already."""
    seen = Run.objects.visible_to(person(MANAGER)).unfinished()
    done = Count("tasks", filter=Q(tasks__state="done"))
    return reverse("playbook_run", args=[seen.annotate(done=done).order_by("-done", "pk")[0].pk])


# Name, who looks, where.
PICTURES: tuple[tuple[str, Callable[[], User], Callable[[], str]], ...] = (
    ("today", lambda: person(CSM), lambda: reverse("today")),
    ("account", lambda: person(CSM), an_account),
    ("retention", lambda: person(MANAGER), lambda: reverse("retention")),
    ("roadmap", product_manager, lambda: reverse("roadmap")),
    ("playbook-run", lambda: person(MANAGER), a_run),
)
# The page that stands for all others in Chinese.
CHINESE = "today"


def take(page: Page, address: str, name: str) -> None:
    """Look at a page and keep the picture, small."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, address
    page.wait_for_load_state("networkidle")
    data = smaller(page.screenshot(animations="disabled", caret="hide"))
    assert len(data) < MOST_BYTES, f"{name}: {len(data)} bytes"
    (FOLDER / f"{name}.png").write_bytes(data)


@pytest.mark.usefixtures("live_server")
def test_the_pictures_are_taken(live_server: LiveServer, visitor: Visitor) -> None:
    with time_machine.travel(AT, tick=True):
        call_command("load_demo", accounts=ACCOUNTS, months=MONTHS, on=DAY)
        FOLDER.mkdir(exist_ok=True)
        for theme in ("light", "dark"):
            for name, who, where in PICTURES:
                with visitor.signed_in(who(), viewport=WIDE, color_scheme=theme) as page:
                    take(page, where(), f"{name}-{theme}")
        _name, who, where = next(one for one in PICTURES if one[0] == CHINESE)
        User.objects.filter(pk=who().pk).update(language="zh-hans")
        with visitor.signed_in(who(), viewport=WIDE, color_scheme="light") as page:
            take(page, where(), f"{CHINESE}-chinese")
