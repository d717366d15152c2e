"""What of a page is dead without a script, odd to a reader, or heavy?"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from django.contrib.staticfiles import finders

from tests.pages.html import Element

# UX.md X6: bytes after gzip, elements and requests of a first visit.
MOST_PAGE, MOST_CSS, MOST_JS, MOST_ALL, MOST_NODES, MOST_REQUESTS = 40_000, 15_000, 35_000, 100_000, 2_500, 8
# What opens and closes without a script: menus, dialogs, and details.
OPENS = {"popovertarget", "commandfor", "command"}
NOT_WORDS = re.compile(
    r"^(None|null|undefined|nan|NaN|True|False|inf)$|\b0 of 0\b|%\(\w+\)[sd]|&(amp|lt|gt|quot);|</?[a-z]+>"
)


def is_shown_by_script(element: Element) -> bool:
    """Tell whether a control is there only for who has scripts, or hidden, or its form says that it needs one."""
    for one in element.around():
        if {"hidden", "data-dismiss", "data-print"} & set(one.attributes) or one.tag in ("noscript", "template"):
            return True
        if one.tag == "form" and any(one.find("noscript")):
            return True
    return False


def dead(page: Element) -> Iterator[str]:
    """List what does nothing without a script: buttons and links that lead nowhere, forms that go nowhere."""
    ids = {one.get("id") for one in page.elements() if one.has("id")}
    for one in page.find("button"):
        kind = one.get("type", "submit")
        in_form = one.has("form") or any(outer.tag == "form" for outer in one.around())
        if is_shown_by_script(one) or OPENS & set(one.attributes):
            continue
        if kind != "submit" or not in_form:
            yield f"a button that does nothing: {one.text()} {one.attributes}"
    for one in page.find("a"):
        href = one.get("href")
        if (href.startswith("#") and href[1:] not in ids) or href.startswith("javascript:") or not one.has("href"):
            yield f"a link to nowhere: {one.text()} {one.attributes}"
        if one.has("hx-post"):
            yield f"a link that changes something: {one.text()}"
    for one in page.find("button", "select", "input"):
        if one.get("form") and one.get("form") not in ids:
            yield f"a control of a form that is not there: {one.attributes}"
    for form in page.find("form"):
        buttons = [
            *(one for one in form.find("button") if one.get("type", "submit") == "submit"),
            *(one for one in page.find("button") if form.has("id") and one.get("form") == form.get("id")),
        ]
        # One field alone is sent by Enter.
        fields = [one for one in form.find("input", "select", "textarea") if one.get("type") not in ("hidden",)]
        if not buttons and not (len(fields) == 1 and fields[0].tag == "input"):
            yield f"a form that cannot be sent: {form.attributes}"
        if form.has("hx-post") and form.get("method").lower() != "post":
            yield f"a form that is sent by a script alone: {form.attributes}"


def odd(page: Element) -> Iterator[str]:
    """List words that no reader should meet, and frames with nothing in them."""
    for one in page.elements():
        if any(outer.tag in ("script", "code", "pre", "textarea", "head") for outer in one.around()):
            continue
        for words in one.inside:
            if isinstance(words, str) and NOT_WORDS.search(words.strip()):
                yield f"says “{words.strip()[:80]}” in {one.tag} {one.attributes}"
        if one.tag in ("tbody", "ul", "ol", "dl") and not any(isinstance(part, Element) for part in one.inside):
            yield f"has an empty {one.tag}: {one.attributes}, in {one.above.attributes if one.above else ''}"
        if one.tag == "section" and one.get("class") == "card":
            inner = [part for part in one.inside if isinstance(part, Element) and part.get("class") != "card-head"]
            if not any(part.text() or list(part.find("svg", "input", "img")) for part in inner):
                yield f"has a blank panel: {one.text()[:60]}"


def weights(page: Element, size: int) -> Iterator[str]:
    """List the bars of weight that a first visit to the page breaks."""
    links = [one.get("href") for one in page.find("link") if one.get("rel") in ("stylesheet", "icon")]
    asked = [*links, *(one.get("src") for one in page.find("script", "img") if one.get("src"))]
    sizes = {one: weight_of(one) for one in asked if one.startswith("/static/")}
    css = sum(sizes[one] for one in sizes if one.endswith(".css"))
    js = sum(sizes[one] for one in sizes if one.endswith(".js"))
    nodes = sum(1 for _ in page.elements())
    for name, found, most in (
        ("bytes of HTML", size, MOST_PAGE),
        ("bytes of CSS", css, MOST_CSS),
        ("bytes of JavaScript", js, MOST_JS),
        ("bytes", size + sum(sizes.values()), MOST_ALL),
        ("elements", nodes, MOST_NODES),
        ("requests", 1 + len(set(asked)), MOST_REQUESTS),
    ):
        if found > most:
            yield f"{found} {name}, at most {most}"
    yield from (f"asks somebody else: {one}" for one in asked if not one.startswith("/"))


def weight_of(address: str) -> int:
    with open(str(finders.find(address.removeprefix("/static/"))), "rb") as file:  # noqa: PTH123
        return len(gzip.compress(file.read()))
