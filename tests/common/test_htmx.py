"""Who gets a page and who a part, and is the message of a change never lost?"""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import URLPattern
from django_htmx.middleware import HtmxDetails

from common.htmx import notify, render_page

# The shell shows what an installation has; these tests need none of it.
urlpatterns: list[URLPattern] = []
pytestmark = pytest.mark.urls(__name__)
TEMPLATE = "errors/in_shell.html"
CONTEXT = {"title": "A title", "text": "A text", "status": 404}


def request(**headers: str) -> HttpRequest:
    made = RequestFactory().get("/", headers=headers)
    made.user = AnonymousUser()
    made.htmx = HtmxDetails(made)
    made._messages = CookieStorage(made)
    return made


def test_a_plain_request_gets_the_page() -> None:
    answer = render_page(request(), TEMPLATE, CONTEXT, block="content", status=404)

    assert answer.status_code == 404
    assert answer.content.startswith(b"<!doctype html>")
    assert "HX-Request" in answer["Vary"]


def test_htmx_gets_the_part_which_is_the_same_as_in_the_page() -> None:
    page = render_page(request(), TEMPLATE, CONTEXT, block="content").content.decode()
    part = render_page(request(**{"HX-Request": "true"}), TEMPLATE, CONTEXT, block="content")

    assert not part.content.startswith(b"<!doctype")
    assert "HX-Request" in part["Vary"]
    assert part.content.decode().strip() in page


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_boosted_link_and_a_step_back_get_the_page(header: str) -> None:
    answer = render_page(request(**{"HX-Request": "true", header: "true"}), TEMPLATE, CONTEXT, block="content")

    assert answer.content.startswith(b"<!doctype html>")


def test_a_part_brings_the_message_with_its_undo() -> None:
    asked = request(**{"HX-Request": "true"})
    notify(asked, "Started on <30> accounts.", undo="/runs/9/undo/")

    html = render_page(asked, TEMPLATE, CONTEXT, block="content").content.decode()

    assert 'hx-swap-oob="beforeend"' in html
    assert "Started on &lt;30&gt; accounts." in html
    assert 'action="/runs/9/undo/"' in html


def test_the_page_keeps_the_browser_strict() -> None:
    html = render_page(request(), TEMPLATE, CONTEXT).content.decode()

    for setting in ('"allowEval":false', '"allowScriptTags":false', '"historyCacheSize":0', '"selfRequestsOnly":true'):
        assert setting in html
    assert "X-CSRFToken" in html
