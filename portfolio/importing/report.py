"""What came in, what did not, and why?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# So many rejected rows are kept with their reasons; the others are counted.
MOST_LISTED = 100_000
QUOTED = re.compile(r"“[^”]*”")
KINDS = ("new", "changed", "same", "rejected")


@dataclass(frozen=True)
class Reject:
    """One row that did not come in: where it stands and why."""

    file: str
    row: int
    column: str
    reason: str
    target: str = ""
    code: str = ""

    def as_json(self) -> dict[str, Any]:
        """The row as the JSON report gives it."""
        return {name: getattr(self, name) for name in ("file", "row", "column", "reason", "target", "code")}


@dataclass
class TargetCount:
    """How the rows of one file fared in one target."""

    target: str
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The counts as the JSON report gives them."""
        return {"target": self.target, **{kind: getattr(self, kind) for kind in KINDS}, "left_out": dict(self.left_out)}


@dataclass
class FileReport:
    """How one file is written and how its rows fared."""

    file: str
    rows: int = 0
    encoding: str = ""
    separator: str = ""
    numbers: str = ""
    dates: str = ""
    targets: list[TargetCount] = field(default_factory=list)

    def total(self, kind: str) -> int:
        """How many rows of this file were new, changed, same or rejected, over its targets."""
        return sum(getattr(count, kind) for count in self.targets)

    def as_json(self) -> dict[str, Any]:
        """The file as the JSON report gives it."""
        return {
            "file": self.file,
            "rows": self.rows,
            **{kind: self.total(kind) for kind in KINDS},
            "left_out": sum(count.left_out.total() for count in self.targets),
            "encoding": self.encoding,
            "separator": self.separator,
            "numbers": self.numbers,
            "dates": self.dates,
            "targets": [count.as_json() for count in self.targets],
        }


@dataclass
class Report:
    """The whole of one import, or of its trial."""

    dry_run: bool
    mapping: str = ""
    files: list[FileReport] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    unlisted: int = 0

    def total(self, kind: str) -> int:
        """How many rows were new, changed, same or rejected, over all files."""
        return sum(one.total(kind) for one in self.files)

    def totals(self) -> dict[str, int]:
        """The four numbers that matter."""
        return {kind: self.total(kind) for kind in KINDS}

    def reject(self, reject: Reject) -> None:
        """Keep a rejected row, as long as there are not too many."""
        if len(self.rejects) < MOST_LISTED:
            self.rejects.append(reject)
        else:
            self.unlisted += 1

    def ask(self, question: str) -> None:
        """Put a question to the person who imports, once."""
        if question not in self.questions:
            self.questions.append(question)

    def as_json(self, *, most_rejects: int | None = None) -> dict[str, Any]:
        """The report as JSON, with all or only the first rejected rows."""
        return {
            "dry_run": self.dry_run,
            "mapping": self.mapping,
            "totals": self.totals(),
            "files": [one.as_json() for one in self.files],
            "rejects": [one.as_json() for one in self.rejects[:most_rejects]],
            "rejects_unlisted": self.unlisted + max(0, len(self.rejects) - (most_rejects or len(self.rejects))),
            "notices": self.notices,
            "questions": self.questions,
        }

    def reasons(self) -> list[tuple[str, str, int]]:
        """The rejected rows grouped by file and reason, most first."""
        counted = Counter((one.file, QUOTED.sub("“…”", one.reason)) for one in self.rejects)
        return [(file, reason, count) for (file, reason), count in counted.most_common()]


def in_table(lines: Iterable[tuple[str, ...]]) -> list[str]:
    """Align rows of texts in columns, the first to the left and the others to the right."""
    rows = list(lines)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
