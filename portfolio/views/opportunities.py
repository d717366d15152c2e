"""How does a person write down a chance to expand, correct it, move it along and end it?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.forms.base import carried_out
from accounts.models import Account
from accounts.queries.accounts import owner_of
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify
from common.money import parse_decimal
from common.once import once
from portfolio.views.account_page import back, now, person, render_form, seen_account, today
from portfolio.views.undo import offer_undo
from revenue import actions
from revenue.forms import LoseForm, NewOpportunityForm, OpportunityForm, WinForm
from revenue.models import Opportunity
from revenue.rules.expansion import quarter_start

TAB = "account_revenue"
NEEDED = (Capability.SEE_MONEY, Capability.EDIT_REVENUE)


def _opportunity(request: HttpRequest, opportunity_id: int) -> Opportunity:
    """Find an opportunity that the person may see."""
    rows = Opportunity.objects.visible_to(request.user).select_related("account", "owner", "product")
    return get_object_or_404(rows, pk=opportunity_id)


def _initial(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What a new one begins with: the account's currency and owner, and what the address proposes."""
    on, asked = today(), request.GET
    initial: dict[str, Any] = {
        "currency": account.currency,
        "owner": owner_of(account, on),
        "expected_on": quarter_start(on, 1),
    }
    if asked.get("kind") in Opportunity.Kind.values:
        initial["kind"] = asked["kind"]
    product = asked.get("product", "")
    if product.isascii() and product.isdigit() and len(product) < 18:
        initial["product"] = int(product)
    try:
        amount = parse_decimal(asked.get("arr", ""), "ARR", minimum=Decimal("0.01"))
    except Refused:
        return initial
    return initial | {"arr": f"{amount.normalize():f}"} | (
        {"currency": asked["currency"]} if asked.get("currency") else {}
    )  # fmt: skip


@requires(*NEEDED)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def opportunity_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down what an account may buy more of."""
    account = seen_account(request, account_id)
    form = NewOpportunityForm(request.POST or None, person=person(request), initial=_initial(request, account))
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.create_opportunity(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("Opportunity added: %(kind)s.") % {"kind": made.get_kind_display()})
            return redirect(reverse(TAB, args=[account_id]) + "#opportunities")
    title, leave = _("Add an opportunity"), reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=title, submit=_("Add opportunity"), back=leave)


@requires(*NEEDED)
@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_edit(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Correct what is known of an opportunity."""
    found = _opportunity(request, opportunity_id)
    form = OpportunityForm(request.POST or None, instance=found, person=person(request))
    if request.method == "POST":
        saved = carried_out(
            form,
            lambda values: actions.change_opportunity(opportunity=found, by=person(request), at=now(), **values),
        )
        if saved is not None:
            notify(request, _("Opportunity saved."))
            return redirect(reverse(TAB, args=[found.account_id]) + "#opportunities")
    title = _("Edit the opportunity: %(kind)s") % {"kind": found.get_kind_display()}
    leave = reverse(TAB, args=[found.account_id])
    return render_form(request, form, found.account, TAB, title=title, submit=_("Save"), back=leave)


@requires(*NEEDED)
@require_POST
def opportunity_advance(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Move an opportunity to another open stage, with an undo, and go back to where one was."""
    found = _opportunity(request, opportunity_id)
    before = found.stage
    try:
        moved = actions.advance_opportunity(
            opportunity=found, stage=request.POST.get("stage", ""), by=person(request), at=now()
        )
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return back(request, found.account_id, TAB)
    was_open = before in Opportunity.OPEN and before != moved.stage
    undo = offer_undo(request, "opportunity_advanced", opportunity=moved.pk, stage=before) if was_open else ""
    notify(request, _("Opportunity: %(stage)s.") % {"stage": moved.get_stage_display()}, undo=undo)
    return back(request, found.account_id, TAB)


@requires(*NEEDED)
@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_win(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Say on which day an opportunity was won; the contract line is written next."""
    found = _opportunity(request, opportunity_id)
    form = WinForm(request.POST or None, initial={"won_on": today()})
    if request.method == "POST":
        won = carried_out(
            form, lambda values: actions.win_opportunity(opportunity=found, by=person(request), at=now(), **values)
        )
        if won is not None:
            notify(request, _("Won. Add the contract line, so that ARR and the target follow."))
            return redirect(reverse(TAB, args=[found.account_id]) + "#opportunities")
    title = _("Won: %(kind)s") % {"kind": found.get_kind_display()}
    leave = reverse(TAB, args=[found.account_id])
    return render_form(request, form, found.account, TAB, title=title, submit=_("Mark as won"), back=leave)


@requires(*NEEDED)
@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_lose(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Say why an opportunity was lost."""
    found = _opportunity(request, opportunity_id)
    form = LoseForm(request.POST or None)
    if request.method == "POST":
        lost = carried_out(
            form, lambda values: actions.lose_opportunity(opportunity=found, by=person(request), at=now(), **values)
        )
        if lost is not None:
            notify(request, _("Opportunity lost: %(reason)s.") % {"reason": lost.get_lost_reason_display()})
            return redirect(reverse(TAB, args=[found.account_id]) + "#opportunities")
    title = _("Lost: %(kind)s") % {"kind": found.get_kind_display()}
    leave = reverse(TAB, args=[found.account_id])
    return render_form(request, form, found.account, TAB, title=title, submit=_("Mark as lost"), back=leave)
