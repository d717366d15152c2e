"""What does one row of a file hold, and is anything wrong with it by itself?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from common.errors import Refused
from portfolio.importing.custom import CustomFields
from portfolio.importing.mapping import Column
from portfolio.importing.reader import Row
from portfolio.importing.targets import Context, Target, Values
from portfolio.importing.values import Cell

NOTHING: Any = object()


class Memory:
    """What the cells of one column meant before; it gives up on a column whose cells hardly repeat."""

    MOST = 20_000

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._hits = 0

    def get(self, cell: str) -> Any:
        """Give what a cell meant before, or NOTHING."""
        value = self._values.get(cell, NOTHING)
        self._hits += value is not NOTHING
        return value

    def keep(self, cell: Cell, value: Any) -> None:
        """Remember what a cell means."""
        if isinstance(cell, str) and len(self._values) < self.MOST:
            self._values[cell] = value
        elif self._values and self._hits < self.MOST:
            self._values.clear()
            self.MOST = 0


class Rows(Protocol):
    """The rows of a table, from the start each time they are walked through."""

    def __iter__(self) -> Iterator[Row]:
        """Walk through the rows."""
        ...


@dataclass
class Source:
    """One file as far as it feeds one target."""

    file: str
    number: int
    columns: Sequence[Column]
    rows: Rows
    distinct: bool = False
    skips: Sequence[tuple[Any, str]] = ()
    memories: dict[str, Memory] = field(default_factory=lambda: defaultdict(Memory))

    def gives(self, name: str) -> bool:
        """Say whether the file gives a column."""
        return any(column.name == name for column in self.columns)

    def column_named(self, name: str) -> str:
        """What a column of ours is called in the file."""
        return next((column.source for column in self.columns if column.name == name), name)


@dataclass
class Record:
    """One row on its way into a target."""

    row: int
    values: Values
    key: tuple[Any, ...] = ()
    pk: int | None = None


@dataclass(frozen=True)
class Flawed:
    """What is wrong with a row, and in which column of its file."""

    column: str
    reason: str
    code: str = ""


class Examiner:
    """Reads rows one by one, without telling anybody what it finds."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.custom = CustomFields()

    def examine(self, target: Target, source: Source, row: Row) -> Record | Flawed | str:
        """Read one row: what it holds, what is wrong with it, or why it is skipped."""
        if row.problem:
            return Flawed("", row.problem)
        values: Values = {}
        column = None
        try:
            for condition, reason in source.skips:
                if condition(row.cells):
                    return reason
            for column in source.columns:
                cell = column.compute(row.cells)
                memory = source.memories[column.name]
                value = memory.get(cell) if isinstance(cell, str) else NOTHING
                if value is NOTHING:
                    value = self.value(target, column, cell)
                    memory.keep(cell, value)
                values[column.name] = value
        except Refused as refusal:
            return Flawed(column.source if column else "", str(refusal))
        except (ValueError, ArithmeticError) as error:
            return Flawed(column.source if column else "", str(error), getattr(error, "code", ""))
        for name, reason in target.check(values, self.context) if target.check else ():
            return Flawed(source.column_named(name), reason)
        if target.becomes:
            values = target.becomes(values, self.context)
        return Record(row.number, values, tuple(values[name] for name in (target.stored_as or target).key))

    def value(self, target: Target, column: Column, cell: Cell) -> Any:
        """Read one cell."""
        if column.name.startswith("custom."):
            return self.custom.value(column.name[7:], cell, column.way)
        return target.names[column.name].value(cell, column.way, self.context)
