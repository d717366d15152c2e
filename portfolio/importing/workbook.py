"""Which rows stand on the first sheet of an Excel workbook, and is it safe to open?

A workbook is an archive of XML files, so it is looked at from outside first: how many parts, how large when unpacked,
whether macros or document types are in it. Only then a parser sees it, in a stream.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec: only the name of the error

from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.reader import MAX_COLUMNS, MAX_FIELD, Hints, Layout, Row, check_header
from portfolio.importing.values import POINT, Cell, as_text, is_blank

MAX_UNPACKED = 50 * 2**20
MAX_RATIO = 500
MAX_PARTS = 1_000
MAX_ROWS = 1_048_576
ERRORS = frozenset(("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"))
# What a damaged or hostile workbook makes the archive and XML readers raise; a refused entity is a ValueError.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, OSError, NotImplementedError, RuntimeError, EOFError, OverflowError,
)  # fmt: skip


class SheetTable:
    """The first visible sheet of a workbook, or the one that was named."""

    def __init__(self, path: Path, hints: Hints) -> None:
        check_safe(path)
        self._path = path
        self._sheet = hints.sheet
        notes: list[str] = []
        header: tuple[str, ...] = ()
        count = 0
        for _number, cells, _formulas in self._cells(notes):
            if not header:
                if len(cells) > MAX_COLUMNS and not is_blank(cells[MAX_COLUMNS]):
                    raise Refused(_("At most %(limit)s columns.") % {"limit": MAX_COLUMNS}, code="columns")
                header = check_header([as_text(cell) for cell in cells])
            else:
                count += 1
        if not header:
            raise Refused(_("The file is empty."), code="empty")
        if not count:
            raise Refused(_("The file has a header but no rows."), code="no_rows")
        self.layout = Layout(
            path=path, header=header, rows=count, encoding="Excel", numbers=hints.numbers or POINT, dates=hints.dates,
            notes=tuple(notes),
        )  # fmt: skip

    def rows(self) -> Iterator[Row]:
        """Read the rows after the header; a cell with an error spoils its row."""
        rows = self._cells([])
        next(rows)
        header = self.layout.header
        width = len(header)
        for number, cells, formulas in rows:
            problem = _problem(header, cells, formulas)
            if problem:
                yield Row(number, problem=problem)
            else:
                yield Row(number, [*cells[:width], *[None] * (width - len(cells))])

    def _cells(self, notes: list[str]) -> Iterator[tuple[int, Sequence[Cell], Sequence[Any]]]:
        """Give number, cells and formulas of each row that is not blank."""
        # Loading this package takes a fifth of a second, and only workbooks need it.
        from openpyxl import load_workbook  # noqa: PLC0415

        readings = (True, False) if _has_formulas(self._path) else (True,)
        with contextlib.ExitStack() as opened:
            try:
                sheets = []
                for values_only in readings:
                    file = opened.enter_context(self._path.open("rb"))
                    book = load_workbook(file, read_only=True, data_only=values_only, keep_links=False)
                    opened.callback(book.close)
                    sheets.append(self._choose(book, notes))
                yield from _walk(sheets)
            except DAMAGED:
                message = _("This Excel file is damaged. Open it in a spreadsheet program and save it again.")
                raise Refused(message, code="damaged") from None

    def _choose(self, book: Any, notes: list[str]) -> Any:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if self._sheet:
            visible = [sheet for sheet in book.worksheets if sheet.title == self._sheet]
        if not visible:
            known = ", ".join(sheet.title for sheet in book.worksheets[:20])
            message = _("The workbook has no sheet “%(name)s”. Found: %(known)s.")
            raise Refused(message % {"name": self._sheet, "known": known}, code="sheet")
        if len(book.worksheets) > 1 and not self._sheet and not notes:
            message = _("Only the sheet “%(name)s” was read, of %(count)s.")
            notes.append(message % {"name": visible[0].title, "count": len(book.worksheets)})
        visible[0].reset_dimensions()
        return visible[0]


def check_safe(path: Path) -> None:
    """Refuse a workbook that would unpack to too much, or that brings what a table does not need."""
    if _count_parts(path) > MAX_PARTS:
        raise Refused(_("This Excel file has too many parts to be a table."), code="parts")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(archive.infolist())
            _check_parts(archive)
    except DAMAGED:
        message = _("This Excel file is damaged. Open it in a spreadsheet program and save it again.")
        raise Refused(message, code="damaged") from None


def looks_like_workbook(path: Path) -> bool:
    """Say whether an archive holds a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except DAMAGED:
        return False


