"""What do the tests of pages share? A book that is there once for a file, read once from the first page to the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from jinja2 import BaseLoader

from accounts.models import Account, User
from common.htmx import jinja
from common.templating import Components
from tests.demo_book import load_whole_book
from tests.pages.html import Element, read
from tests.pages.parts import Marking, unmarked
from tests.pages.reading import Reader, full_account

# Enough that lists have a page of fifty rows.
ACCOUNTS = 60


@dataclass(frozen=True)
class Seen:
    """One page as it was read: its elements tell by which line of a template they came to ask for a part."""

    name: str
    path: str
    marked: bytes

    @cached_property
    def tree(self) -> Element:
        return read(self.marked.decode())

    @cached_property
    def html(self) -> bytes:
        return unmarked(self.marked)

    @cached_property
    def plain(self) -> Element:
        return read(self.html.decode())


def admin() -> Client:
    """Sign an admin in who reads Chinese: there “None” is a word of the machine, and nothing else."""
    client, who = Client(), User.objects.filter(role="admin").order_by("pk")[0]
    User.objects.filter(pk=who.pk).update(language="zh-hans")
    client.force_login(who)
    return client


@pytest.fixture(scope="module")
def book(django_db_setup: None, django_db_blocker: Any) -> Iterator[Account]:
    """Tell the book once for a file; each test works in a savepoint above it. Gives an account with much on it."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        try:
            load_whole_book(ACCOUNTS)
            yield full_account()
        finally:
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


@pytest.fixture(scope="module")
def seen(book: Account, django_db_blocker: Any) -> list[Seen]:
    """Read every page once as an admin, who may open them all."""
    loader = jinja().env.loader
    read_templates_by(Marking(loader))
    try:
        with django_db_blocker.unblock():
            return [Seen(name, path, answer.content) for name, path, answer in Reader(admin(), book).pages()]
    finally:
        read_templates_by(loader)


def read_templates_by(loader: BaseLoader) -> None:
    """Forget the templates that were read, and the components that were found in them."""
    env = jinja().env
    env.loader, env.globals["ui"] = loader, Components(env)
    env.cache.clear()


@pytest.fixture
def reader(db: None, book: Account) -> Reader:
    """Read the book as an admin."""
    return Reader(admin(), book)
