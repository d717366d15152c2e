"""What do the screens have done in the background?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict

from django.utils import timezone, translation

from accounts.models import Organisation, User
from common.jobs import Running, task
from portfolio import actions
from portfolio.actions import history, imports, recommendations, sample
from portfolio.importing import follow
from portfolio.models import BookImport


@task("portfolio.refresh_rows")
def refresh_rows(account_ids: list[int] | None = None) -> dict[str, int]:
    """Have the account list catch up with the facts."""
    on = Organisation.load().day_of(timezone.now())
    return {"rows": actions.refresh_rows(on=on, account_ids=account_ids)}


@task("portfolio.profile_expansion", atomic=False, lease=900, daily_at="04:20")
def profile_expansion() -> dict[str, int]:
    """Work out which accounts look like those that expanded."""
    return asdict(actions.profile_expansion(on=Organisation.load().day_of(timezone.now())))


@task("portfolio.rank_advocates", atomic=False, lease=900, daily_at="03:10")
def rank_advocates() -> dict[str, int]:
    """Score every customer as an advocate, by what all the apps know of it."""
    return {"ranked": actions.rank_advocates(on=Organisation.load().day_of(timezone.now()))}


@task("portfolio.plan_import", atomic=False, limit=3600, lease=900)
def plan_import(job: Running, import_id: str, language: str = "") -> dict[str, int]:
    """Try an uploaded book; the preview is kept with the import."""
    found = BookImport.objects.select_related("by").get(pk=import_id)
    with translation.override(language or None):
        return imports.carry_out_plan(found, at=timezone.now(), on_progress=_teller(job))


@task("portfolio.apply_import", atomic=False, limit=6 * 3600, lease=900)
def apply_import(job: Running, import_id: str, language: str = "") -> dict[str, int]:
    """Bring a confirmed book in; again is harmless, also after a stop half-way."""
    found = BookImport.objects.select_related("confirmed_by").get(pk=import_id)
    with translation.override(language or None):
        return imports.carry_out_import(found, at=timezone.now(), on_progress=_teller(job))


def _teller(job: Running) -> Callable[[str, int, int], None]:
    """Pass on how far an import is, as long as that is known."""

    def tell(_what: str, done: int, total: int) -> None:
        if total:
            job.progress(done, total)

    return tell


@task("portfolio.show_recommendations", every=dt.timedelta(hours=1))
def show_recommendations() -> dict[str, int]:
    """Write down what stands before people on the organisation's day, once, and switch off rules that are wrong."""
    at = timezone.now()
    return {"shown": recommendations.show_recommendations(on=Organisation.load().day_of(at), at=at)}


@task("portfolio.remove_sample", atomic=False, limit=3600, lease=600)
def remove_sample(job: Running, user_id: int | None = None) -> dict[str, int]:
    """Delete the sample book."""
    by = User.objects.filter(pk=user_id).first()
    return {"accounts": sample.remove_sample(by=by, at=timezone.now(), told=job.progress)}


@task("portfolio.forget_changes", daily_at="04:05")
def forget_changes() -> dict[str, int]:
    """Delete what people can no longer take back."""
    return {"deleted": history.forget_changes(at=timezone.now())}


@task("portfolio.forget_imports", daily_at="03:50")
def forget_imports() -> dict[str, int]:
    """Delete the files of imports that nobody needs any more."""
    return {"deleted": imports.forget_imports(at=timezone.now())}


@task("portfolio.follow_import", atomic=False, lease=900)
def follow_import() -> None:
    """Bring all figures in line with the facts after an import that never came to it."""
    follow.settle({}, at=timezone.now(), everything=True)
