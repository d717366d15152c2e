"""What do the measures share: sums and dates per account, and whether a source says anything at all?"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Max, QuerySet, Sum
from django.db.models.functions import Cast

from health.queries.indicators.book import Book, Ints, Measure
from health.rules.score import Flags, Floats

# Decimals with four places travel as whole numbers.
TEN_THOUSANDTHS = 10_000


def sum_of(name: str) -> Any:
    """The sum of a whole number, fit for a column."""
    return Cast(Sum(name), BigIntegerField())


def counts(book: Book, rows: QuerySet[Any], how: Any, known: Flags) -> Floats:
    """One number per account; 0 where there is no row although the source is known, else missing."""
    found = book.per_account(rows.order_by().values("account_id").annotate(figure=how), figure="int")
    return np.where(known | (found["known"] > 0), found["figure"], np.nan).astype(np.float64)


def said_of_anybody(book: Book, rows: QuerySet[Any]) -> Flags:
    """Whether a source says anything of anybody: where it does, silence is 0, else nothing is known."""
    return np.full(len(book.ids), book.once(("any", str(rows.query)), lambda: bool(rows.order_by()[:1].exists())))


def days_since(book: Book, rows: QuerySet[Any], name: str) -> Floats:
    """Days from the last of some rows' days to the day of the book; missing where there is none."""
    found = book.per_account(rows.order_by().values("account_id").annotate(last=Max(name)), last="day")
    return np.where(found["known"] > 0, book.day - found["last"], np.nan).astype(np.float64)


def latest_of(book: Book, found: dict[str, Ints], value: str, day: str) -> Measure:
    """The newest of several rows per account, and its age; rows come with `at`, a day and a value."""
    order = np.lexsort((found[value], found[day]))
    values, age = np.full(len(book.ids), np.nan), np.full(len(book.ids), np.inf)
    at = found["at"][order]
    values[at] = found[value][order]
    age[at] = book.day - found[day][order]
    return Measure(values, age)


def nothing(book: Book) -> Measure:
    """No value for anybody."""
    return Measure(np.full(len(book.ids), np.nan))
