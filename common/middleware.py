"""What holds for every request: a number of its own, a clean path, sessions that end, answers that no cache keeps?"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from common.logs import REQUEST_ID

Next = Callable[[HttpRequest], HttpResponseBase]

GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,36}", re.ASCII)
# Control characters, backslashes, `//` at the start and `..`: no address of ours has them.
UNCLEAN_PATH = re.compile(r"[\x00-\x1f\x7f\\]|^//|(^|/)\.\.?(/|$)")
TOUCH_EVERY = 60
SINCE, SEEN = "session_since", "session_seen"


class RequestId:
    """Gives each request an id, for the log, the audit trail and the person who reports an error."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the id that a proxy gave, or make one."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        before = REQUEST_ID.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            REQUEST_ID.reset(before)
        response["X-Request-ID"] = request_id
        return response


class CleanPath:
    """Answers 404 for addresses with control characters or tricks, before anything redirects to them."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at the decoded path."""
        if UNCLEAN_PATH.search(request.path_info):
            raise Http404
        return self.get_response(request)


class PrivateAnswers:
    """Keeps answers to people who are signed in out of every cache, and empties the browser's at sign-out."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Mark the answer."""
        was_signed_in = "_auth_user_id" in request.session
        response = self.get_response(request)
        signed_in = "_auth_user_id" in request.session
        personal = was_signed_in or signed_in or "Authorization" in request.headers
        if personal or not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        if personal:
            patch_vary_headers(response, ["Cookie", "Authorization"])
        if was_signed_in and not signed_in:
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SessionLimits:
    """Ends a session that lay idle, or that is old, whatever it did meanwhile."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End the session or note, once a minute at most, that it is in use."""
        if "_auth_user_id" in request.session:
            self._check(request, timezone.now().timestamp())
        return self.get_response(request)

    def _check(self, request: HttpRequest, now: float) -> None:
        """Compare with the two limits. A time in the future means the clock was set back: count from now."""
        session: Any = request.session
        since, seen = session.get(SINCE, now), session.get(SEEN, now)
        if now - since > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
            logout(request)
            return
        if SINCE not in session or since > now:
            session[SINCE] = now
        if SEEN not in session or not 0 <= now - seen < TOUCH_EVERY:
            session[SEEN] = now
