"""How does a person look at an account's use, and write down a ticket, an answer or a milestone?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms.base import carried_out
from common.htmx import notify
from common.once import once
from portfolio.queries.usage_page import depth_of, use_of, voice_of
from portfolio.views.account_page import (
    edited_account,
    need,
    now,
    person,
    render_form,
    render_tab,
    seen_head,
    today,
)
from portfolio.views.undo import offer_undo
from usage import actions
from usage.forms import MilestoneReachedForm, ReadingForm, SurveyAnswerForm, TicketForm
from usage.models import Milestone, Ticket

TAB = "account_usage"
PARTS = ("use", "features", "voice")


@require_safe
def account_usage(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show one part of an account's use: how much, of what, or what it says of it."""
    head = seen_head(request, account_id)
    account = head.account
    part = request.GET.get("part", "")
    part = part if part in PARTS else PARTS[0]
    shown: Any = use_of(head) if part == "use" else depth_of(head) if part == "features" else voice_of(head, now())
    context = {"part": part, "shown": shown}
    return render_tab(request, "portfolio/account_usage.html", account, TAB, context, head=head, block="part")


def _part(account_id: int, part: str) -> str:
    return f"{reverse(TAB, args=[account_id])}?part={part}"


@require_http_methods(["GET", "HEAD", "POST"])
@once
def ticket_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down a call for help."""
    account, at = edited_account(request, account_id), now()
    form = TicketForm(request.POST or None, person=person(request), account=account, initial={"opened_at": at})
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.add_ticket(account=account, by=person(request), at=at, **values)
        )
        if made is not None:
            undo = offer_undo(request, "fact_added", kind="ticket", pk=made.pk)
            notify(request, _("Ticket added."), undo=undo)
            return redirect(_part(account_id, "voice"))
    back = _part(account_id, "voice")
    return render_form(request, form, account, TAB, title=_("Add a ticket"), submit=_("Add ticket"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def ticket_edit(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Correct a ticket, or say when it was resolved."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user).select_related("account"), pk=ticket_id)
    need(request)
    account, at = ticket.account, now()
    form = TicketForm(request.POST or None, instance=ticket, person=person(request), account=account)
    if request.method == "POST":
        saved = carried_out(
            form, lambda values: actions.change_ticket(ticket=ticket, by=person(request), at=at, **values)
        )
        if saved is not None:
            notify(request, _("Ticket saved."))
            return redirect(_part(account.pk, "voice"))
    back = _part(account.pk, "voice")
    return render_form(request, form, account, TAB, title=_("Edit ticket"), submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def survey_answer_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down what a contact answered."""
    account, at = edited_account(request, account_id), now()
    form = SurveyAnswerForm(
        request.POST or None, person=person(request), account=account, initial={"answered_on": today()}
    )
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.add_answer(account=account, by=person(request), at=at, **values)
        )
        if made is not None:
            undo = offer_undo(request, "fact_added", kind="answer", pk=made.pk)
            notify(request, _("Answer added."), undo=undo)
            return redirect(_part(account_id, "voice"))
    back = _part(account_id, "voice")
    return render_form(request, form, account, TAB, title=_("Add an answer"), submit=_("Add answer"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_reach(request: HttpRequest, account_id: int) -> HttpResponse:
    """Say on which day a milestone was reached."""
    account, at = edited_account(request, account_id), now()
    asked = request.GET.get("milestone", "")
    initial = {"on": today(), "milestone": asked if asked.isascii() and asked.isdigit() and len(asked) < 18 else None}
    form = MilestoneReachedForm(request.POST or None, person=person(request), account=account, initial=initial)
    if request.method == "POST":
        reached = account.milestones_reached
        known = set(reached.values_list("milestone", flat=True))
        made = carried_out(
            form, lambda values: actions.reach_milestone(account=account, by=person(request), at=at, **values)
        )
        if made is not None:
            is_new = made.milestone_id not in known
            undo = offer_undo(request, "fact_added", kind="milestone", pk=made.pk) if is_new else ""
            name = Milestone.objects.get(pk=made.milestone_id).name
            notify(request, _("Milestone reached: %(name)s.") % {"name": name}, undo=undo)
            return redirect(_part(account_id, "features"))
    back = _part(account_id, "features")
    return render_form(request, form, account, TAB, title=_("Milestone reached"), submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def reading_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down what a metric read."""
    account, at = edited_account(request, account_id), now()
    form = ReadingForm(request.POST or None, person=person(request), account=account, initial={"on": today()})
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.set_reading(account=account, by=person(request), at=at, **values)
        )
        if made is not None:
            notify(request, _("Reading saved."))
            return redirect(_part(account_id, "features"))
    back = _part(account_id, "features")
    return render_form(request, form, account, TAB, title=_("Add a reading"), submit=_("Save"), back=back)
