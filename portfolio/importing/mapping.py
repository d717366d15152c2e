"""Which columns of which foreign file make which columns of ours?

A mapping is a TOML file; `docs/importing.md` explains it on an example. Here it is read and checked: a name that does
not exist is refused with the names that do.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.expressions import BadExpression, Cells, Compute, Lookups, Surroundings, compile_expression
from portfolio.importing.reader import NO_HINTS, Hints, Layout, Table
from portfolio.importing.targets.base import Way
from portfolio.importing.values import (
    DATE_ORDERS,
    NUMBER_STYLES,
    Cell,
    Unreadable,
    as_text,
    is_blank,
)

MOST_LOOKED_UP = 2_000_000
LARGEST_MAPPING = 1_000_000


@dataclass(frozen=True)
class FileSpec:
    """One file of the foreign book: where it is, how it is written, by which column others look it up."""

    name: str
    path: str
    hints: Hints = NO_HINTS
    key: str = ""
    optional: bool = False


@dataclass(frozen=True)
class ColumnSpec:
    """How one column of ours is made: by an expression over the row, or always the same."""

    expression: str = ""
    constant: Cell = None
    translate: Mapping[str, Cell] = field(default_factory=dict)
    default: Cell = None
    hints: Hints = NO_HINTS
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skip:
    """Rows that are left out on purpose, and why."""

    when: str
    reason: str


@dataclass(frozen=True)
class Load:
    """One target filled from one file, or from rows that stand in the mapping itself."""

    target: str
    file: str = ""
    columns: Mapping[str, ColumnSpec] | None = None
    skips: tuple[Skip, ...] = ()
    distinct: bool = False
    rows: tuple[Mapping[str, Cell], ...] = ()


@dataclass(frozen=True)
class Check:
    """A condition on the rows of a file that is no error, yet worth telling: how often it holds is reported."""

    file: str
    when: str
    says: str


@dataclass(frozen=True)
class BookMapping:
    """All that a mapping file says."""

    files: Mapping[str, FileSpec]
    loads: tuple[Load, ...]
    checks: tuple[Check, ...] = ()
    name: str = ""
    everywhere: Hints = NO_HINTS


def read_mapping(path: Path, known_columns: Mapping[str, Sequence[str]]) -> BookMapping:
    """Read a mapping file; `known_columns` are the columns of each target (`custom.` stands for any custom field)."""
    try:
        if path.stat().st_size > LARGEST_MAPPING:
            raise Refused(_("The mapping is larger than 1 MB."), code="mapping")
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise Refused(_("There is no mapping file %(path)s.") % {"path": path}, code="mapping") from None
    except IsADirectoryError:
        raise Refused(_("%(path)s is a folder, not a mapping file.") % {"path": path}, code="mapping") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = _("The mapping %(path)s is not valid TOML: %(error)s.")
        raise Refused(message % {"path": path.name, "error": error}, code="mapping") from None
    return parse_mapping(data, known_columns)


def parse_mapping(data: Mapping[str, Any], known_columns: Mapping[str, Sequence[str]]) -> BookMapping:
    """Check the tables of a mapping and give them names."""
    _check_keys(data, {"name", "description", "all", "files", "load", "check"}, _("the mapping"))
    everywhere = _hints(_table(data.get("all", {}), "all"), "all", extra=())
    files = {
        name: _file(name, _table(spec, f"files.{name}"), everywhere)
        for name, spec in _table(data.get("files", {}), "files").items()
    }
    loads = tuple(_load(_table(spec, "load"), files, known_columns) for spec in _list(data.get("load", []), "load"))
    checks = tuple(_check(_table(spec, "check"), files) for spec in _list(data.get("check", []), "check"))
    return BookMapping(files, loads, checks, str(data.get("name", "")), everywhere)


def _file(name: str, spec: Mapping[str, Any], everywhere: Hints) -> FileSpec:
    where = f"files.{name}"
    hints = _hints(spec, where, extra=("path", "key", "optional"), base=everywhere)
    path = _text(spec.get("path", f"{name}.csv"), f"{where}.path")
    if Path(path).name != path or path in {".", ".."}:
        message = _("%(where)s: “%(path)s” must be a file name in the folder, without a way to it.")
        raise Refused(message % {"where": where, "path": path}, code="mapping")
    return FileSpec(name, path, hints, _text(spec.get("key", ""), f"{where}.key"), spec.get("optional") is True)


def _hints(spec: Mapping[str, Any], where: str, *, extra: Sequence[str], base: Hints = NO_HINTS) -> Hints:
    """Read how a file is written; what is not said stays as it is for all files."""
    names = ("encoding", "separator", "dates", "numbers", "sheet")
    _check_keys(spec, {*names, *extra}, where)
    told = {name: _text(spec[name], f"{where}.{name}") for name in names if name in spec}
    _check_choice(told.get("dates", ""), DATE_ORDERS, f"{where}.dates")
    _check_choice(told.get("numbers", ""), NUMBER_STYLES, f"{where}.numbers")
    return replace(base, **told)


def _load(spec: Mapping[str, Any], files: Mapping[str, FileSpec], known: Mapping[str, Sequence[str]]) -> Load:
    target = _text(spec.get("target", ""), "load.target")
    where = f"load “{target}”"
    _check_keys(spec, {"target", "from", "columns", "skip", "distinct", "rows"}, where)
    _check_known(target, known, _("There is no target “%(name)s”. Known: %(known)s."))
    rows = tuple(_row(_table(row, where), target, known[target]) for row in _list(spec.get("rows", []), where))
    file = _text(spec.get("from", ""), f"{where} from")
    if rows and not file:
        return Load(target, rows=rows)
    _check_known(file, files, _("There is no file “%(name)s” among the mapping’s files. Known: %(known)s."))
    columns = {
        name: _column(value, f"{where}, {name}")
        for name, value in _table(spec.get("columns", {}), f"{where} columns").items()
    }
    for name in columns:
        _check_column(name, target, known[target])
    skips = tuple(_skip(_table(skip, where), where) for skip in _list(spec.get("skip", []), where))
    return Load(target, file, columns, skips, spec.get("distinct") is True)


def _row(spec: Mapping[str, Any], target: str, known: Sequence[str]) -> Mapping[str, Cell]:
    for name, value in spec.items():
        _check_column(name, target, known)
        if not isinstance(value, str | int | float | dt.date):
            raise Refused(_("%(where)s: a value is missing.") % {"where": f"{target}, {name}"}, code="mapping")
    return spec


def _skip(spec: Mapping[str, Any], where: str) -> Skip:
    _check_keys(spec, {"when", "reason"}, f"{where} skip")
    return Skip(
        _text(spec.get("when", ""), f"{where} skip.when"), _text(spec.get("reason", ""), f"{where} skip.reason")
    )


def _check(spec: Mapping[str, Any], files: Mapping[str, FileSpec]) -> Check:
    _check_keys(spec, {"file", "when", "says"}, "check")
    file = _text(spec.get("file", ""), "check.file")
    _check_known(file, files, _("There is no file “%(name)s” among the mapping’s files. Known: %(known)s."))
    return Check(file, _text(spec.get("when", ""), "check.when"), _text(spec.get("says", ""), "check.says"))


def _column(spec: Any, where: str) -> ColumnSpec:
    """One column: an expression as text, a constant as number, date or yes-or-no, or a table with more to say."""
    if isinstance(spec, str):
        return ColumnSpec(expression=spec)
    if isinstance(spec, bool | int | float | dt.date):
        return ColumnSpec(constant=spec)
    spec = _table(spec, where)
    _check_keys(spec, {"from", "text", "map", "default", "dates", "numbers"}, where)
    if ("from" in spec) == ("text" in spec):
        raise Refused(_("%(where)s: say either from or text.") % {"where": where}, code="mapping")
    expression = _text(spec["from"], where) if "from" in spec else f'"{_plain(spec["text"], where)}"'
    dates = spec.get("dates", "")
    formats = tuple(_text(one, where) for one in (dates if isinstance(dates, list) else [dates]) if "%" in str(one))
    hints = _hints({name: spec[name] for name in ("dates", "numbers") if name in spec and not formats}, where, extra=())
    translate = {as_text(key).lower(): value for key, value in _table(spec.get("map", {}), where).items()}
    for value in (*translate.values(), *([spec["default"]] if "default" in spec else [])):
        if not isinstance(value, str | bool | int | float | dt.date):
            raise Refused(_("%(where)s: map and default hold single values.") % {"where": where}, code="mapping")
    return ColumnSpec(expression, None, translate, spec.get("default"), hints, formats)


def _plain(text: Any, where: str) -> str:
    """A text with columns in braces; a double quote would end it."""
    text = _text(text, where)
    if '"' in text:
        raise Refused(_("%(where)s: a text cannot have a double quote.") % {"where": where}, code="mapping")
    return text


def _check_column(name: str, target: str, known: Sequence[str]) -> None:
    if name in known or (name.startswith("custom.") and "custom." in known):
        return
    message = _("%(target)s has no column ‘%(name)s’. Known: %(known)s.")
    raise Refused(message % {"target": target, "name": name, "known": ", ".join(known)}, code="mapping")


def _check_known(name: str, known: Iterable[str], message: str) -> None:
    if name not in known:
        raise Refused(message % {"name": name, "known": ", ".join(known)}, code="mapping")


def _check_choice(value: str, choices: Sequence[str], where: str) -> None:
    if value and value not in choices:
        message = _("%(where)s: “%(value)s” is not known. Use one of: %(known)s.")
        known = ", ".join(f"“{choice}”" for choice in choices)
        raise Refused(message % {"where": where, "value": value, "known": known}, code="mapping")


def _check_keys(spec: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in spec:
        if name not in known:
            message = _("%(where)s: “%(name)s” is not known. Known: %(known)s.")
            raise Refused(message % {"where": where, "name": name, "known": ", ".join(sorted(known))}, code="mapping")


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refused(_("%(where)s must be a table.") % {"where": where}, code="mapping")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(_("%(where)s must be a list.") % {"where": where}, code="mapping")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise Refused(_("%(where)s must be a text.") % {"where": where}, code="mapping")
    return value


@dataclass(frozen=True)
class Column:
    """One column of ours, ready to be taken from a row, with how its file writes values."""

    name: str
    source: str
    compute: Compute
    way: Way


def bind(spec: ColumnSpec, name: str, layout: Layout, lookups: Lookups) -> Column:
    """Tie a column's rule to a file: its expression becomes a function over that file's rows."""
    hints = spec.hints
    around = _around(layout, lookups, hints)
    compute = _constant(spec.constant) if spec.constant is not None else compiled(spec.expression, around, name)
    if spec.translate or spec.default is not None:
        compute = _translated(compute, spec.translate, spec.default)
    source = spec.expression.strip("[]") if spec.expression.strip("[]") in layout.header else name
    return Column(name, source, compute, Way(around.numbers, around.dates, spec.formats))


def bind_condition(expression: str, layout: Layout, lookups: Lookups) -> Compute:
    """Tie a condition to a file."""
    return compiled(expression, _around(layout, lookups, NO_HINTS), expression)


def compiled(expression: str, around: Surroundings, where: str) -> Compute:
    """Compile an expression; what is wrong with it is said with its place."""
    try:
        return compile_expression(expression, around)
    except BadExpression as error:
        message = _("%(file)s, %(where)s: %(problem)s")
        raise Refused(message % {"file": around.file, "where": where, "problem": error}, code="mapping") from None


def _around(layout: Layout, lookups: Lookups, hints: Hints) -> Surroundings:
    columns = {name: place for place, name in enumerate(layout.header)}
    return Surroundings(columns, lookups, hints.numbers or layout.numbers, hints.dates or layout.dates, layout.name)


def _constant(value: Cell) -> Compute:
    return lambda _cells: value


def _translated(compute: Compute, translate: Mapping[str, Cell], default: Cell) -> Compute:
    """Replace values by the mapping's own; what it does not name becomes the default, or stays."""

    def translated(cells: Cells) -> Any:
        value = compute(cells)
        word = as_text(value).lower()
        if word in translate:
            return translate[word]
        if default is not None and (translate or is_blank(value)):
            return default
        return value

    return translated


