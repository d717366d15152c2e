"""How long does it take to rank a whole book of advocates, against the least that any program could need for it?

Floor: one plain GROUP BY per measure over the same tables, read as columns, the same percentiles with numpy, the band,
answers and ends of contract read plainly, and one INSERT … SELECT of the finished rows of both tables. Product:
`rank_advocates` with who is a customer, modules in use, goals, criteria, partners, people to ask and their limits. They
run in turn; the ratio is the median over the rounds; the scores are compared in full.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402
from _measure import load, most_memory, on_empty_database, ratio, timed  # noqa: E402
from _scoring_book import ON, draw_book, store_book  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.models import Account  # noqa: E402
from advocacy.actions import rank_advocates  # noqa: E402
from advocacy.models import AdvocateRow, AdvocateScore, PublicMention  # noqa: E402
from advocacy.rules.score import Measures, Weights, advocate_score  # noqa: E402
from common.bulk import insert_columns  # noqa: E402
from usage.models import Integration  # noqa: E402

BUDGET = 4.0
TABLES = {"advocacy_advocatescore": "bench_scores", "advocacy_advocaterow": "bench_people"}
YEAR, MONTH = ON - dt.timedelta(days=364), ON - dt.timedelta(days=29)
MEASURES = {
    "use": (
        "SELECT account_id, COUNT(*), SUM(CASE WHEN core_events > 0 THEN 1 ELSE 0 END), SUM(people) "
        "FROM usage_accountusageday WHERE day BETWEEN %s AND %s AND events > 0 GROUP BY account_id",
        (MONTH, ON),
    ),
    "integrations": (
        "SELECT account_id, COUNT(*) FROM usage_integration WHERE connected_on <= %s AND (disconnected_on IS NULL "
        "OR disconnected_on > %s) GROUP BY account_id",
        (ON, ON),
    ),
    "answers": (
        "SELECT account_id, COUNT(*) FROM usage_surveyanswer WHERE answered_on BETWEEN %s AND %s GROUP BY account_id",
        (YEAR, ON),
    ),
    "mentions": ('SELECT account_id, COUNT(*) FROM advocacy_publicmention WHERE "on" <= %s GROUP BY account_id', (ON,)),
}
# What the limits and the criteria follow from, summed up per account or person.
PLAIN = (
    "SELECT contact_id, MAX(answered_on), MAX(score) FROM usage_surveyanswer GROUP BY contact_id",
    "SELECT account_id, COUNT(*) FROM accounts_contact GROUP BY account_id",
    "SELECT account_id, MAX(ends_on) FROM revenue_contractline GROUP BY account_id",
    "SELECT account_id, COUNT(*) FROM usage_accountfeatureuse GROUP BY account_id",
    "SELECT account_id, COUNT(*) FROM usage_ticket WHERE resolved_at IS NULL GROUP BY account_id",
    "SELECT account_id, COUNT(*) FROM revenue_movement WHERE kind = 'expansion' GROUP BY account_id",
)


def store_more(accounts: int) -> None:
    """Connect systems and mention us, for some."""
    rng = np.random.default_rng(3)
    first = Account.objects.order_by("pk").values_list("pk", flat=True)[0]
    which = [np.repeat(np.arange(accounts), rng.integers(0, most, accounts)) + first for most in (4, 3)]
    names = [f"System {number}" for number in range(len(which[0]))]
    insert_columns(
        Integration, {"account_id": which[0].tolist(), "name": names, "connected_on": [MONTH] * len(which[0])}
    )
    count = len(which[1])
    insert_columns(
        PublicMention,
        {
            "account_id": which[1].tolist(), "kind": ["review"] * count, "title": ["Review"] * count,
            "url": [""] * count, "on": [MONTH] * count,
        },
    )  # fmt: skip


def columns_of(sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    """Read the columns of a query; none where it has no rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return [np.array(column) for column in zip(*rows, strict=True)] if rows else []


