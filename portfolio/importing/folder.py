"""Which files of a folder make the book, and which of our tables does each of them fill?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.mapping import BookMapping, ColumnSpec, FileSpec, Load
from portfolio.importing.reader import NO_HINTS, SUFFIXES, Hints, Table, open_table
from portfolio.importing.targets import ORDER, TARGETS

# The native name under which both kinds of usage may come; the header tells which it is.
USAGE = "usage"


@dataclass
class Book:
    """The opened tables of a book by the names that its mapping gives them, and what to load from them."""

    tables: dict[str, Table]
    mapping: BookMapping
    notices: list[str]


def open_book(folder: Path, mapping: BookMapping | None, hints: Hints = NO_HINTS) -> Book:
    """Open every file that a book needs; refuse the book if one of them cannot be read as a whole."""
    if not folder.is_dir():
        raise Refused(_("There is no folder %(path)s.") % {"path": folder}, code="folder")
    if mapping is None or not mapping.loads:
        mapping = native_mapping(folder, mapping)
    if hints != NO_HINTS:
        mapping = replace(mapping, files={name: _hinted(spec, hints) for name, spec in mapping.files.items()})
    tables: dict[str, Table] = {}
    notices: list[str] = []
    for name, spec in mapping.files.items():
        table = _open(folder, spec, notices)
        if table is not None:
            tables[name] = table
            notices += [f"{table.layout.name}: {note}" for note in table.layout.notes]
    mapping = _settled(mapping, tables)
    notices += _unread(folder, mapping)
    if not tables and not any(load.rows for load in mapping.loads):
        raise Refused(_("No file of this folder has rows to import."), code="nothing")
    return Book(tables, mapping, notices)


def native_mapping(folder: Path, hints: BookMapping | None) -> BookMapping:
    """The mapping of a folder in our own format: each file is named by its target, each column by its own name."""
    files: dict[str, FileSpec] = {}
    for path in sorted(folder.iterdir()):
        name = path.stem.lower()
        if path.is_file() and path.suffix.lower() in SUFFIXES and (name in TARGETS or name == USAGE):
            if name in files:
                words = {"first": files[name].path, "second": path.name}
                raise Refused(_("%(first)s and %(second)s are the same table. Keep one.") % words, code="twice")
            told = hints.files.get(name) if hints else None
            everywhere = hints.everywhere if hints else NO_HINTS
            files[name] = replace(told, path=path.name) if told else FileSpec(name, path.name, everywhere)
    if not files:
        message = _("The folder has none of the known files. Known: %(known)s (.csv or .xlsx).")
        raise Refused(message % {"known": ", ".join([*ORDER, USAGE])}, code="folder")
    loads = tuple(Load(name, name) for name in files)
    return BookMapping(files, loads, (), hints.name if hints else "", hints.everywhere if hints else NO_HINTS)


def _hinted(spec: FileSpec, hints: Hints) -> FileSpec:
    """Fill what a mapping leaves open with a person's answers."""
    told = {name: value for name, value in vars(hints).items() if value and not getattr(spec.hints, name)}
    return replace(spec, hints=replace(spec.hints, **told))


def _open(folder: Path, spec: FileSpec, notices: list[str]) -> Table | None:
    """Open one file; one without rows is told and passed over."""
    path = _find(folder, spec)
    if path is None:
        if spec.optional:
            return None
        found = ", ".join(sorted(one.name for one in folder.iterdir() if one.is_file())[:50]) or "–"
        message = _("The folder has no file “%(name)s”. Found: %(found)s.")
        raise Refused(message % {"name": spec.path, "found": found}, code="missing_file")
    try:
        return open_table(path, spec.hints)
    except Refused as refusal:
        if refusal.code == "no_rows":
            notices.append(f"{path.name}: {refusal.message}")
            return None
        raise Refused(f"{path.name}: {refusal.message}", refusal.field, refusal.code) from None


def _find(folder: Path, spec: FileSpec) -> Path | None:
    """Find a file by its name in whatever case, or by the same name as the other kind of table."""
    wanted = spec.path.lower()
    by_name = {path.name.lower(): path for path in folder.iterdir() if path.is_file()}
    stem = Path(wanted).stem
    return next((by_name[name] for name in (wanted, *(stem + one for one in SUFFIXES)) if name in by_name), None)


def _settled(mapping: BookMapping, tables: Mapping[str, Table]) -> BookMapping:
    """Leave out what has no table, give native loads their columns, and put everything in order."""
    loads = []
    for load in mapping.loads:
        if load.file and load.file not in tables:
            continue
        if load.columns is None and not load.rows:
            header = tables[load.file].layout.header
            target = load.target if load.target != USAGE else _usage_target(header)
            load = Load(target, load.file, _native_columns(tables[load.file], target))
        loads.append(load)
    loads.sort(key=lambda one: ORDER.index(one.target))
    return replace(mapping, loads=tuple(loads))


def _usage_target(header: Sequence[str]) -> str:
    return "usage_events" if "message_id" in header else "usage_days"


def _native_columns(table: Table, target: str) -> dict[str, ColumnSpec]:
    """Take every column under its own name; one that is not known is refused, for it may be a slip."""
    known = TARGETS[target].columns
    for name in table.layout.header:
        if name not in known and not (name.startswith("custom.") and "custom." in known):
            words = {"file": table.layout.name, "name": name[:80], "known": ", ".join(known)}
            raise Refused(_("%(file)s: Column ‘%(name)s’ is not known. Known: %(known)s.") % words, code="column")
    return {name: ColumnSpec(expression=f"[{name}]") for name in table.layout.header}


def _unread(folder: Path, mapping: BookMapping) -> list[str]:
    """Name the tables of the folder that nothing reads."""
    read = {spec.path.lower() for spec in mapping.files.values()}
    stems = {Path(name).stem for name in read}
    notices = []
    for path in sorted(folder.iterdir()):
        is_table = path.is_file() and path.suffix.lower() in SUFFIXES
        if is_table and path.name.lower() not in read and path.stem.lower() not in stems:
            notices.append(_("%(file)s was not read: it is none of the book’s files.") % {"file": path.name})
    return notices
