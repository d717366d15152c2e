"""What fits the next quarter, by which scenario, and what does each leave out?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_money
from accounts.forms.base import carried_out, status_of
from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.htmx import notify, render_page
from roadmap.actions import planning as actions
from roadmap.forms.planning import QuarterPlanForm
from roadmap.models import QuarterPlan
from roadmap.queries.plan_words import (
    finding,
    gain_over_top,
    obstacle_words,
    proof_words,
    value_words,
    ways_of,
)
from roadmap.queries.planning import needs_of, plans_shown_to, requests_of, unestimated_requests, unserved_accounts

PLAN = Capability.PLAN_ROADMAP
COMPARED = 4
HEADER = (
    "request",
    "state",
    "in_plan",
    "must_have",
    "rank",
    "effort",
    "customers",
    "adds",
    "top",
    "greedy",
    "why_left_out",
)


@requires(PLAN)
@require_safe
def quarter_plans(request: HttpRequest) -> HttpResponse:
    """List the scenarios, and compare those that are ticked."""
    user, organisation = person_of(request), Organisation.load()
    plans = list(plans_shown_to(user)[:100])
    asked = {text for text in request.GET.getlist("plan") if text.isascii() and text.isdigit()}
    compared = [plan for plan in plans if str(plan.pk) in asked][:COMPARED]
    context = {
        "plans": plans,
        "compared": [_summary(plan, _currency(user, organisation)) for plan in compared],
        "beside": _beside(compared),
        "unestimated": unestimated_requests() if user.can(PLAN) else [],
        "ground": _ground(user, organisation),
    }
    return render_page(request, "roadmap/quarter_plans.html", context)


@requires(PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def quarter_plan_new(request: HttpRequest) -> HttpResponse:
    """Begin a scenario."""
    user, on = person_of(request), _today()
    initial = {"starts_on": next_quarter(on), "name": _quarter_name(next_quarter(on))}
    form = QuarterPlanForm(request.POST or None, person=user, initial=initial)
    if request.method == "POST":
        plan = carried_out(form, lambda values: actions.add_plan(by=user, at=timezone.now(), **values))
        if plan:
            actions.start_plan(plan=plan, on=on)
            return redirect("quarter_plan", plan.pk)
    return render_page(request, "roadmap/quarter_plan_new.html", {"form": form}, status=status_of(request, form))


@requires(PLAN)
@require_safe
def quarter_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show what one scenario builds, what it leaves out and why, and who gets nothing by it."""
    user, organisation = person_of(request), Organisation.load()
    plan = get_visible_or_404(QuarterPlan.objects.select_related("made_by"), user, pk=plan_id)
    rows, currency = requests_of(plan), _currency(user, organisation)
    context = {
        "plan": plan,
        "summary": _summary(plan, currency),
        "chosen": [row for row in rows if row.is_in],
        "left": [row for row in rows if not row.is_in],
        "needs": needs_of([row.request_id for row in rows]),
        "unserved": unserved_accounts(plan, user, plan.solved_on or _today()) if rows else [],
        "ground": _ground(user, organisation),
        "worth": lambda value: value_words(plan, value, currency),
    }
    return render_page(request, "roadmap/quarter_plan.html", context, block="plan")


