"""How are columns of a table read into arrays, without one Python object per row?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, DateField, Func, QuerySet

Ints = npt.NDArray[np.int64]

# Stands for "no day": later than every date.
NO_DAY = int(np.datetime64("9999-12-31", "D").astype(np.int64))
# So few rows at a time that they are still in the processor's cache when they are turned into columns.
CHUNK = 1_000
# More ids than this are not sent to the database: it reads all rows, and the mask is made here.
MANY_IDS = 2_000


class Cents(Func):
    """An amount in whole cents, exact: SQLite keeps decimals as floating numbers, so sums are made of these."""

    template = "CAST(ROUND(%(expressions)s * 100) AS BIGINT)"
    output_field = BigIntegerField()
    arity = 1


class TenThousandths(Func):
    """A decimal with four places as a whole number, exact: SQLite would cut 0.57 · 10,000 to 5,699."""

    template = "CAST(ROUND(%(expressions)s * 10000) AS BIGINT)"
    output_field = BigIntegerField()
    arity = 1


class DayNumber(Func):
    """A day as whole days since 1970, and no day as `NO_DAY`: the drivers would make an object of each."""

    output_field = BigIntegerField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Count Julian days, which begin at noon."""
        number = "CAST(julianday(%(expressions)s) - 2440587.5 AS INTEGER)"
        return self.as_sql(compiler, connection, template=f"COALESCE({number}, {NO_DAY})", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Subtract two dates."""
        number = "(%(expressions)s - DATE '1970-01-01')"
        return self.as_sql(compiler, connection, template=f"COALESCE({number}, {NO_DAY})", **extra)


class DaysLater(Func):
    """A day so many days after another, or before it for a negative number, in the form in which days are stored."""

    output_field = DateField()
    arity = 1

    def __init__(self, day: Any, days: int) -> None:
        super().__init__(day, days=int(days))

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Let SQLite count: Django's own sum of a day and a span is made in Python, for each row."""
        return self.as_sql(compiler, connection, template="date(%(expressions)s, '%(days)s days')", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Add a number to the day."""
        return self.as_sql(compiler, connection, template="(%(expressions)s + (%(days)s))", **extra)


IN_SQL: dict[str, type[Func]] = {"cents": Cents, "day": DayNumber}


def read_columns(rows: QuerySet[Any, Any], **kinds: str) -> dict[str, Any]:
    """Read fields of a queryset as arrays, in its order.

    The kinds are `int`, `cents` (a decimal with two places, as whole cents), `day` (days since 1970, `NO_DAY` for
    null) and `text` (a list of strings).
    """
    names = list(kinds)
    made = {f"{name}_as_number": IN_SQL[kind](name) for name, kind in kinds.items() if kind in IN_SQL}
    fields = [f"{name}_as_number" if kind in IN_SQL else name for name, kind in kinds.items()]
    chunks = _chunks(rows.annotate(**made).values_list(*fields))
    if "text" not in kinds.values():
        return dict(zip(names, _numbers(chunks, len(names)), strict=True))
    parts: list[list[Any]] = [[] for _ in names]
    for chunk in chunks:
        for part, values, name in zip(parts, zip(*chunk, strict=True), names, strict=True):
            part.append(_array(values, kinds[name]))
    return {name: _joined(part, kinds[name]) for name, part in zip(names, parts, strict=True)}


def only_ids(rows: QuerySet[Any, Any], field: str, ids: Iterable[int] | None) -> QuerySet[Any, Any]:
    """Restrict rows to some ids; a long list is left to `masked`, for no database takes 100,000 parameters."""
    wanted = None if ids is None else list(ids)
    return rows if wanted is None or len(wanted) > MANY_IDS else rows.filter(**{f"{field}__in": wanted})


def masked(columns: dict[str, Any], field: str, ids: Sequence[int] | None) -> dict[str, Any]:
    """Keep the rows of a long list of ids, which `only_ids` left to us."""
    if ids is None or len(ids) <= MANY_IDS:
        return columns
    keep = np.isin(columns[field], np.asarray(ids, dtype=np.int64))
    kept = {name: values[keep] for name, values in columns.items() if isinstance(values, np.ndarray)}
    lists = {
        name: [value for value, kept_row in zip(values, keep, strict=True) if kept_row]
        for name, values in columns.items()
        if isinstance(values, list)
    }
    return {name: kept[name] if name in kept else lists[name] for name in columns}


def codes(texts: Iterable[str], names: list[str] | None = None) -> tuple[Ints, list[str]]:
    """Number texts in order of appearance, so that arrays can hold them; known names keep their numbers.

    >>> numbers, names = codes(["EUR", "USD", "EUR"])
    >>> numbers.tolist(), names
    ([0, 1, 0], ['EUR', 'USD'])
    """
    known = {name: number for number, name in enumerate(names or [])}
    numbers = np.fromiter((known.setdefault(text, len(known)) for text in texts), dtype=np.int64)
    return numbers, list(known)


def _chunks(rows: QuerySet[Any, Any]) -> Iterable[list[tuple[Any, ...]]]:
    """Run a query past Django's converters, some rows at a time."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while chunk := cursor.fetchmany(CHUNK):
            yield chunk


def _numbers(chunks: Iterable[list[tuple[Any, ...]]], width: int) -> list[Ints]:
    """Turn rows of numbers alone into arrays, without a step for each column."""
    parts = [np.fromiter(chain.from_iterable(chunk), dtype=np.int64, count=len(chunk) * width) for chunk in chunks]
    table = np.concatenate(parts).reshape(-1, width) if parts else np.empty((0, width), dtype=np.int64)
    return [np.ascontiguousarray(table[:, column]) for column in range(width)]


def _array(values: tuple[Any, ...], kind: str) -> Any:
    """Turn one column of a chunk into an array, or a list of texts."""
    if kind == "text":
        return list(values)
    return np.fromiter(values, dtype=np.int64, count=len(values))


def _joined(parts: list[Any], kind: str) -> Any:
    """Put the chunks of a column together."""
    if kind == "text":
        return [text for part in parts for text in part]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
