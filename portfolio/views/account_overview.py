"""What does a person see who opens an account, and how do they move its renewal along?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify
from portfolio.actions.recommendations import take_recommendation
from portfolio.actions.rows import refresh_rows
from portfolio.queries.entry_titles import entry_title
from portfolio.queries.overview import overview
from portfolio.views.account_page import back, need, now, person, render_tab, seen_head, today
from portfolio.views.account_timeline import ICONS
from portfolio.views.undo import offer_undo
from revenue.actions import advance_renewal
from revenue.models import Renewal


@require_safe
def account_overview(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the overview of an account: how it fares, why, and what to do next."""
    head = seen_head(request, account_id)
    context = {"overview": overview(head, person(request)), "icons": ICONS, "title_of": entry_title}
    return render_tab(request, "portfolio/account_overview.html", head.account, "account_overview", context, head=head)


@require_POST
def renewal_advance(request: HttpRequest, renewal_id: int) -> HttpResponse:
    """Move the talks about a renewal to another stage, with an undo, and go back to where one was."""
    need(request, Capability.EDIT_REVENUE)
    renewal = get_object_or_404(Renewal.objects.visible_to(request.user), pk=renewal_id)
    before, stage = renewal.stage, request.POST.get("stage", "")
    try:
        renewal = advance_renewal(renewal=renewal, stage=stage, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return back(request, renewal.account_id, "account_overview")
    refresh_rows(on=today(), account_ids=[renewal.account_id])
    take_recommendation(account=renewal.account, by=person(request), at=now())
    undo = offer_undo(request, "renewal_advanced", renewal=renewal.pk, stage=before) if before != renewal.stage else ""
    notify(request, _("Renewal: %(stage)s.") % {"stage": renewal.get_stage_display()}, undo=undo)
    return back(request, renewal.account_id, "account_overview")
