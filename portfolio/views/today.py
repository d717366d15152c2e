"""What does a person see first in the morning?"""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organisation, User
from common.htmx import render_page
from portfolio.queries import today as queries
from portfolio.queries.today_team import team_today

LANDING = {
    User.Role.CSM: "today",
    User.Role.CS_MANAGER: "today",
    User.Role.PRODUCT_MANAGER: "roadmap",
    User.Role.ADMIN: "settings_home",
    User.Role.VIEWER: "account_list",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to the page where their role begins the day."""
    return redirect(LANDING[User.Role(cast(User, request.user).role)])


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show who needs this person, why, and what to do."""
    on = Organisation.load().day_of(timezone.now())
    user = cast(User, request.user)
    page = queries.today(user, on)
    team = team_today(user, queries.rows_of_concern(user), on) if page.books else None
    context = {"page": page, "charts": queries.today_charts(page), "team": team}
    return render_page(request, "portfolio/today.html", context)
