"""How do the daily figures follow the events, as they come and anew?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from common.bulk import rows_as_table, upsert_columns
from usage.models import AccountFeatureUse, AccountPersonUse, AccountUsageDay, Feature, FeatureUsageDay, UsageEvent

# (account, day, feature, person, quantity)
Use = tuple[int, dt.date, int, str, int]

DAYS, FEATURE_DAYS, USE, PEOPLE, EVENTS, FEATURES = (
    model._meta.db_table
    for model in (AccountUsageDay, FeatureUsageDay, AccountFeatureUse, AccountPersonUse, UsageEvent, Feature)
)

# One day of an account from the uses of that day: the only place that says so.
ACCOUNT_DAY = f"""
    SELECT used.account_id, used.day, SUM(used.events),
           SUM(CASE WHEN feature.kind = 'core' THEN used.events ELSE 0 END),
           COUNT(DISTINCT NULLIF(used.person, ''))
    FROM {FEATURE_DAYS} used JOIN {FEATURES} feature ON feature.id = used.feature_id
"""
INTO_DAYS = f"INSERT INTO {DAYS} (account_id, day, events, core_events, people) {ACCOUNT_DAY}"

# The last days of a named person from all uses of that person: the only place that says so.
INTO_PEOPLE = f"""
    INSERT INTO {PEOPLE} (account_id, person, last_on, last_advanced_on)
    SELECT used.account_id, used.person, MAX(used.day), MAX(CASE WHEN feature.kind = 'advanced' THEN used.day END)
    FROM {FEATURE_DAYS} used JOIN {FEATURES} feature ON feature.id = used.feature_id
    WHERE used.person <> ''
"""


def add_uses(uses: Iterable[Use]) -> None:
    """Add accepted events to the daily figures, in the transaction that stores them.

    The account's days are locked first and in order, then counted anew from their uses: so two writers of one day
    wait for each other, and neither misses what the other wrote.
    """
    by_use: dict[tuple[int, dt.date, int, str], int] = {}
    for account, day, feature, person, quantity in uses:
        key = (account, day, feature, person)
        by_use[key] = by_use.get(key, 0) + quantity
    days = sorted({key[:2] for key in by_use})
    _lock(days)
    _add(sorted(by_use.items()))
    _count(days)
    _see(by_use)
    _see_people(by_use)


def _lock(days: Sequence[tuple[int, dt.date]]) -> None:
    """Make sure that the account's days exist, and hold them."""
    nothing = [0] * len(days)
    columns: dict[str, Sequence[Any]] = {
        "account_id": [account for account, _ in days],
        "day": [day for _, day in days],
        **dict.fromkeys(("events", "core_events", "people"), nothing),
    }
    upsert_columns(AccountUsageDay, columns, unique=["account", "day"], update={"events": "old.events"})


def _add(uses: Sequence[tuple[tuple[int, dt.date, int, str], int]]) -> None:
    """Add quantities to the uses of a day."""
    columns: dict[str, Sequence[Any]] = {
        "account_id": [key[0] for key, _ in uses],
        "day": [key[1] for key, _ in uses],
        "feature_id": [key[2] for key, _ in uses],
        "person": [key[3] for key, _ in uses],
        "events": [quantity for _, quantity in uses],
    }
    unique = ["account", "day", "feature", "person"]
    upsert_columns(FeatureUsageDay, columns, unique=unique, update={"events": "old.events + new.events"})


def _count(days: Sequence[tuple[int, dt.date]], batch: int = 20_000) -> None:
    """Count whole days of accounts from their uses."""
    fields = [AccountUsageDay._meta.get_field("account"), AccountUsageDay._meta.get_field("day")]
    taken = {day: connection.ops.adapt_datefield_value(day) for day in {day for _, day in days}}
    with connection.cursor() as cursor:
        for start in range(0, len(days), batch):
            part = [(account, taken[day]) for account, day in days[start : start + batch]]
            table, parameters = rows_as_table(fields, part)
            cursor.execute(
                f"""{INTO_DAYS} JOIN {table} ON given.c0 = used.account_id AND given.c1 = used.day
                GROUP BY used.account_id, used.day
                ON CONFLICT (account_id, day) DO UPDATE
                SET events = excluded.events, core_events = excluded.core_events, people = excluded.people""",
                parameters,
            )


def _see(by_use: Iterable[tuple[int, dt.date, int, str]]) -> None:
    """Widen the span in which an account has used a feature."""
    spans: dict[tuple[int, int], tuple[dt.date, dt.date]] = {}
    for account, day, feature, _person in by_use:
        first, last = spans.get((account, feature), (day, day))
        spans[account, feature] = (min(first, day), max(last, day))
    rows = sorted(spans.items())
    columns: dict[str, Sequence[Any]] = {
        "account_id": [key[0] for key, _ in rows],
        "feature_id": [key[1] for key, _ in rows],
        "first_on": [span[0] for _, span in rows],
        "last_on": [span[1] for _, span in rows],
    }
    wider = {
        "first_on": "CASE WHEN new.first_on < old.first_on THEN new.first_on ELSE old.first_on END",
        "last_on": "CASE WHEN new.last_on > old.last_on THEN new.last_on ELSE old.last_on END",
    }
    upsert_columns(AccountFeatureUse, columns, unique=["account", "feature"], update=wider)


