"""Which playbooks are there, what does each say, and how do they come and go?"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, may, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from common.htmx import notify, render_page
from common.tables import Column
from playbooks import actions
from playbooks.actions.files import Imported, import_playbook
from playbooks.forms.templates import FileForm, NewPlaybookForm
from playbooks.models import Playbook, Run
from playbooks.queries.drafting import standing_of
from playbooks.queries.listing import playbook_lines
from playbooks.queries.words import playbook_in_words
from playbooks.rules.files import dump_file
from playbooks.views.asking import back, now, person, today, tried

SET = Capability.EDIT_PLAYBOOKS
RECENT = 10
COLUMNS = (
    Column("name", gettext_lazy("Playbook")),
    Column("category", gettext_lazy("What it is for")),
    Column("state", gettext_lazy("How it starts")),
    Column("going", gettext_lazy("Running"), align="end"),
    Column("funnel", gettext_lazy("Started, worked through, goal reached")),
    Column("on_time", gettext_lazy("Tasks on time"), align="end"),
)


@require_safe
def playbooks(request: HttpRequest) -> HttpResponse:
    """List the playbooks with what came of them in the last year."""
    user, on = person(request), today()
    archived = request.GET.get("archived") == "1"
    lines = playbook_lines(user, on, archived=archived)
    context = {
        "general": [line for line in lines if not line.playbook.industry],
        "industries": [line for line in lines if line.playbook.industry],
        "columns": COLUMNS,
        "archived": archived,
        "has_archived": Playbook.objects.visible_to(user).filter(is_archived=True).exists(),
        "may_set": may(user, SET),
        "may_export": may(user, Capability.EXPORT),
    }
    return render_page(request, "playbooks/playbooks.html", context)


@require_safe
def playbook(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Show what a playbook says, in force or in an earlier version, and where it ran lately."""
    row = get_visible_or_404(Playbook, request.user, pk=playbook_id)
    user, standing = person(request), standing_of(row)
    version = standing.newest
    asked = request.GET.get("version")
    if asked is not None:
        numbered = asked.isascii() and asked.isdigit() and len(asked) < 9
        version = row.versions.select_related("published_by").filter(number=int(asked)).first() if numbered else None
        if version is None:
            raise Http404
    runs = Run.objects.visible_to(user).filter(playbook=row).select_related("account", "owner")
    context = {
        "standing": standing,
        "version": version,
        "words": playbook_in_words(version.parsed) if version else standing.words,
        "versions": row.versions.select_related("published_by").order_by("-number")[:RECENT],
        "runs": runs.order_by("-started_on", "-pk")[:RECENT],
        "may_set": may(user, SET),
        "may_start": may(user, Capability.EDIT_ACCOUNTS) and bool(standing.newest) and not row.is_archived,
    }
    return render_page(request, "playbooks/playbook.html", context)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_create(request: HttpRequest) -> HttpResponse:
    """Begin a playbook: its name and first step; the rest is drafted on its page."""
    form = NewPlaybookForm(request.POST or None)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.create_playbook(
            definition={
                "name": values["name"], "category": values["category"],
                "steps": [{"key": "step", "title": values["step"], "unit": "working"}],
            },
            by=person(request), at=now(),
        ))  # fmt: skip
        if made is not None:
            notify(request, _("“%(name)s” is a draft now. Nothing starts by it until it is published.")
                   % {"name": made.shown_name})  # fmt: skip
            return redirect("playbook_edit", made.pk)
    return render_page(request, "playbooks/playbook_create.html", {"form": form}, status=status_of(request, form))


@requires(SET)
@require_POST
def playbook_copy(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Make a playbook that says the same, to be changed."""
    row = get_visible_or_404(Playbook, request.user, pk=playbook_id)
    made = tried(request, lambda: actions.copy_playbook(playbook=row, by=person(request), at=now()))
    if made is None:
        return redirect("playbook", row.pk)
    notify(request, _("Copied as a draft."))
    return redirect("playbook_edit", made.pk)


@requires(SET)
@require_POST
def playbook_switch(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Let a playbook start by itself, or by hand only."""
    row = get_visible_or_404(Playbook, request.user, pk=playbook_id)
    act = actions.disable_playbook if row.is_enabled else actions.enable_playbook
    changed = tried(request, lambda: act(playbook=row, by=person(request), at=now()))
    if changed is not None:
        words = _("“%(name)s” starts by itself.") if changed.is_enabled else _("“%(name)s” starts by hand only.")
        notify(request, words % {"name": changed.shown_name})
    return back(request, "playbook", row.pk)


@requires(SET)
@require_POST
def playbook_archive(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Put a playbook away, or take it out again."""
    row = get_visible_or_404(Playbook, request.user, pk=playbook_id)
    act = actions.restore_playbook if row.is_archived else actions.archive_playbook
    changed = tried(request, lambda: act(playbook=row, by=person(request), at=now()))
    if changed is not None:
        words = _("“%(name)s” is archived. Runs go on.") if changed.is_archived else _("“%(name)s” is back.")
        notify(request, words % {"name": changed.shown_name})
    return redirect("playbook", row.pk)


@requires(Capability.EXPORT)
@require_safe
def playbook_export(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Hand out what a playbook says as a file."""
    row = get_visible_or_404(Playbook, request.user, pk=playbook_id)
    standing = standing_of(row)
    if standing.newest is None and standing.draft is None:
        raise Http404
    definition = standing.newest.parsed if standing.newest else standing.definition
    answer = HttpResponse(dump_file(row.key, definition), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.key}.json"'
    return answer


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_import(request: HttpRequest) -> HttpResponse:
    """Take in a playbook as a file: a new one, or a draft of the one with its key."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST":
        made = carried_out(form, lambda values: _taken_in(request, values))
        if made is not None:
            notify(request, _imported(made))
            return redirect("playbook_edit" if made.result == "drafted" else "playbook", made.playbook.pk)
    return render_page(request, "playbooks/playbook_import.html", {"form": form}, status=status_of(request, form))


def _taken_in(request: HttpRequest, values: dict[str, Any]) -> Imported:
    # One byte more than may be: the action says that it is too much.
    return import_playbook(content=values["file"].read(2 * 1024 * 1024 + 1), by=person(request), at=now())


def _imported(made: Imported) -> str:
    words = {
        "created": _("“%(name)s” was imported. It starts by hand until you let it start by itself."),
        "drafted": _("“%(name)s” is there already: what the file says is a draft of it now. Look at it, then publish."),
        "same": _("“%(name)s” is there already and says the same. Nothing was changed."),
    }
    return words[made.result] % {"name": made.playbook.shown_name}
