"""Which rows stand in a file, whatever program wrote it?

A table is opened in one pass that finds out how it is written and refuses it if it cannot be read as a whole; its rows
are then read in a stream, as often as wanted, without holding the file in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.values import Cell

MAX_COLUMNS = 200
MAX_FIELD = 100_000
# What a person may send through the page; the command reads from a folder, in a stream, whatever its size.
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")

SIGNATURES = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7z"), (b"Rar!", "RAR"), (b"SQLite format 3", "SQLite"), (b"PAR1", "Parquet"),
)  # fmt: skip
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Hints:
    """What a person said about how a file is written; empty where it should be found out."""

    encoding: str = ""
    separator: str = ""
    dates: str = ""
    numbers: str = ""
    sheet: str = ""


NO_HINTS = Hints()


@dataclass(frozen=True)
class Row:
    """One row of a table: its number as a spreadsheet shows it (the header is 1) and its cells, in the header's order.

    A row that cannot be read has a problem instead of cells.
    """

    number: int
    cells: Sequence[Cell] = ()
    problem: str = ""


class Table(Protocol):
    """A table that can be read from its start, as often as wanted."""

    layout: Layout

    def rows(self) -> Iterator[Row]:
        """Read the rows one after the other."""
        ...


@dataclass(frozen=True)
class Layout:
    """How a table is written, as found or as told."""

    path: Path
    header: tuple[str, ...]
    rows: int
    encoding: str = ""
    codec: str = ""
    separator: str = ""
    numbers: str = ""
    dates: str = ""
    skipped_lines: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def open_table(path: Path, hints: Hints = NO_HINTS) -> Table:
    """Find out how a file is written and give its table; refuse what is no table."""
    # The readers know this module's shapes, so they cannot be imported above them.
    from portfolio.importing.delimited import DelimitedTable  # noqa: PLC0415
    from portfolio.importing.workbook import SheetTable  # noqa: PLC0415

    if not path.is_file():
        raise Refused(_("Choose a file."), code="no_file")
    if not path.stat().st_size:
        raise Refused(_("The file is empty."), code="empty")
    return SheetTable(path, hints) if _is_workbook(path) else DelimitedTable(path, hints)


def check_upload_size(size: int) -> None:
    """Refuse an upload that is larger than a page may take."""
    if size > MAX_UPLOAD_BYTES:
        message = _(
            "The file has %(size)s MB; at most %(limit)s MB can be uploaded. "
            "Put it in a folder on the server and run import_book there."
        )
        raise Refused(message % {"size": f"{size / 2**20:.0f}", "limit": MAX_UPLOAD_BYTES // 2**20}, code="too_large")


def check_header(cells: Sequence[str]) -> tuple[str, ...]:
    """Give the names of a table's columns; refuse names that are missing or given twice, and too many of them."""
    names = [name.strip() for name in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Refused(_("The file has no header."), code="no_header")
    if len(names) > MAX_COLUMNS:
        message = _("At most %(limit)s columns. (This file has %(count)s.)")
        raise Refused(message % {"limit": MAX_COLUMNS, "count": f"{len(names):,}"}, code="columns")
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if not name:
            raise Refused(_("Column %(number)s has no name.") % {"number": number}, code="no_name")
        if name in seen:
            raise Refused(_("Column ‘%(name)s’ is given twice.") % {"name": name[:80]}, code="twice")
        seen.add(name)
    return tuple(names)


def _is_workbook(path: Path) -> bool:
    """Say whether a file is an Excel workbook by name and content; refuse what is neither workbook nor text."""
    with path.open("rb") as file:
        head = file.read(64)
    suffix = path.suffix.lower()
    if suffix in {".xlsm", ".xltm", ".xlsb"}:
        raise Refused(_("Workbooks with macros are not read. Save it as .xlsx or CSV."), code="macros")
    if head.startswith(OLD_EXCEL):
        message = _("This is an old or password-protected Excel file. Save it as CSV or as .xlsx without a password.")
        raise Refused(message, code="old_excel")
    if head.startswith(ZIP):
        return _is_honest_workbook(path, suffix)
    if suffix == ".xlsx":
        raise Refused(_("This is not an Excel file, although it is named .xlsx."), code="not_excel")
    for signature, name in SIGNATURES:
        if head.startswith(signature):
            message = _("This is a %(kind)s file. Only CSV and .xlsx files can be read.")
            raise Refused(message % {"kind": name}, code="not_a_table")
    return False


def _is_honest_workbook(path: Path, suffix: str) -> bool:
    """Accept a workbook that is named as one; say what to do with any other archive."""
    from portfolio.importing.workbook import looks_like_workbook  # noqa: PLC0415

    if suffix == ".xlsx":
        return True
    if looks_like_workbook(path):
        raise Refused(_("This is an Excel file. Save it as CSV or upload it as .xlsx."), code="excel")
    raise Refused(_("This is a ZIP archive. Unpack it and give the files in it."), code="zip")
