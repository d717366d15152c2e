"""How does a test read all pages? Every address by its name, as a browser without scripts or as htmx would ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client

from accounts.models import Account
from tests.pages.addresses import address, patterns
from tests.pages.html import Element, read


def full_account() -> Account:
    """Find an account that has something on each of its pages."""
    rows = Account.objects.exclude(stage="churned").filter(assignments__user__role="csm", assignments__role="csm")
    return rows.filter(goals__isnull=False, promises__isnull=False, contacts__isnull=False).order_by("pk")[0]


@dataclass
class Reader:
    """Somebody who is signed in, and one account whose pages stand for all."""

    client: Client
    account: Account | None

    def addresses(self) -> dict[str, str]:
        """Name every address that can be filled in from what is there."""
        found = {str(one.name): address(one, self.account) for one in patterns()}
        return {name: path for name, path in sorted(found.items()) if path is not None}

    def ask(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def page(self, path: str) -> Element:
        """Read the whole page."""
        return read(self.ask(path).content.decode())

    def part(self, path: str, target: str) -> Element:
        """Read what htmx would get to swap into a place."""
        headers = {"HX-Request": "true"} | ({"HX-Target": target} if target else {})
        return read(self.ask(path, **headers).content.decode())

    def pages(self) -> Iterator[tuple[str, str, Any]]:
        """Open every page that answers with HTML: its name, its address, the answer."""
        for name, path in self.addresses().items():
            answer = self.client.get(path)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield name, path, answer


def absolute(path: str, link: str) -> str:
    """Follow a link from a page; what comes after # stays in the browser."""
    parts = urlsplit(urljoin(path, link))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def settled(page: Element | None) -> str:
    """Write a page without what differs from visit to visit: the token, and the minute that a form begins with."""
    assert page is not None
    return re.sub(r'"X-CSRFToken": "[^"]*"|value="\d{4}-\d\d-\d\dT\d\d:\d\d"', "", page.inner())
