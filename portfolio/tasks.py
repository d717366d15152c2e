"""What do the screens have done in the background?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from common.jobs import Running, task
from portfolio import actions
from portfolio.importing import follow
from portfolio.importing.book import apply_import, plan_import
from portfolio.importing.reader import Hints

# So many rejected rows go with the job; the page says how many more there are.
REJECTS_SHOWN = 1_000


@task("portfolio.refresh_rows")
def refresh_rows(account_ids: list[int] | None = None) -> dict[str, int]:
    """Have the account list catch up with the facts."""
    on = Organisation.load().day_of(timezone.now())
    return {"rows": actions.refresh_rows(on=on, account_ids=account_ids)}


@task("portfolio.import_book", atomic=False, limit=6 * 3600, lease=900)
def import_book(
    job: Running,
    folder: str,
    mapping: str | None = None,
    dry_run: bool = False,
    hints: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Try a book or bring it in, as the person who asked; the report is the job's result."""

    def tell(_what: str, done: int, total: int) -> None:
        if total:
            job.progress(done, total)

    path = Path(mapping) if mapping else None
    told = Hints(**(hints or {}))
    at = timezone.now()
    if dry_run:
        report = plan_import(Path(folder), mapping=path, hints=told, at=at, on_progress=tell)
    else:
        by = User.objects.filter(pk=job.owner_id).first() if job.owner_id else None
        report = apply_import(Path(folder), mapping=path, hints=told, by=by, at=at, on_progress=tell)
    return report.as_json(most_rejects=REJECTS_SHOWN)


@task("portfolio.follow_import", atomic=False, lease=900)
def follow_import() -> None:
    """Bring all figures in line with the facts after an import that never came to it."""
    follow.settle({}, at=timezone.now(), everything=True)
