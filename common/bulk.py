"""How do many rows reach a table at the speed of the database rather than of Python objects?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

# Rows of an upsert on PostgreSQL that are not worth a table of their own.
FEW = 500
GIVEN = "pg_temp.given_rows"


def insert_columns(model: type[models.Model], columns: Mapping[str, Sequence[Any]], *, batch: int = 20_000) -> int:
    """Insert rows given as columns of equal length, named as the model's fields (`account_id` for a foreign key).

    COPY on PostgreSQL, one prepared statement on SQLite; constraints hold, defaults do not apply: give every column
    that may not be null. Returns the number of rows.
    """
    names = list(columns)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    prepared = [_prepared(field, columns[name]) for field, name in zip(fields, names, strict=True)]
    rows: Iterator[tuple[Any, ...]] = zip(*prepared, strict=True)
    table = connection.ops.quote_name(model._meta.db_table)
    listed = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # COPY bypasses Django, which would otherwise turn the driver’s errors into its own.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
                    count += 1
            return count
        marks = ", ".join(["%s"] * len(fields))
        while part := list(islice(rows, batch)):
            cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", part)
            count += len(part)
    return count


class JSONText(str):
    """A value of a JSON field that is JSON text already, written as it is."""

    __slots__ = ()


def _prepared(field: Any, values: Sequence[Any]) -> Iterator[Any]:
    """Turn a column's values into what the database driver takes; equal values are turned once."""
    if isinstance(field, models.JSONField):
        return (value if isinstance(value, JSONText) else field.get_db_prep_save(value, connection) for value in values)
    if isinstance(field, models.IntegerField | models.ForeignKey):
        return (None if value is None else int(value) for value in values)
    if isinstance(field, models.DecimalField) and connection.vendor == "sqlite":
        return _amounts(field, values)
    return _memoised(field, values)


def _amounts(field: models.DecimalField[Any, Any], values: Sequence[Any]) -> Iterator[Any]:
    """Write amounts that have the field's places already; Django rounds and checks the others, which takes longer."""
    places, limit = field.decimal_places, Decimal(10) ** (field.max_digits - field.decimal_places)
    for value in values:
        if type(value) is Decimal and value.as_tuple().exponent == -places and -limit < value < limit:
            yield f"{value:f}"
        else:
            yield field.get_db_prep_save(value, connection)


def _memoised(field: Any, values: Sequence[Any]) -> Iterator[Any]:
    seen: dict[Any, Any] = {}
    for value in values:
        if value not in seen:
            if len(seen) > 100_000:
                seen.clear()
            seen[value] = field.get_db_prep_save(value, connection)
        yield seen[value]


def upsert_columns(
    model: type[models.Model],
    columns: Mapping[str, Sequence[Any]],
    *,
    unique: Sequence[str],
    update: Mapping[str, str] | None = None,
    batch: int = 20_000,
) -> None:
    """Insert rows given as columns; where a row with the same unique fields exists, update it or leave it alone.

    `update` maps a field to SQL in which `old` and `new` stand for the row as stored and as given. Give the rows in the
    order of their unique fields, so that two writers wait for each other instead of locking each other out.
    """
    names = list(columns)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    prepared = [_prepared(field, columns[name]) for field, name in zip(fields, names, strict=True)]
    rows: Iterator[tuple[Any, ...]] = zip(*prepared, strict=True)
    quoted = connection.ops.quote_name
    column: dict[str, str] = {name: quoted(_field(model, name).column) for name in [*names, *unique, *(update or {})]}
    table = quoted(model._meta.db_table)
    listed = ", ".join(quoted(field.column) for field in fields)
    conflict = ", ".join(column[name] for name in unique)
    sets = ", ".join(f"{column[name]} = {sql}" for name, sql in (update or {}).items())
    sets = sets.replace("old.", f"{table}.").replace("new.", "excluded.")
    ending = f"ON CONFLICT ({conflict}) DO {'UPDATE SET ' + sets if sets else 'NOTHING'}"
    with transaction.atomic(), connection.cursor() as cursor:
        while part := list(islice(rows, batch)):
            if connection.vendor == "sqlite":
                # One prepared statement for all rows: half the time of one statement over all of them as JSON.
                marks = ", ".join(["%s"] * len(fields))
                cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks}) {ending}", part)
            elif len(part) <= FEW:
                source, parameters = rows_as_table(fields, part)
                cursor.execute(f"INSERT INTO {table} ({listed}) SELECT * FROM {source} {ending}", parameters)
            else:
                _copied(cursor, fields, part)
                cursor.execute(f"INSERT INTO {table} ({listed}) SELECT * FROM {GIVEN} {ending}")
                cursor.execute(f"DROP TABLE {GIVEN}")


def _copied(cursor: Any, fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    """Bring many rows into a table of this connection alone, in their order: the driver writes arrays far slower."""
    listed = ", ".join(f"c{number} {_type(field)}" for number, field in enumerate(fields))
    cursor.execute(f"CREATE TEMPORARY TABLE {GIVEN} ({listed})")
    with connection.wrap_database_errors, cursor.copy(f"COPY {GIVEN} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def rows_as_table(fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """Give rows as something to select from, in one statement whatever their number; columns are c0, c1, …"""
    names = [f"c{number}" for number in range(len(fields))]
    if connection.vendor == "postgresql":
        types = [_type(field) for field in fields]
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        return f"unnest({arrays}) AS given ({', '.join(names)})", [
            list(column) for column in zip(*rows, strict=True)
        ] or [[] for _ in fields]
    values = ", ".join(f"json_extract(value, '$[{number}]') AS {name}" for number, name in enumerate(names))
    return f"(SELECT {values} FROM json_each(%s)) AS given", [json.dumps(rows, default=str)]


def _field(model: type[models.Model], name: str) -> Any:
    """A column of a model by the name of its field."""
    return model._meta.get_field(name)


def _type(field: Any) -> str:
    """The type of a column on PostgreSQL; an id's own type without its sequence."""
    kind: str = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return kind
