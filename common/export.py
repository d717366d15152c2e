"""How does a list leave as a file that no spreadsheet runs?"""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from common.errors import Refused
from common.text import CONTROLS, UNSTORABLE, neutralise, slug

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_ROWS = 1_048_576
XLSX_CELL = 32_767


@dataclass
class Taken:
    """How many rows have left in a file so far."""

    rows: int = 0

    def count(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Give the rows on and count them."""
        for row in rows:
            self.rows += 1
            yield row


class _Echo:
    """A file that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        """Give the line back."""
        return line


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Answer a CSV file row by row, in UTF-8 with the mark by which spreadsheets recognise it."""
    taken = Taken()
    response = StreamingHttpResponse(csv_lines(header, taken.count(rows)), content_type=CSV)
    # The audit trail reads from it what left.
    response.taken = taken  # type: ignore[attr-defined]
    response["Content-Disposition"] = content_disposition_header(True, f"{slug(name)}.csv")
    return response


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a CSV file."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([neutralise(str(title)) for title in header])
    for row in rows:
        yield writer.writerow([csv_cell(value) for value in row])


def csv_cell(value: Any) -> str:
    """Write a value so that our own import reads the same back.

    >>> csv_cell(None), csv_cell(True), csv_cell(Decimal("1E+3")), csv_cell(-5), csv_cell("-5")
    ('', 'true', '1000', '-5', "'-5")
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    return neutralise(UNSTORABLE.sub("\ufffd", str(value)))


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """Answer an XLSX file, written to a temporary file so that memory stays bounded."""
    from openpyxl import Workbook  # noqa: PLC0415  slow to import, and only exports need it

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=slug(name, "data")[:31])
    sheet.freeze_panes = "A2"
    sheet.append([neutralise(str(title)) for title in header])
    taken = Taken()
    for row in taken.count(rows):
        if taken.rows >= XLSX_ROWS:
            raise Refused(_("A spreadsheet holds at most 1,048,575 rows. Export as CSV, or filter the list."))
        sheet.append([xlsx_cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book.save(file)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=f"{slug(name)}.xlsx", content_type=XLSX)
    response.taken = taken  # type: ignore[attr-defined]
    return response


def xlsx_cell(value: Any) -> Any:
    """Give a value as a spreadsheet keeps it: numbers and dates as such, text harmless, instants in UTC."""
    if value is None or isinstance(value, (bool, int, float, Decimal)):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, (dt.date, dt.time)):
        return value
    return neutralise(CONTROLS.sub("", UNSTORABLE.sub("\ufffd", str(value))))[:XLSX_CELL]
