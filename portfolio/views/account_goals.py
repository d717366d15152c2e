"""How does a person keep a customer's goals and show what has come of them?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import goals as actions
from accounts.forms.base import carried_out
from accounts.forms.records import GoalForm, MeasurementForm
from accounts.models import BusinessGoal
from accounts.queries.goals import goal_progress
from common.htmx import notify
from common.once import once
from portfolio.views.account_page import (
    edited_account,
    need,
    now,
    person,
    render_form,
    render_tab,
    seen_account,
    today,
)

TAB = "account_goals"


@require_safe
def account_goals(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show each goal with how far it is, before and after going live."""
    account, on = seen_account(request, account_id), today()
    return render_tab(
        request, "portfolio/account_goals.html", account, TAB, {"goals": goal_progress(account, on), "on": on}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@once
def goal_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down a result that the customer wants."""
    account = edited_account(request, account_id)
    form = GoalForm(request.POST or None, person=person(request))
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.add_goal(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("Goal added."))
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add a goal"), submit=_("Add goal"), back=back)


def _goal(request: HttpRequest, goal_id: int) -> BusinessGoal:
    goal = get_object_or_404(BusinessGoal.objects.visible_to(request.user).select_related("account"), pk=goal_id)
    need(request)
    return goal


@require_http_methods(["GET", "HEAD", "POST"])
def goal_edit(request: HttpRequest, goal_id: int) -> HttpResponse:
    """Change a goal."""
    goal = _goal(request, goal_id)
    form = GoalForm(request.POST or None, instance=goal, person=person(request))
    if request.method == "POST":
        saved = carried_out(form, lambda values: actions.update_goal(goal=goal, by=person(request), at=now(), **values))
        if saved is not None:
            notify(request, _("Goal saved."))
            return redirect(TAB, goal.account_id)
    back = reverse(TAB, args=[goal.account_id])
    return render_form(request, form, goal.account, TAB, title=_("Edit goal"), submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def goal_measurement_add(request: HttpRequest, goal_id: int) -> HttpResponse:
    """Write down where a goal stands on a day."""
    goal = _goal(request, goal_id)
    form = MeasurementForm(request.POST or None, person=person(request), initial={"on": today()})
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.measure_goal(goal=goal, by=person(request), at=now(), **values))
        if made is not None:
            notify(request, _("Measurement saved."))
            return redirect(TAB, goal.account_id)
    back = reverse(TAB, args=[goal.account_id])
    title = _("Measure: %(goal)s") % {"goal": goal.name}
    return render_form(request, form, goal.account, TAB, title=title, submit=_("Save"), back=back)


@require_POST
def goal_delete(request: HttpRequest, goal_id: int) -> HttpResponse:
    """Take a goal off the account."""
    goal = _goal(request, goal_id)
    account_id, name = goal.account_id, goal.name
    actions.delete_goal(goal=goal, by=person(request), at=now())
    notify(request, _("Goal deleted: %(goal)s") % {"goal": name})
    return redirect(TAB, account_id)
