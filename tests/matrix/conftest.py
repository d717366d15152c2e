"""What do the runs of the matrix share? One world for each file of tests, and actors that are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.matrix.asking import Asker
from tests.matrix.world import World, build_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Make the world once for a file; each test works in a savepoint above it."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        try:
            yield build_world()
        finally:
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


@pytest.fixture(scope="module")
def asker(world: World, django_db_blocker: Any) -> Asker:
    """Sign everybody in."""
    with django_db_blocker.unblock():
        return Asker(world)
