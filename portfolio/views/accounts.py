"""Which accounts are there, filtered, sorted, exported?"""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import render_page
from portfolio.views.account_exporting import export_rows
from portfolio.views.account_listing import account_listing


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """Show one page of the account list; a wrong filter shows what is wrong and no rows."""
    user = cast(User, request.user)
    organisation = Organisation.load()
    on = organisation.day_of(timezone.now())
    listing = account_listing(request.GET, user, on, organisation.reporting_currency)
    errors = error_messages(listing.filters)
    context = {
        "listing": listing,
        "errors": errors,
        "query": request.GET,
    }
    return render_page(request, "portfolio/account_list.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def account_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file; who took how much is written down."""
    user = cast(User, request.user)
    at = timezone.now()
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    header, rows, errors = export_rows(request.GET, user, Organisation.load().day_of(at))
    if errors:
        return account_list(request)
    return answer(_("accounts"), header, rows)
