"""Is every cell of the table right: the answer, what it changed, and what it gave away?"""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from django.db import transaction

from accounts.rules import roles
from tests.matrix.asking import Asker, canaries, settled, text_of, writes
from tests.matrix.table import ACTORS, Case, Route, cells, has_right, pk_of, routes, sees_row, table
from tests.matrix.world import World, account_models, row_hash

pytestmark = pytest.mark.django_db
ROUTES, WITHOUT_ROW = routes()
ROLE_NAMES = {"cs_manager": "manager"}


def test_every_address_has_a_row() -> None:
    assert WITHOUT_ROW == []


def test_every_row_has_an_address() -> None:
    rows = {*table()["pages"], *table()["api"], *table()["api_exceptions"]}
    names = {name for route in ROUTES for name in (route.name, route.name.partition("-")[0])}

    assert rows - names == set()


def test_the_table_gives_each_role_what_the_code_gives_it() -> None:
    in_code = {
        capability.value: {
            ROLE_NAMES.get(role.value, role.value) for role in roles.Role if capability in roles.CAPABILITIES[role]
        }
        for capability in roles.Capability
    }
    in_table = {right: set(given) for right, given in table()["rights"].items() if right != "anything"}

    assert in_table == in_code


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_cell_of_an_address(route: Route, world: World, asker: Asker, record_property: Any) -> None:
    wrong: list[str] = []
    refusals: dict[tuple[str, str], dict[str, str]] = {}
    before = row_hash()
    count = 0
    for one in sorted(cells(world, route), key=lambda one: one.allowed):
        if one.allowed and before:
            if row_hash() != before:
                wrong.append("a refused request changed a row")
            before = {}
        wrong += _run(route, one, world, asker, refusals)
        count += 1
    if before and row_hash() != before:
        wrong.append("a refused request changed a row")
    for (actor, method), texts in refusals.items():
        if "none" in texts and len(set(texts.values())) > 1:
            wrong.append(
                f"{actor} {method}: what may not be seen looks different from what is not there: " + _difference(texts)
            )
    record_property("matrix_cases", count)
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def _run(
    route: Route, one: Case, world: World, asker: Asker, refusals: dict[tuple[str, str], dict[str, str]]
) -> list[str]:
    pk = pk_of(world, route, one.side)
    url = route.url(pk)
    who = f"{one.actor} {one.method} {url} ({one.side})"
    with transaction.atomic():
        with writes() as changed:
            answer = asker.ask(one.actor, one.method, url, _data(route, world))
            text = text_of(answer)
        transaction.set_rollback(True)
    wrong = []
    if answer.status_code not in one.expected:
        wrong.append(f"{who}: {answer.status_code}, expected {sorted(one.expected)}")
    if changed and (not one.allowed or one.method == "GET" or answer.status_code in (404, 403, 401)):
        wrong.append(f"{who}: writes {changed}")
    to_sign_in = answer.status_code == 302 and "/login/" in answer["Location"]
    if answer.status_code == 302 and to_sign_in == one.allowed:
        wrong.append(f"{who}: sent to {answer['Location']}")
    wrong += [f"{who}: shows {leak}" for leak in leaks(world, one.actor, text)]
    if answer.status_code == 404:
        refusals.setdefault((one.actor, one.method), {})[one.side] = settled(text, url, f"/{pk}/")
    return wrong


def _difference(texts: dict[str, str]) -> str:
    side, other = next((side, text) for side, text in texts.items() if text != texts["none"])
    lines = difflib.unified_diff(other.splitlines(), texts["none"].splitlines(), side, "none", n=0, lineterm="")
    return " ".join(lines)[:600]


def _data(route: Route, world: World) -> dict[str, Any]:
    """What a form of this address needs to come as far as its rows."""
    return {
        name: world.rows[value[1:]]["near"].pk if value.startswith("@") else value for name, value in route.send.items()
    }


def leaks(world: World, actor: str, text: str) -> list[str]:
    """Name the columns of which a text shows something that the actor may not see."""
    found = []
    for side, number in canaries(text):
        place = world.place(number)
        label = place.rpartition(".")[0]
        if not may_read(world, actor, side, number, label):
            found.append(f"{place} of {side}")
    if not has_right(actor, "see_money"):
        # Without the random ids of requests and tokens, which now and then hold the digits of an amount.
        digits = settled(text).replace(",", "").replace(" ", "").replace(" ", "")
        found += [place for amount, place in world.amounts.items() if amount in digits]
    return sorted(found)


def may_read(world: World, actor: str, side: str, number: int, label: str) -> bool:
    """Say whether an actor may see the text that bears a canary."""
    if actor in ("anonymous", "gone") or actor not in ACTORS:
        return False
    if actor == "admin":
        return True
    if number in world.contact_canaries and not has_right(actor, "see_contact_details"):
        return False
    if label in ("accounts.AuditEvent", "common.Job", "usage.WaitingEvent", "portfolio.BookImport"):
        return has_right(actor, "manage_people")
    return label not in account_models() | {"accounts.SavedView", "accounts.SignIn", "accounts.BulkRun"} or sees_row(
        actor, label, side
    )
