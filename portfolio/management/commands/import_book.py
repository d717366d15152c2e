"""How does somebody at the command line bring a book in?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.book import apply_import, plan_import
from portfolio.importing.report import KINDS, Report, in_table

SHOWN = 20
WIDTH = 30


class Command(BaseCommand):
    """Import a folder of CSV or XLSX files."""

    help = (
        "Import a book of accounts from a folder of CSV or XLSX files. Rejected rows are listed and do not stop the "
        "others; the exit code is 1 only if the book is refused as a whole. Running it again is harmless."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be asked for."""
        parser.add_argument("folder", type=Path, help="the folder with the files")
        parser.add_argument("--mapping", type=Path, help="a TOML file that names foreign columns (docs/importing.md)")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="how the report is written")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import and write the report."""
        bar = _Bar(sys.stderr) if sys.stderr.isatty() else None
        at = timezone.now()
        try:
            if options["dry_run"]:
                report = plan_import(options["folder"], mapping=options["mapping"], at=at, on_progress=bar)
            else:
                report = apply_import(options["folder"], mapping=options["mapping"], by=None, at=at, on_progress=bar)
        except Refused as refusal:
            if options["format"] == "json":
                self.stdout.write(json.dumps({"refused": str(refusal), "code": refusal.code}, ensure_ascii=False))
            raise CommandError(str(refusal), returncode=1) from None
        finally:
            if bar:
                bar.clear()
        if options["format"] == "json":
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            for line in report_lines(report):
                self.stdout.write(line)


class _Bar:
    """A line that shows how far the import is, rewritten in place."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show progress."""
        share = done / total if total else 1.0
        filled = "█" * int(share * WIDTH)
        self._write(f"\r\033[K{filled:░<{WIDTH}} {share:4.0%}  {done:,} / {total:,}  {what}")

    def clear(self) -> None:
        """Take the line away."""
        self._write("\r\033[K")

    def _write(self, words: str) -> None:
        self._stream.write(words)
        self._stream.flush()


def report_lines(report: Report) -> list[str]:
    """The report as text: a table of files, the first rejected rows by reason, what was noticed."""
    lines = [_("Trial: nothing was written.") if report.dry_run else _("Imported.")]
    lines += ["", *in_table(_table(report))]
    reasons = report.reasons()
    if reasons:
        lines += ["", _("Rejected rows by reason")]
        lines += [f"  {count:>7,} × {file}: {reason}" for file, reason, count in reasons[:SHOWN]]
        lines += ["", _("First rejected rows")]
        for one in report.rejects[:SHOWN]:
            lines.append(_("  %(file)s row %(row)s: %(what)s") % {"file": one.file, "row": one.row, "what": _what(one)})
        left = len(report.rejects) + report.unlisted - SHOWN
        if left > 0:
            lines.append(_("  … and %(count)s more; --format json lists them.") % {"count": f"{left:,}"})
    for title, texts in ((_("To answer"), report.questions), (_("Noticed"), report.notices)):
        if texts:
            lines += ["", title, *(f"  {text}" for text in texts)]
    left_out = [
        (one.file, why, n) for one in report.files for count in one.targets for why, n in count.left_out.items()
    ]
    if left_out:
        lines += ["", _("Left out by the mapping"), *(f"  {n:>7,} × {file}: {why}" for file, why, n in left_out)]
    return lines


def _what(reject: Any) -> str:
    return f"{reject.column}: {reject.reason}" if reject.column else reject.reason


def _table(report: Report) -> list[tuple[str, ...]]:
    kinds = (_("new"), _("changed"), _("same"), _("rejected"))
    rows: list[tuple[str, ...]] = [(_("file"), _("encoding"), _("rows"), *kinds)]
    for one in report.files:
        rows.append((one.file, one.encoding, f"{one.rows:,}", *(f"{one.total(kind):,}" for kind in KINDS)))
        if len(one.targets) > 1:
            rows += [
                (f"  → {count.target}", "", "", *(f"{getattr(count, kind):,}" for kind in KINDS))
                for count in one.targets
            ]
    rows.append((_("total"), "", "", *(f"{report.total(kind):,}" for kind in KINDS)))
    return rows
