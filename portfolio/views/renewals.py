"""How does a person see which contracts end, and say what will come of each?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out
from accounts.models import Organisation
from accounts.rules.roles import Capability
from common import keyset
from common.charts import Chart
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import notify, render_page, wants_fragment
from common.tables import Column
from portfolio.filters import RENEWAL_SORTS, RenewalPageFilters
from portfolio.forms import CallForm, ForecastForm
from portfolio.queries.renewals import (
    EXPORTED,
    BoardColumn,
    RenewalView,
    accuracy_title,
    board,
    board_rows,
    calendar,
    calendar_rows,
    calendar_title,
    exported,
    kind_words,
    legend,
    views_of,
    with_rows,
)
from portfolio.queries.rows import owners_to_choose
from portfolio.views.account_page import now, person, today
from portfolio.views.undo import offer_undo
from revenue.actions import make_call
from revenue.models import Call, Renewal, RenewalCall, RenewalPolicy
from revenue.queries import Accuracy, RenewalSummary, call_accuracy, renewal_summary
from roadmap.queries import needs_of

VIEWS = {
    "board": gettext_lazy("Board"),
    "calendar": gettext_lazy("Calendar"),
    "list": gettext_lazy("List"),
    "accuracy": gettext_lazy("Past calls"),
}
# What a view shows while no period is chosen.
PERIOD_OF = {"list": "ahead", "accuracy": "last_year"}
COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("due_on", gettext_lazy("Due"), sort="due_on"),
    Column("stage", gettext_lazy("Stage")),
    Column("arr", gettext_lazy("ARR due"), sort="arr", align="end", first="down"),
    Column("calls", gettext_lazy("Calls")),
    Column("expected_arr", gettext_lazy("Forecast"), sort="expected_arr", align="end", first="down"),
    Column("health", gettext_lazy("Health")),
    Column("owner", gettext_lazy("Owner")),
    Column("change", gettext_lazy("Change"), hide_label=True),
)
FIRST_FILTERS = ("q", "owner", "tier", "stage", "call")
MORE_FILTERS = ("period", "band", "disputed", "due_from", "due_until")
PAGE_SIZE = 50


@dataclass(frozen=True)
class RenewalsPage:
    """What the renewals page shows, in whichever of its views."""

    view: str
    filters: RenewalPageFilters
    summary: RenewalSummary
    currency: str
    on: dt.date
    policy: RenewalPolicy
    may_edit: bool
    may_decide: bool
    may_export: bool
    here: str
    applied: int = 0
    applied_more: int = 0
    sort: str = "due_on"
    board: Sequence[BoardColumn] = ()
    chart: Chart | None = None
    chart_title: str = ""
    rows: Sequence[RenewalView] = ()
    paging: Any = None
    accuracy: Sequence[Accuracy] = ()
    accuracy_title: str = ""

    first_filters = FIRST_FILTERS
    more_filters = MORE_FILTERS

    @property
    def columns(self) -> list[Column]:
        """The columns of the list in the language of who reads it."""
        return [column.in_words() for column in COLUMNS]

    @property
    def legend(self) -> Any:
        """What the parts of the calendar's bars are."""
        return legend()

    def wrong_words(self, one: Accuracy) -> list[str]:
        """Where calls did not come true, as “said → came: how often”."""
        labels = dict(Call.choices)
        return [
            f"{labels[said]} → {labels[came]}: {count}"
            for said in Call.values
            for came, count in one.table.get(said, {}).items()
            if said != came
        ]

    def kind_words(self, kind: str) -> str:
        """What a kind of call is called."""
        words = kind_words(kind)
        return words[:1].upper() + words[1:]


@requires(Capability.SEE_MONEY)
@require_safe
def renewals(request: HttpRequest) -> HttpResponse:
    """Show the contracts that end: as a board, a calendar, a list, or past calls beside what came."""
    page, errors = _page(request)
    context = {"page": page, "errors": errors, "query": request.GET, "views": _switch(request, page.view)}
    return render_page(request, "portfolio/renewals.html", context, block="list", status=400 if errors else 200)


