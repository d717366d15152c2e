"""How is one act done to many rows: at once when they are few, in the background when many, and taken back whole?

An app names its acts in the setting `MAINSTAY_BULK_ACTS`. Each batch is one transaction with its place in the list: a
worker that is killed goes on where it was, and a second one finds nothing left to do.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import BulkRun, User
from accounts.rules.roles import Capability
from common import jobs
from common.errors import Refused
from common.formats import number
from common.models import Job
from common.undo import keep_undo

# More rows than this are shown before anything happens, and done in the background.
FEW = 20
MOST = 5_000
BATCH = 50
KEPT = dt.timedelta(days=30)
Tell = Callable[[int, int], object]


@dataclass(frozen=True)
class Done:
    """What came of some rows: what taking each back needs, and why others were passed over."""

    changed: Mapping[int, Any] = field(default_factory=dict)
    skipped: Mapping[int, str] = field(default_factory=dict)


class BulkAct:
    """One thing that can be done to many rows; an app derives its own."""

    key: ClassVar[str]
    capability: ClassVar[Capability]
    # Whether a reason is of one row alone, so that a list of few names each.
    names_skipped: ClassVar[bool] = False

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the act with what it was told."""
        raise NotImplementedError

    def rows(self, by: User) -> QuerySet[Any]:
        """The rows that a person may see, with what their names need."""
        raise NotImplementedError

    def name(self, row: Any) -> str:
        """What a row is called."""
        return str(row)

    def account_id(self, row: Any) -> int:
        """The account that a row belongs to."""
        found: int = row.account_id
        return found

    def said(self, count: int) -> str:
        """Say to how many it was done."""
        return ngettext("%(count)s changed", "%(count)s changed", count) % {"count": number(count)}

    def do(self, rows: Sequence[Any], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Do it to some rows."""
        raise NotImplementedError

    def undo(
        self, rows: Sequence[Any], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Take it back for some rows, except where something else has happened since."""
        raise NotImplementedError


@lru_cache(maxsize=1)
def bulk_acts() -> Mapping[str, BulkAct]:
    """All acts, by their keys."""
    found = [import_string(path)() for path in settings.MAINSTAY_BULK_ACTS]
    return {act.key: act for act in found}


def ask_for_bulk(
    *, act: str, ids: Sequence[int], given: Mapping[str, Any], by: User, at: dt.datetime, back: str = ""
) -> BulkRun:
    """Do an act to rows: few within this request, many by a worker."""
    with transaction.atomic():
        run = BulkRun.objects.create(
            by=by, at=at, act=act, given=dict(given), ids=list(ids), language=get_language() or "", back=back[:2000]
        )
        leave_audit("bulk_run.asked", run, by=by, at=at, changes={"act": [None, act], "rows": [None, len(ids)]})
        if len(ids) > FEW:
            run.job = jobs.enqueue("accounts.carry_out_bulk", run_id=run.pk.hex, owner_id=by.pk)
            run.save(update_fields=["job"])
            return run
        while next_batch(run.pk, at=at):
            pass
    run.refresh_from_db()
    return run


def carry_out(run_id: Any, *, at: dt.datetime, told: Tell) -> int:
    """Do what is left of an act, batch by batch; a refusal ends it with its words."""
    try:
        while left := next_batch(run_id, at=at):
            told(*left)
    except Refused as refusal:
        with transaction.atomic():
            run = _locked(run_id)
            run.refusal = str(refusal)
            _finish(run, at)
    return len(BulkRun.objects.values_list("changed", flat=True).get(pk=run_id))


@transaction.atomic
def next_batch(run_id: Any, *, at: dt.datetime) -> tuple[int, int] | None:
    """Do the next rows and keep what came of them; answers (done, of all), or None when it was over before."""
    run = _locked(run_id)
    if run.finished_at:
        return None
    act, ids = bulk_acts()[run.act], run.ids[run.position : run.position + BATCH]
    done = _for_rows(run, ids, lambda rows: act.do(rows, run.given, by=run.by, at=at))
    run.changed |= {str(pk): was for pk, was in done.changed.items()}
    run.skipped |= {str(pk): why for pk, why in done.skipped.items()}
    run.position += len(ids)
    run.save(update_fields=["changed", "skipped", "position"])
    if run.position >= len(run.ids):
        _finish(run, at)
    return run.position, len(run.ids)


def _for_rows(run: BulkRun, ids: Sequence[int], act: Callable[[Sequence[Any]], Done]) -> Done:
    """Act on those rows of some that the person still may change."""
    about = bulk_acts()[run.act]
    if not run.by.is_active or not run.by.can(about.capability):
        raise Refused(_("%(name)s may no longer do this.") % {"name": run.by.name})
    rows = list(about.rows(run.by).filter(pk__in=ids).order_by("pk"))
    gone = set(ids) - {row.pk for row in rows}
    done = act(rows) if rows else Done()
    return Done(done.changed, {**done.skipped, **dict.fromkeys(sorted(gone), _("no longer there"))})


def _finish(run: BulkRun, at: dt.datetime) -> None:
    run.finished_at = at
    if run.changed:
        title = bulk_acts()[run.act].title(run.given)
        run.undo = keep_undo("bulk_done", by=run.by, at=at, run=run.pk.hex, title=title)
    run.save(update_fields=["finished_at", "undo", "refusal"])


@transaction.atomic
def take_back_bulk(*, run: BulkRun, by: User, at: dt.datetime) -> None:
    """Take the whole back: few rows at once, many by a worker."""
    held = _locked(run.pk)
    if held.by_id != by.pk or held.finished_at is None or held.undo_asked_at:
        raise Refused(_("This can no longer be undone."))
    held.undo_asked_at = at
    held.save(update_fields=["undo_asked_at"])
    leave_audit("bulk_run.taken_back", held, by=by, at=at, changes={"rows": [len(held.changed), None]})
    if len(held.changed) > FEW:
        held.job = jobs.enqueue("accounts.take_back_bulk", run_id=held.pk.hex, owner_id=by.pk)
        held.save(update_fields=["job"])
        return
    while next_batch_back(held.pk, at=at):
        pass


def carry_back(run_id: Any, *, at: dt.datetime, told: Tell) -> None:
    """Take back what is left, batch by batch."""
    while left := next_batch_back(run_id, at=at):
        told(*left)


@transaction.atomic
def next_batch_back(run_id: Any, *, at: dt.datetime) -> tuple[int, int] | None:
    """Take the next rows back and keep why some stay; answers (done, of all), or None when it was over before."""
    run = _locked(run_id)
    if run.undone_at:
        return None
    act, every = bulk_acts()[run.act], [int(pk) for pk in run.changed]
    ids = every[run.undo_position : run.undo_position + BATCH]
    was = {pk: run.changed[str(pk)] for pk in ids}
    done = _for_rows(run, ids, lambda rows: act.undo(rows, was, run.given, by=run.by, at=at))
    run.kept |= {str(pk): why for pk, why in done.skipped.items()}
    run.undo_position += len(ids)
    if run.undo_position >= len(every):
        run.undone_at = at
    run.save(update_fields=["kept", "undo_position", "undone_at"])
    return run.undo_position, len(every)


@transaction.atomic
def retry_bulk(*, run: BulkRun, by: User, at: dt.datetime) -> None:
    """Take up again what was given up."""
    held = _locked(run.pk)
    if held.state != BulkRun.State.STOPPED:
        return
    if held.job is not None and held.job.state == Job.State.PARKED:
        jobs.retry(held.job)
    else:
        if held.undo_asked_at:
            held.job = jobs.enqueue("accounts.take_back_bulk", run_id=held.pk.hex, owner_id=by.pk)
        else:
            held.job = jobs.enqueue("accounts.carry_out_bulk", run_id=held.pk.hex, owner_id=by.pk)
        held.save(update_fields=["job"])
    leave_audit("bulk_run.retried", held, by=by, at=at)


def outcome_words(run: BulkRun) -> str:
    """Say what came of it: “28 started, 2 skipped: already running”."""
    act = bulk_acts()[run.act]
    if run.undo_asked_at:
        count = run.undo_position - len(run.kept)
        words = ngettext("%(count)s taken back", "%(count)s taken back", count) % {"count": number(count)}
        return _with_skipped(words, run.kept)
    return _with_skipped(act.said(len(run.changed)), run.skipped)


def _with_skipped(words: str, skipped: Mapping[str, str]) -> str:
    if not skipped:
        return words
    reasons = Counter(skipped.values()).most_common()
    why = "; ".join(f"{number(times)} {reason}" if len(reasons) > 1 else reason for reason, times in reasons)
    said = {"done": words, "count": number(len(skipped)), "why": why}
    return _("%(done)s, %(count)s skipped: %(why)s") % said


def forget_bulk_runs(*, at: dt.datetime) -> int:
    """Delete what can no longer be taken back."""
    return BulkRun.objects.filter(at__lt=at - KEPT).delete()[0]


def _locked(run_id: Any) -> BulkRun:
    rows = BulkRun.objects.select_for_update(of=("self",)).select_related("by", "job")
    return rows.get(pk=run_id)
