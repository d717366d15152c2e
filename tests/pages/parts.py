"""Which parts does htmx ask for, and what differs between a part in its place and a fresh page?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from jinja2 import BaseLoader, Environment

from tests.architecture.sources import ROOT
from tests.pages.html import Element
from tests.pages.reading import Reader, absolute

# Parts that need a moment that the book is not in, or stand in a part themselves, with the file that tests them.
ELSEWHERE = {
    "advocacy/advocate_person.html": "tests/advocacy/test_views.py",
    "accounts/bulk_run.html": "tests/portfolio/test_bulk.py",
    "playbooks/playbook_start.html": "tests/portfolio/test_playbooks.py",
    "portfolio/import_run.html": "tests/portfolio/test_views_import.py",
    "roadmap/quarter_plan.html": "tests/roadmap/test_views_plans.py",
}
# What is posted, with the test that compares it.
POSTED = {
    "components/forms.html": "tests/portfolio/test_account_cells.py",
    "portfolio/renewal_parts.html": "tests/pages/test_all_pages.py",
}
# What is typed into a field that asks while one types.
TYPED = ("a", "nobody at all")


def sites(kind: str) -> set[str]:
    """Name the templates that ask for a part by "get" or "post"."""
    asks = re.compile(rf"^(?!\s*{{#).*(?<![\w-])hx[-_]{kind}=", re.MULTILINE)
    files = sorted((ROOT / "templates").rglob("*.html"))
    return {str(file.relative_to(ROOT / "templates")) for file in files if asks.search(file.read_text("utf-8"))}


class Marking(BaseLoader):
    """Loads templates whose elements tell by which line they came to ask for a part."""

    def __init__(self, loader: BaseLoader) -> None:
        self.loader = loader

    def get_source(self, environment: Environment, template: str) -> Any:
        source, filename, uptodate = self.loader.get_source(environment, template)
        lines = source.split("\n")
        for number, line in enumerate(lines):
            if "hx" in line and not line.lstrip().startswith("{#"):
                mark = rf'data-site="{template}:{number + 1}" \1'
                line = re.sub(r"(?<![\w-])(hx-(?:get|post)=)", mark, line)
                lines[number] = re.sub(
                    r"(?<![\w-])(hx_(?:get|post)=)", mark.replace("data-", "data_").replace('" ', '", '), line
                )
        return "\n".join(lines), filename, uptodate


def unmarked(html: bytes) -> bytes:
    """Give the page as it is without the marks."""
    return re.sub(rb' ?data-site="[^"]*"', b"", html)


@dataclass(frozen=True)
class Part:
    """One part that an element asks for: from which page, whereto, by which line of a template."""

    page: str
    url: str
    target: str
    site: str


def query_of(page: Element, element: Element, typed: str) -> str:
    """Write what htmx would send along: the fields of the form, those that are included, and what is typed."""
    if element.tag == "form":
        fields = list(element.find("input", "select"))
    elif element.has("hx-include"):
        names = [one.strip().removeprefix("#") for one in element.get("hx-include").split(",")]
        fields = [found for name in names if (found := page.by_id(name)) is not None]
    else:
        fields = [element] if element.tag in ("input", "select") else []
    sent = {}
    for one in fields:
        if one.tag == "select":
            chosen = [option for option in one.find("option") if option.has("selected")]
            sent[one.get("name")] = chosen[0].get("value") if chosen else ""
        elif one.get("type", "text") in ("text", "search"):
            sent[one.get("name")] = typed
        elif one.get("type") == "hidden" or one.has("checked"):
            sent[one.get("name")] = one.get("value", "on")
    return urlencode({name: value for name, value in sent.items() if name})


def parts_of(path: str, page: Element) -> Iterator[Part]:
    for element in page.elements():
        link = element.get("hx-get")
        if not link:
            continue
        target = next((one.get("hx-target") for one in element.around() if one.has("hx-target")), "this")
        if target == "this":
            target = "#" + element.get("id")
        for typed in TYPED if element.tag in ("form", "input", "div") else ("",):
            query = query_of(page, element, typed)
            url = absolute(path, link) + (("&" if "?" in link else "?") + query if query else "")
            yield Part(path, url, target.removeprefix("#"), element.get("data-site"))


def words(element: Element) -> list[str]:
    """List the words of an element, piece by piece; links are left out, which may lead to the page itself."""
    if element.tag == "a" or "visually-hidden" in element.get("class"):
        return []
    found = []
    for one in element.inside:
        found += [" ".join(one.split())] if isinstance(one, str) else words(one)
    return [one for one in found if one]


def options(element: Element) -> list[str]:
    return [next(one.find("span")).text() for one in element.elements() if one.get("role") == "option"]


def without_messages(part: Element) -> str:
    return "\n".join(
        one.html() if isinstance(one, Element) else " ".join(one.split())
        for one in part.inside
        if not (isinstance(one, Element) and one.has("hx-swap-oob"))
    ).strip()


def difference(reader: Reader, part: Part) -> str:
    """Say what differs between the part in its place and a fresh page; empty where nothing does."""
    swapped = reader.part(part.url, part.target)
    fresh = reader.page(part.url)
    if part.target == "sheet":
        body = next((one for one in swapped.elements() if one.get("class") == "sheet-body"), None)
        if body is None:
            return "is no sheet"
        said = fresh.by_id("main").text()
        return ", ".join(f"only the sheet says “{one}”" for one in words(body) if one not in said)
    if part.target.startswith("closest"):
        own = {one.get("name") for one in fresh.find("input", "select", "textarea")}
        sent = {one.get("name") for one in swapped.find("input", "select", "textarea")}
        if not sent:  # the cell as it is read: what the page's own form has as its value
            chosen = [one.text() for one in fresh.find("option") if one.has("selected")]
            return (
                "" if any(one and one in swapped.text() for one in chosen) else f"shows {swapped.text()}, not {chosen}"
            )
        return "" if sent <= own else f"a fresh page has no {sorted(sent - own)}"
    if part.target == "search-results":
        found = fresh.by_id("main").text()
        return ", ".join(f"only the palette finds {one}" for one in options(swapped) if one not in found)
    place = fresh.by_id(part.target)
    if place is None:
        return f"a fresh page has no #{part.target}"
    lines = [one for one in without_messages(swapped).split("\n") if one]
    wanted = [one for one in place.inner().strip().split("\n") if one]
    if lines == wanted:
        return ""
    at = next(
        (at for at, pair in enumerate(zip(lines, wanted, strict=False)) if pair[0] != pair[1]),
        min(len(lines), len(wanted)),
    )
    return f"swapped: {''.join(lines[at : at + 1])[:200]} fresh: {''.join(wanted[at : at + 1])[:200]}"