@requires(PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def quarter_plan_edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Change the numbers of a scenario, or make another one of it."""
    user, on = person_of(request), _today()
    plan = get_visible_or_404(QuarterPlan, user, pk=plan_id)
    form = QuarterPlanForm(request.POST or None, person=user, instance=plan)

    def save(values: dict[str, Any]) -> QuarterPlan:
        at = timezone.now()
        if "copy" in request.POST:
            return actions.add_plan(by=user, at=at, **values)
        return actions.change_plan(plan=plan, by=user, at=at, **values)

    if request.method == "POST":
        saved = carried_out(form, save)
        if saved:
            actions.start_plan(plan=saved, on=on)
            return redirect("quarter_plan", saved.pk)
    context = {"plan": plan, "form": form}
    return render_page(request, "roadmap/quarter_plan_edit.html", context, status=status_of(request, form))


@requires(PLAN)
@require_POST
def quarter_plan_choose(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Make a scenario the plan of its quarter."""
    plan = get_visible_or_404(QuarterPlan, request.user, pk=plan_id)
    try:
        actions.choose_plan(plan=plan, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("This is the plan of the quarter now."))
    return redirect("quarter_plan", plan.pk)


@requires(PLAN)
@require_POST
def quarter_plan_delete(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Throw a scenario away."""
    plan = get_visible_or_404(QuarterPlan, request.user, pk=plan_id)
    actions.delete_plan(plan=plan, by=person_of(request), at=timezone.now())
    notify(request, _("The scenario “%(name)s” is gone.") % {"name": plan.name})
    return redirect("quarter_plans")


@requires(PLAN, Capability.EXPORT)
@require_safe
def quarter_plan_export(request: HttpRequest, plan_id: int, kind: str) -> HttpResponseBase:
    """Hand out a scenario as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    plan = get_visible_or_404(QuarterPlan, request.user, pk=plan_id)
    if answer is None:
        raise Http404
    hides_gain = plan.by_value and not sees_money(request.user)
    header = [name for name in HEADER if name != "adds" or not hides_gain]
    return answer(plan.name, header, _cells(plan, hides_gain=hides_gain))


def next_quarter(on: dt.date) -> dt.date:
    """The first day of the quarter of the year after a day's."""
    month = (on.month - 1) // 3 * 3 + 4
    return dt.date(on.year + 1, 1, 1) if month > 12 else dt.date(on.year, month, 1)


def _quarter_name(start: dt.date) -> str:
    return _("Q%(quarter)s %(year)s") % {"quarter": (start.month + 2) // 3, "year": start.year}


def _today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


def _ground(user: User, organisation: Organisation) -> dict[str, Any]:
    return {
        "currency": organisation.reporting_currency,
        "with_money": sees_money(user),
        "may_plan": user.can(PLAN),
        "may_export": user.can(Capability.EXPORT),
        "sees_all": user.visibility == User.Visibility.ALL,
    }


def _currency(user: User, organisation: Organisation) -> str | None:
    """The currency in which amounts are named; None to who may not see money."""
    return organisation.reporting_currency if sees_money(user) else None


def _summary(plan: QuarterPlan, currency: str | None) -> dict[str, Any]:
    """A scenario with what it says in words."""
    return {
        "plan": plan,
        "finding": finding(plan),
        "ways": ways_of(plan),
        "more": gain_over_top(plan, currency),
        "proof": proof_words(plan, currency),
        "obstacle": obstacle_words(plan),
    }


def _beside(plans: list[QuarterPlan]) -> list[tuple[Any, list[bool]]]:
    """The requests that any of some scenarios builds, and which of them do."""
    chosen = [{row.request_id: row for row in requests_of(plan) if row.is_in} for plan in plans]
    every = {pk: row for rows in chosen for pk, row in rows.items()}
    ordered = sorted(every.values(), key=lambda row: (row.rank, row.request_id))
    return [(row, [row.request_id in rows for rows in chosen]) for row in ordered]


def _cells(plan: QuarterPlan, *, hides_gain: bool) -> Iterator[list[Any]]:
    yes, no = _("yes"), _("no")
    for row in requests_of(plan):
        cells = [
            *(row.request.title, row.request.get_state_display(), yes if row.is_in else no, yes if row.is_must else no),
            *(row.rank, row.effort, row.accounts),
        ]
        gain = [] if hides_gain else [row.gain / 100 if plan.by_value else row.gain]
        rest = [yes if row.in_top else no, yes if row.in_greedy else no, row.get_reason_display()]
        yield [*cells, *gain, *rest]
