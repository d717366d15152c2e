"""Does everybody get the same answer twice where rows are equal in what they are ordered by?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F
from django.db.models.sql.compiler import SQLCompiler

from tests.matrix.asking import Asker
from tests.matrix.test_leaks import answers, compare
from tests.matrix.world import World

pytestmark = pytest.mark.django_db


def equals_come(monkeypatch: pytest.MonkeyPatch, *, last_first: bool) -> None:
    """A database may give equal rows in any order; from here on this one gives the first or the last made first.

    Groups and distinct rows are left alone: a further column would make other rows of them.
    """
    whole = SQLCompiler.get_order_by

    def with_last_word(compiler: Any) -> Any:
        query, found = compiler.query, whole(compiler)
        if not found or query.distinct or query.combinator or query.group_by is not None:
            return found
        by = F("pk").desc() if last_first else F("pk").asc()
        resolved = by.resolve_expression(query, allow_joins=True, reuse=None)
        return [*found, (resolved, (*compiler.compile(resolved), False))]

    monkeypatch.setattr(SQLCompiler, "get_order_by", with_last_word)


@pytest.mark.parametrize("actor", ["manager", "token_read"])
def test_equal_rows_come_in_the_same_order_each_time(
    actor: str, world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of this book are alike in most columns, so that nearly every order has equals in it."""
    with monkeypatch.context() as patched:
        equals_come(patched, last_first=False)
        before = answers(world, asker, actor)
    with monkeypatch.context() as patched:
        equals_come(patched, last_first=True)
        after = answers(world, asker, actor)

    assert compare(before, after) == []
