"""Whose word stands beside the computed band on a day?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.models import Account
from common.columns import only_ids
from health.models import HealthOverride, HealthScore


def override_on(account: Account, on: dt.date) -> HealthOverride | None:
    """The override that holds for an account on a day."""
    return HealthOverride.objects.active_on(on).filter(account=account).select_related("author").first()


def overrides_on(on: dt.date, account_ids: Iterable[int] | None = None) -> dict[int, HealthOverride]:
    """The overrides that hold on a day, by account; one query for any number of accounts."""
    rows = only_ids(HealthOverride.objects.active_on(on), "account_id", account_ids)
    return {row.account_id: row for row in rows.order_by("made_at", "pk")}


def computed_band(account: Account, on: dt.date) -> str:
    """The band of the account's latest score by a day; empty without one."""
    newest = HealthScore.objects.filter(account=account, on__lte=on).order_by("-on")
    return newest.values_list("band", flat=True).first() or ""
