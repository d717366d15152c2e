"""How do many rows reach a table at the speed of the database rather than of Python objects?"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from django.db import connection, models, transaction

# Rows of an upsert on PostgreSQL that are not worth a table of their own.
FEW = 500
GIVEN = "pg_temp.given_rows"


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of few different values: each is prepared once, and the rows say by number which they have."""

    values: Sequence[Any]
    codes: npt.NDArray[np.int64]

    def __getitem__(self, row: int) -> Any:
        """The value of one row."""
        return self.values[self.codes[row]]


Column = Sequence[Any] | Coded


def insert_columns(model: type[models.Model], columns: Mapping[str, Column], *, batch: int = 20_000) -> int:
    """Insert rows given as columns of equal length, named as the model's fields (`account_id` for a foreign key).

    COPY on PostgreSQL, one prepared statement on SQLite; constraints hold, defaults do not apply: give every column
    that may not be null. Returns the number of rows.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    table = connection.ops.quote_name(model._meta.db_table)
    listed = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    parts = _parts(fields, columns, batch)
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # COPY bypasses Django, which would otherwise turn the driver’s errors into its own.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for part in parts:
                    count += _copy(copy, part)
            return count
        marks = ", ".join(["%s"] * len(fields))
        for part in parts:
            cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", list(zip(*part, strict=True)))
            count += len(part[0])
    return count


def _parts(fields: Sequence[Any], columns: Mapping[str, Column], batch: int) -> Iterator[list[list[Any]]]:
    """Prepare columns for the driver, so many rows at a time."""
    prepared = [iter(_prepared(field, values)) for field, values in zip(fields, columns.values(), strict=True)]
    while any(part := [list(islice(column, batch)) for column in prepared]):
        yield part


def _copy(copy: Any, part: Sequence[Sequence[Any]]) -> int:
    """Send rows to an open COPY: as one text where every value is plain, which is several times as fast."""
    texts = [_as_text(column) for column in part]
    if all(texts):
        copy.write("\n".join(map("\t".join, zip(*cast(list[list[str]], texts), strict=True))) + "\n")
    else:
        for row in zip(*part, strict=True):
            copy.write_row(row)
    return len(part[0])


def _as_text(column: Sequence[Any]) -> list[str] | None:
    """A column as COPY reads it; None where a value has a notation of its own."""
    kinds = set(map(type, column))
    if not kinds <= PLAIN:
        return None
    texts = list(column) if kinds <= {str, JSONText} else ["\\N" if one is None else str(one) for one in column]
    if kinds & {str, JSONText} and (type(None) in kinds or any(sign in "".join(texts) for sign in "\\\t\n\r")):
        return ["\\N" if one is None else str(one).translate(ESCAPED) for one in column]
    return texts


class JSONText(str):
    """A value of a JSON field that is JSON text already, written as it is."""

    __slots__ = ()


# What is written in COPY as it prints, and what has to be escaped in texts.
PLAIN = {str, JSONText, int, bool, Decimal, dt.date, dt.datetime, type(None)}
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _prepared(field: Any, values: Column) -> Iterable[Any]:
    """Turn a column's values into what the database driver takes; equal values are turned once."""
    if isinstance(values, Coded):
        turned = list(_prepared(field, values.values))
        return [turned[code] for code in values.codes.tolist()]
    if isinstance(field, models.JSONField):
        return (value if isinstance(value, JSONText) else field.get_db_prep_save(value, connection) for value in values)
    if isinstance(field, models.IntegerField | models.ForeignKey):
        return (None if value is None else int(value) for value in values)
    if isinstance(field, models.FloatField):
        return (None if value is None else float(value) for value in values)
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
    columns: Mapping[str, Column],
    *,
    unique: Sequence[str],
    update: Mapping[str, str] | None = None,
    only_changed: bool = False,
    batch: int = 20_000,
) -> None:
    """Insert rows given as columns; where a row with the same unique fields exists, update it or leave it alone.

    `update` maps a field to SQL in which `old` and `new` stand for the row as stored and as given; with `only_changed`
    a row that would stay the same is not written. Give the rows in the order of their unique fields, so that two
    writers wait for each other instead of locking each other out.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    quoted = connection.ops.quote_name
    column: dict[str, str] = {name: quoted(_field(model, name).column) for name in [*unique, *(update or {})]}
    table = quoted(model._meta.db_table)
    listed = ", ".join(quoted(field.column) for field in fields)
    conflict = ", ".join(column[name] for name in unique)
    sets = ", ".join(f"{column[name]} = {sql}" for name, sql in (update or {}).items())
    if only_changed:
        differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
        sets += " WHERE " + " OR ".join(f"old.{column[name]} {differs} {sql}" for name, sql in (update or {}).items())
    sets = sets.replace("old.", f"{table}.").replace("new.", "excluded.")
    ending = f"ON CONFLICT ({conflict}) DO {'UPDATE SET ' + sets if sets else 'NOTHING'}"
    with transaction.atomic(), connection.cursor() as cursor:
        for part in _parts(fields, columns, batch):
            if connection.vendor == "sqlite":
                # One prepared statement for all rows: half the time of one statement over all of them as JSON.
                marks = ", ".join(["%s"] * len(fields))
                statement = f"INSERT INTO {table} ({listed}) VALUES ({marks}) {ending}"
                cursor.executemany(statement, list(zip(*part, strict=True)))
            elif len(part[0]) <= FEW:
                source, parameters = rows_as_table(fields, list(zip(*part, strict=True)))
                cursor.execute(f"INSERT INTO {table} ({listed}) SELECT * FROM {source} {ending}", parameters)
            else:
                _copied(cursor, fields, part)
                cursor.execute(f"INSERT INTO {table} ({listed}) SELECT * FROM {GIVEN} {ending}")
                cursor.execute(f"DROP TABLE {GIVEN}")


def _copied(cursor: Any, fields: Sequence[Any], part: Sequence[Sequence[Any]]) -> None:
    """Bring many rows into a table of this connection alone, in their order: the driver writes arrays far slower."""
    listed = ", ".join(f"c{number} {_type(field)}" for number, field in enumerate(fields))
    cursor.execute(f"CREATE TEMPORARY TABLE {GIVEN} ({listed})")
    with connection.wrap_database_errors, cursor.copy(f"COPY {GIVEN} FROM STDIN") as copy:
        _copy(copy, part)


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
