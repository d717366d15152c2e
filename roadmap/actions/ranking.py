"""How do requests get their ranks: all of them every night, and the one that a customer just asked for?"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import Cast

from accounts.actions.traces import differences, leave_audit
from accounts.models import User
from common.bulk import Coded, JSONText, insert_columns, upsert_columns
from common.columns import Cents, TenThousandths, read_columns
from common.errors import Refused
from common.jobs import enqueue
from revenue.rules.rates import from_cents
from roadmap.models import AccountWeight, ModuleUse, RankDay, RankingSettings, RankParts, RequestRank
from roadmap.queries.ranking import (
    Ranking,
    Requests,
    rank_book,
    rank_columns,
    rank_parts,
    ranking,
    read_estimates,
    read_requests,
    stored_parts,
    uses_module,
)
from roadmap.queries.ranking_facts import (
    Book,
    module_users,
    open_requests,
    read_book,
    read_voices,
    stored_book,
    stored_module_users,
)
from roadmap.rules.support import NO_SEGMENT, Parts, measure_support, supporters

# What moved is told against the rank of so many days ago.
SINCE_DAYS = 28
DAY_FIELDS = tuple(field.name for field in RankParts._meta.get_fields())
# A day is kept if one of these, or a weight, is not what it was.
COUNTS = ("rank", "asks", "accounts", "segments", "users")


def rank_all(*, on: dt.date) -> dict[str, int]:
    """Work out what every account counts for, then rank all open requests; a second run for the day changes nothing."""
    settings = RankingSettings.load()
    with transaction.atomic():
        _lock()
        weigh_accounts(on=on, settings=settings)
        return rank_stored(on=on, settings=settings)


@transaction.atomic
def weigh_accounts(*, on: dt.date, settings: RankingSettings) -> int:
    """Store what every paying account counts for, and who of those who ask uses which module."""
    book = read_book(on, settings)
    write_book(book)
    accounts, modules = module_users(on, settings.usage_days)
    ModuleUse.objects.all().delete()
    insert_columns(ModuleUse, {"account_id": accounts.tolist(), "module_id": modules.tolist()})
    return int(book.customers.account.size)


def write_book(book: Book) -> None:
    """Store the weights of accounts; accounts that pay no more lose theirs."""
    customers = book.customers
    gone = np.setdiff1d(
        read_columns(AccountWeight.objects.order_by(), account_id="int")["account_id"], customers.account
    )
    for begin in range(0, gone.size, 500):
        AccountWeight.objects.filter(account__in=gone[begin : begin + 500].tolist()).delete()
    names = [*book.segments, ""]
    columns: dict[str, Any] = {
        "account_id": customers.account.tolist(),
        "arr": [from_cents(cents) for cents in customers.arr.tolist()],
        "renewing_arr": [from_cents(cents) for cents in customers.renewing.tolist()],
        "weighted_arr": [from_cents(cents) for cents in customers.weighted.tolist()],
        "users": customers.users.tolist(),
        "is_active": customers.is_active.tolist(),
        "segment": Coded(names, np.where(customers.segment == NO_SEGMENT, len(names) - 1, customers.segment)),
    }
    update = {name: _new(name) for name in columns if name != "account_id"}
    upsert_columns(AccountWeight, columns, unique=["account"], update=update, only_changed=True)


@transaction.atomic
def rank_stored(*, on: dt.date, settings: RankingSettings) -> dict[str, int]:
    """Rank all open requests by the stored weights, in one pass over all voices."""
    found = rank_book(
        on, stored_book(), read_requests(), read_voices(on), stored_module_users(), read_estimates(), settings
    )
    counts = _store(found, since=on - dt.timedelta(days=SINCE_DAYS))
    return {"ranked": int(found.requests.request.size), "common": int(found.ranked.is_common.sum()), **counts}


def rank_again(*, request_ids: Collection[int], on: dt.date) -> dict[str, int]:
    """Count the voices of some requests anew, and put them in their places among the others as those are stored."""
    settings = RankingSettings.load()
    with transaction.atomic():
        _lock()
        requests = read_requests()
        parts = stored_parts(requests)
        wanted = np.isin(requests.request, list(request_ids))
        if wanted.any():
            parts = _replaced(parts, wanted, _counted_anew(requests, wanted, on, settings))
        return _store(rank_parts(on, requests, parts, read_estimates(), settings), since=None)


def _counted_anew(requests: Requests, wanted: Any, on: dt.date, settings: RankingSettings) -> Parts:
    """What stands behind some requests now, by the accounts' weights of the last night."""
    some = Requests(requests.request[wanted], requests.module[wanted])
    voices = read_voices(on, some.request.tolist())
    asking = np.unique(voices.account).tolist()
    book = stored_book(asking)
    stored, fresh = stored_module_users(), module_users(on, settings.usage_days, account_ids=asking)
    used = np.concatenate([stored[0], fresh[0]]), np.concatenate([stored[1], fresh[1]])
    support = supporters(voices, some.request, book.customers)
    segments = AccountWeight.objects.exclude(segment="").order_by().values("segment").distinct().count()
    return measure_support(support, book.customers, some.request.size, uses_module(support, book, some, used), segments)


