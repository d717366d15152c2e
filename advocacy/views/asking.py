"""What do the pages of case studies, sessions and referrals share: choosing an account, acting, files?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Account
from accounts.queries.accounts import search_accounts
from advocacy.views.base import now, person, render_form, today
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.htmx import notify, render_page

__all__ = ["account_step", "back_to", "done_or_refused", "file_response", "now", "person", "render_form", "today"]

# Accounts that a search for one shows at once.
FOUND = 12


def back_to(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Return to the page that the form names, if it is one of ours; else to the address given."""
    page = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return redirect(page if safe else otherwise)


def done_or_refused(request: HttpRequest, act: Callable[[], Any], said: Callable[[Any], tuple[str, str]]) -> None:
    """Act, and tell what was done with the address that undoes it; or tell why not."""
    try:
        made = act()
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        words, undo = said(made)
        notify(request, words, undo=undo)


def account_step(request: HttpRequest, *, title: str, back: str, leads_to: Callable[[Account], str]) -> HttpResponse:
    """Ask first with which account: a search whose answers lead on."""
    asked = request.GET.get("q", "")[:200]
    found = search_accounts(Account.objects.visible_to(request.user), asked)
    rows = list((found if asked else found.order_by("name", "pk"))[:FOUND])
    links = [(account, leads_to(account)) for account in rows]
    context = {"title": title, "back": back, "asked": asked, "found": links}
    return render_page(request, "advocacy/account_step.html", context, block="found")


def file_response(kind: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """Answer with rows as a CSV or Excel file; another kind of file is not there."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    return answer(name, header, rows)
