"""What do all pages of one account share: who may see it, its head, its forms?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.forms.base import status_of
from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from common.htmx import render_page
from common.once import form_key
from portfolio.queries.account_head import AccountHead, account_head, find_head

# The cookie of the accounts that were opened lately, how many they are, and for how many seconds it is kept.
LATELY, KEPT, LATELY_FOR = "lately", 8, 30 * 24 * 3600


def now() -> dt.datetime:
    """Read the clock."""
    return timezone.now()


def today() -> dt.date:
    """Read the organisation's day."""
    return Organisation.load().day_of(now())


def person(request: HttpRequest) -> User:
    """Give who asks; strangers never come this far."""
    return request.user  # type: ignore[return-value]


def seen_account(request: HttpRequest, account_id: int) -> Account:
    """Find an account that the person may see; any other is not there."""
    return get_object_or_404(Account.objects.visible_to(request.user), pk=account_id)


def need(request: HttpRequest, capability: Capability = Capability.EDIT_ACCOUNTS) -> None:
    """Answer 404 to who has not the right: what one may not use is not there."""
    if not person(request).can(capability):
        raise Http404


def edited_account(request: HttpRequest, account_id: int) -> Account:
    """Find an account that the person may see and change."""
    account = seen_account(request, account_id)
    need(request)
    return account


def back(request: HttpRequest, account_id: int, tab: str) -> HttpResponseRedirect:
    """Return to the page that the form names, if it is one of ours; otherwise to a tab of the account."""
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return redirect(page)
    return redirect(tab, account_id)


def opened_lately(request: HttpRequest) -> list[int]:
    """The accounts that this person opened last in this browser, the last first."""
    owner, _sign, ids = request.COOKIES.get(LATELY, "").partition(":")
    if owner != str(request.user.pk):
        return []
    return [int(one) for one in ids.split(".")[:KEPT] if one.isascii() and one.isdigit() and len(one) < 18]


def _note_opened(request: HttpRequest, response: HttpResponse, account_id: int) -> None:
    """Let the browser remember which account was opened last: a cookie of ids, which costs the server no write."""
    before = opened_lately(request)
    if request.method == "GET" and before[:1] != [account_id]:
        kept = [account_id, *(one for one in before if one != account_id)][:KEPT]
        value = f"{request.user.pk}:{'.'.join(map(str, kept))}"
        response.set_cookie(LATELY, value, max_age=LATELY_FOR, httponly=True, samesite="Lax", secure=settings.HTTPS)


def render_tab(
    request: HttpRequest, template: str, account: Account, tab: str, context: Mapping[str, Any], **how: Any
) -> HttpResponse:
    """Answer with one tab of an account, under its head, which a view that needed it itself hands over."""
    head = how.pop("head", None) or head_of(request, account)
    response = render_page(request, template, {"head": head, "tab": tab, **context}, **how)
    _note_opened(request, response, account.pk)
    return response


def seen_head(request: HttpRequest, account_id: int) -> AccountHead:
    """Find an account that the person may see together with its head, for one query less; any other is not there."""
    organisation = Organisation.load()
    head = find_head(account_id, person(request), organisation.day_of(now()), organisation=organisation)
    if head is None:
        raise Http404
    return head


def head_of(request: HttpRequest, account: Account) -> AccountHead:
    """Read the head of an account for who asks, as of today."""
    organisation = Organisation.load()
    return account_head(account, person(request), organisation.day_of(now()), organisation=organisation)


def render_form(
    request: HttpRequest, form: BaseForm, account: Account, tab: str, *, title: str, submit: str, back: str,
    is_upload: bool = False,
) -> HttpResponse:  # fmt: skip
    """Answer with a page that holds one form of an account."""
    context: dict[str, Any] = {"form": form, "title": title, "submit": submit, "back": back, "is_upload": is_upload}
    context["form_key"] = form_key(request)
    status = status_of(request, form)
    return render_tab(request, "portfolio/account_record.html", account, tab, context, status=status)
