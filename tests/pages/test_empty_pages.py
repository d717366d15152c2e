"""Does every page say so where nothing is yet, to each role?"""

from __future__ import annotations

import os

import pytest
from django.test import Client

from tests.factories import make_account, make_user
from tests.pages.html import read
from tests.pages.plain import dead, odd
from tests.pages.reading import Reader

# A whole book and every page of it: python3 run.py walk.
pytestmark = pytest.mark.skipif(not os.environ.get("WALK"), reason="takes long: python3 run.py walk")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["admin", "csm", "cs_manager", "product_manager", "viewer"])
def test_where_nothing_is_yet_every_page_says_so(client: Client, role: str) -> None:
    # In Chinese “None” is a word of the machine, and nothing else.
    client.force_login(make_user(role=role, language="zh-hans"))
    reader = Reader(client, make_account() if role == "admin" else None)

    wrong, count = {}, 0
    for _, path, answer in reader.pages():
        count += 1
        page = read(answer.content.decode())
        if found := [*odd(page), *dead(page)]:
            wrong[path] = found

    assert wrong == {}
    assert count > 10
