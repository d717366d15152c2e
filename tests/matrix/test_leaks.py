"""Does anything that an actor may not see show in a list, a search, a sum, an order, a file or an error?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Account, TimelineEntry
from tests.matrix.asking import Asker, settled, text_of, writes
from tests.matrix.table import PEOPLE, Route, pk_of, routes, sees_row
from tests.matrix.test_every_cell import leaks
from tests.matrix.world import MONEY, World, account_models, our_models

pytestmark = pytest.mark.django_db
ROUTES = routes()[0]
READABLE = [route for route in ROUTES if "GET" in route.methods and route.see != "anyone"]
API_LISTS = [
    route for route in ROUTES if route.kind == "api" and route.name.endswith("-list") and "GET" in route.methods
]
READERS = (*PEOPLE, "token_read")


def answers(world: World, asker: Asker, actor: str, readable: list[Route] = READABLE) -> dict[str, str]:
    """What an actor reads at every address, of the rows that they see."""
    found = {}
    for route in readable:
        sides = world.rows[route.object] if route.names_a_row else {"near": None}
        for side in sides:
            if route.names_a_row and not sees_row(actor, route.object, side):
                continue
            url = route.url(pk_of(world, route, side))
            with transaction.atomic():
                answer = asker.ask(actor, "GET", url)
                found[url] = f"{answer.status_code} {settled(text_of(answer))}"
                transaction.set_rollback(True)
    for sort in ("arr", "-arr", "name", "health"):
        with transaction.atomic():
            answer = asker.ask(actor, "GET", f"/accounts/?sort={sort}")
            found[f"sort {sort}"] = f"{answer.status_code} {settled(text_of(answer))}"
            transaction.set_rollback(True)
    return found


# What a rank is made of: revenue is one of its parts, by definition (PRODUCT.md, section 7), so a product manager reads
# places and shares of it, and no amount; `leaks` looks for amounts there as everywhere.
MADE_OF_MONEY = ("rank_why", "requestrank-detail")


def compare(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [url for url, text in before.items() if url in after and after[url] != text]


@pytest.mark.parametrize("actor", ["csm", "manager", "token_read"])
def test_no_answer_depends_on_rows_that_one_may_not_see(actor: str, world: World, asker: Asker) -> None:
    """Counts, sums, orders and pages would tell of them; so each answer is read with and without the other book."""
    before = answers(world, asker, actor)
    Account.objects.create(name="Another far one", external_id="far-2", created_at=world.at, updated_at=world.at)
    Account.objects.filter(pk=world.rows["accounts.Account"]["far"].pk).delete()
    if actor != "manager":
        TimelineEntry.objects.filter(pk=world.rows["accounts.TimelineEntry"]["hush"].pk).delete()

    assert compare(before, answers(world, asker, actor)) == []


def test_no_answer_depends_on_amounts_that_one_may_not_see(world: World, asker: Asker) -> None:
    """All amounts are tripled and their order turned: nothing of it may reach a product manager."""
    readable = [route for route in READABLE if route.name not in MADE_OF_MONEY]
    before = answers(world, asker, "product_manager", readable)
    changed = 0
    for model in our_models():
        for column in model._meta.concrete_fields:
            if column.name in MONEY and isinstance(column, models.DecimalField):
                changed += model._default_manager.update(**{column.name: 5_000_000 - models.F(column.name) * 3})

    assert changed > 8
    assert compare(before, answers(world, asker, "product_manager", readable)) == []


def searches(world: World) -> Iterator[str]:
    """What a curious person would look for: words of the other book, its ids, and amounts."""
    for label, sides in world.rows.items():
        far: Any = sides.get("far")
        if label in account_models() and far is not None:
            for name in ("name", "external_id", "title", "subject"):
                text = getattr(far, name, None)
                if isinstance(text, str):
                    yield text
    yield "farq"
    yield "hushq"
    yield "%"


@pytest.mark.parametrize("route", API_LISTS, ids=lambda route: route.name)
def test_a_list_filtered_by_what_one_may_not_see_shows_none_of_it(route: Route, world: World, asker: Asker) -> None:
    """Every filter is given the ids and the words of the other side; the answer is an error or shows nothing of it."""
    filters = getattr(getattr(route.view, "cls", None), "filterset_class", None)
    if filters is None:
        pytest.skip("This list has no filters.")
    wrong = []
    far: Any = world.rows["accounts.Account"]["far"]
    for name in filters.base_filters:
        for value in {far.pk, far.external_id, "farq", _far_of(world, name), *(searches(world) if name == "q" else ())}:
            answer = asker.ask("csm", "GET", f"{route.url('')}?{name}={value}")
            text = text_of(answer).replace(str(value), "…")
            wrong += [f"?{name}={value}: {leak}" for leak in leaks(world, "csm", text)]
            if answer.status_code not in ((404,) if route.hidden else (200, 400)):
                wrong.append(f"?{name}={value}: {answer.status_code}")
    assert wrong == []


def _far_of(world: World, name: str) -> Any:
    """The id of the far row that a filter of this name asks for."""
    label = next((model._meta.label for model in our_models() if model._meta.model_name == name.replace("_", "")), "")
    row = world.rows.get(label, {}).get("far")
    return row.pk if row is not None else 2


@pytest.mark.parametrize("actor", READERS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_has_only_what_its_reader_may_see(actor: str, kind: str, world: World, asker: Asker) -> None:
    """With all columns there are, also those that the page would not offer."""
    wrong = []
    columns = "&".join(
        f"columns={name}" for name in ("name", "arr", "owner", "band", "score", "renewal_on", "industry")
    )
    for query in ("", columns, "sort=-arr", "q=q0", "min_arr=1", "all_matching=1"):
        answer = asker.ask(actor, "GET", reverse("account_export", args=[kind]) + f"?{query}")
        text = text_of(answer)
        wrong += [f"?{query}: {leak}" for leak in leaks(world, actor, text)]
        assert answer.status_code in (200, 302, 400, 404)
    assert wrong == []


@pytest.mark.parametrize("actor", ["csm", "csm_elsewhere", "product_manager"])
def test_no_search_finds_what_one_may_not_see(actor: str, world: World, asker: Asker) -> None:
    wrong = []
    for text in searches(world):
        for path in ("/accounts/", "/timeline/add/", "/accounts/transfer/", "/today/"):
            answer = asker.ask(actor, "GET", f"{path}?q={text}")
            found = text_of(answer).replace(text, "…") if text != "%" else text_of(answer)
            wrong += [f"{path}?q={text}: {leak}" for leak in leaks(world, actor, found)]
            assert answer.status_code < 500
    assert wrong == []


@pytest.mark.parametrize("route", [r for r in API_LISTS if "POST" in r.methods], ids=lambda route: route.name)
def test_a_row_cannot_be_made_for_an_account_that_one_may_not_see(route: Route, world: World, asker: Asker) -> None:
    """The body is that of the far row itself, as an admin reads it: only the right to see it is missing."""
    serializer = getattr(route.view.cls, "serializer_class", None)
    label = route.object
    if serializer is None or label not in account_models() or label == "accounts.Account":
        pytest.skip("These rows belong to no account.")
    body = {}
    shown = asker.ask("admin", "GET", f"{route.url('')}{world.rows[label]['far'].pk}/").json()
    for name, column in serializer().fields.items():
        if not column.read_only and name in shown and name not in ("external_id", "version"):
            body[name] = shown[name]
    with writes() as changed:
        answer = asker.ask("manager", "POST", route.url(""), body)

    taken = answer.json().get("counts", {}) if answer.status_code == 202 else {}
    assert answer.status_code in (400, 404, 409) or set(taken) <= {"unknown_account", "invalid"}, answer.content
    assert [sql for sql in changed if apps.get_model(label)._meta.db_table in sql] == []
    assert leaks(world, "manager", text_of(answer).replace(str(body), "")) == []


@pytest.mark.parametrize("name", ["bulk_tag", "bulk_stage", "bulk_assign"])
def test_a_bulk_change_reaches_only_accounts_that_one_sees(name: str, world: World, asker: Asker) -> None:
    far: Any = world.rows["accounts.Account"]["far"]
    fields = {"tag": "x", "stage": "renewal", "to": world.people["csm"].pk}
    for chosen in ({"selected": far.pk}, {"all_matching": "1", "query": f"q={far.name}"}):
        with writes() as changed:
            answer = asker.ask("manager", "POST", reverse(name), fields | chosen)
        assert answer.status_code == 302
        assert changed == []
