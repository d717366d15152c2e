"""Is every text of every page translated? Each address is read in a language that nobody speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction

from accounts.models import User
from tests import pseudo
from tests.matrix.asking import Asker
from tests.matrix.table import pk_of, routes
from tests.matrix.world import World, our_models

pytestmark = pytest.mark.django_db
# Addresses that answer programs or give a file.
# The audit trail names acts by their codes, as its readers search for them.
NOT_READ = re.compile(
    r"^/(api|health|media|settings/audit)|\.(csv|xlsx|md|json|svg|txt)$|/(csv|xlsx)/|/export|/template/"
)
CODE = re.compile(r"^[a-z0-9_.]+$")
# What the world of the matrix writes into a text of a row.
WRITTEN = re.compile(r"^(?:near|far|hush)q\d+$", re.IGNORECASE)
# Pages on which other roles than an admin see something of their own.
OF_ROLES = ("home", "today", "account_list", "renewals", "my_tasks", "retention", "report_portfolio")


def texts_of(value: Any) -> Iterator[str]:
    """Every text within a value of a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)


def data() -> str:
    """All that somebody wrote, or that is shipped as data, as one text; codes are none of it."""
    found = set()
    for model in [*our_models(), *apps.get_app_config("mfa").get_models()]:
        columns = [
            column.name
            for column in model._meta.concrete_fields
            if isinstance(column, models.CharField | models.TextField | models.JSONField) and not column.choices
        ]
        for row in model._default_manager.values_list(*columns) if columns else ():
            found |= {
                " ".join(text.split())
                for value in row
                for text in texts_of(value)
                if WRITTEN.match(text) or not CODE.match(text)
            }
    return "\n".join(found)


@pytest.fixture
def speaking(settings: Any, tmp_path: Path, world: World) -> None:
    pseudo.speak(settings, tmp_path)
    User.objects.filter(is_active=True).update(language=pseudo.CODE)


def read_all(world: World, asker: Asker, actor: str) -> dict[str, list[str]]:
    known, faults = data(), {}
    for route in routes()[0]:
        if route.kind != "page" or "GET" not in route.methods or (actor != "admin" and route.name not in OF_ROLES):
            continue
        url = route.url(pk_of(world, route, "near"))
        if NOT_READ.search(url):
            continue
        with transaction.atomic():
            answer = asker.ask(actor, "GET", url, **{"Accept-Language": pseudo.CODE})
            transaction.set_rollback(True)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found = pseudo.untranslated(answer.content.decode(), lambda part: part in known or part.lower() in known)
            if found:
                faults[url] = sorted(set(found))
    return faults


def test_an_untranslated_text_is_found() -> None:
    page = (
        f"<p>{pseudo.accented('Saved by %(name)s') % {'name': 'Ann'}} today</p><b title='Raw'>Ann</b><code>x_y</code>"
    )
    assert pseudo.untranslated(page, lambda part: part == "Ann") == ["today", "Raw"]


@pytest.mark.parametrize("actor", ["admin", "csm", "manager", "product_manager"])
def test_no_page_has_a_text_that_is_not_translated(actor: str, speaking: None, world: World, asker: Asker) -> None:
    faults = read_all(world, asker, actor)
    if faults:
        pytest.fail("\n".join(f"{url}: {texts}" for url, texts in faults.items()), pytrace=False)
