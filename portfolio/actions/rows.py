"""How does the account list catch up with accounts, revenue, health and touches?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Window
from django.db.models.functions import RowNumber, TruncWeek

from accounts.models import Account, Organisation, ServiceAssignment, TimelineEntry
from common.charts import sparkline
from health.models import HealthOverride, HealthScore
from health.queries.overrides import overrides_on
from health.rules.components import read_components, strongest
from portfolio.models import AccountRow
from portfolio.rules import attention
from revenue.actions import call_renewals
from revenue.queries import arr_by_account, next_renewal

# Accounts refreshed at once: bounds the memory for a book of 100,000.
CHUNK = 5_000
WEEKS = 12
CHANGE_WEEKS = 4
WRITTEN = [field.name for field in AccountRow._meta.concrete_fields if field.name != "account"]


def refresh_rows(*, on: dt.date, account_ids: Iterable[int] | None = None) -> int:
    """Write the list rows of accounts (all, or those named) as they stand on a day; returns how many."""
    # Whoever names accounts may name them all: more than a database takes in one statement.
    ids = sorted(set(Account.objects.values_list("pk", flat=True) if account_ids is None else account_ids))
    organisation = Organisation.load()
    return sum(_refresh_chunk(ids[begin : begin + CHUNK], organisation, on) for begin in range(0, len(ids), CHUNK))


@transaction.atomic
def _refresh_chunk(ids: Sequence[int], organisation: Organisation, on: dt.date) -> int:
    owners = _owners(ids)
    arr = arr_by_account(on, ids)
    ends = next_renewal(on, ids)
    weekly = _weekly_scores(ids, on)
    latest = _latest_scores(ids, on)
    touched = _last_touches(ids, organisation)
    overrides = overrides_on(on, ids)
    rows = [
        AccountRow(
            account=account,
            **_plain(account),
            **_owner(owners.get(account.pk)),
            **_money(arr.get(account.pk, Decimal(0)), ends.get(account.pk)),
            **_health(latest.get(account.pk), weekly.get(account.pk, {}), on),
            **_by_hand(overrides.get(account.pk), latest.get(account.pk)),
            touched_on=touched.get(account.pk),
            priority=_priority(arr.get(account.pk, Decimal(0)), ends.get(account.pk), latest.get(account.pk), on),
        )
        for account in Account.objects.filter(pk__in=ids).defer("custom")
    ]
    AccountRow.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["account"], update_fields=WRITTEN
    )
    call_renewals(on=on, account_ids=ids, bands={row.account_id: row.band for row in rows})
    return len(rows)


def _plain(account: Account) -> dict[str, Any]:
    words = (account.name, account.external_id, account.domain)
    return {
        "name": account.name,
        "external_id": account.external_id,
        "search_text": " ".join(word.casefold() for word in words if word)[:600],
        "tier": account.tier,
        "purchase_level": account.purchase_level,
        "stage": account.stage,
        "industry": account.industry,
        "region": account.region,
    }


def _owners(ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    rows = ServiceAssignment.objects.current().owners().filter(account__in=ids)
    return {account: (user, name) for account, user, name in rows.values_list("account", "user", "user__name")}


def _owner(found: tuple[int, str] | None) -> dict[str, Any]:
    return {"owner_id": found[0] if found else None, "owner_name": found[1] if found else ""}


def _money(arr: Decimal, end: dt.date | None) -> dict[str, Any]:
    return {"arr": arr, "renewal_on": end, "no_renewal": end is None}


def _latest_scores(ids: Sequence[int], on: dt.date) -> dict[int, HealthScore]:
    """The newest score of each account up to a day."""
    newest = HealthScore.objects.filter(account__in=ids, on__lte=on).order_by().values("account")
    days = dict(newest.annotate(last=Max("on")).values_list("account", "last"))
    found = HealthScore.objects.filter(account__in=ids, on__in=set(days.values()))
    return {score.account_id: score for score in found if days[score.account_id] == score.on}


def _weekly_scores(ids: Sequence[int], on: dt.date) -> dict[int, dict[dt.date, Decimal | None]]:
    """The last score of each calendar week of the past twelve, per account: {account: {Monday: score}}."""
    since = _monday(on) - dt.timedelta(weeks=WEEKS - 1)
    ranked = (
        HealthScore.objects.filter(account__in=ids, on__gte=since, on__lte=on)
        .order_by()
        .annotate(week=TruncWeek("on"))
        .annotate(place=Window(RowNumber(), partition_by=[F("account_id"), F("week")], order_by=F("on").desc()))
        .filter(place=1)
    )
    weekly: dict[int, dict[dt.date, Decimal | None]] = defaultdict(dict)
    for account, week, score in ranked.values_list("account_id", "week", "score"):
        weekly[account][week] = score
    return weekly


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _health(latest: HealthScore | None, weekly: dict[dt.date, Decimal | None], on: dt.date) -> dict[str, Any]:
    mondays = [_monday(on) - dt.timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    trend = [weekly.get(monday) for monday in mondays]
    before = trend[-1 - CHANGE_WEEKS]
    score = latest.score if latest else None
    points = [None if value is None else float(value) for value in trend]
    return {
        "score": score,
        "unscored": score is None,
        "score_change": None if score is None or before is None else score - before,
        "trend": points,
        # A gap makes several strokes of one path.
        "trend_path": " ".join(sparkline(points).paths)[:400],
        "drivers": _drivers(latest),
        "scored_on": latest.on if latest else None,
    }


def _by_hand(override: HealthOverride | None, latest: HealthScore | None) -> dict[str, Any]:
    """The band that counts: the one a person set as long as it holds, else the computed one."""
    computed = latest.band if latest else HealthScore.Band.UNKNOWN
    return {"band": override.band if override else computed, "override_until": override.ends_on if override else None}


def _drivers(latest: HealthScore | None) -> list[dict[str, Any]]:
    """The three indicators that cost the score most, as `portfolio.rules.sentence` takes them."""
    if latest is None or latest.band == HealthScore.Band.ONBOARDING:
        return []
    return [{"indicator": part.key, "value": part.value} for part in strongest(read_components(latest.components))]


def _last_touches(ids: Sequence[int], organisation: Organisation) -> dict[int, dt.date]:
    touches = TimelineEntry.objects.filter(account__in=ids, kind__in=TimelineEntry.TOUCHES)
    newest = touches.order_by().values("account").annotate(last=Max("at"))
    return {row["account"]: organisation.day_of(row["last"]) for row in newest}


def _priority(arr: Decimal, end: dt.date | None, latest: HealthScore | None, on: dt.date) -> Decimal:
    """Rank by money at risk; who is new is looked after by onboarding, not by alarm."""
    if latest is not None and latest.band == HealthScore.Band.ONBOARDING:
        return Decimal(0)
    return attention(arr, latest.score if latest else None, (end - on).days if end else None)