def _count_parts(path: Path) -> int:
    """Read how many parts an archive has from its last record, without reading their names."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_600))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 12:
        return 0
    count: int = struct.unpack_from("<H", tail, place + 10)[0]
    return count


def _check_size(parts: Sequence[zipfile.ZipInfo]) -> None:
    """The archive reader stops at the sizes written here, so they cannot lie."""
    if len(parts) > MAX_PARTS:
        raise Refused(_("This Excel file has too many parts to be a table."), code="parts")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED:
        message = _("This Excel file unpacks to %(size)s MB; the limit is %(limit)s MB. Save it as CSV.")
        sizes = {"size": f"{unpacked / 2**20:,.0f}", "limit": MAX_UNPACKED // 2**20}
        raise Refused(message % sizes, code="bomb")
    if unpacked > 2**20 and unpacked > packed * MAX_RATIO:
        raise Refused(_("This Excel file is packed too tightly to be a table. Save it as CSV."), code="bomb")


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse macros, document types (which may name other files) and archives without a workbook."""
    names = set(archive.namelist())
    if not any(name.startswith("xl/") for name in names):
        raise Refused(_("This is not an Excel file, although it is named .xlsx."), code="not_excel")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(_("Workbooks with macros are not read. Save it as .xlsx or CSV."), code="macros")
    for name in names:
        if name.endswith((".xml", ".rels")):
            with archive.open(name) as part:
                head = part.read(4096).replace(b"\0", b"").upper()
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise Refused(_("This Excel file declares a document type, which no spreadsheet does."), code="doctype")


def _has_formulas(path: Path) -> bool:
    """Say whether any sheet has a formula; then a second reading tells a formula without a value from a blank."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml") and _has_formula(archive, name):
                    return True
    except DAMAGED:
        return False
    return False


def _has_formula(archive: zipfile.ZipFile, name: str) -> bool:
    rest = b""
    with archive.open(name) as part:
        while chunk := part.read(1 << 18):
            piece = rest + chunk
            if b"<f>" in piece or b"<f " in piece:
                return True
            rest = piece[-3:]
    return False


def _walk(sheets: Sequence[Any]) -> Iterator[tuple[int, Sequence[Cell], Sequence[Any]]]:
    """Walk through the rows of a sheet, read for its values and, if it has formulas, for these as well."""
    readings = [sheet.iter_rows(max_col=MAX_COLUMNS + 1, max_row=MAX_ROWS, values_only=True) for sheet in sheets]
    for number, (cells, *rest) in enumerate(zip_longest(*readings, fillvalue=()), start=1):
        formulas = rest[0] if rest else ()
        if any(not is_blank(cell) for cell in cells) or any(formula is not None for formula in formulas):
            yield number, cells, formulas


def _problem(header: Sequence[str], cells: Sequence[Cell], formulas: Sequence[Any]) -> str:
    """Say which cell cannot be taken as it stands."""
    for name, cell in zip(header, cells, strict=False):
        if isinstance(cell, str):
            if cell in ERRORS:
                return _("column ‘%(column)s’ has the error %(error)s") % {"column": name, "error": cell}
            if len(cell) > MAX_FIELD:
                message = _("has a value of %(got)s characters, at most %(limit)s")
                return message % {"got": f"{len(cell):,}", "limit": f"{MAX_FIELD:,}"}
        elif isinstance(cell, dt.timedelta):
            return _("column ‘%(column)s’ has a span of time, which is no value") % {"column": name}
    for name, cell, formula in zip(header, cells, formulas, strict=False):
        if cell is None and isinstance(formula, str) and formula.startswith("="):
            message = _("column ‘%(column)s’ has a formula without its value: save the file in a spreadsheet program")
            return message % {"column": name}
    if any(not is_blank(cell) for cell in cells[len(header) :]):
        return _("has values beyond the last named column")
    return ""
