"""How is a whole book tried, and how is it brought in?"""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import Organisation, User
from common.errors import Refused
from portfolio.importing import follow
from portfolio.importing.folder import Book, open_book
from portfolio.importing.loader import Loader, Source
from portfolio.importing.mapping import (
    BookLookups,
    BookMapping,
    Column,
    ColumnSpec,
    Load,
    bind,
    bind_condition,
    read_mapping,
)
from portfolio.importing.notices import checked_rows, contradictions
from portfolio.importing.reader import NO_HINTS, Hints, Layout, Row, Table
from portfolio.importing.report import FileReport, Report, TargetCount
from portfolio.importing.scratch import Seen
from portfolio.importing.targets import COLUMNS, TARGETS, Context, Target

# Called with what is being done, how many rows are done and how many there are.
Progress = Callable[[str, int, int], None]


def plan_import(
    folder: Path,
    *,
    at: dt.datetime,
    mapping: Path | None = None,
    hints: Hints = NO_HINTS,
    on_progress: Progress | None = None,
) -> Report:
    """Try an import: say what would be new, changed, the same and rejected, and write nothing."""
    return _run(folder, mapping, hints, Context(Organisation.load().zone, at), on_progress, dry_run=True)


def apply_import(
    folder: Path,
    *,
    by: User | None,
    at: dt.datetime,
    mapping: Path | None = None,
    hints: Hints = NO_HINTS,
    on_progress: Progress | None = None,
) -> Report:
    """Bring a book in, batch by batch, and let the figures follow; again is harmless, also after a stop half-way."""
    run = uuid.uuid4().hex
    unfinished = follow.begin(run, at=at)
    context = Context(Organisation.load().zone, at, by.pk if by else None)
    try:
        report = _run(folder, mapping, hints, context, on_progress, dry_run=False, unfinished=unfinished)
    except Refused:
        follow.end(run)  # nothing was written
        raise
    audit.record("book.imported", by=by, at=at, changes={"folder": folder.name, "totals": report.totals()})
    follow.end(run)
    return report


def _run(
    folder: Path,
    mapping_path: Path | None,
    hints: Hints,
    context: Context,
    on_progress: Progress | None,
    *,
    dry_run: bool,
    unfinished: bool = False,
) -> Report:
    mapping = read_mapping(mapping_path, COLUMNS) if mapping_path else None
    book = open_book(folder, mapping, hints)
    report = Report(dry_run, mapping_path.name if mapping_path else "")
    with Seen() as seen, _little_memory():
        loader = Loader(context, report, dry_run=dry_run, seen=seen)
        lookups = BookLookups(book.tables, {name: spec.key for name, spec in book.mapping.files.items()})
        sources = _sources(book, lookups, loader)
        said = checked_rows(book.mapping.checks, book.tables, lookups)
        _load_all(book, sources, loader, report, on_progress)
    if not dry_run:
        if on_progress:
            on_progress(_("Working out the figures"), 0, 0)
        report.notices += follow.settle(
            loader.writer.touched, at=context.at, everything=unfinished or loader.writer.touched_all
        )
    report.notices += [*book.notices, *said, *(loader.trial.contradictions() if dry_run else contradictions())]
    return report


@contextlib.contextmanager
def _little_memory() -> Iterator[None]:
    """Keep SQLite's share of the memory small and fixed while millions of rows go in."""
    before: dict[str, int] = {}
    if connection.vendor == "sqlite":
        for name, value in (("cache_size", -16_000), ("mmap_size", 0)):
            kept = _pragma(name)
            if kept is not None:  # a database in memory has no such setting
                before[name] = kept
                _pragma(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            _pragma(name, value)


def _pragma(name: str, value: int | None = None) -> int | None:
    """Read or set one of SQLite's own settings."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}" if value is None else f"PRAGMA {name} = {value}")
        found = cursor.fetchone()
    return found[0] if found else None


def _load_all(
    book: Book,
    sources: list[tuple[Target, Source, str]],
    loader: Loader,
    report: Report,
    on_progress: Progress | None,
) -> None:
    """Bring every source into its target, in order, and count."""
    by_file: dict[str, FileReport] = {}
    for table in book.tables.values():
        layout = table.layout
        one = FileReport(layout.name, layout.rows, layout.encoding, layout.separator, layout.numbers, layout.dates)
        by_file[layout.name] = one
        report.files.append(one)
    total = sum(rows for _target, _source, rows in _with_rows(sources, book))
    done = 0
    for target, source, rows in _with_rows(sources, book):
        if source.file not in by_file:
            by_file[source.file] = FileReport(source.file, rows)
            report.files.append(by_file[source.file])
        count = TargetCount(target.name)
        by_file[source.file].targets.append(count)
        for number in loader.load(target, source, count):
            done += number
            if on_progress:
                on_progress(source.file, done, total)


def _with_rows(sources: list[tuple[Target, Source, str]], book: Book) -> Iterator[tuple[Target, Source, int]]:
    for target, source, table in sources:
        yield target, source, book.tables[table].layout.rows if table else sum(1 for _row in source.rows)


def _sources(book: Book, lookups: BookLookups, loader: Loader) -> list[tuple[Target, Source, str]]:
    """Tie every load to its file before anything is written, so that a slip in the mapping refuses the whole."""
    sources = []
    numbers: dict[str, int] = {}
    for load in book.mapping.loads:
        target = TARGETS[load.target]
        table = book.tables[load.file] if load.file else _rows_of_mapping(load)
        layout = table.layout
        columns = _columns(load, layout, lookups)
        _check_required(target, columns, layout)
        number = numbers.setdefault(layout.name, len(numbers))
        if number == len(loader.files):
            loader.files.append(layout.name)
        skips = [(bind_condition(skip.when, layout, lookups), skip.reason) for skip in load.skips]
        source = Source(layout.name, number, columns, _Again(table), load.distinct, skips)
        sources.append((target, source, load.file))
    return sources


def _columns(load: Load, layout: Layout, lookups: BookLookups) -> list[Column]:
    specs: Mapping[str, ColumnSpec] = load.columns or {name: ColumnSpec(f"[{name}]") for name in layout.header}
    return [bind(spec, name, layout, lookups) for name, spec in specs.items()]


def _check_required(target: Target, columns: Iterable[Column], layout: Layout) -> None:
    """Refuse a file that cannot fill its target."""
    given = {column.name for column in columns}
    missing = [one.name for one in target.fields if one.required and one.name not in given]
    if missing:
        words = {"file": layout.name, "name": missing[0], "known": ", ".join(layout.header)}
        raise Refused(_("%(file)s: Column ‘%(name)s’ is missing. Found: %(known)s.") % words, code="column")


class _Again:
    """A table's rows, from the start each time."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __iter__(self) -> Iterator[Row]:
        return self._table.rows()


class _RowsOfMapping:
    """The rows that stand in the mapping itself, as a table."""

    def __init__(self, load: Load) -> None:
        header = tuple(dict.fromkeys(name for row in load.rows for name in row))
        self._rows = [Row(number, [row.get(name) for name in header]) for number, row in enumerate(load.rows, start=1)]
        self.layout = Layout(Path(_("mapping: %(target)s") % {"target": load.target}), header, len(self._rows))

    def rows(self) -> Iterator[Row]:
        """Give the rows."""
        return iter(self._rows)


def _rows_of_mapping(load: Load) -> Table:
    return _RowsOfMapping(load)


__all__ = ["BookMapping", "apply_import", "plan_import"]
