"""How does a person take back what they did, just now or within 30 days?"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.bulk_runs import outcome_words
from accounts.models import BulkRun
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
        change = take_back(change=change, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        return _undone(request, change)
    return _back(request)


def _undone(request: HttpRequest, change: Change) -> HttpResponseRedirect:
    """Say so; what was done to many rows says to how many, and where a worker takes it back, how far it is."""
    run = BulkRun.objects.visible_to(request.user).filter(pk=change.was.get("run")).select_related("job").first()
    if run is not None and run.is_under_way:
        return redirect("bulk_run", run.pk)
    notify(request, _("%(words)s.") % {"words": outcome_words(run)} if run else _("Undone."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page on which the button was, if it is one of ours."""
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return redirect(page)
    return redirect("/")
