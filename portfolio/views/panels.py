"""How does a person shape a page: hide a panel, show all, put the first steps away, remove the sample?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import confirm_identity, requires
from accounts.actions.panels import hide_panel, show_panels
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify
from portfolio.actions.sample import ask_to_remove_sample
from portfolio.views.account_page import now, person


@require_POST
def panel_hide(request: HttpRequest) -> HttpResponse:
    """Put a panel out of sight."""
    try:
        hide_panel(key=request.POST.get("key", ""), by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Hidden. “Show all” at the foot of the page brings it back."))
    return _back(request)


@require_POST
def panels_show(request: HttpRequest) -> HttpResponse:
    """Bring all panels of a page back."""
    show_panels(page=request.POST.get("page", "")[:40], by=person(request), at=now())
    return _back(request)


@requires(Capability.MANAGE_SETTINGS)
@require_POST
@confirm_identity
def sample_remove(request: HttpRequest) -> HttpResponse:
    """Remove the sample book, in the background."""
    try:
        ask_to_remove_sample(by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("The sample data is being removed. That takes a minute or two."))
    return redirect("today")


def _back(request: HttpRequest) -> HttpResponseRedirect:
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return redirect(page)
    return redirect("home")
