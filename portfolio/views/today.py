"""What does a person see first in the morning?"""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from common.htmx import render_page
from portfolio.queries import today as queries
from portfolio.queries.first_steps import first_steps
from portfolio.queries.recommendations import rows_of_concern
from portfolio.queries.today_team import team_today

LANDING = {
    User.Role.CSM: "today",
    User.Role.CS_MANAGER: "today",
    User.Role.PRODUCT_MANAGER: "roadmap",
    User.Role.ADMIN: "system_health",
    User.Role.VIEWER: "account_list",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to the page where their role begins the day."""
    user = cast(User, request.user)
    # Whoever sets an empty installation up begins with the first steps.
    if user.can(Capability.IMPORT_BOOK) and not Account.objects.visible_to(user).exists():
        return redirect("today")
    return redirect(LANDING[User.Role(user.role)])


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show who needs this person, why, and what to do."""
    on = Organisation.load().day_of(timezone.now())
    user = cast(User, request.user)
    page = queries.today(user, on)
    team = team_today(user, rows_of_concern(user), on, page.stands) if page.books else None
    context = {"page": page, "charts": queries.today_charts(page), "team": team, "first_steps": first_steps(user)}
    return render_page(request, "portfolio/today.html", context)