def floor_scores() -> Any:
    """Score every account from plain sums."""
    accounts = columns_of("SELECT id FROM accounts_account ORDER BY id")[0]

    def full(name: str, place: int = 1) -> Any:
        found, values = columns_of(*MEASURES[name]), np.zeros(len(accounts), dtype=np.int64)
        if found:
            values[np.searchsorted(accounts, found[0])] = found[place]
        return values

    for sql in PLAIN:
        columns_of(sql)
    none = np.zeros(len(accounts), dtype=np.int64)
    measures = Measures(
        referred=none, mentions=full("mentions"), core_days=full("use", 2), integrations=full("integrations"),
        adopted=np.full(len(accounts), np.nan), answers=full("answers"),
    )  # fmt: skip
    return np.round(advocate_score(measures, Weights()).score * 100)


def floor_write() -> None:
    """Write the finished rows into empty tables with the same columns and indexes."""
    with connection.cursor() as cursor:
        for copy in TABLES.values():
            cursor.execute(f"DELETE FROM {copy}_into")
            cursor.execute(f"INSERT INTO {copy}_into SELECT * FROM {copy}")


def keep_copies() -> None:
    """Keep what the product wrote, and an empty table with the same indexes for the floor to write to."""
    with connection.cursor() as cursor:
        for table, copy in TABLES.items():
            key = "account_id, month" if table.endswith("score") else "contact_id"
            cursor.execute(f"CREATE TABLE {copy} AS SELECT * FROM {table}")
            cursor.execute(f"CREATE TABLE {copy}_into AS SELECT * FROM {table} WHERE 1 = 0")
            cursor.execute(f"CREATE UNIQUE INDEX {copy}_once ON {copy}_into ({key})")
            if table.endswith("score"):
                cursor.execute(f"CREATE INDEX {copy}_rank ON {copy}_into (month, rank, id)")
                cursor.execute(f"CREATE INDEX {copy}_criteria ON {copy}_into (month, criteria_met, id)")
            else:
                for number, columns in enumerate(
                    ("unscored, score, contact_id", "name, contact_id", "never_asked, last_asked_on, contact_id",
                     "industry, is_promoter", "unscored, score DESC, contact_id DESC", "account_id")
                ):  # fmt: skip
                    cursor.execute(f"CREATE INDEX {copy}_{number} ON {copy}_into ({columns})")


def measure(rounds: int) -> bool:
    """Run floor and product in turn, print the ratio, and say whether the scores are the same."""
    rank_advocates(on=ON, requests={})
    keep_copies()
    floors, runs = [], []
    for _ in range(rounds):
        floors.append(timed(floor_scores) + timed(floor_write))
        runs.append(timed(lambda: rank_advocates(on=ON, requests={})))
    stored = AdvocateScore.objects.order_by("account_id").values_list("account_id", "score")
    accounts = columns_of("SELECT id FROM accounts_account ORDER BY id")[0]
    least = dict(zip(accounts.tolist(), floor_scores().tolist(), strict=True))
    # A customer who left is not ranked; the others' places then differ, so only a book where all stayed is compared.
    same = len(stored) == len(accounts) and all(round(float(score) * 100) == least[pk] for pk, score in stored)
    found = ratio(runs, floors)
    met = "within" if found <= BUDGET else "OVER"
    print(f"floor      {statistics.median(floors):.2f} s")
    print(f"ranking    {statistics.median(runs):.2f} s = {found:.1f} × floor ({met} {BUDGET:.0f} ×)")
    print(f"rows       {len(stored)} customers, {AdvocateRow.objects.count()} people to ask")
    print(f"equal      {'all' if same else 'NOT all'} scores are the floor's; {most_memory()} MB, {load()}")
    return same


def main() -> int:
    """Generate, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=60, help="daily rows of use per account")
    parser.add_argument("--rounds", type=int, default=3)
    given, _ = parser.parse_known_args()
    on_empty_database()
    book = draw_book(given.accounts, given.rows)
    seconds = timed(lambda: (store_book(book), store_more(given.accounts)))
    days = len(book.use_account)
    print(f"advocacy   {given.accounts} accounts, {days} daily rows on {connection.vendor}, stored in {seconds:.0f} s")
    return 0 if measure(given.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
