"""Who sends the hostile inputs? An admin with one account, so that nothing is refused for want of a right."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from tests.factories import make_account, make_user


@pytest.fixture
def admin() -> User:
    return make_user("admin")


@pytest.fixture
def account(admin: User) -> Account:
    return make_account(admin, name="Acme", external_id="acme")


@pytest.fixture
def browser(admin: User) -> Client:
    """A browser in which the admin is signed in; a crash is an answer and not an exception."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


@pytest.fixture
def send(browser: Client) -> Callable[..., Any]:
    """Send a body to an endpoint: bytes as they are, all else as JSON."""

    def post(path: str, body: Any, content_type: str = "application/json", method: str = "post", **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        # The client's own methods would look the charset up.
        return browser.generic(method.upper(), f"/api/v1/{path}", raw, content_type=content_type, headers=headers)

    return post


def problem(answer: Any, status: int) -> Any:
    """Check that an answer is a problem of this status; gives its body."""
    assert answer.status_code == status, answer.content[:500]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert {"title", "status", "detail", "errors", "request_id"} <= set(body)
    return body
