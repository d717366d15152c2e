"""How long does it take to rebuild NRR and GRR of every month, against the least that any program could need for it?

Floor: the same sums with numpy on a dense matrix of months, from arrays that are in memory already. No row is read from
the database, so nothing that reads can beat it. Product: `retention_months` from the stored movements, each month and
the twelve months up to it. Both run in turn, the ratio is the median over the rounds. Every figure is compared with the
floor's, and some months with the textbook's SQL. A movement should cost as much in a large book as in a small one.
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

from _measure import in_turn, load, most_memory, on_empty_database, ratio, timed  # noqa: E402
from _revenue_book import BEGIN, END, draw_moves, floor, store_moves  # noqa: E402
from django.db import connection  # noqa: E402

from common.periods import add_months  # noqa: E402
from revenue.queries import RetentionMonth, retention, retention_months  # noqa: E402

FIRST = add_months(BEGIN, 12)
TEXTBOOK = """
    WITH paid AS (
        SELECT account_id,
               SUM(CASE WHEN "on" < %s THEN amount ELSE 0 END) AS opening, SUM(amount) AS closing
        FROM revenue_movement WHERE "on" < %s GROUP BY account_id
    )
    SELECT SUM(opening), SUM(closing), SUM(CASE WHEN closing < opening THEN closing ELSE opening END)
    FROM paid WHERE opening > 0.001
"""


def told(rows: list[RetentionMonth]) -> list[tuple[Any, Any]]:
    """The product's rates in the floor's shape."""
    return [((row.month.nrr, row.month.grr_revenue), (row.trailing.nrr, row.trailing.grr_revenue)) for row in rows]


def textbook(start: dt.date, end: dt.date) -> list[int]:
    """Opening, closing and kept in cents by plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTBOOK, [start, end])
        return [round(amount * 100) for amount in cursor.fetchone()]


def as_textbook(row: RetentionMonth) -> list[int]:
    """The product's figures of the twelve months in the same shape."""
    found = row.trailing
    kept = found.opening - found.contraction - found.churn
    return [int(amount * 100) for amount in (found.opening, kept + found.expansion, kept)]


def main() -> int:
    """Generate, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given, _ = parser.parse_known_args()
    on_empty_database()
    moves = draw_moves(given.accounts)
    seconds = timed(lambda: store_moves(moves))
    last = END - dt.timedelta(days=1)
    print(
        f"retention  {given.accounts} accounts, {moves.cents.size} movements on {connection.vendor}, "
        f"stored in {seconds:.0f} s, {load()}"
    )
    found = in_turn(
        {
            "floor": lambda: floor(moves),
            "36 months": lambda: retention_months(FIRST, last),
            "one year": lambda: retention(add_months(END, -12), END),
        },
        given.rounds,
    )
    for name, taken in found.items():
        each = statistics.median(taken) / moves.cents.size * 1e6
        print(
            f"{name:<10} {statistics.median(taken):.2f} s = {ratio(taken, found['floor']):.1f} × floor, "
            f"{each:.2f} µs a movement"
        )
    print(f"most memory {most_memory()} MB, with the floor's arrays")
    rows = retention_months(FIRST, last)
    same = told(rows) == floor(moves)
    wrong = sum(as_textbook(row) != textbook(row.trailing.start, row.trailing.end) for row in rows[::7])
    print(
        f"equal      {len(rows)} months {'as' if same else 'NOT as'} the floor's; "
        f"{wrong} of {len(rows[::7])} unlike the textbook's SQL"
    )
    return 0 if same and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
