"""How does a person look into an account's score, of today or of any day?"""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.forms.base import day_field
from portfolio.queries.score_page import score_page
from portfolio.views.account_page import head_of, render_tab, seen_account


class CompareForm(forms.Form):
    """The two days between which a change is explained."""

    since = day_field(label=_("From"), required=False)
    until = day_field(label=_("To"), required=False)


@require_safe
def account_health(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show every line of a score, and what moved it between two days."""
    account = seen_account(request, account_id)
    head = head_of(request, account)
    asked = CompareForm(request.GET)
    days = asked.cleaned_data if asked.is_valid() else {}
    page = score_page(head, since=days.get("since"), until=days.get("until"))
    initial = {
        "since": request.GET.get("since") or (page.moves.before.on if page and page.moves else None),
        "until": request.GET.get("until") or (page.score.on if page else None),
    }
    shown = asked if asked.errors else CompareForm(initial=initial)
    context = {"page": page, "compare": shown, "asked": bool(request.GET)}
    how = {"head": head, "block": "score", "status": 400 if asked.errors else 200}
    return render_tab(request, "portfolio/account_health.html", account, "account_health", context, **how)
