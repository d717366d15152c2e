"""How long does it take to rank all requests, against the least that any program could need for it?

Floor: votes, weights of accounts and use of modules as columns in files, read from disk, the same parts and the same
ranks with numpy written for this one purpose, plus one INSERT … SELECT of the finished rows into a table like the real
one. (A columnar engine would do the same work; none is among our dependencies.) Product: `rank_stored` from the
database, with the swing of ten weights, the other orders, history and upsert; once into empty tables, once again with
nothing changed, once after votes came in. They run in turn, the ratio is the median over the rounds; the answers are
compared in full. Beside it one vote by itself, and the SQL of the ranking's first page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402
from _measure import load, most_memory, on_empty_database, percentile, ratio, timed  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Account, Contact, Product  # noqa: E402
from common import keyset  # noqa: E402
from common.bulk import insert_columns  # noqa: E402
from roadmap.actions import ranking as actions  # noqa: E402
from roadmap.models import FeatureRequest, ModuleUse, RankDay, RankingSettings, RequestEvidence, RequestRank  # noqa: E402
from roadmap.queries.ranking_facts import Book, module_users  # noqa: E402
from roadmap.rules.support import Customers, arr_cap, weighted_arr  # noqa: E402
from usage.models import AccountFeatureUse, Feature, Module  # noqa: E402

ON = dt.date(2026, 6, 30)
DAY = (ON - dt.date(1970, 1, 1)).days
MODULES, SEGMENTS, CONTACTS = 24, 16, 3
WEIGHTS = (15, 30, 20, 15, 20)

Columns = dict[str, Any]


def draw(requests: int, votes: int, accounts: int, seed: int = 11) -> Columns:
    """Draw the book from a seed: some requests are asked for by many, most by few; accounts are large and small."""
    rng = np.random.default_rng(seed)
    likely = rng.pareto(1.1, requests) + 0.05
    arr = (rng.lognormal(9.2, 1.3, accounts)).astype(np.int64) * 100
    renewing = np.where(rng.random(accounts) < 0.4, arr, 0)
    return {
        "arr": arr,
        "renewing": renewing,
        "weighted": weighted_arr(arr, renewing, arr_cap(arr, 90)),
        "users": rng.integers(0, 80, accounts),
        "segment": rng.integers(0, SEGMENTS, accounts),
        "active": rng.random(accounts) < 0.85,
        "module": rng.integers(0, MODULES, requests),
        "uses": rng.random((accounts, MODULES)) < 0.4,
        "request": rng.choice(requests, votes, p=likely / likely.sum()),
        "account": rng.integers(0, accounts, votes),
        "contact": rng.integers(0, CONTACTS, votes),
        "ago": rng.integers(0, 400, votes),
        "importance": rng.integers(0, 4, votes),
    }


def store(book: Columns) -> None:
    """Write the book: accounts without contracts, for their weights are given."""
    count, requests, votes = len(book["arr"]), len(book["module"]), len(book["request"])
    at = timezone.now()
    product = Product.objects.create(external_id="p", name="Product")
    Module.objects.bulk_create(
        [Module(external_id=f"m{n}", name=f"Module {n}", product=product) for n in range(MODULES)]
    )
    modules = list(Module.objects.order_by("pk").values_list("pk", flat=True))
    insert_columns(Account, {
        "id": list(range(1, count + 1)), "external_id": [f"A{n}" for n in range(count)],
        "name": [f"Account {n}" for n in range(count)], "domain": [""] * count, "industry": [""] * count,
        "region": [""] * count, "tier": ["rabbit"] * count, "purchase_level": ["team"] * count,
        "stage": ["mature"] * count, "currency": ["USD"] * count, "custom": [{}] * count, "version": [1] * count,
        "created_at": [at] * count, "updated_at": [at] * count,
    })  # fmt: skip
    FeatureRequest.objects.bulk_create([
        FeatureRequest(pk=n + 1, title=f"Need {n}", module_id=modules[book["module"][n]], created_on=ON)
        for n in range(requests)
    ], batch_size=500)  # fmt: skip
    contacts = [None, *range(1, CONTACTS)]
    _contacts()
    blank: Columns = {
        field.name: [field.get_default() or ""] * votes
        for field in RequestEvidence._meta.concrete_fields
        if field.name in ("verbatim", "source")
    }
    insert_columns(RequestEvidence, {
        "request_id": (book["request"] + 1).tolist(), "account_id": (book["account"] + 1).tolist(),
        "contact_id": [contacts[n] for n in book["contact"].tolist()],
        "asked_on": [ON - dt.timedelta(days=int(n)) for n in book["ago"]],
        "importance": book["importance"].tolist(), "is_blocker": (book["importance"] == 3).tolist(), **blank,
    })  # fmt: skip
    actions.write_book(book_of(book))
    _use(book, modules)


def _use(book: Columns, modules: list[int]) -> None:
    """Write who uses what, and from it what the night keeps: of the modules that an account asks about."""
    Feature.objects.bulk_create([Feature(external_id=f"f{n}", name=f"Feature {n}", module_id=pk)
                                 for n, pk in enumerate(modules)])  # fmt: skip
    features = list(Feature.objects.order_by("pk").values_list("pk", flat=True))
    used = np.argwhere(book["uses"])
    days = [ON] * len(used)
    insert_columns(AccountFeatureUse, {
        "account_id": (used[:, 0] + 1).tolist(), "feature_id": [features[n] for n in used[:, 1].tolist()],
        "first_on": days, "last_on": days,
    })  # fmt: skip
    accounts, asked = module_users(ON, 30)
    insert_columns(ModuleUse, {"account_id": accounts.tolist(), "module_id": asked.tolist()})


def _contacts() -> None:
    """Two people whom all voices name: contacts belong to one account each, and only their ids are counted."""
    Contact.objects.bulk_create([Contact(pk=n, account_id=1, name=f"Contact {n}") for n in range(1, CONTACTS)])


def book_of(book: Columns) -> Book:
    """The drawn accounts as the product keeps them."""
    customers = Customers(
        np.arange(1, len(book["arr"]) + 1), book["arr"], book["renewing"], book["weighted"], book["users"],
        book["segment"], book["active"],
    )  # fmt: skip
    return Book(customers, [f"Segment {n:02}" for n in range(SEGMENTS)])


def floor_ranks(book: Columns) -> Any:
    """Work every rank out from the columns alone."""
    accounts, requests = len(book["arr"]), len(book["module"])
    pair = book["request"].astype(np.int64) * accounts + book["account"]
    ask = (pair * CONTACTS + book["contact"]) * 512 + book["ago"]
    distinct = np.unique(ask) // (CONTACTS * 512)
    asks = np.bincount(distinct // accounts, minlength=requests)
    once = distinct[np.concatenate(([True], distinct[1:] != distinct[:-1]))]
    request, account = once // accounts, once % accounts
    common = np.bincount(request, minlength=requests)
    users = np.bincount(request, book["users"][account], minlength=requests)
    value = np.bincount(request, book["weighted"][account], minlength=requests)
    in_segment = np.bincount(request * SEGMENTS + book["segment"][account], minlength=requests * SEGMENTS)
    spread = (in_segment.reshape(-1, SEGMENTS) >= 2).sum(axis=1)
    valid = book["active"][account] & book["uses"][account, book["module"][request]]
    share = np.bincount(request, valid, minlength=requests) / np.maximum(common, 1)
    largest = np.zeros(requests)
    np.maximum.at(largest, request, book["weighted"][account])
    guard = 1 - np.maximum(0, largest / np.maximum(value, 1) - 0.5)
    asked = common > 0
    logs = np.zeros(requests)
    for weight, part in zip(WEIGHTS, (asks, common, spread, users, value), strict=True):
        held = np.sort(part[asked])
        place = (np.searchsorted(held, part, "left") + np.searchsorted(held, part, "right")) / (2 * held.size)
        logs += np.log(np.where(asked, place, 1)) * (weight / 100)
    score = np.round(np.where(asked, 100 * np.exp(logs) * (0.5 + 0.5 * share) * guard, 0), 4)
    order = np.lexsort((np.arange(requests), -value, -common, -score, ~(common >= 10)))
    rank = np.empty(requests, dtype=np.int64)
    rank[order] = np.arange(1, requests + 1)
    return rank


def save(book: Columns, folder: Path) -> None:
    """Write one file per column."""
    for name, column in book.items():
        np.save(folder / f"{name}.npy", column)


def read(folder: Path) -> Columns:
    """Read all columns back into memory."""
    return {file.stem: np.load(file) for file in folder.glob("*.npy")}


def floor_write() -> float:
    """Write the finished rows by one INSERT … SELECT into an empty table with the same columns and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bench_copy")
        return timed(lambda: cursor.execute("INSERT INTO bench_copy SELECT * FROM roadmap_requestrank"))


