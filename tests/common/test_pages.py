"""Are refusals told in words, in the form that the asker reads, and without losing what was typed?"""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from common import pages


def request(path: str = "/accounts/", data: dict[str, str] | None = None, *, htmx: bool = False) -> HttpRequest:
    factory, headers = RequestFactory(), {"HX-Request": "true"} if htmx else {}
    made = factory.post(path, data, headers=headers) if data is not None else factory.get(path, headers=headers)
    made.user = AnonymousUser()
    made.htmx = HtmxDetails(made)
    made._messages = CookieStorage(made)
    return made


@pytest.mark.parametrize(
    ("view", "status"),
    [(pages.bad_request, 400), (pages.forbidden, 403), (pages.not_found, 404), (pages.server_error, 500)],
)
def test_an_error_speaks_the_language_of_the_asker(view: Callable[[HttpRequest], HttpResponse], status: int) -> None:
    page = view(request())
    part = view(request(htmx=True))
    api = view(request("/api/v1/accounts/"))

    assert (page.status_code, part.status_code, api.status_code) == (status, status, status)
    assert b"<h1>" in page.content
    assert part["Content-Type"].startswith("text/plain")
    assert api["Content-Type"] == "application/problem+json"


def test_the_page_for_a_failure_needs_no_middleware() -> None:
    bare = RequestFactory().get("/")

    assert pages.server_error(bare).status_code == 500
    assert pages.not_found(bare).status_code == 404


def test_a_form_from_an_old_page_gives_back_what_was_typed() -> None:
    typed = {
        "csrfmiddlewaretoken": "t0ken",
        "next_step": "Call <Ana> on Monday",
        "new_password": "correct horse",
        "empty": " ",
    }
    answer = pages.csrf_failure(request("/notes/new/", typed))
    html = answer.content.decode()

    assert answer.status_code == 403
    assert "This page is too old. Reload and try again." in html
    assert "Call &lt;Ana&gt; on Monday" in html
    assert "Next step" in html
    assert 'href="/notes/new/"' in html
    for secret in ("t0ken", "correct horse"):
        assert secret not in html


def test_an_old_page_never_offers_to_send_foreign_text_again() -> None:
    html = pages.csrf_failure(request("/notes/new/", {"note": "x"})).content.decode()

    assert "<form" not in html


def test_htmx_and_the_api_are_told_in_a_line() -> None:
    part = pages.csrf_failure(request("/notes/new/", {"note": "x"}, htmx=True))
    api = pages.csrf_failure(request("/api/v1/notes/", {"note": "x"}))

    assert part.content.decode() == "This page is too old. Reload and try again."
    assert api["Content-Type"] == "application/problem+json"
