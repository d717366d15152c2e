"""What do the journeys walk through? A small demo book, told up to today, and people who are signed in to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from accounts.models import User
from tests.demo_book import load_book
from tests.journeys.hands import Steps

__all__ = ["Steps", "Visitor", "load_book", "person"]


def person(name: str) -> User:
    """Find one of the demo's people by name."""
    return get_user_model().objects.get(name=name)


class Visitor:
    """Opens browsers for people, and remembers what each browser complained of."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.complaints: list[str] = []

    def _note(self, said: ConsoleMessage) -> None:
        # A form that is refused in words is an answer; the browser calls it a failure.
        if said.type == "error" and "status of 422" not in said.text:
            self.complaints.append(said.text)

    @contextmanager
    def opened(self, **options: object) -> Iterator[BrowserContext]:
        """Open a fresh profile."""
        context = self.browser.new_context(
            **{"base_url": self.url, "viewport": {"width": 1440, "height": 900}, **options}
        )
        context.set_default_timeout(8_000)
        # The first page of all waits until its templates are compiled.
        context.set_default_navigation_timeout(30_000)
        context.on("console", self._note)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        try:
            yield context
        finally:
            context.close()

    @contextmanager
    def signed_in(self, who: User, **options: object) -> Iterator[Page]:
        """Open a page as somebody, past the sign-in."""
        client = Client()
        client.force_login(who)
        kept = client.session
        # They have just proved who they are, as after any sign-in.
        kept["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        kept["account_authentication_methods_user"] = str(who.pk)
        kept.save()
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        with self.opened(**options) as context:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url}])
            yield context.new_page()
