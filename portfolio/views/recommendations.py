"""How does a person put a recommendation aside, and a manager see which rules are right?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common.errors import Refused
from common.forms import attempt
from common.htmx import notify, render_page
from portfolio.actions import recommendations as actions
from portfolio.forms import RecommendationPolicyForm
from portfolio.models import Recommendation, RecommendationPolicy
from portfolio.queries.recommendations import rule_records
from portfolio.views.account_page import edited_account, now, person, today
from portfolio.views.undo import offer_undo

SET = Capability.EDIT_HEALTH


@require_POST
def recommendation_answer(request: HttpRequest, account_id: int) -> HttpResponse:
    """Put a recommendation aside, saying why, with an undo."""
    account = edited_account(request, account_id)
    rule, answer = request.POST.get("rule", "")[:80], request.POST.get("answer", "")
    try:
        found = actions.answer_recommendation(account=account, rule=rule, answer=answer, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        undo = offer_undo(request, "recommendation_answered", recommendation=found.pk)
        notify(request, _words(found.answer) % {"name": account.name, **RecommendationPolicy.load().days}, undo=undo)
    return redirect("today")


def _words(answer: str) -> str:
    return {
        Recommendation.Answer.DONE: _("%(name)s: put aside for %(done)s days."),
        Recommendation.Answer.WRONG: _("%(name)s: noted as wrong; not shown for this reason for %(wrong)s days."),
        Recommendation.Answer.LATER: _("%(name)s: comes back later (days: %(later)s)."),
    }[Recommendation.Answer(answer)]


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def recommendation_rules(request: HttpRequest) -> HttpResponse:
    """Show how often each rule was right, and change the terms."""
    form = RecommendationPolicyForm(request.POST or None, instance=RecommendationPolicy.load())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: actions.change_recommendation_policy(by=person(request), at=now(), **values)):
            notify(request, _("Saved."))
            return redirect("recommendation_rules")
    context = {
        "form": form,
        "records": rule_records(today(), told_to=person(request)),
        "sections": sections(request, "recommendation_rules"),
    }
    return render_page(request, "portfolio/recommendation_rules.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_POST
def recommendation_rule_switch(request: HttpRequest) -> HttpResponse:
    """Switch a rule off, or on again."""
    try:
        rule = actions.switch_rule(
            key=request.POST.get("key", ""), on_again=request.POST.get("on") == "1", by=person(request), at=now()
        )
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Switched on; its record begins anew.") if rule.is_enabled else _("Switched off."))
    return redirect("recommendation_rules")
