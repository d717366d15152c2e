"""How does a person find a request, read what stands behind it, and word it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Organisation
from accounts.rules.roles import Capability
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import form_key, once
from common.tables import Column
from roadmap import actions
from roadmap.filters import RequestListFilter
from roadmap.forms import RequestEditForm, RequestForm, RequestPlanForm
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.queries import likely_duplicates, with_voices
from roadmap.queries.request_page import RequestPage, request_page
from roadmap.views.asking import now, person, seen_request, today

PAGE_SIZE = 50
TITLE_LENGTH = 200
COLUMNS = (
    Column("title", gettext_lazy("Request"), sort="title"),
    Column("state", gettext_lazy("State")),
    Column("module", gettext_lazy("Module")),
    Column("accounts", gettext_lazy("Accounts"), sort="accounts", align="end", first="down"),
    Column("evidence", gettext_lazy("Voices"), sort="evidence", align="end", first="down"),
    Column("created_on", gettext_lazy("First asked"), sort="created_on", first="down"),
)
HEADER = (
    "external_id", "title", "description", "state", "decline_reason", "module", "quarter", "created_on", "shipped_on",
    "promised_on", "shared_title", "shared_text", "accounts", "voices", "blocked_accounts",
)  # fmt: skip
VOICE_HEADER = (
    "account", "account_name", "contact", "verbatim", "importance", "blocks", "asked_on", "source", "asked_as",
)  # fmt: skip
DEFAULT_SORT = "-accounts"


@dataclass(frozen=True)
class Listing:
    """One page of the requests, with the counts of the voices that its reader may see."""

    filters: RequestListFilter
    rows: Sequence[Any]
    count: int
    start: int
    sort: str
    may_note: bool
    may_export: bool

    @property
    def columns(self) -> list[Column]:
        """The columns in the language of who reads them."""
        return [column.in_words() for column in COLUMNS]

    @property
    def count_text(self) -> str:
        """How many requests match, in words."""
        return ngettext("%(count)s request", "%(count)s requests", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")

    @property
    def next(self) -> int | None:
        """Where the next page starts. The counts are each reader's own, so no index holds their order."""
        return self.start + PAGE_SIZE if self.start + PAGE_SIZE < self.count else None

    @property
    def previous(self) -> int | None:
        """Where the page before starts."""
        return max(self.start - PAGE_SIZE, 0) if self.start else None


@require_safe
def feature_requests(request: HttpRequest) -> HttpResponse:
    """List what customers ask for, what most accounts share first."""
    chosen, rows = _matching(request)
    errors = error_messages(chosen)
    start = _start(request.GET.get("after", ""))
    user = person(request)
    listing = Listing(
        filters=chosen,
        rows=list(rows.select_related("module")[start : start + PAGE_SIZE]),
        count=rows.count(),
        start=start,
        sort=request.GET.get("sort") or DEFAULT_SORT,
        may_note=user.can(Capability.EDIT_ROADMAP),
        may_export=user.can(Capability.EXPORT),
    )
    context = {"listing": listing, "errors": errors, "query": request.GET}
    status = 400 if errors else 200
    return render_page(request, "roadmap/feature_requests.html", context, block="list", status=status)


@requires(Capability.EXPORT)
@require_safe
def feature_requests_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the requests that match as a file."""
    chosen, rows = _matching(request)
    if not chosen.is_valid():
        return feature_requests(request)
    found = rows.select_related("module").iterator(chunk_size=2000)
    return _answer(kind)(_("requests"), list(HEADER), map(_cells, found))


@requires(Capability.EXPORT)
@require_safe
def feature_request_export(request: HttpRequest, request_id: int, kind: str) -> HttpResponseBase:
    """Hand out the voices behind one request, of the accounts that the person may see."""
    need = seen_request(request, request_id)
    voices = RequestEvidence.objects.visible_to(request.user).filter(request=need)
    found = voices.select_related("account", "contact", "asked_as").order_by("account__name", "-asked_on", "-pk")
    return _answer(kind)(_("voices"), list(VOICE_HEADER), _voice_cells(found.iterator(chunk_size=2000)))


@require_safe
def feature_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show one request: who asks in which words, what hangs on it, what was decided, who was told."""
    page = request_page(seen_request(request, request_id), person(request), today())
    return render_page(request, "roadmap/feature_request.html", _context(request, page))