def ranks() -> list[int]:
    """The stored ranks in the order of the requests."""
    return list(RequestRank.objects.order_by("request_id").values_list("rank", flat=True))


def first_page() -> float:
    """Seconds that the SQL of the ranking's first page takes."""
    rows = RequestRank.objects.select_related("request__module", "largest")
    return timed(lambda: keyset.page(rows, keyset.Sort("rank"), size=50))


def page_sql() -> float:
    """Seconds that the database alone takes for it, read past Django's objects."""
    rows = RequestRank.objects.select_related("request__module", "largest").order_by("rank", "pk")[:51]
    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        return timed(lambda: (cursor.execute(sql, parameters), cursor.fetchall()))


def measure(book: Columns, rounds: int, folder: Path) -> bool:
    """Run floor and product in turn, print the ratios, and say whether both gave the same ranks."""
    save(book, folder)
    settings = RankingSettings.load()
    actions.rank_stored(on=ON, settings=settings)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_copy AS SELECT * FROM roadmap_requestrank")
        cursor.execute("CREATE UNIQUE INDEX bench_copy_once ON bench_copy (request_id)")
        cursor.execute("CREATE INDEX bench_copy_by_rank ON bench_copy (rank, request_id)")
    floors, computed, written = [], [], []
    runs: dict[str, list[float]] = {"first run": [], "again": [], "a vote": []}
    same = True
    for number in range(rounds):
        computed.append(timed(lambda: floor_ranks(read(folder))))
        written.append(floor_write())
        floors.append(computed[-1] + written[-1])
        RequestRank.objects.all().delete()
        RankDay.objects.all().delete()
        runs["first run"].append(timed(lambda: actions.rank_stored(on=ON, settings=settings)))
        same &= ranks() == floor_ranks(book).tolist()
        runs["again"].append(timed(lambda: actions.rank_stored(on=ON, settings=settings)))
        asked = int(book["request"][number]) + 1
        runs["a vote"].append(timed(lambda asked=asked: actions.rank_again(request_ids=[asked], on=ON)))
        same &= ranks() == floor_ranks(book).tolist()
    print(f"floor      compute {statistics.median(computed):.3f} s + write {statistics.median(written):.3f} s")
    for name, seconds in runs.items():
        print(f"{name:<10} {statistics.median(seconds):.3f} s = {ratio(seconds, floors):.1f} × floor")
    whole, alone = ([work() * 1000 for _ in range(50)] for work in (first_page, page_sql))
    print(
        f"first page {percentile(alone, 0.5):.1f} ms of SQL, {percentile(whole, 0.5):.1f} ms with its rows as objects"
    )
    print(f"memory     {most_memory()} MB at most")
    print(f"equal      {len(ranks())} ranks {'as' if same else 'NOT as'} the floor's")
    return same


def main() -> int:
    """Generate, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--votes", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    given, _ = parser.parse_known_args()
    on_empty_database()
    book = draw(given.requests, given.votes, given.accounts)
    seconds = timed(lambda: store(book))
    print(
        f"ranking    {given.requests} requests, {given.votes} votes of {given.accounts} accounts "
        f"on {connection.vendor}, stored in {seconds:.0f} s, {load()}"
    )
    with tempfile.TemporaryDirectory(prefix="mainstay-columns-") as folder:
        return 0 if measure(book, given.rounds, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