def _switch(request: HttpRequest, current: str) -> list[tuple[str, str, bool]]:
    """The views of the page, with the filters as they are."""
    items = []
    for name, label in VIEWS.items():
        query = request.GET.copy()
        for gone in ("after", "sort", "view"):
            query.pop(gone, None)
        if name != "board":
            query["view"] = name
        items.append((str(label), f"{reverse('renewals')}?{query.urlencode()}", name == current))
    return items


def page_has_period(request: HttpRequest) -> bool:
    """Whether the address names the days that it is about."""
    return any(request.GET.get(name) for name in ("period", "due_from", "due_until"))


def _filtered(request: HttpRequest, view: str, on: dt.date) -> tuple[RenewalPageFilters, QuerySet[Renewal]]:
    """What matches the address; a wrong filter matches nothing."""
    query = request.GET.copy()
    if view in PERIOD_OF and not page_has_period(request):
        query["period"] = PERIOD_OF[view]
    shown = Renewal.objects.visible_to(request.user)
    filters = RenewalPageFilters(query, queryset=shown, request=request, on=on)
    owners = [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *owners_to_choose()]
    filters.form.fields["owner"].widget = forms.Select(choices=owners)
    return filters, filters.qs if filters.is_valid() else shown.none()


def _page(request: HttpRequest) -> tuple[RenewalsPage, list[tuple[str | None, str]]]:
    """Read what the chosen view needs, and nothing else."""
    user, organisation = person(request), Organisation.load()
    on, currency = organisation.day_of(now()), organisation.reporting_currency
    view = request.GET.get("view", "board")
    view = view if view in VIEWS else "board"
    filters, rows = _filtered(request, view, on)
    policy = RenewalPolicy.load()
    parts: dict[str, Any] = {}
    summed = rows
    if view == "board":
        summed = board_rows(rows, on)
        parts["board"] = board(rows, on)
    elif view == "calendar":
        summed = rows = rows if page_has_period(request) else calendar_rows(rows, on)
        parts["chart"] = calendar(rows, on, currency)
    elif view == "list":
        sort = request.GET.get("sort", "")
        sort = sort if sort in RENEWAL_SORTS else "due_on"
        found = keyset.page(with_rows(rows), RENEWAL_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE)
        parts |= {"sort": sort, "paging": found, "rows": views_of(found.rows, on)}
    else:
        parts["accuracy"] = call_accuracy(rows, (policy.first_look_days, policy.last_look_days))
        parts["accuracy_title"] = accuracy_title(parts["accuracy"])
    summary = renewal_summary(summed, on)
    if view == "calendar":
        parts["chart_title"] = calendar_title(summary, currency)
    page = RenewalsPage(
        view=view,
        filters=filters,
        summary=summary,
        currency=currency,
        on=on,
        policy=policy,
        may_edit=user.can(Capability.EDIT_REVENUE),
        may_decide=user.can(Capability.ASSIGN_OWNERS),
        may_export=user.can(Capability.EXPORT),
        here=request.get_full_path(),
        applied=sum(any(request.GET.getlist(name)) for name in (*FIRST_FILTERS, *MORE_FILTERS)),
        applied_more=sum(any(request.GET.getlist(name)) for name in MORE_FILTERS),
        **parts,
    )
    return page, error_messages(filters)


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def renewals_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    view, on = request.GET.get("view", "board"), today()
    filters, rows = _filtered(request, view, on)
    if error_messages(filters):
        return renewals(request)
    return answer(_("renewals"), EXPORTED, exported(board_rows(rows, on) if view == "board" else rows, on))


def _seen(request: HttpRequest, renewal_id: int) -> Renewal:
    """Find a renewal that the person may see, with its account's row."""
    return get_visible_or_404(with_rows(Renewal.objects.order_by("pk")), request.user, pk=renewal_id)


