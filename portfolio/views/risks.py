"""How does a person keep the risk register?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Organisation
from accounts.rules.roles import Capability
from common import keyset
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import notify, render_page, wants_fragment
from common.once import once
from common.tables import Column
from portfolio.filters import RISK_SORTS, RiskPageFilters
from portfolio.forms import RiskCloseForm, RiskForm, RiskUpdateForm
from portfolio.queries.risk_matrix import risk_matrix
from portfolio.queries.risks import EXPORTED, exported_risks, risk_sums, risk_views, with_account_rows
from portfolio.queries.rows import owners_to_choose, visible_rows
from portfolio.views.account_page import now, person, render_form, seen_account, today
from portfolio.views.undo import offer_undo
from revenue import actions
from revenue.models import Risk

COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("kind", gettext_lazy("Type")),
    Column("reason", gettext_lazy("Reason")),
    Column("arr_at_risk", gettext_lazy("ARR at risk"), sort="arr_at_risk", align="end", first="down"),
    Column("update_due_on", gettext_lazy("Next update"), sort="update_due_on"),
    Column("opened_on", gettext_lazy("Opened"), sort="opened_on"),
    Column("owner", gettext_lazy("Owner")),
    Column("state", gettext_lazy("State")),
)
FIRST_FILTERS = ("q", "owner", "kind", "state", "overdue")
MORE_FILTERS = ("tier", "opened_from", "opened_until")
PAGE_SIZE = 50
# Two forms stand on one page, with fields of the same names.
CLOSING = "close_%s"


def _filtered(request: HttpRequest) -> tuple[RiskPageFilters, QuerySet[Risk]]:
    """What matches the address: open ones, unless it says otherwise."""
    query = request.GET.copy()
    query.setdefault("state", Risk.State.OPEN)
    shown = Risk.objects.visible_to(request.user)
    filters = RiskPageFilters(query, queryset=shown, request=request, on=today())
    owners = [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *owners_to_choose()]
    filters.form.fields["owner"].widget = forms.Select(choices=owners)
    return filters, filters.qs if filters.is_valid() else shown.none()


@requires(Capability.SEE_MONEY)
@require_safe
def risk_register(request: HttpRequest) -> HttpResponse:
    """Show the risks, those first whose update is due first."""
    organisation, user = Organisation.load(), person(request)
    on = organisation.day_of(now())
    filters, rows = _filtered(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in RISK_SORTS else "update_due_on"
    found = keyset.page(with_account_rows(rows), RISK_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    count = rows.count()
    errors = error_messages(filters)
    context = {
        "filters": {"form": filters.form, "first": FIRST_FILTERS, "more": MORE_FILTERS, **_applied(request)},
        "errors": errors,
        "query": request.GET,
        "risks": risk_views(found.rows, on),
        "sums": risk_sums(rows, on),
        "table": {
            "columns": [column.in_words() for column in COLUMNS],
            "sort": sort,
            "page": found,
            "count": ngettext("%(num)s risk", "%(num)s risks", count) % {"num": count},
        },
        "money": {"currency": organisation.reporting_currency, "on": on},
        "may_export": user.can(Capability.EXPORT),
        "matrix": None
        if wants_fragment(request)
        else risk_matrix(visible_rows(user), organisation.reporting_currency, on),
    }
    return render_page(request, "portfolio/risk_register.html", context, block="list", status=400 if errors else 200)


def _applied(request: HttpRequest) -> dict[str, int]:
    """How many filters are set, above the list and behind “More filters”."""
    first, more = (sum(any(request.GET.getlist(name)) for name in names) for names in (FIRST_FILTERS, MORE_FILTERS))
    return {"applied": first + more, "applied_more": more}


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def risk_register_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    filters, rows = _filtered(request)
    if error_messages(filters):
        return risk_register(request)
    return answer(_("risks"), EXPORTED, exported_risks(rows, today()))


@requires(Capability.SEE_MONEY, Capability.EDIT_REVENUE)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def risk_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Put a risk of an account into the register."""
    account, at, user = seen_account(request, account_id), now(), person(request)
    form = RiskForm(request.POST or None, account=account, person=user)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.open_risk(account=account, by=user, at=at, **values))
        if made is not None:
            undo = offer_undo(request, "risk_opened", risk=made.pk)
            notify(request, _("Risk noted: %(name)s.") % {"name": account.name}, undo=undo)
            return redirect("account_revenue", account_id)
    back = reverse("account_revenue", args=[account_id])
    return render_form(
        request, form, account, "account_revenue", title=_("Add a risk"), submit=_("Add risk"), back=back
    )


def _seen(request: HttpRequest, risk_id: int) -> Risk:
    """Find a risk that the person may see."""
    return get_visible_or_404(with_account_rows(Risk.objects.order_by("pk")), request.user, pk=risk_id)


@requires(Capability.SEE_MONEY)
@require_safe
def risk(request: HttpRequest, risk_id: int) -> HttpResponse:
    """Show a risk with all that was said of it."""
    return _show(request, _seen(request, risk_id))


def _show(
    request: HttpRequest, found: Risk, update: forms.Form | None = None, close: forms.Form | None = None
) -> HttpResponse:
    organisation = Organisation.load()
    on = organisation.day_of(now())
    form: Any = update or close
    may_edit = person(request).can(Capability.EDIT_REVENUE)
    context = {
        "view": risk_views([found], on)[0],
        "updates": found.updates.select_related("by"),
        "form": form,
        "forms": {
            "say": update or RiskUpdateForm(initial={"version": found.version}),
            "end": close or RiskCloseForm(initial={"version": found.version}, auto_id=CLOSING),
        },
        "may_edit": may_edit and found.is_open,
        "may_reopen": may_edit and not found.is_open,
        "money": {"currency": organisation.reporting_currency, "on": on},
    }
    status = status_of(request, form) if form is not None else 200
    return render_page(request, "portfolio/risk.html", context, status=status)


@requires(Capability.SEE_MONEY, Capability.EDIT_REVENUE)
@require_POST
def risk_update(request: HttpRequest, risk_id: int) -> HttpResponse:
    """Say how a risk stands."""
    found, form = _seen(request, risk_id), RiskUpdateForm(request.POST)
    saved = carried_out(form, lambda values: actions.update_risk(risk=found, by=person(request), at=now(), **values))
    if saved is None:
        return _show(request, found, update=form)
    notify(request, _("Update noted."))
    return redirect("risk", risk_id)


@requires(Capability.SEE_MONEY, Capability.EDIT_REVENUE)
@require_POST
def risk_close(request: HttpRequest, risk_id: int) -> HttpResponse:
    """Take a risk off the register, with an undo."""
    found, form = _seen(request, risk_id), RiskCloseForm(request.POST, auto_id=CLOSING)
    saved = carried_out(form, lambda values: actions.close_risk(risk=found, by=person(request), at=now(), **values))
    if saved is None:
        return _show(request, found, close=form)
    notify(request, _("Risk closed."), undo=offer_undo(request, "risk_closed", risk=found.pk))
    return redirect("risk_register")


@requires(Capability.SEE_MONEY, Capability.EDIT_REVENUE)
@require_POST
def risk_reopen(request: HttpRequest, risk_id: int) -> HttpResponse:
    """Put a closed risk back into the register."""
    found = _seen(request, risk_id)
    try:
        actions.reopen_risk(risk=found, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Risk reopened."))
    return redirect("risk", risk_id)
