"""What is an account like on the day on which a playbook starts for it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from accounts.models import Account
from common.columns import only_ids
from common.errors import Refused
from health.models import HealthScore
from revenue.queries import arr_columns

# A score older than this says nothing of today; the trend is the change over so many days.
STALE_DAYS = 7
TREND_DAYS = 30


def baselines(account_ids: Collection[int], on: dt.date) -> dict[int, dict[str, Any]]:
    """Score, band, trend, ARR in cents, tier and tenure in days of accounts, as plain values; None is not known."""
    wanted = frozenset(account_ids)
    now, before = _scores(wanted, on), _scores(wanted, on - dt.timedelta(days=TREND_DAYS))
    cents = _cents(wanted, on)
    rows = only_ids(Account.objects.order_by(), "pk", wanted).values_list("pk", "tier", "signed_on")
    found = {}
    for pk, tier, signed in rows.iterator():
        if pk not in wanted:
            continue
        score, band = now.get(pk, (None, ""))
        earlier = before.get(pk, (None, ""))[0]
        found[pk] = {
            "score": score,
            "band": band,
            "trend": None if score is None or earlier is None else round(score - earlier, 2),
            "arr_cents": cents.get(pk) if cents is not None else None,
            "tier": tier,
            "tenure_days": None if signed is None else (on - signed).days,
        }
    return found


def _scores(account_ids: frozenset[int], on: dt.date) -> dict[int, tuple[float | None, str]]:
    """The latest score and band of a day or the few days before it."""
    rows = HealthScore.objects.filter(on__gt=on - dt.timedelta(days=STALE_DAYS), on__lte=on).order_by("on")
    chosen = only_ids(rows, "account_id", account_ids).values_list("account_id", "score", "band")
    return {
        account: (None if score is None else float(score), band)
        for account, score, band in chosen.iterator()
        if account in account_ids
    }


def _cents(account_ids: frozenset[int], on: dt.date) -> dict[int, int] | None:
    """What accounts pay, in cents of the reporting currency; None where an exchange rate is missing."""
    try:
        accounts, cents = arr_columns(on, sorted(account_ids))
    except Refused:
        return None
    paying = dict(zip(accounts.tolist(), cents.tolist(), strict=True))
    return {account: paying.get(account, 0) for account in account_ids}
