"""How long does the page of retention take over the whole book, and how long until a change stands in the kept months?

Three parts, each against its own floor. Trend: the kept months as the page reads them, against the same rows by one
plain statement. Refresh: one month and the twelve up to its end worked out anew from the stored movements and written,
against the same from arrays in memory. Page: everything that the page shows, against the floor of `retention`: 36
months from arrays in memory. The kept months are compared with the ledger's and the floor's.
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
from _revenue_book import AT, BEGIN, END, draw_moves, floor, floor_of_a_month, store_moves  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from common.periods import add_months  # noqa: E402
from portfolio.models import AccountRow  # noqa: E402
from portfolio.queries.retention_page import MONTHS_DRAWN, RetentionPage, retention_page  # noqa: E402
from revenue.actions import keep_months, ledger_changed  # noqa: E402
from revenue.queries import kept_months, kept_span, retention_months  # noqa: E402

ON = END - dt.timedelta(days=1)
SHOWN = (add_months(END, -MONTHS_DRAWN), ON)
PLAIN = "SELECT * FROM revenue_keptmonth WHERE month >= %s AND month <= %s"


def plain() -> list[Any]:
    """The rows behind the trend by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, SHOWN)
        return cursor.fetchall()


def refresh() -> int:
    """Follow one change of the last month."""
    ledger_changed(since=ON)
    return keep_months(on=ON, at=AT)


def page() -> RetentionPage:
    """What an admin opens first: the year up to today, of everybody."""
    return retention_page(
        add_months(END, -12),
        END,
        on=ON,
        accounts=None,
        rows=AccountRow.objects.all(),
        reading="point_to_point",
        hrefs={},
    )


def main() -> int:
    """Generate, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given, _ = parser.parse_known_args()
    on_empty_database()
    moves = draw_moves(given.accounts)
    seconds = timed(lambda: store_moves(moves))
    print(
        f"page       {given.accounts} accounts, {moves.cents.size} movements on {connection.vendor}, "
        f"stored in {seconds:.0f} s, {load()}"
    )
    live = statistics.median(in_turn({"live": page}, 2)["live"])
    seconds = timed(lambda: keep_months(on=ON, at=AT))
    print(f"kept       36 months in {seconds:.2f} s; the page before that, its trend worked out live: {live:.2f} s")
    pairs = (
        ("trend", plain, lambda: kept_months(*SHOWN), 20),
        ("refresh", lambda: floor_of_a_month(moves), refresh, given.rounds),
        ("page", lambda: floor(moves), page, given.rounds),
    )
    for name, least, product, rounds in pairs:
        found = in_turn({"floor": least, "product": product}, rounds)
        taken = statistics.median(found["product"])
        print(
            f"{name:<10} {taken * 1000:.1f} ms = {ratio(found['product'], found['floor']):.1f} × floor "
            f"({statistics.median(found['floor']) * 1000:.1f} ms)"
        )
    with CaptureQueriesContext(connection) as asked:
        page()
    in_sql = sum(float(query["time"]) for query in asked)
    print(f"statements {len(asked)} for the page, {in_sql:.2f} s of it in the database until the first row")
    print(f"most memory {most_memory()} MB, with the floor's arrays")
    kept, worked_out = kept_months(*kept_span(ON)), retention_months(*kept_span(ON))
    rates = [
        ((row.month.nrr, row.month.grr_revenue), (row.trailing.nrr, row.trailing.grr_revenue)) for row in worked_out
    ]
    same = kept == worked_out and rates[-1] == floor_of_a_month(moves) and worked_out[0].trailing.start > BEGIN
    same = same and rates == floor(moves)[-len(rates) :]
    print(f"equal      {len(worked_out)} kept months {'as' if same else 'NOT as'} the ledger's and the floor's")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
