"""Where do playbooks run, how far is each, and what can be done with a run?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, may, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.tables import Column
from playbooks import actions
from playbooks.filters.work import RUN_SORTS, RunFilter
from playbooks.forms.tasks import GiveForm, ReasonForm, StopForm
from playbooks.models import Playbook, Run
from playbooks.models.runs import RunQuerySet
from playbooks.queries.run_page import run_page, with_progress
from playbooks.queries.words import claim_in_words
from playbooks.views.asking import now, person, today, tried

EDIT = Capability.EDIT_ACCOUNTS
PAGE_SIZE = 50
COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("playbook", gettext_lazy("Playbook")),
    Column("started", gettext_lazy("Started"), sort="started", first="down"),
    Column("cause", gettext_lazy("Because of")),
    Column("progress", gettext_lazy("Progress")),
    Column("owner", gettext_lazy("Owner")),
    Column("state", gettext_lazy("State")),
)
HEADER = (
    *("external_id", "account", "playbook", "version", "state", "outcome", "started_on", "ended_on", "cause"),
    *("served", "owner", "tasks", "tasks_over", "outcome_note"),
)


@dataclass(frozen=True)
class RunListing:
    """One page of runs as its reader may see them."""

    filters: RunFilter
    page: keyset.Page[Run]
    columns: Sequence[Column]
    playbooks: Sequence[tuple[str, str]]
    sort: str
    count: int
    on: dt.date
    may_export: bool

    @property
    def count_text(self) -> str:
        """How many runs match, in words."""
        return ngettext("%(count)s run", "%(count)s runs", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")


@require_safe
def playbook_runs(request: HttpRequest) -> HttpResponse:
    """List where playbooks run, the latest first."""
    user = person(request)
    chosen, rows = _matching(request.GET, request)
    errors = error_messages(chosen)
    sort = request.GET.get("sort", "") if request.GET.get("sort", "") in RUN_SORTS else "-started"
    shown = with_progress(rows.select_related("account", "playbook", "owner"))
    known = Playbook.objects.visible_to(user).order_by("position", "pk")
    listing = RunListing(
        filters=chosen,
        page=keyset.page(shown, RUN_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        columns=[column.in_words() for column in COLUMNS],
        playbooks=[("", _("All playbooks")), *((str(one.pk), one.shown_name) for one in known)],
        sort=sort,
        count=rows.count(),
        on=today(),
        may_export=user.can(Capability.EXPORT),
    )
    context = {"listing": listing, "errors": errors, "query": request.GET}
    return render_page(request, "playbooks/playbook_runs.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def run_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the runs that match as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(request.GET, request)
    if not chosen.is_valid():
        return playbook_runs(request)
    found = with_progress(rows.select_related("account", "playbook", "owner", "version"))
    return answer(_("playbook-runs"), list(HEADER), _cells(found.order_by("-started_on", "-pk").iterator(2000)))


def seen_run(request: HttpRequest, run_id: int) -> Run:
    """The run that the address names."""
    rows = Run.objects.select_related("account", "playbook", "version", "owner", "started_by")
    return get_visible_or_404(rows, request.user, pk=run_id)


@require_safe
def playbook_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one run: how far it is, its tasks, and what happened."""
    run = seen_run(request, run_id)
    context = {
        "page": run_page(run, person(request)),
        "on": today(),
        "may_edit": may(request.user, EDIT),
        "goal_words": claim_in_words(run.version.parsed.goal),
    }
    return render_page(request, "playbooks/playbook_run.html", context)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def run_pause(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let a run rest, with the reason."""
    run = seen_run(request, run_id)
    form = ReasonForm(request.POST or None, initial={"version": run.edit_version})
    said = {"title": _("Pause the run"), "submit": _("Pause"), "said": _("Paused: its tasks ask for nobody.")}
    return _with_form(request, run, form, actions.pause_run, **said)


@requires(EDIT)
@require_POST
def run_resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let a run go on."""
    run = seen_run(request, run_id)
    if tried(request, lambda: actions.resume_run(run=run, by=person(request), at=now())) is not None:
        notify(request, _("The run goes on; its days moved by the pause."))
    return redirect("playbook_run", run_id)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def run_stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """End a run by hand, with the reason."""
    run = seen_run(request, run_id)
    form = StopForm(request.POST or None, initial={"version": run.edit_version})
    said = {"title": _("Stop the run"), "submit": _("Stop"), "said": _("Stopped. What was open is cancelled.")}
    return _with_form(request, run, form, actions.stop_run, **said)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def run_give(request: HttpRequest, run_id: int) -> HttpResponse:
    """Hand a run with its open tasks over to a colleague."""
    run = seen_run(request, run_id)
    form = GiveForm(request.POST or None, account_id=run.account_id, initial={"version": run.edit_version})
    said = {"title": _("Hand the run over"), "submit": _("Hand over"), "said": _("Handed over with its open tasks.")}
    return _with_form(request, run, form, actions.hand_over_run, **said)


def _with_form(
    request: HttpRequest, run: Run, form: Any, act: Callable[..., Any], *, title: str, submit: str, said: str
) -> HttpResponse:
    """Show a form about a run, or do what it asks for."""
    by, at = person(request), now()
    if request.method == "POST" and carried_out(form, lambda values: act(run=run, by=by, at=at, **values)) is not None:
        notify(request, said)
        return redirect("playbook_run", run.pk)
    context = {"run": run, "form": form, "title": title, "submit": submit}
    return render_page(request, "playbooks/run_answer.html", context, status=status_of(request, form))


def _matching(query: QueryDict, request: HttpRequest) -> tuple[RunFilter, RunQuerySet]:
    """The runs that match an address; without a state or outcome named, those that go on."""
    every = Run.objects.visible_to(request.user)
    chosen = RunFilter(query, queryset=every, request=request)
    if not chosen.is_valid():
        return chosen, every.none()
    rows: Any = chosen.qs
    named = any(query.getlist(name) for name in ("state", "outcome"))
    return chosen, rows if named else rows.unfinished()


def _cells(rows: Iterator[Run] | QuerySet[Run]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.account.external_id, row.account.name, row.playbook.shown_name, row.version.number),
            *(row.get_state_display(), row.get_outcome_display(), row.started_on, row.ended_on),
            *(row.get_cause_display(), row.get_channel_display(), row.owner.name if row.owner else ""),
            *(row.task_count, row.over_count, row.outcome_note),  # type: ignore[attr-defined]
        ]
