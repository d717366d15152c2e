"""How does an actor of the matrix ask, and what of the answer is compared?"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection
from django.test import Client

from accounts.models import User
from tests.matrix.table import ACTORS
from tests.matrix.world import CANARY, PASSWORD, World

# Tables that notice a visit: sessions and their last sign of life, the cache, a token's last use; and the audit
# of a file that left, which is a GET like every download.
MAY_NOTICE = ("django_session", '"cache"', "accounts_signin", '"integrations_apitoken" SET "last_used_at"')
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
# What differs between two answers that say the same.
VARIES = (
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'), "csrf"),
    (
        re.compile(r"&quot;X-CSRFToken&quot;: &quot;[^&]*|\"X-CSRFToken\": *\"[^\"]*|csrf-token\" content=\"[^\"]*"),
        "csrf",
    ),
    (re.compile(r"\d\d:\d\d(:\d\d)?"), "time"),
    (re.compile(r"X-Request-ID: \S+|Content-Length: \d+"), "header"),
    (re.compile(r'"request_id": ?"[^"]*"'), "request"),
    (re.compile(r"[0-9a-f]{32,64}|[0-9a-f]{8}-[0-9a-f-]{27}"), "id"),
)


class Asker:
    """Sends requests as each actor, always from the same state of its session."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients: dict[str, Client] = {}
        self.cookies: dict[str, str] = {}
        for actor in ACTORS:
            client = Client(raise_request_exception=False)
            if actor in world.people:
                signed_in = client.post("/sign-in/login/", {"login": f"{actor}@example.com", "password": PASSWORD})
                assert signed_in.status_code == 302, actor
            self.clients[actor] = client
            self.cookies[actor] = client.cookies.output(header="")
        User.objects.filter(pk=world.people["gone"].pk).update(is_active=False)

    def ask(self, actor: str, method: str, url: str, data: Any = None, **headers: str) -> Any:
        """Send one request; a page gets a form, the API gets JSON."""
        client = self.clients[actor]
        client.cookies = SimpleCookie(self.cookies[actor])
        if actor in self.world.tokens:
            headers["Authorization"] = f"Bearer {self.world.tokens[actor]}"
        how: dict[str, Any] = {"headers": headers}
        if method != "GET":
            if url.startswith("/api/") and not isinstance(data, bytes):
                how |= {"data": json.dumps(data or {}), "content_type": "application/json"}
            else:
                how |= {"data": data or {}} if method == "POST" else {}
        return getattr(client, method.lower())(url, **how)


def text_of(answer: Any) -> str:
    """Everything that an answer tells: its headers and its body, a spreadsheet unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return headers + "\n\n" + body.decode("utf-8", "replace")


def canaries(text: str) -> set[tuple[str, int]]:
    """The marks in a text: whose they are and their number."""
    return {(side.lower(), int(number)) for side, number in CANARY.findall(text)}


def settled(text: str, *parts: str) -> str:
    """A text without what differs from request to request, nor some parts that were asked for."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    for part in parts:
        text = text.replace(part, "…")
    return text


@contextmanager
def writes() -> Iterator[list[str]]:
    """List the statements that change rows; those that only notice a visit are left out."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        noticed = any(table in sql for table in MAY_NOTICE) or "list.exported" in (params or ())
        if sql.lstrip().upper().startswith(WRITES) and not noticed:
            seen.append(sql[:160])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen
