"""How does an admin see whether all is well with the installation?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common.htmx import render_page
from portfolio.queries import system as queries


@requires(Capability.MANAGE_SETTINGS)
@require_safe
def system_health(request: HttpRequest) -> HttpResponse:
    """Show what arrives and how old it is, what waits and failed, who is unprotected, what is backed up and kept."""
    context = {
        "system": queries.system_health(timezone.now()),
        "sections": sections(request, "system_health"),
    }
    return render_page(request, "portfolio/system_health.html", context)
