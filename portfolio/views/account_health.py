"""How does a person look into an account's score, of today or of any day, and put their own word beside it?"""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.base import carried_out, day_field
from accounts.models import Organisation
from common.errors import Refused
from common.htmx import notify
from common.once import once
from health import actions
from health.forms.overrides import OverrideForm
from health.models import HealthOverride
from health.queries.open_warnings import warnings_of
from health.queries.track_record_page import rule_lines
from portfolio.queries.overview import family_view
from portfolio.queries.score_page import overrides_view, score_page
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

TAB = "account_health"


class CompareForm(forms.Form):
    """The day whose score is shown, and the two days between which a change is explained."""

    on = day_field(label=_("Score of"), required=False)
    since = day_field(label=_("From"), required=False)
    until = day_field(label=_("To"), required=False)


@require_safe
def account_health(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show every line of a score, and what moved it between two days."""
    head = seen_head(request, account_id)
    account = head.account
    asked = CompareForm(request.GET)
    days = asked.cleaned_data if asked.is_valid() else {}
    page = score_page(head, on=days.get("on"), since=days.get("since"), until=days.get("until"))
    initial = {
        "on": request.GET.get("on") or (page.score.on if page else None),
        "since": request.GET.get("since") or (page.moves.before.on if page and page.moves else None),
        "until": request.GET.get("until") or (page.score.on if page else None),
    }
    context = {
        "page": page,
        "compare": asked if asked.errors else CompareForm(initial=initial),
        "asked": bool(request.GET),
        "overrides": overrides_view(account, head.on),
        "family": family_view(head, person(request)) if head.children and page and page.is_newest else None,
        "warnings": warnings_of(account) if head.warning_count else [],
        "records": rule_lines() if head.warning_count else {},
    }
    how = {"head": head, "block": "score", "status": 400 if asked.errors else 200}
    return render_tab(request, "portfolio/account_health.html", account, TAB, context, **how)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def override_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Set the band of an account by hand for a while."""
    account = edited_account(request, account_id)
    ends_on = today() + dt.timedelta(days=Organisation.load().override_days)
    form = OverrideForm(request.POST or None, person=person(request), initial={"ends_on": ends_on})
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.set_override(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _text("The band is set by hand. The computed score stays beside it."))
            return redirect(reverse(TAB, args=[account_id]) + "#override")
    back = reverse(TAB, args=[account_id])
    title = _text("Set the band by hand")
    return render_form(request, form, account, TAB, title=title, submit=_text("Set band"), back=back)


@require_POST
def override_end(request: HttpRequest, override_id: int) -> HttpResponse:
    """End an override today."""
    override = get_object_or_404(HealthOverride.objects.visible_to(request.user), pk=override_id)
    need(request)
    try:
        actions.end_override(override=override, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _text("The override has ended. The computed band shows again."))
    return redirect(TAB, override.account_id)
