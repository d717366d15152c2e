"""Does this request get the whole page or only the part that htmx will swap in, and what does each know?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input, csrf_token_lazy
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from jinja2_fragments import render_block

from common.figures import answer_figures, drawing, figures_asked
from common.templating import UNDO_TAG

MESSAGES_TEMPLATE = "components/fragments/messages.html"


@dataclass(frozen=True)
class NavItem:
    """One entry of the side bar.

    `icon` names the section or a drawing of `ui.icon`; `key` is the letter after G that opens it.
    """

    name: str
    label: str
    url: str
    current: bool = False
    icon: str = ""
    key: str = ""


@dataclass(frozen=True)
class SavedLink:
    """One saved view in the side bar, the person's own or the team's."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


# What the shell shows when nobody has signed in or no function is configured.
DEFAULTS: Mapping[str, Any] = {
    "nav": (),
    "section_tabs": (),
    "saved_views": (),
    "theme": "system",
    "density": "comfortable",
    "single_keys": True,
    "hidden_panels": (),
    "as_of": None,
    "log_url": None,
    "may_export": False,
}


@lru_cache(maxsize=4)
def _context_function(path: str) -> Any:
    return import_string(path)


def base_context(request: HttpRequest) -> dict[str, Any]:
    """Say what every page knows; also the context processor of pages that Django renders itself."""
    user = getattr(request, "user", None)
    known = dict(DEFAULTS) | {"user": user, "language": get_language() or "en"}
    path = getattr(settings, "MAINSTAY_PAGE_CONTEXT", "")
    if path and user is not None and user.is_authenticated:
        known |= _context_function(path)(request)
    return known


def jinja() -> Jinja2:
    """Give the template engine of our pages."""
    return cast(Jinja2, engines["jinja2"])


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part; a boosted link and a step back in history want the whole page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def notify(request: HttpRequest, text: str, *, undo: str = "", level: int = messages.SUCCESS) -> None:
    """Queue a message for the next answer, with the address that undoes what it tells."""
    messages.add_message(request, level, text, extra_tags=f"{UNDO_TAG}{undo}" if undo else "")


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    block: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page, with its named block when htmx asks for a part, or with the figures of one picture."""
    shell = _request_context(request)
    known = {**shell, **(context or {})}
    with drawing(request, may_export=bool(shell["may_export"])) as drawn:
        html = _drawn_page(request, template, known, block)
    if status == 200 and (asked := figures_asked(request)):
        return cast(HttpResponse, answer_figures(drawn, asked))
    response = HttpResponse(html, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _drawn_page(request: HttpRequest, template: str, known: dict[str, Any], block: str | None) -> str:
    env = jinja().env
    if not block or not wants_fragment(request):
        return env.get_template(template).render(known)
    html: str = render_block(env, template, block, known)
    if len(known["messages"]):
        html += env.get_template(MESSAGES_TEMPLATE).render(known)
    return html


def in_place_of_the_page(response: HttpResponse) -> HttpResponse:
    """Let a whole page that a waiting part receives take the place of the page around it, without loading it anew."""
    for name, value in (("HX-Retarget", "#main"), ("HX-Reselect", "#main"), ("HX-Reswap", "outerHTML")):
        response.headers[name] = value
    return response


def _request_context(request: HttpRequest) -> dict[str, Any]:
    """Run what Django's own render runs: the csrf token and the context processors, which a view may override."""
    known: dict[str, Any] = {
        "request": request,
        # Made when the first form asks for it, and the same for all forms of a page.
        "csrf_input": SimpleLazyObject(partial(csrf_input, request)),
        "csrf_token": csrf_token_lazy(request),
        "messages": messages.get_messages(request),
    }
    for processor in jinja().template_context_processors:
        known.update(processor(request))
    return known
