"""What do all pages of requests ask first: who reads, when, and where do they go afterwards?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import get_visible_or_404
from accounts.models import Organisation, User
from common.errors import Refused
from common.htmx import notify
from roadmap.models import FeatureRequest

Result = TypeVar("Result")


def now() -> dt.datetime:
    """Read the clock."""
    return timezone.now()


def today() -> dt.date:
    """Read the organisation's day."""
    return Organisation.load().day_of(now())


def person(request: HttpRequest) -> User:
    """Give who asks; strangers never come this far."""
    return request.user  # type: ignore[return-value]


def seen_request(request: HttpRequest, request_id: int) -> FeatureRequest:
    """Find a request; one that is not there answers 404."""
    rows = FeatureRequest.objects.select_related("module", "feature", "merged_into", "merged_by")
    return get_visible_or_404(rows, request.user, pk=request_id)


def tried(request: HttpRequest, act: Callable[[], Result]) -> Result | None:
    """Do something; a refusal becomes a message, and then nothing is given."""
    try:
        return act()
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return None


def next_page(request: HttpRequest, name: str, *args: Any) -> HttpResponseRedirect:
    """Go back to the page that was named, if it is one of ours; otherwise to another one."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return redirect(page)
    return redirect(name, *args)
