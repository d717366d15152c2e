"""Rows 91–93 and 97: does any text that people write come alive on a page, in a file or in a spreadsheet?"""

from __future__ import annotations

import csv
import io
import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Attachment, ImplementationRecord, TimelineEntry
from common.text import markdown
from portfolio.actions.rows import refresh_rows
from tests.factories import make_account
from tests.matrix.asking import Asker
from tests.matrix.table import pk_of, routes
from tests.matrix.world import build_world

pytestmark = pytest.mark.django_db

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    '" hx-get="//evil.example',
    "</title><script>alert(1)//",
    "</textarea><script>alert(1)//",
    "--><script>alert(1)//",
    "{{7*7}}{%debug%}",
    "javascript:alert(1)//",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/a.png)",
    "<iframe srcdoc=x>",
    "<a href=javascript:alert(1)>x",
    "<base href=//evil.example>",
    '"><form action=//evil.example>',
    "<style>@import'//evil.example'",
    "<svg><use href=//evil.example#x>",
    "<math><mi xlink:href=javascript:alert(1)>",
]
FORBIDDEN_TAGS = {"iframe", "object", "embed", "base", "style", "math", "applet", "frame"}
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset", "background"}


class Alive(HTMLParser):
    """Lists what in a page would run, or would fetch something from elsewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN_TAGS or (tag == "script" and not (dict(attrs).get("src") or "").startswith("/static/")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            text = re.sub(r"[\x00-\x20]", "", value or "").lower()
            # A mail's subject and text are words; only to whom it goes leads somewhere.
            place = text.partition("?")[0] if text.startswith("mailto:") else text
            away = text.startswith(("javascript:", "data:text", "vbscript:")) or "evil.example" in place
            if name.startswith(("on", "hx-on", "style", "srcdoc")) or (
                (name in ADDRESSES or name.startswith("hx-")) and away
            ):
                self.found.append(f"<{tag} {name}={value!r}>")


def alive(html: str) -> list[str]:
    """What would run in a page."""
    parser = Alive()
    parser.feed(html)
    parser.close()
    return parser.found


def test_the_finder_finds_what_is_alive() -> None:
    live = '<p onclick=x><script>1</script><a href="java\tscript:x">y</a>'
    live += '<img src=//evil.example/a><b hx-get="//evil.example"><a href="mailto:a@evil.example?subject=x">z</a>'

    assert len(alive(live)) == 6
    assert alive("<a href='mailto:a@b.example?subject=//evil.example'>z</a>") == []
    assert alive("<a href='/a/'>&lt;script&gt;</a><script src='/static/a.js'></script>") == []


@pytest.mark.parametrize("shift", range(0, len(PAYLOADS), 4))
def test_row_97_no_text_of_any_row_comes_alive_on_any_page(shift: int) -> None:
    """Each shift puts other payloads into the same columns, the names above all."""
    world = build_world(PAYLOADS[shift:] + PAYLOADS[:shift])
    asker = Asker(world)
    found: dict[str, Any] = {}
    shown = 0
    for route in routes()[0]:
        # The API's documentation is a package's page with a script of its own; it shows no row.
        if route.kind == "api" or "GET" not in route.methods or route.name == "api_docs":
            continue
        url = route.url(pk_of(world, route, "near"))
        answer = asker.ask("admin", "GET", url)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            assert answer.status_code < 500, url
            continue
        html = answer.content.decode()
        shown += len(re.findall(r"(?:near|far|hush)q[0-9]{4}", html))
        problems = alive(html) + re.findall(r"49(?:near|far)q", html)
        if problems:
            found[url] = problems[:5]
    assert found == {}
    assert shown > 200


DEEP = {"brackets": "[" * 1_000_000, "quotes": ">" * 100_000 + "x", "stars": "*a " * 30_000, "ticks": "`" * 50_000}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_row_97_wild_markdown_is_read_at_once(text: str) -> None:
    begun = time.perf_counter()
    html = str(markdown(text))

    assert time.perf_counter() - begun < 2
    assert alive(html) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_row_97_a_note_with_a_payload_stays_text(browser, account, payload) -> None:
    now = account.created_at
    TimelineEntry.objects.create(
        account=account, kind="note", at=now, title=payload, body=f"**x** {payload}\n\n{payload}"
    )

    html = browser.get(reverse("account_timeline", args=[account.pk])).content.decode()

    assert alive(html) == []
    assert "<img" not in html.partition("<main")[2]


FORMULAS = [
    '=HYPERLINK("http://evil.example")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    " =1",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_row_91_a_name_that_is_a_formula_leaves_as_text(browser, admin, formula) -> None:
    account = make_account(admin, name=formula, industry=formula)
    refresh_rows(account_ids=[account.pk], on=account.created_at.date())

    table = browser.get("/accounts/export/csv/?columns=name&columns=industry")
    sheet = browser.get("/accounts/export/xlsx/?columns=name&columns=industry")

    rows = list(csv.reader(io.StringIO(b"".join(table.streaming_content).decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    written = [value for row in rows[1:] for value in row[1:] if formula.strip() in value]
    assert written
    assert all(value.startswith("'") for value in written)
    assert all(cell.data_type != "f" for cell in cells)
    assert any(formula.strip() in str(cell.value) for cell in cells)
    page = browser.get("/accounts/").content.decode()
    assert "&#39;=HYPERLINK" not in page


@pytest.fixture
def record(account) -> ImplementationRecord:
    return ImplementationRecord.objects.create(
        account=account, stage="kick_off", on=account.created_at.date(), outcome="x"
    )


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.mark.parametrize(
    ("row", "name", "content"),
    [
        ("92", "x.svg", SVG),
        ("92", "x.png", SVG),
        ("92", "x.txt", SVG),
        ("92", "x.pdf", b"<html><script>alert(1)</script>"),
        ("92", "x.html", b"<html>"),
        ("92", "a.php", b"<?php"),
        ("92", "x.exe", b"MZ" + b"\0" * 99),
        ("93", "x.png", PNG + (50_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0" + b"\0" * 40),
        ("92", "empty.txt", b""),
    ],
)
def test_rows_92_and_93_a_dangerous_file_is_refused(browser, record, row, name, content) -> None:
    answer = browser.post(reverse("attachment_add", args=[record.pk]), {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code in (400, 422)
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", "con.txt", "n" * 290 + ".txt", "a\u202etxt.exe.txt", 'a"\r\nX: y.txt', "a<b>.txt"]
)
def test_row_92_a_file_with_a_wild_name_is_kept_under_ours(browser, record, name) -> None:
    posted = browser.post(reverse("attachment_add", args=[record.pk]), {"file": SimpleUploadedFile(name, b"hello")})

    assert posted.status_code in (302, 400, 422), posted.content[-2000:]
    for attachment in Attachment.objects.all():
        assert ".." not in attachment.file.name
        assert "passwd" not in attachment.file.name
        answer = browser.get(reverse("attachment_file", args=[attachment.pk]))
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "\n" not in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content) == b"hello"