class BookLookups:
    """The files of a book by key, read once each when first asked for."""

    def __init__(self, tables: Mapping[str, Table], keys: Mapping[str, str]) -> None:
        self._tables = tables
        self._keys = keys
        self._found: dict[tuple[str, str, str], dict[str, Cell]] = {}

    def value(self, file: str, key_column: str, column: str) -> Callable[[str], Cell]:
        """Give a function from key to cell."""
        key_column = self._key(file, key_column)
        place = self._place(file, column)

        def find(key: str) -> Cell:
            cells = self._index(file, key_column, place)
            if key not in cells:
                raise Unreadable(_("“%(key)s” is not in %(file)s.") % {"key": key[:60], "file": file}, code="lookup")
            return cells[key]

        return find

    def contains(self, file: str, key_column: str) -> Callable[[str], bool]:
        """Give a function that says whether a key is there."""
        key_column = self._key(file, key_column)
        place = self._place(file, key_column)
        return lambda key: key in self._index(file, key_column, place)

    def _key(self, file: str, key_column: str) -> str:
        if file not in self._tables:
            message = _("There is no file “%(name)s” among the mapping’s files. Known: %(known)s.")
            raise BadExpression(message % {"name": file, "known": ", ".join(self._tables)})
        key_column = key_column or self._keys.get(file, "")
        if not key_column:
            raise BadExpression(_("Say the key of %(file)s: key = “column” among its files.") % {"file": file})
        self._place(file, key_column)
        return key_column

    def _place(self, file: str, column: str) -> int:
        header = self._tables[file].layout.header
        if column not in header:
            message = _("Column ‘%(name)s’ is missing in %(file)s. Found: %(known)s.")
            raise BadExpression(message % {"name": column, "file": file, "known": ", ".join(header)})
        return header.index(column)

    def _index(self, file: str, key_column: str, place: int) -> dict[str, Cell]:
        header = self._tables[file].layout.header
        name = (file, key_column, header[place])
        if name not in self._found:
            self._found[name] = self._read(file, header.index(key_column), place)
        return self._found[name]

    def _read(self, file: str, key_place: int, place: int) -> dict[str, Cell]:
        """Read one column by key; the first row with a key counts."""
        table = self._tables[file]
        if table.layout.rows > MOST_LOOKED_UP:
            message = _("%(file)s has %(rows)s rows, too many to look values up in.")
            raise Refused(message % {"file": file, "rows": f"{table.layout.rows:,}"}, code="mapping")
        cells: dict[str, Cell] = {}
        for row in table.rows():
            if not row.problem:
                cells.setdefault(as_text(row.cells[key_place]), row.cells[place])
        return cells
