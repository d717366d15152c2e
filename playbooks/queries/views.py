"""Which accounts does a saved view of the account list show?

The list lives above this app and knows its own filter, so it says here how a view is resolved (`portfolio.apps`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

# Ids of the accounts that a view shows on a day, to whom it belongs; None: there is no such view (any more).
Resolve = Callable[[int, dt.date], Collection[int] | None]

_resolvers: list[Resolve] = []


def resolve_views_with(resolve: Resolve) -> None:
    """Say how views are resolved; the last one said counts."""
    _resolvers[:] = [resolve]


def accounts_in_view(view: int, on: dt.date) -> Collection[int]:
    """The accounts that a saved view shows on a day; a view that is gone shows nobody."""
    found = _resolvers[0](view, on) if _resolvers else None
    return found if found is not None else ()
