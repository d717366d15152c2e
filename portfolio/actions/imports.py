"""How does an uploaded book become a preview, and a confirmed preview an import?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import User
from accounts.rules.roles import Capability
from common import jobs
from common.errors import Refused
from common.models import Job
from portfolio.importing import book, shipped, uploads
from portfolio.importing.archives import unpack
from portfolio.importing.reader import Hints
from portfolio.importing.report import Report
from portfolio.models import BookImport

KEPT = dt.timedelta(days=30)
# A folder without a row is what a request left that was cut off.
STRAY = dt.timedelta(days=1)
ROWS_SHOWN = 10
REASONS_SHOWN = 12
MACROS = (".xlsm", ".xltm", ".xlsb")
Tell = Callable[[str, int, int], None]


def start_import(
    files: Iterable[UploadedFile], *, shipped_mapping: str, own_mapping: UploadedFile | None, by: User, at: dt.datetime
) -> BookImport:
    """Keep the files of a book and have a trial run over them; nothing of it is written to the tables yet."""
    folder = uploads.new_folder()
    try:
        for file in files:
            _keep(folder, file)
        mapping = _keep_mapping(folder, shipped_mapping, own_mapping)
        listed = sorted((path.name, path.stat().st_size) for path in folder.iterdir() if path.name != mapping)
        if not listed and not mapping:
            raise Refused(_("Choose a file."), field="book", code="no_file")
        with transaction.atomic():
            made = BookImport.objects.create(id=uuid.UUID(folder.name), by=by, at=at, files=listed, mapping=mapping)
            _ask_for_plan(made, by)
            audit.record("book.uploaded", by=by, at=at, obj=made, changes={"files": [None, len(listed)]})
    except BaseException:
        uploads.forget(folder)
        raise
    return made


def _keep(folder: Path, file: UploadedFile) -> None:
    """Keep one file, or what is in it."""
    name = str(file.name)
    try:
        if not file.size:
            raise Refused(_("%(name)s: The file is empty.") % {"name": name[:80]}, code="empty")
        if name.lower().endswith(MACROS):
            raise Refused(_("Workbooks with macros are not read. Save it as .xlsx or CSV."), code="macros")
        if name.lower().endswith(".zip"):
            unpack(folder, file)
        else:
            uploads.keep(folder, name, file.size, file.chunks())
    except Refused as refusal:
        raise Refused(refusal.message, field="book", code=refusal.code) from None


def _keep_mapping(folder: Path, chosen: str, own: UploadedFile | None) -> str:
    """Lay the mapping beside the files, so that a second run reads the same; give its name."""
    if own is not None:
        if not str(own.name).lower().endswith(".toml"):
            raise Refused(_("A mapping is a .toml file."), field="own_mapping", code="mapping")
        return uploads.keep(folder, str(own.name), own.size or 0, own.chunks()).name
    if chosen:
        file = shipped.mappings()[chosen][1]
        shutil.copyfile(file, folder / file.name)
        return file.name
    sent = [path.name for path in folder.iterdir() if path.suffix.lower() == ".toml"]
    if len(sent) > 1:
        message = _("There are %(count)s mappings among the files; send one.")
        raise Refused(message % {"count": len(sent)}, field="book", code="mapping")
    return sent[0] if sent else ""


def read_again(found: BookImport, *, hints: Hints, by: User, at: dt.datetime) -> None:
    """Have the trial run again, told how the files are written."""
    with transaction.atomic():
        held = _held(found)
        if held.confirmed_at or held.is_under_way:
            raise Refused(_("This import has gone on meanwhile."), code="stale")
        uploads.folder_of(held.pk.hex)
        held.hints = {name: value for name, value in dataclasses.asdict(hints).items() if value}
        held.plan, held.refusal = None, ""
        held.save(update_fields=["hints", "plan", "refusal"])
        _ask_for_plan(held, by)
        audit.record("book.read_again", by=by, at=at, obj=held, changes={"hints": [None, held.hints]})


def confirm_import(found: BookImport, *, by: User, at: dt.datetime) -> None:
    """Have a previewed book written; a second word for the same book changes nothing."""
    with transaction.atomic():
        held = _held(found)
        if held.confirmed_at:
            return
        if held.stage != BookImport.Stage.READY:
            raise Refused(_("The preview of this import is not ready."), code="stale")
        uploads.folder_of(held.pk.hex)
        if Job.objects.unfinished().filter(task="portfolio.apply_import").exists():
            raise Refused(_("Another book is being imported. Wait until it is done."), code="busy")
        held.confirmed_by, held.confirmed_at = by, at
        held.job = jobs.enqueue(
            "portfolio.apply_import", import_id=held.pk.hex, owner_id=by.pk, language=get_language() or ""
        )
        held.save(update_fields=["confirmed_by", "confirmed_at", "job"])
        audit.record("book.confirmed", by=by, at=at, obj=held)


def retry_import(found: BookImport, *, by: User, at: dt.datetime) -> None:
    """Take up again what was given up."""
    with transaction.atomic():
        held = _held(found)
        if held.stage != BookImport.Stage.STOPPED:
            return
        uploads.folder_of(held.pk.hex)
        if held.job is not None and held.job.state == Job.State.PARKED:
            jobs.retry(held.job)
        elif held.confirmed_at:
            held.job = jobs.enqueue(
                "portfolio.apply_import", import_id=held.pk.hex, owner_id=by.pk, language=get_language() or ""
            )
            held.save(update_fields=["job"])
        else:
            _ask_for_plan(held, by)
        audit.record("book.retried", by=by, at=at, obj=held)


def _held(found: BookImport) -> BookImport:
    """Lock the row, so that of two requests one waits."""
    return BookImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=found.pk)


def _ask_for_plan(found: BookImport, by: User) -> None:
    found.job = jobs.enqueue(
        "portfolio.plan_import", import_id=found.pk.hex, owner_id=by.pk, language=get_language() or ""
    )
    found.save(update_fields=["job"])


def carry_out_plan(found: BookImport, *, at: dt.datetime, on_progress: Tell) -> dict[str, int]:
    """Run the trial and keep what it says."""
    try:
        folder, told = _ready(found, found.by)
        report = book.plan_import(folder, **told, at=at, on_progress=on_progress)
    except Refused as refusal:
        return _refuse(found, refusal)
    _keep_rejects(folder, report)
    BookImport.objects.filter(pk=found.pk).update(plan=summary(report), refusal="")
    return report.totals()


def carry_out_import(found: BookImport, *, at: dt.datetime, on_progress: Tell) -> dict[str, int]:
    """Bring the book in as the person who confirmed it, and keep what it says."""
    try:
        if found.confirmed_by is None:
            raise Refused(_("Nobody has confirmed this import."), code="unconfirmed")
        folder, told = _ready(found, found.confirmed_by)
        report = book.apply_import(folder, **told, by=found.confirmed_by, at=at, on_progress=on_progress)
    except Refused as refusal:
        return _refuse(found, refusal)
    _keep_rejects(folder, report)
    BookImport.objects.filter(pk=found.pk).update(result=summary(report), finished_at=at)
    return report.totals()


def _ready(found: BookImport, by: User) -> tuple[Path, dict[str, Any]]:
    """Give the folder and what was said about it, if the person may still import."""
    if not by.is_active or not by.can(Capability.IMPORT_BOOK):
        raise Refused(_("%(name)s may no longer import.") % {"name": by.name}, code="right")
    folder = uploads.folder_of(found.pk.hex)
    return folder, {"mapping": folder / found.mapping if found.mapping else None, "hints": Hints(**found.hints)}


def _refuse(found: BookImport, refusal: Refused) -> dict[str, int]:
    BookImport.objects.filter(pk=found.pk).update(refusal=str(refusal))
    return {}


def summary(report: Report) -> dict[str, Any]:
    """What the page shows of a report, however long that is."""
    reasons = [list(reason) for reason in report.reasons()[:REASONS_SHOWN]]
    return report.as_json(most_rejects=ROWS_SHOWN) | {"reasons": reasons}


def _keep_rejects(folder: Path, report: Report) -> None:
    """Write all rejected rows beside the files; a reader never sees half a list."""
    part = folder / "rejects.part"
    with part.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one.as_json(), ensure_ascii=False) + "\n" for one in report.rejects)
    part.replace(rejects_file(folder))


def rejects_file(folder: Path) -> Path:
    """Where the rejected rows of the last run are kept."""
    return folder / "rejects.jsonl"


def forget_imports(*, at: dt.datetime) -> int:
    """Delete the files of old imports, the rows that stand in their reports, and folders of uploads cut off."""
    old = BookImport.objects.select_related("job").filter(forgotten_at=None, at__lt=at - KEPT)
    gone = [one for one in old if not one.is_under_way]
    for one in gone:
        uploads.forget(uploads.root() / one.pk.hex)
        one.plan, one.result = _without_rows(one.plan), _without_rows(one.result)
        one.forgotten_at = at
    BookImport.objects.bulk_update(gone, ["plan", "result", "forgotten_at"])
    return len(gone) + _forget_strays(at)


def _without_rows(report: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A report without what stood in rejected rows."""
    return None if report is None else {**report, "rejects": [], "reasons": []}


def _forget_strays(at: dt.datetime) -> int:
    folders = [path for path in uploads.root().glob("*") if path.is_dir()]
    known = {one.hex for one in BookImport.objects.values_list("pk", flat=True)}
    before = (at - STRAY).timestamp()
    strays = [path for path in folders if path.name not in known and path.stat().st_mtime < before]
    for path in strays:
        uploads.forget(path)
    return len(strays)
