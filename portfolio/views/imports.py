"""How does an admin bring a whole book in: send files, look at the preview, confirm?"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.errors import Refused
from common.export import csv_response
from common.forms import attempt
from common.htmx import in_place_of_the_page, notify, render_page, wants_fragment
from common.once import form_key, once
from common.tables import Column
from common.uploads import was_too_large
from portfolio.actions import imports as actions
from portfolio.forms import HintsForm, ImportForm
from portfolio.importing import shipped, uploads
from portfolio.importing.targets import TARGETS
from portfolio.models import BookImport
from portfolio.queries import imports as queries

IMPORT = Capability.IMPORT_BOOK
EARLIER = (
    *(Column(name, label) for name, label in (("at", _lazy("When")), ("by", _lazy("Who")), ("files", _lazy("Files")))),
    *(Column(name, label) for name, label in (("stage", _lazy("State")), ("result", _lazy("Rows")))),
)
COUNTS = (
    ("new", _lazy("New")),
    ("changed", _lazy("Changed")),
    ("same", _lazy("Same")),
    ("rejected", _lazy("Rejected")),
)
FILES = (
    Column("file", _lazy("File")),
    Column("rows", _lazy("Rows"), align="end"),
    *(Column(name, label, align="end") for name, label in COUNTS),
    Column("written", _lazy("Written as")),
)
REJECTS = (
    Column("file", _lazy("File")),
    Column("row", _lazy("Row"), align="end"),
    Column("column", _lazy("Column")),
    Column("reason", _lazy("Reason")),
)


def _found(request: HttpRequest, import_id: uuid.UUID) -> BookImport:
    rows = BookImport.objects.select_related("by", "confirmed_by", "job")
    return get_visible_or_404(rows, request.user, pk=import_id)


@requires(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def import_book(request: HttpRequest) -> HttpResponse:
    """Take the files of a book, and list the imports so far."""
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES, too_large=was_too_large(request)) if sent else ImportForm()
    if sent and form.is_valid():
        values = form.cleaned_data
        made = attempt(
            form,
            lambda: actions.start_import(
                values["book"],
                shipped_mapping=values["shipped_mapping"],
                own_mapping=values["own_mapping"],
                by=person_of(request),
                at=timezone.now(),
            ),
        )
        if made is not None:
            return redirect("import_run", made.pk)
    context = {
        "form": form,
        "form_key": form_key(request),
        "columns": EARLIER,
        "earlier": queries.earlier_imports(person_of(request)),
        "templates": shipped.templates(),
        "first_templates": len(shipped.FIRST),
        "sections": sections(request, "import_book"),
    }
    return render_page(request, "portfolio/import_book.html", context, status=422 if form.errors else 200)


@requires(IMPORT)
@require_safe
def import_run(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Show how far an import is, then what it would do, then what it did."""
    found = _found(request, import_id)
    if wants_fragment(request) and not found.is_under_way:
        # What follows is another page: it takes the place of the one that waits for it.
        return in_place_of_the_page(_show(request, found, block=None))
    return _show(request, found)


def _show(
    request: HttpRequest, found: BookImport, hints: HintsForm | None = None, *, block: str | None = "progress",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "page": queries.import_page(found),
        "columns": {"files": FILES, "rejects": REJECTS},
        "progress": queries.progress_of(found, timezone.now()),
        "hints_form": hints or HintsForm(initial=found.hints),
        "form_key": form_key(request),
        "sections": sections(request, "import_book"),
    }
    return render_page(request, "portfolio/import_run.html", context, block=block, status=status)


@requires(IMPORT)
@require_POST
@once
def import_confirm(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Have a previewed book written."""
    found = _found(request, import_id)
    try:
        actions.confirm_import(found, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    return redirect("import_run", found.pk)


@requires(IMPORT)
@require_POST
@once
def import_read_again(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Have the files read again, told how they are written."""
    found = _found(request, import_id)
    form = HintsForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        actions.read_again(found, hints=form.hints(), by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    return redirect("import_run", found.pk)


@requires(IMPORT)
@require_POST
@once
def import_retry(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Take up an import again that was given up."""
    found = _found(request, import_id)
    try:
        actions.retry_import(found, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    return redirect("import_run", found.pk)


@requires(IMPORT)
@require_safe
def import_rejects(request: HttpRequest, import_id: uuid.UUID) -> HttpResponseBase:
    """Give all rejected rows as a CSV file."""
    found = _found(request, import_id)
    file = actions.rejects_file(uploads.root() / found.pk.hex)
    if not file.is_file():
        raise Http404
    header = [_("File"), _("Row"), _("Column"), _("Reason"), _("Table")]
    return csv_response(f"rejected-rows-{found.at:%Y-%m-%d}", header, queries.rejected_rows(file))


@requires(IMPORT)
@require_safe
def import_template(request: HttpRequest, target: str) -> HttpResponseBase:
    """Give an empty file in our own format: its header."""
    if target not in TARGETS:
        raise Http404
    return csv_response(target, shipped.template(target).columns, [])
