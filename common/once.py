"""How is a form that was sent twice, by a double click or the way back, carried out once?"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

FIELD = "form_key"
KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
KEPT_SECONDS = 24 * 3600
RUNNING = ""
# How long the second of two posts waits for the first to say where it led.
TRIES, PAUSE = 30, 0.1


def form_key(request: HttpRequest) -> str:
    """Give the key of a form: a new one for a fresh form, the same one while its errors are mended."""
    sent = request.POST.get(FIELD, "")
    return sent if KEY.fullmatch(sent) else uuid.uuid4().hex


def once(view: View[P]) -> View[P]:
    """Carry out a post with a form's key once; its second post is led where the first one was."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        sent = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not KEY.fullmatch(sent):
            return view(request, *args, **kwargs)
        key = f"form:{request.user.pk}:{sent}"
        if not cache.add(key, RUNNING, KEPT_SECONDS):
            return redirect(_where_it_led(key) or request.get_full_path())
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            cache.delete(key)
            raise
        # A page that is shown once, such as a secret, says where its repetition leads.
        if led := response.get("Location") or response.get("Content-Location"):
            cache.set(key, led, KEPT_SECONDS)
        else:
            cache.delete(key)
        return response

    return guarded


def _where_it_led(key: str) -> Any:
    """Wait for the first post to end, and read where it led."""
    for _attempt in range(TRIES):
        found = cache.get(key)
        if found != RUNNING:
            return found
        time.sleep(PAUSE)
    return None