@requires(Capability.SEE_MONEY)
@require_safe
def renewal(request: HttpRequest, renewal_id: int) -> HttpResponse:
    """Show one renewal with its calls and their history: at the side, or as a page."""
    return _show(request, _seen(request, renewal_id))


def _show(request: HttpRequest, found: Renewal, form: ForecastForm | None = None, status: int = 200) -> HttpResponse:
    user, organisation = person(request), Organisation.load()
    on = organisation.day_of(now())
    context = {
        "view": views_of([found], on)[0],
        "on": on,
        "currency": organisation.reporting_currency,
        "form": form,
        "needs": needs_of(found.account) if found.is_open else [],
        "history": RenewalCall.objects.filter(renewal=found).select_related("by").order_by("-on", "-pk")[:30],
        "rights": {"edit": user.can(Capability.EDIT_REVENUE), "decide": user.can(Capability.ASSIGN_OWNERS)},
        "choices": {"stages": Renewal.Stage.choices, "calls": Call.choices},
        "place": {"is_sheet": wants_fragment(request), "here": _where(request)},
    }
    return render_page(request, "portfolio/renewal.html", context, block="sheet", status=status)


def _where(request: HttpRequest) -> str:
    """The page that a form of the sheet returns to: the one under it."""
    under = urlsplit(request.headers.get("HX-Current-URL", ""))
    if not wants_fragment(request) or not under.path:
        return request.get_full_path() if request.method == "GET" else request.path
    return f"{under.path}?{under.query}" if under.query else under.path


def _back(request: HttpRequest, found: Renewal) -> HttpResponseRedirect:
    """Return to the page that the form names, if it is one of ours; otherwise to the renewal's."""
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return redirect(page)
    return redirect("renewal", found.pk)


def _said(request: HttpRequest, old: Renewal, new: Renewal, kind: str) -> None:
    """Tell what was called, with an undo."""
    call, amount = getattr(old, f"{kind}_call"), getattr(old, f"{kind}_amount")
    was = {"renewal": old.pk, "kind": kind, "call": call, "amount": None if amount is None else str(amount)}
    words = {"name": old.account.name, "call": Call(getattr(new, f"{kind}_call")).label}
    notify(request, _("%(name)s: %(call)s.") % words, undo=offer_undo(request, "renewal_called", **was))


@requires(Capability.SEE_MONEY, Capability.EDIT_REVENUE)
@require_POST
def renewal_call(request: HttpRequest, renewal_id: int) -> HttpResponse:
    """Say what a renewal will bring: as its CSM, or finally."""
    found, form = _seen(request, renewal_id), CallForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(next(iter(form.errors.values()))[0])
        saved = make_call(renewal=found, by=person(request), at=now(), **form.cleaned_data)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        _said(request, found, saved, form.cleaned_data["kind"])
    return _back(request, found)


@requires(Capability.SEE_MONEY, Capability.EDIT_REVENUE)
@require_POST
def renewal_forecast(request: HttpRequest, renewal_id: int) -> HttpResponse:
    """Correct the forecast of one renewal in its cell; an error stays in the cell."""
    found, form, user = _seen(request, renewal_id), ForecastForm(request.POST), person(request)
    decides = user.can(Capability.ASSIGN_OWNERS) and (found.final_call or found.is_disputed)
    kind = RenewalCall.Kind.FINAL.value if decides else RenewalCall.Kind.CSM.value
    saved = carried_out(form, lambda values: make_call(renewal=found, kind=kind, by=user, at=now(), **values))
    if saved is not None:
        _said(request, found, saved, kind)
        return _back(request, found)
    status = 409 if form.conflict else 422
    if not wants_fragment(request):
        return _show(request, found, form, status)
    context = {
        "view": views_of([found], today())[0],
        "form": form,
        "here": request.POST.get("next", ""),
        "currency": Organisation.load().reporting_currency,
    }
    answer = render_page(request, "portfolio/renewal_cell.html", context, block="cell", status=status)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#forecast-{found.pk}", "outerHTML"
    return answer
