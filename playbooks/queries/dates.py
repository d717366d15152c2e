"""From which dates of an account are steps counted?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from accounts.models import Account
from common.columns import only_ids
from revenue.models import Renewal

RENEWAL = "renewal_on"
Dates = Mapping[str, dt.date | None]


def dates_of(account_ids: Collection[int], on: dt.date, pinned: Mapping[int, int]) -> dict[int, Dates]:
    """Signing, go-live and renewal of accounts; `pinned` says which renewal of an account is meant.

    A run stays with its renewal, however that ends: without a pin the one after it would take its place once it is won.
    """
    wanted = frozenset(account_ids)
    due = dict(Renewal.objects.filter(pk__in=list(pinned.values())).values_list("account_id", "due_on"))
    rows = only_ids(Account.objects.order_by(), "pk", wanted).values_list("pk", "signed_on", "live_on")
    return {
        pk: {"signed_on": signed, "live_on": live, "renewal_on": due.get(pk)}
        for pk, signed, live in rows.iterator()
        if pk in wanted
    }


def next_renewals(account_ids: Collection[int], on: dt.date) -> dict[int, int]:
    """The next open renewal of accounts from a day on."""
    rows = Renewal.objects.open().filter(due_on__gte=on).order_by("-due_on", "-pk")
    return dict(only_ids(rows, "account_id", account_ids).values_list("account_id", "pk"))


def renewal_of(cause_key: str) -> int | None:
    """The number of the renewal that a cause names, like "renewal:77".

    >>> renewal_of("renewal:77"), renewal_of("warning:silent_7d:12:0")
    (77, None)
    """
    kind, _, rest = cause_key.partition(":")
    return int(rest) if kind == "renewal" and rest.isdigit() else None
