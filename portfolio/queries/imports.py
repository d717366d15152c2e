"""How far is an import, what did it find, and which ones were there before?"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common import jobs
from common.formats import clock, number
from common.models import Job
from portfolio.importing.targets import TARGETS
from portfolio.models import BookImport

LISTED = 50
TONES = {
    BookImport.Stage.DONE: "healthy",
    BookImport.Stage.READY: "info",
    BookImport.Stage.REFUSED: "risk",
    BookImport.Stage.STOPPED: "risk",
}


@dataclass(frozen=True)
class ImportLine:
    """One earlier import as the list shows it."""

    found: BookImport
    files: str
    stage: str
    tone: str
    result: str


@dataclass(frozen=True)
class FileLine:
    """One file of a book, or one of the tables that it fills, as the preview shows it."""

    name: str
    is_part: bool
    fills: str
    written: str
    rows: int | None
    counts: dict[str, int]


@dataclass(frozen=True)
class Progress:
    """How far the work in hand is; the fraction is unknown until the files have been looked through."""

    title: str
    fraction: float | None
    text: str
    worry: str


@dataclass(frozen=True)
class ImportPage:
    """All that the page of one import shows."""

    found: BookImport
    stage: str
    step: int
    files: list[FileLine]
    totals: dict[str, int]
    to_write: int
    confirm_label: str
    left_out: list[tuple[str, str, int]]
    error: str
    may_read_again: bool

    @property
    def report(self) -> dict[str, Any]:
        """What the trial or the import said."""
        return self.found.report or dict.fromkeys(("questions", "notices", "rejects", "reasons"), ())

    @property
    def has_figures(self) -> bool:
        """Say whether there is a report to show, and nobody at work on a newer one."""
        return self.found.report is not None and not self.found.is_under_way


def earlier_imports(user: User) -> list[ImportLine]:
    """List the last imports that a person may see."""
    found = BookImport.objects.visible_to(user).select_related("by", "confirmed_by", "job")[:LISTED]
    return [_line(one) for one in found]


def _line(found: BookImport) -> ImportLine:
    stage = BookImport.Stage(found.stage)
    names = [name for name, _size in found.files]
    listed = ", ".join(names[:3])
    if len(names) > 3:
        listed = _("%(files)s and %(count)s more") % {"files": listed, "count": number(len(names) - 3)}
    return ImportLine(found, listed or found.mapping, str(stage.label), TONES.get(stage, "none"), _result(found.report))


def _result(report: dict[str, Any] | None) -> str:
    """Say in one line what came of an import."""
    if not report:
        return ""
    words = {name: number(count) for name, count in report["totals"].items()}
    return _("%(new)s new, %(changed)s changed, %(same)s the same, %(rejected)s rejected") % words


def import_page(found: BookImport) -> ImportPage:
    """Sum up one import."""
    report = found.report or {}
    totals = report.get("totals", {"new": 0, "changed": 0, "same": 0, "rejected": 0})
    to_write = totals["new"] + totals["changed"]
    label = ngettext("Import %(count)s row", "Import %(count)s rows", to_write) % {"count": number(to_write)}
    stage = found.stage
    left_out = [
        (file["file"], why, count)
        for file in report.get("files", [])
        for target in file["targets"]
        for why, count in target["left_out"].items()
    ]
    again = stage in {BookImport.Stage.READY, BookImport.Stage.REFUSED} and not found.confirmed_at
    return ImportPage(
        found=found,
        stage=stage,
        step=_step(found, stage),
        files=list(_files(report)),
        totals=totals,
        to_write=to_write,
        confirm_label=label,
        left_out=left_out,
        error=found.job.last_error if found.job and stage == BookImport.Stage.STOPPED else "",
        may_read_again=again and not found.forgotten_at,
    )


def _step(found: BookImport, stage: str) -> int:
    """Count the steps: files, preview, import; 4 when all are done."""
    if stage == BookImport.Stage.DONE:
        return 4
    return 3 if found.confirmed_at else 2


def _files(report: dict[str, Any]) -> Iterator[FileLine]:
    for file in report.get("files", []):
        signs = {",": _("comma"), ";": _("semicolon"), "TAB": _("tab"), "|": _("bar")}
        how = (file["encoding"], signs.get(file["separator"], file["separator"]), file["numbers"], file["dates"])
        written = [word for word in how if word]
        fills = [_label(target["target"]) for target in file["targets"]]
        yield FileLine(
            file["file"], False, ", ".join(dict.fromkeys(fills)), " · ".join(written), file["rows"], _counts(file)
        )
        if len(file["targets"]) > 1:
            for target, label in zip(file["targets"], fills, strict=True):
                yield FileLine(label, True, "", "", None, _counts(target))


def _counts(values: dict[str, Any]) -> dict[str, int]:
    return {name: values[name] for name in ("new", "changed", "same", "rejected")}


def _label(target: str) -> str:
    return str(TARGETS[target].model._meta.verbose_name_plural) if target in TARGETS else target


def progress_of(found: BookImport, at: dt.datetime) -> Progress | None:
    """Say how far the work in hand is, and whether something holds it up; None if nobody is at it."""
    job = found.job
    if job is None or not found.is_under_way:
        return None
    importing = bool(found.confirmed_at)
    title = _("Importing") if importing else _("Reading the files")
    if job.state == Job.State.QUEUED:
        return Progress(_("Waiting for its turn"), None, "", _worry(job, at))
    if not job.total:
        return Progress(title, None, _("Looking through the files …"), "")
    text = _("%(done)s of %(total)s rows") % {"done": number(job.progress), "total": number(job.total)}
    if job.progress >= job.total and importing:
        title = _("Working out the figures")
    return Progress(title, min(1.0, job.progress / job.total), text, "")


def _worry(job: Job, at: dt.datetime) -> str:
    if job.last_error and job.run_after:
        return _("The last try failed. The next one starts by itself at %(time)s.") % {"time": clock(job.run_after)}
    if not jobs.is_working(at):
        return _("No background worker is running, so nothing happens until one is started.")
    return ""


def rejected_rows(file: Path) -> Iterator[tuple[Any, ...]]:
    """Read the rejected rows of a run: file, row, column, reason, table."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["file"], row["row"], row["column"], row["reason"], row["target"]
