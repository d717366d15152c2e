"""How does a person look at what an account pays, and correct a contract?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.base import carried_out
from accounts.models import Account
from accounts.rules.roles import Capability
from common.htmx import notify
from common.once import once
from portfolio.actions.rows import refresh_rows
from portfolio.queries.revenue_page import revenue_page
from portfolio.views.account_page import need, now, person, render_form, render_tab, seen_account, seen_head, today
from portfolio.views.undo import offer_undo
from revenue import actions
from revenue.forms import ContractLineForm, EndLineForm
from revenue.models import ContractLine, Renewal

TAB = "account_revenue"


@require_safe
def account_revenue(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show what an account pays, how that changed, and what it could still buy."""
    need(request, Capability.SEE_MONEY)
    head = seen_head(request, account_id)
    context = {"revenue": revenue_page(head), "stages": Renewal.Stage.choices}
    return render_tab(request, "portfolio/account_revenue.html", head.account, TAB, context, head=head)


def _line(request: HttpRequest, line_id: int) -> ContractLine:
    """Find a contract line that the person may see and change."""
    need(request, Capability.SEE_MONEY)
    need(request, Capability.EDIT_REVENUE)
    rows = ContractLine.objects.visible_to(request.user).select_related("account", "product")
    return get_object_or_404(rows, pk=line_id)


def _caught_up(account: Account) -> None:
    """Have the head show the new figures at once; the score follows by itself."""
    refresh_rows(on=today(), account_ids=[account.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@once
def contract_line_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down what an account pays for."""
    need(request, Capability.SEE_MONEY)
    need(request, Capability.EDIT_REVENUE)
    account, at = seen_account(request, account_id), now()
    initial = {"currency": account.currency, "starts_on": today()}
    form = ContractLineForm(request.POST or None, person=person(request), initial=initial)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.add_line(account=account, by=person(request), at=at, **values))
        if made is not None:
            _caught_up(account)
            undo = offer_undo(request, "line_added", line=made.pk)
            notify(request, _("Contract line added: %(product)s.") % {"product": made.product.name}, undo=undo)
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add a contract line"), submit=_("Add line"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def contract_line_edit(request: HttpRequest, line_id: int) -> HttpResponse:
    """Correct a contract line; the figures of the past follow."""
    line = _line(request, line_id)
    before = was(line)
    form = ContractLineForm(request.POST or None, instance=line, person=person(request))
    if request.method == "POST":
        saved = carried_out(form, lambda values: actions.change_line(line=line, by=person(request), at=now(), **values))
        if saved is not None:
            _caught_up(line.account)
            notify(
                request, _("Contract line saved."), undo=offer_undo(request, "line_changed", line=line.pk, was=before)
            )
            return redirect(TAB, line.account_id)
    back = reverse(TAB, args=[line.account_id])
    title = _("Correct the line: %(product)s") % {"product": line.product.name}
    return render_form(request, form, line.account, TAB, title=title, submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def contract_line_end(request: HttpRequest, line_id: int) -> HttpResponse:
    """Let a contract line end on a day."""
    line = _line(request, line_id)
    before = was(line)
    form = EndLineForm(request.POST or None, initial={"ends_on": line.ends_on or today(), "notice_on": line.notice_on})
    if request.method == "POST":
        saved = carried_out(form, lambda values: actions.end_line(line=line, by=person(request), at=now(), **values))
        if saved is not None:
            _caught_up(line.account)
            notify(
                request, _("Contract line ended."), undo=offer_undo(request, "line_changed", line=line.pk, was=before)
            )
            return redirect(TAB, line.account_id)
    back = reverse(TAB, args=[line.account_id])
    title = _("End the line: %(product)s") % {"product": line.product.name}
    return render_form(request, form, line.account, TAB, title=title, submit=_("End line"), back=back)


@require_POST
def contract_line_delete(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take away a line that never was, with an undo."""
    line = _line(request, line_id)
    before, account = was(line), line.account
    actions.delete_line(line=line, by=person(request), at=now())
    _caught_up(account)
    undo = offer_undo(request, "line_deleted", account=account.pk, was=before)
    notify(request, _("Contract line deleted."), undo=undo)
    return redirect(TAB, account.pk)


def was(line: ContractLine) -> dict[str, str | int | bool | None]:
    """Copy what a line says, fit for a session."""
    return {
        "product": line.product_id,
        "arr": str(line.arr),
        "currency": line.currency,
        "seats": line.seats,
        "starts_on": line.starts_on.isoformat(),
        "ends_on": line.ends_on.isoformat() if line.ends_on else None,
        "notice_on": line.notice_on.isoformat() if line.notice_on else None,
        "is_payment_failed": line.is_payment_failed,
        "external_id": line.external_id,
    }
