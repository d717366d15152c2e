"""What does a person see when a request cannot be answered: in words, with a way on, and with nothing typed lost?"""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.htmx import DEFAULTS, jinja, render_page, wants_fragment

logger = logging.getLogger(__name__)
API_PREFIX = "/api/"
SECRET_WORDS = ("password", "token", "secret", "code", "csrf", "credential")
MOST_TYPED = 20


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: the address or the form cannot be read."""
    text = _("The address or the form holds something that cannot be read. Go back and try again.")
    return _problem(request, HTTPStatus.BAD_REQUEST, _("This request cannot be read"), text)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403: the person is known and may not do this."""
    text = _("Your role does not allow this. Ask an admin if you need it.")
    return _problem(request, HTTPStatus.FORBIDDEN, _("You may not do this"), text)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404, the same for what is not there and for what is not for this person to see."""
    text = _("It may have been moved or removed, or it is not yours to see. Check the address or search for it.")
    return _problem(request, HTTPStatus.NOT_FOUND, _("This page is not here"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without leaning on anything that may be what failed."""
    title = _("Something went wrong on our side")
    text = _("Nothing you typed was saved by this request. Try again; if it happens again, tell your admin the time.")
    if _is_api(request):
        return _api_problem(HTTPStatus.INTERNAL_SERVER_ERROR, title)
    if _is_htmx(request):
        return HttpResponse(text, status=500, content_type="text/plain; charset=utf-8")
    try:
        return HttpResponse(_slim(title, text), status=500)
    except Exception:  # the error page must never be the second error
        logger.exception("The error page failed")
        return HttpResponse(f"<h1>{escape(title)}</h1><p>{escape(text)}</p>", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form from a page that is too old, and hand back what was typed.

    The text is shown to be copied and is not offered to be sent again with one click: a foreign site could have
    written it.
    """
    text = _("This page is too old. Reload and try again.")
    if _is_api(request):
        return _api_problem(HTTPStatus.FORBIDDEN, text)
    if _is_htmx(request):
        return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
    context = {"title": text, "typed": _typed(request), "reload_url": request.path}
    return HttpResponse(_render_slim("errors/too_old.html", context), status=403)


def _problem(request: HttpRequest, status: HTTPStatus, title: str, text: str) -> HttpResponse:
    if _is_api(request):
        return _api_problem(status, title)
    if _is_htmx(request):
        response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
        patch_vary_headers(response, ["HX-Request"])
        return response
    user = getattr(request, "user", None)
    context = {"title": title, "text": text, "status": int(status)}
    if user is not None and user.is_authenticated:
        return render_page(request, "errors/in_shell.html", context, status=status)
    return HttpResponse(_slim(title, text), status=status)


def _slim(title: str, text: str) -> str:
    return _render_slim("errors/slim.html", {"title": title, "text": text})


def _render_slim(template: str, context: Mapping[str, object]) -> str:
    """Render without context processors: no database, no session, no person."""
    known = dict(DEFAULTS) | {"language": get_language() or "en", "messages": (), **context}
    return jinja().env.get_template(template).render(known)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def _is_htmx(request: HttpRequest) -> bool:
    return wants_fragment(request) or (not hasattr(request, "htmx") and "HX-Request" in request.headers)


def _api_problem(status: HTTPStatus, title: str) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": int(status)}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """List the text of the form with names a person can read; never a password or a code."""
    typed = []
    for name, values in request.POST.lists():
        if any(word in name.lower() for word in SECRET_WORDS):
            continue
        label = name.replace("-", " ").replace("_", " ").strip().capitalize()
        typed += [(label, value) for value in values if isinstance(value, str) and value.strip()]
    return typed[:MOST_TYPED]
