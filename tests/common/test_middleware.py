"""Does every answer have an id and a private cache rule, and does every session end?"""

import logging

import pytest
import time_machine
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotFound
from django.urls import path

from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
START = "2026-11-23T10:00:00Z"


def page(request):
    return HttpResponse(request.user.name)


@login_not_required
def open_page(_request):
    response = HttpResponse("open")
    response["Cache-Control"] = "max-age=60"
    return response


def sign_out(request):
    logout(request)
    return HttpResponse()


def not_found(_request, exception):
    return HttpResponseNotFound("Not here.")


handler404 = not_found
urlpatterns = [
    path("", page),
    path("open/", open_page),
    path("out/", sign_out),
    path("sign-in/", open_page, name="account_login"),
]


@pytest.fixture
def signed_in(client):
    client.force_login(make_user(name="Ada"))
    return client


def is_signed_in(client) -> bool:
    return client.get("/").status_code == 200


def test_each_answer_has_an_id_of_its_own(client):
    first, second = (client.get("/open/")["X-Request-ID"] for _ in range(2))
    assert first != second
    assert len(first) == 32


@pytest.mark.parametrize(
    ("given", "kept"), [("trace-12345678", True), ("x", False), ("a b\tc" * 3, False), ("é" * 9, False)]
)
def test_the_id_of_a_proxy_is_kept_if_it_is_clean(client, given, kept):
    assert (client.get("/open/", headers={"X-Request-ID": given})["X-Request-ID"] == given) is kept


@pytest.mark.parametrize(
    "address",
    [
        "/a\x00b",
        "/\r\nSet-Cookie:x",
        "/../etc",
        "/a/../b",
        "/a/..",
        "/./a",
        "//evil.example",
        "/\\evil.example",
        "/a\x7f",
    ],
)
def test_addresses_with_tricks_are_not_found_and_redirect_nowhere(client, address):
    response = client.get("/", PATH_INFO=address)
    assert response.status_code == 404
    assert "Location" not in response


@pytest.mark.parametrize("address", ["/open/", "/客户/", "/a..b/", "/a.b/..c"])
def test_honest_addresses_go_their_way(client, address):
    client.force_login(make_user())
    assert client.get("/", PATH_INFO=address.encode().decode("latin-1")).status_code == (
        200 if address == "/open/" else 404
    )


def test_the_log_of_a_trick_is_one_line(client, caplog):
    from common.logs import OneLine

    with caplog.at_level(logging.WARNING):
        client.get("/", PATH_INFO="/x\r\nforged")
    for record in caplog.records:
        assert len(OneLine("{message}", style="{").format(record).splitlines()) == 1
    assert caplog.records


def test_no_cache_keeps_a_page_of_somebody(signed_in):
    response = signed_in.get("/")
    assert response["Cache-Control"] == "no-store, private"
    assert {"Cookie", "Authorization"} <= {part.strip() for part in response["Vary"].split(",")}
    assert signed_in.get("/open/")["Cache-Control"] == "no-store, private"


def test_a_page_for_strangers_may_say_how_long_it_keeps(client):
    assert client.get("/open/")["Cache-Control"] == "max-age=60"
    assert client.get("/")["Cache-Control"] == "no-store, private"


def test_signing_out_empties_the_browser(signed_in):
    assert "Clear-Site-Data" not in signed_in.get("/")
    assert signed_in.get("/out/")["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in signed_in.get("/open/")


def test_an_idle_session_ends(client):
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(make_user())
        assert is_signed_in(client)
        clock.shift(7 * 3600)
        assert is_signed_in(client)
        clock.shift(8 * 3600 + 1)
        assert not is_signed_in(client)


def test_a_session_in_use_ends_after_seven_days(client):
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(make_user())
        for _ in range(7 * 4):
            assert is_signed_in(client)
            clock.shift(6 * 3600)
        clock.shift(1)
        assert not is_signed_in(client)


def test_a_clock_set_back_ends_no_session(client):
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(make_user())
        assert is_signed_in(client)
        clock.shift(-3600)
        assert is_signed_in(client)
        clock.shift(8 * 3600 - 60)
        assert is_signed_in(client)


def test_a_session_is_written_once_a_minute_at_most(client, django_assert_num_queries):
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(make_user())
        client.get("/")
        clock.shift(30)
        with django_assert_num_queries(3):  # the session, the person and the organisation, whose zone the page keeps
            client.get("/")
