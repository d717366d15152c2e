"""What is done for one account?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portfolio.queries.account_playbooks import account_playbooks as read_tab
from portfolio.views.account_page import person, render_tab, seen_account, today


@require_safe
def account_playbooks(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the runs and tasks of an account, and the playbook that it asks for."""
    account, on = seen_account(request, account_id), today()
    context = {"page": read_tab(account, person(request), on), "on": on}
    return render_tab(request, "portfolio/account_playbooks.html", account, "account_playbooks", context)
