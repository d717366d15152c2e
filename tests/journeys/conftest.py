"""How do the journeys drive a real browser? Debian's Chromium against a live server; a breach of the policy fails."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

pytest.register_assert_rewrite("tests.journeys.hands", "tests.journeys.tasks")

from tests.demo_book import load_whole_book  # noqa: E402
from tests.journeys.book import Visitor, load_book  # noqa: E402
from tests.journeys.walk import SEEN  # noqa: E402
from tests.servers import chromium_program  # noqa: E402

# Playwright runs an event loop in this thread; Django would refuse its database calls beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one browser for all journeys."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root, which is what CI is.
        chromium = playwright.chromium.launch(executable_path=chromium_program(), chromium_sandbox=os.geteuid() != 0)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Open a page in a fresh profile; at the end, what the browser complained of fails the test."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def signed_in_admin(page: Page, client: Client, live_server: LiveServer) -> Page:
    """Open a page as an admin, past the sign-in."""
    user = get_user_model().objects.create_user(email="ada@example.com", name="Ada Admin", role="admin")
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return page


@pytest.fixture(scope="session")
def kept_book() -> Iterator[sqlite3.Connection]:
    """Keep the book beside the database: to tell it again for each story would take longer than the story."""
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as kept:
        yield kept


@pytest.fixture(scope="session")
def kept_whole_book() -> Iterator[sqlite3.Connection]:
    """Keep the whole book beside the database."""
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as kept:
        yield kept


def put_in_place(kept: sqlite3.Connection, load: Callable[[], None]) -> None:
    """Fill the database from what was kept; the first time, load it and keep it."""
    connection.ensure_connection()
    if kept.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        kept.backup(connection.connection)
        return
    load()
    if connection.vendor == "sqlite":
        connection.connection.backup(kept)


@pytest.fixture
def book(live_server: LiveServer, kept_book: sqlite3.Connection) -> LiveServer:
    """Serve a small demo book, as new."""
    put_in_place(kept_book, load_book)
    return live_server


@pytest.fixture
def whole_book(live_server: LiveServer, kept_whole_book: sqlite3.Connection) -> LiveServer:
    """Serve a small demo book with all that follows from it, as new: every page has something on it."""
    put_in_place(kept_whole_book, load_whole_book)
    return live_server


@pytest.fixture
def visitor(browser: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """Let people in; at the end, what a browser complained of fails the test."""
    opened = Visitor(browser, live_server.url)
    yield opened
    assert opened.complaints == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was looked at."""
    if SEEN:
        terminalreporter.write_line(
            "Walked: " + ", ".join(f"{count:,} × {what}" for what, count in sorted(SEEN.items()))
        )