def _context(request: HttpRequest, page: RequestPage) -> dict[str, Any]:
    user = person(request)
    rights = {
        "note": user.can(Capability.EDIT_ROADMAP),
        "plan": user.can(Capability.PLAN_ROADMAP),
        "export": user.can(Capability.EXPORT),
    }
    currency = Organisation.load().reporting_currency
    return {"page": page, "need": page.request, "rights": rights, "currency": currency}


@requires(Capability.EDIT_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def feature_request_add(request: HttpRequest) -> HttpResponse:
    """Write down a need without a customer; what was asked before is shown while the title is typed."""
    title = (request.POST.get("title") or request.GET.get("title", ""))[:TITLE_LENGTH]
    alike = likely_duplicates(title, person(request))
    form = RequestForm(request.POST or None, initial={"title": title}, person=person(request))
    if request.method == "POST":
        if form.is_valid() and "is_new" not in request.POST and any(one.is_likely for one in alike):
            form.add_error(None, _("This may be there already. Open it, or add a new one all the same."))
        made = carried_out(form, lambda values: actions.add_request(by=person(request), at=now(), **values))
        if made is not None:
            notify(request, _("Request noted: %(title)s") % {"title": made.title})
            return redirect("feature_request", made.pk)
    context = {"form": form, "alike": alike, "form_key": form_key(request)}
    status = status_of(request, form)
    return render_page(request, "roadmap/feature_request_add.html", context, block="alike", status=status)


@requires(Capability.EDIT_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def feature_request_edit(request: HttpRequest, request_id: int) -> HttpResponse:
    """Word a request better, or put it under another module."""
    return _edit(request, request_id, RequestEditForm, _("Edit the request"))


@requires(Capability.PLAN_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def feature_request_plan(request: HttpRequest, request_id: int) -> HttpResponse:
    """Write what customers read, what they were promised and what use is expected."""
    return _edit(request, request_id, RequestPlanForm, _("Promise and text for customers"))


def _edit(request: HttpRequest, request_id: int, shape: Any, title: str) -> HttpResponse:
    need = seen_request(request, request_id)
    form = shape(request.POST or None, instance=need, person=person(request))
    if request.method == "POST":
        stored = seen_request(request, request_id)
        saved = carried_out(
            form, lambda values: actions.change_request(request=stored, by=person(request), at=now(), **values)
        )
        if saved is not None:
            notify(request, _("Request saved."))
            return redirect("feature_request", request_id)
    # The form has written what was typed into its own copy; the page names the request as it is.
    context = {"need": seen_request(request, request_id), "form": form, "title": title, "submit": _("Save")}
    return render_page(request, "roadmap/request_form.html", context, status=status_of(request, form))


@requires(Capability.PLAN_ROADMAP)
@require_POST
def feature_request_delete(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take away a request that nobody voiced."""
    need = seen_request(request, request_id)
    try:
        actions.delete_request(request=need, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return redirect("feature_request", request_id)
    notify(request, _("Request deleted: %(title)s") % {"title": need.title})
    return redirect("feature_requests")


def _matching(request: HttpRequest) -> tuple[RequestListFilter, QuerySet[Any]]:
    """The requests that match an address; those that were merged stand under the one that has their voices."""
    every = with_voices(FeatureRequest.objects.visible_to(request.user).standing(), person(request))
    chosen = RequestListFilter(request.GET, queryset=every, request=request)
    if not chosen.is_valid():
        return chosen, every.none()
    rows: Any = chosen.qs
    return chosen, rows if request.GET.get("sort") else rows.order_by("-account_count", "-pk")


def _start(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _answer(kind: str) -> Any:
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    return answer


def _cells(row: Any) -> list[Any]:
    return [
        *(row.external_id, row.title, row.description, row.get_state_display(), row.decline_reason),
        *(row.module.name if row.module else "", row.quarter, row.created_on, row.shipped_on, row.promised_on),
        *(row.shared_title, row.shared_text, row.account_count, row.evidence_count, row.blocker_count),
    ]


def _voice_cells(rows: Iterator[RequestEvidence]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.account.external_id, row.account.name, row.contact.name if row.contact else "", row.verbatim),
            *(row.get_importance_display(), row.is_blocker, row.asked_on, row.source),
            row.asked_as.title if row.asked_as else "",
        ]
