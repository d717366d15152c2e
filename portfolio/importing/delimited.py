"""Which rows stand in a text file with separated columns?"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing import encodings
from portfolio.importing.reader import MAX_COLUMNS, MAX_FIELD, Hints, Layout, Row, check_header
from portfolio.importing.values import style_of

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": ",", ";": ";", "\t": "TAB", "|": "|"}
BY_NAME = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
SAMPLE_ROWS = 500
# A quote that is still open after this many characters was never meant to close.
LONGEST_QUOTED = 1_000_000

csv.field_size_limit(LONGEST_QUOTED)


class DelimitedTable:
    """A CSV file, or one like it with other separators."""

    def __init__(self, path: Path, hints: Hints) -> None:
        encoding = encodings.named(hints.encoding) if hints.encoding else encodings.find_encoding(path)
        if hints.encoding and not encodings.decodes(path, encoding):
            message = _("The file is not written in %(encoding)s.")
            raise Refused(message % {"encoding": encoding.label}, field="encoding", code="encoding")
        skipped, told = _told_separator(path, encoding.codec)
        separator = _separator_named(hints.separator) or told or _find_separator(path, encoding.codec)
        reader = _Reader(path, encoding.codec, separator, skipped)
        header, sample, count = _scan(reader)
        self.layout = Layout(
            path=path,
            header=check_header(header),
            rows=count,
            encoding=encoding.label,
            codec=encoding.codec,
            separator=SEPARATOR_NAMES.get(separator, separator),
            numbers=hints.numbers or style_of((cell for row in sample for cell in row), separator),
            dates=hints.dates,
            skipped_lines=skipped,
        )
        self._width = len(header)
        self._separator = separator
        if not count:
            raise Refused(_("The file has a header but no rows."), code="no_rows")

    def rows(self) -> Iterator[Row]:
        """Read the rows after the header."""
        records = _Reader(self.layout.path, self.layout.codec, self._separator, self.layout.skipped_lines).records()
        next(records)
        width, kept = self._width, len(self.layout.header)
        for number, cells, problem in records:
            if problem:
                yield Row(number, problem=problem)
            elif len(cells) != width:
                message = _("has %(count)s values, expected %(expected)s")
                yield Row(number, problem=message % {"count": len(cells), "expected": width})
            else:
                yield Row(number, cells[:kept] if kept < width else cells)


class _Reader:
    """Reads the records of a file one by one and says of each bad one what is wrong with it."""

    def __init__(self, path: Path, codec: str, separator: str, skipped_lines: int) -> None:
        self.path, self.codec, self.separator = path, codec, separator
        self.skipped_lines = skipped_lines
        self._pending: list[str] = []
        self._line = 0
        self._flaw = ""

    def records(self) -> Iterator[tuple[int, list[str], str]]:
        """Give number, cells and problem of each record that is not blank."""
        with _open(self.path, self.codec) as file:
            for _skip in range(self.skipped_lines):
                file.readline()
            reader = csv.reader(self._lines(file), delimiter=self.separator, strict=True)
            number = 0
            while True:
                self._pending.clear()
                self._flaw = ""
                number += 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield number, [], self._explain(error)
                    continue
                if self._flaw:
                    flaw = self._explain_flaw(cells)
                    if flaw:
                        yield number, [], flaw
                        continue
                if cells and (cells[0] or any(cells)):
                    yield number, cells, ""

    def _lines(self, file: TextIO) -> Iterator[str]:
        self._line = self.skipped_lines
        for line in file:
            self._line += 1
            self._pending.append(line)
            if "\0" in line:
                self._flaw = _("line %(line)s has a character that cannot be stored (code 0)") % {"line": self._line}
            elif len(line) > MAX_FIELD:
                self._flaw = self._flaw or "long"
            yield line

    def _explain_flaw(self, cells: list[str]) -> str:
        if self._flaw != "long":
            return self._flaw
        longest = max(map(len, cells), default=0)
        if longest <= MAX_FIELD:
            return ""
        message = _("has a value of %(got)s characters, at most %(limit)s")
        return message % {"got": f"{longest:,}", "limit": f"{MAX_FIELD:,}"}

    def _explain(self, error: csv.Error) -> str:
        """Say what the parser stumbled over; a quote that never closes ends the reading, for it swallowed the rest."""
        words = str(error)
        if "unexpected end of data" in words or ("field larger" in words and len(self._pending) > 1):
            message = _("A quote opened in line %(line)s is not closed.")
            raise Refused(message % {"line": self._open_quote()}, code="quote")
        if "field larger" in words:
            message = _("has a value of more than %(got)s characters, at most %(limit)s")
            return message % {"got": f"{LONGEST_QUOTED:,}", "limit": f"{MAX_FIELD:,}"}
        return _("a quote in line %(line)s does not end where a column ends") % {"line": self._line}

    def _open_quote(self) -> int:
        """The line of the quote that is still open at the end of the record being read."""
        first = self._line - len(self._pending) + 1
        quoted, opened, at_start = False, first, True
        for number, line in enumerate(self._pending, start=first):
            for char in line:
                if char == '"' and (quoted or at_start):
                    quoted, opened = not quoted, number
                at_start = char == self.separator or char in "\r\n" or (at_start and char == '"')
        return opened


def _open(path: Path, codec: str) -> TextIO:
    return path.open(encoding=codec, newline="")


def _scan(reader: _Reader) -> tuple[list[str], list[list[str]], int]:
    """Read a whole file once: its header, some first rows, and how many rows it has."""
    records = reader.records()
    try:
        _number, header, problem = next(records)
    except StopIteration:
        raise Refused(_("The file is empty."), code="empty") from None
    if problem:
        raise Refused(_("The header cannot be read: %(problem)s.") % {"problem": problem}, code="header")
    if len(header) > MAX_COLUMNS:
        check_header(header)
    sample = []
    count = 0
    for _number, cells, _problem in islice(records, SAMPLE_ROWS):
        count += 1
        sample.append(cells)
    count += sum(1 for _record in records)
    return header, sample, count


def _told_separator(path: Path, codec: str) -> tuple[int, str]:
    """Read the line `sep=;` by which spreadsheets are told the separator, if it is there."""
    with _open(path, codec) as file:
        first = file.readline(16).strip("\r\n")
    if first.lower().startswith("sep=") and len(first) == 5:
        return 1, first[4]
    return 0, ""


def _separator_named(name: str) -> str:
    """The separator that a person gave, by sign or by name."""
    separator = BY_NAME.get(name.strip().lower(), name)
    if separator and len(separator) != 1:
        known = ", ".join(SEPARATOR_NAMES.values())
        message = _("“%(name)s” is not a separator. Use one of: %(known)s")
        raise Refused(message % {"name": name, "known": known}, field="separator", code="separator")
    return separator


def _find_separator(path: Path, codec: str) -> str:
    """Find the separator under which the first rows agree best on their number of columns."""
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        widths = []
        try:
            for _number, cells, problem in islice(_Reader(path, codec, separator, 0).records(), 30):
                widths.append(0 if problem else len(cells))
        except Refused:
            pass  # said again, with the right separator, when the whole file is read
        if not widths or widths[0] < 2:
            continue
        score = (widths.count(widths[0]) / len(widths), widths[0])
        if score > best_score:
            best, best_score = separator, score
    return best
