"""What do the pages of advocacy share: who asks, which day it is, and where one came from?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import get_visible_or_404
from accounts.forms.base import status_of
from accounts.models import Contact, Organisation, User
from common.errors import Refused
from common.htmx import notify, render_page
from common.once import form_key


def now() -> dt.datetime:
    """Read the clock."""
    return timezone.now()


def today() -> dt.date:
    """Read the organisation's day."""
    return Organisation.load().day_of(now())


def person(request: HttpRequest) -> User:
    """Give who asks; strangers never come this far."""
    return cast(User, request.user)


def seen_contact(request: HttpRequest, contact_id: int) -> Contact:
    """Find a contact whom the person may see; any other is not there."""
    return get_visible_or_404(Contact.objects.select_related("account"), request.user, pk=contact_id)


def next_page(request: HttpRequest, fallback: str) -> str:
    """The page to go back to, if it is one of ours."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else fallback


def person_address(contact_id: int) -> str:
    """The page of one person."""
    return reverse("advocate_person", args=[contact_id])


def attempt(
    request: HttpRequest, act: Callable[[], Any], said: Callable[[Any], str], back: str, *, undo: str = ""
) -> HttpResponseRedirect:
    """Do something, say what came of it or why not, and go back."""
    try:
        done = act()
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, said(done), undo=undo)
    return redirect(back)


def render_form(
    request: HttpRequest, form: Any, *, title: str, submit: str, back: str, meta: str = "", notes: Any = ()
) -> HttpResponse:
    """Answer with a page that holds one form."""
    context = {
        "form": form, "title": title, "submit": submit, "back": back, "meta": meta, "notes": notes,
        "form_key": form_key(request),
    }  # fmt: skip
    return render_page(request, "advocacy/record.html", context, status=status_of(request, form))
