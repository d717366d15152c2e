"""How does a person take back what they did, just now or within 30 days?"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import keyset
from common.errors import Refused
from common.htmx import notify, render_page
from common.undo import offer_undo
from portfolio.actions.history import KEPT, take_back
from portfolio.models import Change
from portfolio.queries.history import acts_of
from portfolio.views.account_page import now, person, today

__all__ = ["history", "offer_undo", "undo_change"]
PAGE_SIZE = 50
NEWEST = keyset.Sort("at", descending=True)


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Show what one did within 30 days, with what of it can be taken back."""
    rows = Change.objects.visible_to(request.user).filter(at__gte=now() - KEPT).select_related("account")
    page = keyset.page(rows, NEWEST, cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    context = {"page": page, "acts": acts_of(page.rows), "on": today(), "query": request.GET}
    return render_page(request, "portfolio/history.html", context)


@require_POST
def undo_change(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Take back one act of one's own, once."""
    change = Change.objects.visible_to(request.user).filter(token=token).first()
    try:
        if change is None:
            raise Refused(_("This can no longer be undone."))
        take_back(change=change, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Undone."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page on which the button was, if it is one of ours."""
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return redirect(page)
    return redirect("/")