def _replaced(parts: Parts, wanted: Any, fresh: Parts) -> Parts:
    found = {}
    for name in Parts.__slots__:
        column = getattr(parts, name).copy()
        column[wanted] = getattr(fresh, name)
        found[name] = column
    return Parts(**found)


def note_past_day(*, on: dt.date) -> int:
    """Work out how requests stood on a day of the past and keep it, as if the night of that day had."""
    found = ranking(on, is_past=True)
    last = RankDay.objects.filter(request=OuterRef("request"), on__lte=on).order_by("-on")
    return _keep_days(found, _standing(RankDay.objects.filter(on=Subquery(last.values("on")[:1]))))


@transaction.atomic
def change_ranking_settings(*, by: User, at: dt.datetime, **values: Any) -> RankingSettings:
    """Change how requests are ranked; they are ranked anew in the background."""
    settings = RankingSettings.objects.select_for_update().filter(pk=1).first() or RankingSettings(pk=1)
    changes = differences(settings, values)
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        settings.clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from None
    if changes:
        settings.save()
        leave_audit("ranking_settings.changed", settings, by=by, at=at, changes=changes)
        enqueue("roadmap.rank_requests", key="all")
    return settings


def _store(found: Ranking, *, since: dt.date | None) -> dict[str, int]:
    """Write what changed; requests that are no longer ranked lose their place, and their days stay."""
    kept = _keep_days(found, _standing(RequestRank.objects.all()))
    RequestRank.objects.exclude(request__in=open_requests()).delete()
    columns: dict[str, Any] = rank_columns(found)
    columns["weights"] = _weights(found)
    if since is not None:
        before = _ranks_on(since)
        columns["last_rank"] = [before.get(pk) for pk in columns["request_id"]]
    update = {name: _new(name) for name in columns if name != "request_id"}
    upsert_columns(RequestRank, columns, unique=["request"], update=update, only_changed=True)
    return {"changed": kept}


def _standing(rows: Any) -> dict[int, tuple[Any, ...]]:
    """How requests stood: what makes a day worth keeping, in whole numbers, for decimals are slow to read."""
    exact = rows.annotate(points=TenThousandths("score"), cents=Cents("weighted_arr")).order_by()
    listed = exact.values_list("request_id", *COUNTS, "points", "cents", "validation", Cast("weights", TextField()))
    return {row[0]: row[1:] for row in listed}


def _standing_now(found: Ranking, weights: str) -> dict[int, tuple[Any, ...]]:
    """How they stand now, in the same numbers."""
    parts, ranked = found.parts, found.ranked
    columns = (
        *(ranked.rank, parts.asks, parts.accounts, parts.segments, parts.users),
        *(np.rint(ranked.score * 10_000).astype(np.int64), parts.weighted, parts.validation),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {pk: (*row, weights) for pk, row in zip(found.requests.request.tolist(), rows, strict=True)}


def _keep_days(found: Ranking, before: Mapping[int, Sequence[Any]]) -> int:
    """Keep the day for the requests that do not stand as they stood before."""
    weights = next(iter(before.values()))[-1] if before else ""
    if not before or json.loads(weights) != found.settings.weights:
        before = {}
    now = _standing_now(found, weights)
    changed = [place for place, (pk, row) in enumerate(now.items()) if before.get(pk) != row]
    if changed:
        columns: dict[str, Any] = rank_columns(found, np.array(changed))
        kept = {name: columns[name] for name in ("request_id", "on", *DAY_FIELDS)}
        kept["weights"] = Coded(_weights(found).values, np.zeros(len(changed), dtype=np.int64))
        update = {name: _new(name) for name in kept if name not in ("request_id", "on")}
        upsert_columns(RankDay, kept, unique=["request", "on"], update=update)
    return len(changed)


def _ranks_on(on: dt.date) -> dict[int, int]:
    """The rank of each request as it stood on a day."""
    last = RankDay.objects.filter(request=OuterRef("pk"), on__lte=on).order_by("-on").values("rank")[:1]
    return dict(open_requests().annotate(then=Subquery(last)).exclude(then=None).values_list("pk", "then"))


def _weights(found: Ranking) -> Coded:
    """The weights of the day, written once for all rows."""
    text = JSONText(json.dumps(found.settings.weights))
    return Coded([text], np.zeros(found.requests.request.size, dtype=np.int64))


def _new(name: str) -> str:
    """The value of a row as given, in SQL."""
    return f"new.{connection.ops.quote_name(name)}"


def _lock() -> None:
    """Let one ranking at a time read and write: a later one sees what the earlier one has written."""
    RankingSettings.objects.get_or_create(pk=1)
    RankingSettings.objects.select_for_update().get(pk=1)