def _see_people(by_use: Iterable[tuple[int, dt.date, int, str]]) -> None:
    """Move on the days on which named people last used anything, and anything advanced."""
    advanced = set(Feature.objects.filter(kind=Feature.Kind.ADVANCED).order_by().values_list("pk", flat=True))
    last: dict[tuple[int, str], dt.date] = {}
    deep: dict[tuple[int, str], dt.date] = {}
    for account, day, feature, person in by_use:
        key = (account, person)
        if person:
            last[key] = max(last.get(key, day), day)
        if person and feature in advanced:
            deep[key] = max(deep.get(key, day), day)
    keys = sorted(last)
    columns: dict[str, Sequence[Any]] = {
        "account_id": [account for account, _ in keys],
        "person": [person for _, person in keys],
        "last_on": [last[key] for key in keys],
        "last_advanced_on": [deep.get(key) for key in keys],
    }
    later = {
        name: f"CASE WHEN old.{name} IS NULL OR new.{name} > old.{name} THEN new.{name} ELSE old.{name} END"
        for name in ("last_on", "last_advanced_on")
    }
    upsert_columns(AccountPersonUse, columns, unique=["account", "person"], update=later)


@transaction.atomic
def rebuild_rollups(
    *, account_ids: Iterable[int] | None = None, days: tuple[dt.date, dt.date] | None = None
) -> dict[str, int]:
    """Make the daily figures anew from the stored events: of all accounts or some, of all days or from one to another
    (both included). Gives what `add_uses` gives, whatever the order in which the events came.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    scope, parameters = _scope(ids, days)
    whole, whole_parameters = _scope(ids, None)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {FEATURE_DAYS} WHERE {scope}", parameters)
        cursor.execute(
            f"""INSERT INTO {FEATURE_DAYS} (account_id, day, feature_id, person, events)
            SELECT account_id, day, feature_id, person, SUM(quantity) FROM {EVENTS} WHERE {scope}
            GROUP BY account_id, day, feature_id, person ORDER BY account_id, day, feature_id, person""",
            parameters,
        )
        feature_days = cursor.rowcount
        cursor.execute(f"DELETE FROM {DAYS} WHERE {scope}", parameters)
        cursor.execute(f"{INTO_DAYS} WHERE {scope} GROUP BY used.account_id, used.day", parameters)
        account_days = cursor.rowcount
        cursor.execute(f"DELETE FROM {USE} WHERE {whole}", whole_parameters)
        cursor.execute(
            f"""INSERT INTO {USE} (account_id, feature_id, first_on, last_on)
            SELECT account_id, feature_id, MIN(day), MAX(day) FROM {FEATURE_DAYS} WHERE {whole}
            GROUP BY account_id, feature_id""",
            whole_parameters,
        )
        features_in_use = cursor.rowcount
        cursor.execute(f"DELETE FROM {PEOPLE} WHERE {whole}", whole_parameters)
        cursor.execute(
            f"{INTO_PEOPLE} AND {whole} GROUP BY used.account_id, used.person ORDER BY 1, 2", whole_parameters
        )
        return {"feature_days": feature_days, "account_days": account_days, "features_in_use": features_in_use}


def _scope(ids: Sequence[int] | None, days: tuple[dt.date, dt.date] | None) -> tuple[str, list[Any]]:
    """The condition on account and day, and its parameters."""
    conditions, parameters = ["1 = 1"], []
    if ids is not None:
        table, given = rows_as_table([UsageEvent._meta.pk], [(number,) for number in ids])
        conditions.append(f"account_id IN (SELECT c0 FROM {table})")
        parameters += given
    if days is not None:
        conditions.append("day BETWEEN %s AND %s")
        parameters += [connection.ops.adapt_datefield_value(day) for day in days]
    return " AND ".join(conditions), parameters


@transaction.atomic
def refresh_days_of_feature(*, feature_id: int) -> int:
    """Count the account's days and people anew that used a feature, because its kind has changed."""
    used = f"SELECT account_id, day FROM {FEATURE_DAYS} WHERE feature_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{INTO_DAYS} WHERE (used.account_id, used.day) IN ({used}) GROUP BY used.account_id, used.day
            ON CONFLICT (account_id, day) DO UPDATE
            SET events = excluded.events, core_events = excluded.core_events, people = excluded.people""",
            [feature_id],
        )
        days = int(cursor.rowcount)
        _hold_people(feature_id)
        cursor.execute(
            f"""{INTO_PEOPLE} AND (used.account_id, used.person) IN
                (SELECT account_id, person FROM {FEATURE_DAYS} WHERE feature_id = %s)
            GROUP BY used.account_id, used.person ORDER BY 1, 2
            ON CONFLICT (account_id, person) DO UPDATE
            SET last_on = excluded.last_on, last_advanced_on = excluded.last_advanced_on""",
            [feature_id],
        )
    return days


def _hold_people(feature_id: int) -> None:
    """Wait for whoever writes people of accounts that used a feature, so that what follows reads what they wrote."""
    accounts = AccountFeatureUse.objects.filter(feature=feature_id).order_by().values("account")
    held = AccountPersonUse.objects.filter(account__in=accounts).order_by("account_id", "person").select_for_update()
    for _ in held.values_list("pk", flat=True).iterator(chunk_size=20_000):
        pass
