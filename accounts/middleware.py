"""What does each request know of its person: from where, in which language, still signed in, with a second factor?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import must_set_up_second_factor
from accounts.actions import audit, sign_ins
from accounts.models import Organisation, User
from accounts.models.organisation import OF_REQUEST
from accounts.sign_in import SESSION_SIGN_IN, address_of
from common.export import Taken

Next = Callable[[HttpRequest], HttpResponseBase]
TOUCH_EVERY = 60
API = "/api/"
NOTED = "sign_in_noted"
SAFE = ("GET", "HEAD")
# What somebody may open whose second factor is still missing: setting it up, proving who they are, leaving.
OPEN_WITHOUT_SECOND_FACTOR = ("mfa_", "account_reauthenticate", "account_logout", "set_language", "healthz")


class Address:
    """Lets the audit trail know from where an act came."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the address while this request is answered."""
        before = audit.ADDRESS.set(address_of(request) or None)
        try:
            return self.get_response(request)
        finally:
            audit.ADDRESS.reset(before)


class OwnLanguage:
    """Speaks the language that a person has chosen, and tells the time of the organisation's zone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Switch after Django guessed from cookie and browser; programs get their times in UTC."""
        user = request.user
        if not isinstance(user, User) or request.path.startswith(API):
            return self.get_response(request)
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        organisation = Organisation.load()
        # Whoever asks for it while a page is made takes it from here; what may change it reads it anew.
        read = OF_REQUEST.set(organisation if request.method in SAFE else None)
        try:
            with timezone.override(organisation.zone):
                return self.get_response(request)
        finally:
            OF_REQUEST.reset(read)


class KeepSignIns:
    """Keeps the list of a person's sessions true: last seen, and the key under which Django keeps each."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Note, once a minute at most, that a session is in use; and at once that it got another key."""
        key = request.session.session_key
        response = self.get_response(request)
        session = request.session
        if SESSION_SIGN_IN in session and session.session_key:
            now = timezone.now()
            if session.session_key != key or not 0 <= now.timestamp() - session.get(NOTED, 0) < TOUCH_EVERY:
                session[NOTED] = now.timestamp()
                sign_ins.note_visit(
                    sign_in_id=session[SESSION_SIGN_IN],
                    session_key=session.session_key,
                    address=address_of(request) or None,
                    at=now,
                )
        return response


class Exports:
    """Writes down who took which list away as a file, and how many rows of it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Follow a file to its end, or to where its reader broke off."""
        response = self.get_response(request)
        if (taken := getattr(response, "taken", None)) and isinstance(response, StreamingHttpResponse):
            file = response.get("Content-Disposition", "").rpartition("filename=")[2].strip('"')
            response.streaming_content = self._followed(
                request, cast(Iterable[bytes], response.streaming_content), file, taken
            )
        return response

    @staticmethod
    def _followed(request: HttpRequest, parts: Iterable[bytes], file: str, taken: Taken) -> Iterator[bytes]:
        by = request.user if isinstance(request.user, User) else None
        try:
            yield from parts
        finally:
            # Which filters were set, not their values: those may name a person.
            changes = {"file": file, "rows": taken.rows, "filters": [None, sorted(request.GET)]}
            audit.record(
                "list.exported", by=by, at=timezone.now(), changes=changes, address=address_of(request) or None
            )  # fmt: skip


class SecondFactor:
    """Sends whoever must have a second factor to set one up, before anything else is shown or done."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look only at roles that must have one."""
        if not must_set_up_second_factor(request.user) or self._is_open(request):
            return self.get_response(request)
        if request.path.startswith(API):
            title = _("Your role needs a second factor. Set one up on the pages first.")
            return JsonResponse({"title": title, "status": 403}, status=403, content_type="application/problem+json")
        messages.info(request, _("Your role needs a second factor. Set one up to go on."))
        return HttpResponseRedirect(f"{reverse('mfa_index')}?{urlencode({'next': request.path})}")

    def _is_open(self, request: HttpRequest) -> bool:
        try:
            name = resolve(request.path_info).url_name or ""
        except Resolver404:
            return False
        return name.startswith(OPEN_WITHOUT_SECOND_FACTOR) or request.path.startswith(settings.STATIC_URL)
