"""Do the addresses that come with packages keep to the same promises: the admin for admins, no row shown or changed?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import NoReverseMatch, URLPattern, reverse

from tests.matrix.asking import Asker, text_of, writes
from tests.matrix.table import ACTORS, NOT_THERE, PEOPLE, group_of, names_in, patterns
from tests.matrix.test_every_cell import leaks
from tests.matrix.world import World, row_hash

pytestmark = pytest.mark.django_db


def grouped(prefix: str) -> list[tuple[str, URLPattern]]:
    """The addresses of a group that have a name."""
    return [(path, pattern) for path, pattern in patterns() if group_of(path) == prefix and pattern.name]


ADMIN = sorted({pattern.name: (path, pattern) for path, pattern in grouped("admin/")}.items())
SIGN_IN = sorted({pattern.name: (path, pattern) for path, pattern in grouped("sign-in/")}.items())
# Signing out and the form of the search box are no changes of a row.
TRYING = ("anonymous", "gone", "viewer", "csm", "manager", "product_manager", "admin", "token_write")
REFUSED = {302, 403, 404}


def admin_urls(world: World, path: str, pattern: URLPattern) -> Iterator[tuple[str, str]]:
    """The addresses of one page of the admin: for a row, and one that does not exist."""
    known = names_in(path)
    if not known:
        yield "near", reverse(f"admin:{pattern.name}")
        return
    label = "_".join(str(pattern.name).split("_")[:2])
    model = next((m for m in apps.get_models() if f"{m._meta.app_label}_{m._meta.model_name}" == label), None)
    for side in ("near", "none"):
        row: Any = world.rows.get(model._meta.label, {}).get(side) if model is not None else None
        if row is not None or side == "none":
            given = dict.fromkeys(known, row.pk if row is not None else NOT_THERE)
            try:
                yield side, reverse(f"admin:{pattern.name}", kwargs=given)
            except NoReverseMatch:
                yield side, reverse(f"admin:{pattern.name}", args=["accounts"])


@pytest.mark.parametrize(("name", "where"), ADMIN, ids=[name for name, _ in ADMIN])
def test_the_admin_is_for_admins_alone(name: str, where: Any, world: World, asker: Asker, record_property: Any) -> None:
    wrong, count, before = [], 0, row_hash()
    for side, url in admin_urls(world, *where):
        for actor in TRYING:
            for method in ("GET", "POST"):
                if actor == "admin" and method == "POST":
                    continue
                with transaction.atomic():
                    with writes() as changed:
                        answer = asker.ask(actor, method, url)
                        text = text_of(answer)
                    transaction.set_rollback(True)
                count += 1
                expected = {200, 302, 403, 404, 405} if actor == "admin" or name in ("login", "logout") else REFUSED
                if answer.status_code not in expected:
                    wrong.append(f"{actor} {method} {url} ({side}): {answer.status_code}")
                if changed:
                    wrong.append(f"{actor} {method} {url} ({side}): writes {changed}")
                wrong += [f"{actor} {method} {url} ({side}): shows {leak}" for leak in leaks(world, actor, text)]
    if row_hash() != before:
        wrong.append("a row changed")
    record_property("matrix_cases", count)
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.parametrize(("name", "where"), SIGN_IN, ids=[name for name, _ in SIGN_IN])
def test_a_page_of_sign_in_shows_and_changes_nothing_of_others(
    name: str, where: Any, world: World, asker: Asker, record_property: Any
) -> None:
    wrong, count = [], 0
    known = names_in(where[0])
    given = {one: NOT_THERE if one == "pk" else "x" for one in known}
    url = reverse(name, kwargs=given)
    for actor in ACTORS:
        for method in ("GET", "POST"):
            if name in ("mfa_generate_recovery_codes", "mfa_activate_totp") and actor in PEOPLE and method == "POST":
                continue  # one's own second factor, tested where it is set up
            with transaction.atomic():
                with writes() as changed:
                    answer = asker.ask(actor, method, url)
                    text = text_of(answer)
                transaction.set_rollback(True)
            count += 1
            if answer.status_code >= 500:
                wrong.append(f"{actor} {method} {url}: {answer.status_code}")
            if method == "GET" and changed:
                wrong.append(f"{actor} {method} {url}: writes {changed}")
            wrong += [f"{actor} {method} {url}: shows {leak}" for leak in leaks(world, actor, text)]
    record_property("matrix_cases", count)
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.parametrize(("actor", "status"), [("anonymous", 401), ("gone", 401), ("viewer", 200), ("token_read", 200)])
def test_the_description_of_the_api_is_for_whoever_is_signed_in(
    actor: str, status: int, world: World, asker: Asker
) -> None:
    answer = asker.ask(actor, "GET", reverse("api_schema"))

    assert answer.status_code == status
    assert leaks(world, actor, text_of(answer)) == []
