"""What do all pages of playbooks share: who asks, when, and where they go back to?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Organisation, User
from common.errors import Refused
from common.htmx import notify


def now() -> dt.datetime:
    """Read the clock."""
    return timezone.now()


def today() -> dt.date:
    """Read the organisation's day."""
    return Organisation.load().day_of(now())


def person(request: HttpRequest) -> User:
    """Give who asks; strangers never come this far."""
    return cast(User, request.user)


def number_of(text: str | None) -> int | None:
    """Read an id from an address or a form; what is none is nothing."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def next_page(request: HttpRequest, default: str, *args: Any) -> str:
    """The page to go back to, if it is one of ours."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else reverse(default, args=args)


def back(request: HttpRequest, default: str, *args: Any) -> HttpResponseRedirect:
    """Return to the page that the form names; otherwise to one of ours."""
    return redirect(next_page(request, default, *args))


def tried(request: HttpRequest, act: Callable[[], Any]) -> Any:
    """Do it; None and the reason as a message if the action says no."""
    try:
        return act()
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return None
