"""Do NRR, GRR and the whole way from opening to closing agree with plain SQL, to the cent, on books that others wrote?

Each book is imported into an empty database. For every month and every twelve months up to a month's end, whole and by
segment, the figures are worked out twice: by `retention` from the ledger of movements, and here by one textbook query
over the contract lines, which knows neither movements nor any of our rules. The books are not part of the project:
MAINSTAY_SAMPLE_DATA names their folder (`../shared/data` beside the project, if it is there).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from _measure import on_empty_database  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Max, Min  # noqa: E402

from common.periods import add_months, month_start, months  # noqa: E402
from portfolio.importing.book import apply_import  # noqa: E402
from revenue.models import ContractLine, Movement  # noqa: E402
from revenue.queries import retention  # noqa: E402
from revenue.rules.retention import Retention  # noqa: E402

PROJECT = Path(__file__).parents[1]
DATA = Path(os.environ.get("MAINSTAY_SAMPLE_DATA", PROJECT.parent / "shared" / "data"))
MAPPINGS = PROJECT / "docs" / "examples" / "mappings"
BOOKS = ("ravenstack", "saas_plans_5453")
AT = dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
SEGMENTS = ("tier", "purchase_level", "industry", "region")
FIGURES = (
    "opening",
    "new",
    "reactivation",
    "expansion",
    "contraction",
    "churn",
    "closing",
    "accounts",
    "accounts_lost",
)
TEXTBOOK = """
    WITH line AS (
        SELECT account_id, starts_on, ends_on, CAST(ROUND(arr * 100) AS BIGINT) AS cents
        FROM revenue_contractline WHERE arr > 0
    ), account AS (
        SELECT a.{segment} AS segment, l.account_id, MIN(l.starts_on) AS since,
            SUM(CASE WHEN l.starts_on < %(start)s AND (l.ends_on IS NULL OR l.ends_on >= %(start)s)
                THEN l.cents ELSE 0 END) AS opening,
            SUM(CASE WHEN l.starts_on < %(end)s AND (l.ends_on IS NULL OR l.ends_on >= %(end)s)
                THEN l.cents ELSE 0 END) AS closing
        FROM line l JOIN accounts_account a ON a.id = l.account_id GROUP BY a.{segment}, l.account_id
    )
    SELECT segment,
        SUM(opening),
        SUM(CASE WHEN opening = 0 AND since >= %(start)s THEN closing ELSE 0 END),
        SUM(CASE WHEN opening = 0 AND since < %(start)s THEN closing ELSE 0 END),
        SUM(CASE WHEN opening > 0 AND closing > opening THEN closing - opening ELSE 0 END),
        SUM(CASE WHEN closing > 0 AND closing < opening THEN opening - closing ELSE 0 END),
        SUM(CASE WHEN closing = 0 THEN opening ELSE 0 END),
        SUM(closing),
        SUM(CASE WHEN opening > 0 THEN 1 ELSE 0 END),
        SUM(CASE WHEN opening > 0 AND closing = 0 THEN 1 ELSE 0 END)
    FROM account GROUP BY segment
"""
Row = tuple[Any, ...]


def by_sql(segment: str, start: dt.date, end: dt.date) -> dict[str, Row]:
    """Every figure of each segment by the textbook; a segment in which nothing was or came is left out."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTBOOK.format(segment=segment), {"start": start, "end": end})
        rows = {row[0]: tuple(int(value) for value in row[1:]) for row in cursor.fetchall()}
    return {name: row for name, row in rows.items() if any(row)}


def as_row(found: Retention) -> Row:
    """The product's figures in the same shape."""
    values = (getattr(found, name) for name in FIGURES)
    return tuple(int(value * 100) if isinstance(value, Decimal) else value for value in values)


def periods() -> Iterator[tuple[dt.date, dt.date]]:
    """Every month of the book, and every twelve months."""
    span = Movement.objects.aggregate(first=Min("on"), last=Max("on"))
    for month in months(month_start(span["first"]), span["last"]):
        end = add_months(month, 1)
        yield month, end
        yield add_months(end, -12), end


def compare() -> tuple[int, int]:
    """How many figures were compared, and how many differ."""
    compared = wrong = 0
    for start, end in periods():
        for segment in SEGMENTS:
            found, told = retention(start, end, by=segment), by_sql(segment, start, end)
            parts = {part.value: as_row(part.retention) for part in found.segments}
            parts = {name: row for name, row in parts.items() if any(row)}
            total = tuple(sum(column) for column in zip(*told.values(), strict=True)) if told else (0,) * len(FIGURES)
            compared += len(FIGURES) * (1 + len(parts.keys() | told.keys()))
            wrong += parts != told
            wrong += as_row(found) != total
    return compared, wrong


def main() -> int:
    """Import, compare, and print the last year of each book."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--book", choices=BOOKS, action="append")
    given, _ = parser.parse_known_args()
    if not DATA.is_dir():
        print(f"books      none: {DATA} is not there")
        return 0
    failed = 0
    on_empty_database()
    for book in given.book or BOOKS:
        apply_import(DATA / book, mapping=MAPPINGS / f"{book}.toml", by=None, at=AT)
        currencies = set(ContractLine.objects.values_list("currency", flat=True).distinct())
        if len(currencies) > 1:
            print(f"{book}: several currencies, which the textbook's query does not convert")
            return 1
        compared, wrong = compare()
        print(f"equal      {book}: {compared} figures of {len(list(periods()))} periods, {wrong} unlike plain SQL")
        end = max(last for _, last in periods())
        call_command("retention", start=str(add_months(end, -12)), end=str(end), by="tier")
        failed += wrong
        call_command("flush", interactive=False, verbosity=0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
