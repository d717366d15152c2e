"""How does a person take back what they just did?"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.errors import Refused
from common.htmx import notify
from common.undo import KEPT, offer_undo
from portfolio.actions.undo import undo
from portfolio.views.account_page import now, person

__all__ = ["offer_undo", "undo_change"]


@require_POST
def undo_change(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Take back one act of this session, once."""
    kept = dict(request.session.get(KEPT, {}))
    found = kept.pop(str(token), None)
    request.session[KEPT] = kept
    if found is None:
        notify(request, _("This can no longer be undone."), level=messages.ERROR)
        return _back(request)
    try:
        undo(found["step"], found["was"], by=person(request), at=now())
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
