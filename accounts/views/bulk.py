"""How does a page do one thing to the rows that somebody chose, and where do they see what came of it?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_visible_or_404
from accounts.actions.bulk_runs import FEW, MOST, ask_for_bulk, bulk_acts, outcome_words, retry_bulk
from accounts.models import BulkRun
from accounts.views.profile import person_of
from common.errors import Refused
from common.formats import number
from common.htmx import in_place_of_the_page, notify, render_page, wants_fragment
from common.once import form_key

# So many names stand in a list of what came of an act; the rest is told as a number.
NAMED = 100


@dataclass(frozen=True)
class Line:
    """One row of a result: what it is called, whose it is, and why it was passed over."""

    name: str
    account_id: int | None
    why: str = ""


def chosen_ids(request: HttpRequest, ticked: QuerySet[Any], matching: QuerySet[Any]) -> list[int]:
    """The rows that a list's form names: those ticked, or all that match, one more than are done at once."""
    if request.POST.get("all_matching") == "1":
        rows = matching
    else:
        asked = [
            text for text in request.POST.getlist("selected") if text.isascii() and text.isdigit() and len(text) < 18
        ]
        rows = ticked.filter(pk__in=asked[: MOST + 1])
    return list(rows.order_by("pk").values_list("pk", flat=True).distinct()[: MOST + 1])


def for_chosen(
    request: HttpRequest, key: str, ids: Sequence[int], given: Mapping[str, Any], *, back: str, refusal: str = ""
) -> HttpResponse:
    """Do an act to the chosen rows: few at once, many after a look at them, in the background."""
    try:
        if refusal:
            raise Refused(refusal)
        check_count(ids)
        if len(ids) > FEW and request.POST.get("confirmed") != "1":
            return _preview(request, key, ids, given, back)
        run = start_bulk(request, key, ids, given, back=back)
    except Refused as refused:
        notify(request, str(refused), level=messages.ERROR)
        return redirect(back)
    if run.finished_at is None:
        return redirect("bulk_run", run.pk)
    notify(request, _("%(words)s.") % {"words": outcome_words(run)}, undo=run.undo)
    if bulk_acts()[key].names_skipped:
        for line in _lines(key, run.by, [int(pk) for pk in run.skipped], run.skipped):
            words = {"name": line.name, "reason": line.why}
            notify(request, _("%(name)s: %(reason)s") % words, level=messages.WARNING)
    return redirect(back)


def start_bulk(request: HttpRequest, key: str, ids: Sequence[int], given: Mapping[str, Any], *, back: str) -> BulkRun:
    """Have it done, whoever is looking."""
    return ask_for_bulk(act=key, ids=ids, given=given, by=person_of(request), at=timezone.now(), back=back)


def check_count(ids: Sequence[int]) -> None:
    """Refuse nothing and too much."""
    if not ids:
        raise Refused(_("Choose at least one row."))
    if len(ids) > MOST:
        raise Refused(_("Choose at most %(most)s rows at once.") % {"most": number(MOST)})


def _preview(request: HttpRequest, key: str, ids: Sequence[int], given: Mapping[str, Any], back: str) -> HttpResponse:
    """Show to whom it would be done before anything is done."""
    act = bulk_acts()[key]
    skip = {"csrfmiddlewaretoken", "confirmed", "form_key"}
    context = {
        "title": act.title(given),
        "count": len(ids),
        "lines": _lines(key, person_of(request), ids[:NAMED]),
        "sent": [(name, value) for name, values in request.POST.lists() if name not in skip for value in values],
        "form_key": form_key(request),
        "back": back,
    }
    return render_page(request, "accounts/bulk_preview.html", context)


def _lines(key: str, by: Any, ids: Iterable[int], why: Mapping[str, str] | None = None) -> list[Line]:
    act, wanted = bulk_acts()[key], list(ids)
    found = {row.pk: row for row in act.rows(by).filter(pk__in=wanted)}
    lines = [
        Line(act.name(found[pk]), act.account_id(found[pk]), (why or {}).get(str(pk), ""))
        for pk in wanted
        if pk in found
    ]
    return sorted(lines, key=lambda line: (line.why, line.name.casefold()))


@require_safe
def bulk_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Show how far an act on many rows is, and then what came of each."""
    run = get_visible_or_404(BulkRun.objects.select_related("by", "job"), request.user, pk=run_id)
    skipped = run.kept if run.undo_asked_at else run.skipped
    changed = [pk for pk in run.changed if pk not in run.kept] if run.undo_asked_at else list(run.changed)
    context = {
        "run": run,
        "title": bulk_acts()[run.act].title(run.given),
        "words": outcome_words(run),
        "changed": _lines(run.act, run.by, [int(pk) for pk in changed[:NAMED]]),
        "changed_count": len(changed),
        "skipped": _lines(run.act, run.by, [int(pk) for pk in list(skipped)[:NAMED]], skipped),
        "skipped_count": len(skipped),
        "back": _ours(request, run.back),
    }
    if wants_fragment(request) and not run.is_under_way:
        return in_place_of_the_page(render_page(request, "accounts/bulk_run.html", context))
    return render_page(request, "accounts/bulk_run.html", context, block="progress")


@require_POST
def bulk_retry(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Take up again what was given up."""
    run = get_visible_or_404(BulkRun, request.user, pk=run_id)
    retry_bulk(run=run, by=person_of(request), at=timezone.now())
    return redirect("bulk_run", run.pk)


def _ours(request: HttpRequest, address: str) -> str:
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if address and safe else "/"
