"""Is every page the same after Back, Forward and Refresh, also once a filter or a heading has swapped a part of it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Response
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.journeys.book import Visitor
from tests.journeys.looks import turn_of
from tests.journeys.walk import SEEN, WALKS
from tests.pages.addresses import address, patterns, table
from tests.pages.reading import full_account

# Where one is, what the page is called, what is chosen in it, and what it says; marks of time differ by the minute.
STATE = """() => {
  const main = document.querySelector("main") || document.body;
  const value = field => field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
  const copy = main.cloneNode(true);
  copy.querySelectorAll(".as-of, time, #messages, script, [hidden]").forEach(one => one.remove());
  return {
    url: location.pathname + location.search,
    title: document.title,
    h1: [...document.querySelectorAll("h1")].map(one => one.innerText),
    fields: [...main.querySelectorAll(":is(input, select, textarea)[name]")]
      .filter(one => !["hidden", "password", "datetime-local"].includes(one.type))
      .map(one => `${one.name}=${value(one)}`),
    current: [...main.querySelectorAll("[aria-current], [aria-sort]")].map(one => one.innerText),
    links: [...main.querySelectorAll("a[href]")].map(one => new URL(one.getAttribute("href"), location))
      .map(one => one.pathname + one.search),
    words: copy.textContent.replace(/\\s+/g, " ").trim(),
  };
}"""
SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
# Each takes a minute or more; the pages of an account are gone through in every run of the journeys.
PARTS = ("revenue", "settings", "entrance", "rest")
LONG = pytest.mark.skipif(not WALKS, reason="takes long: python3 run.py walk")
# What pushes an address: a field of a list's filters, and a link such as the heading by which a table is sorted.
FILTERS = "main form[hx-push-url=true]"
LINKS = "main a[hx-push-url=true]:not([aria-current])"


@dataclass
class Reader:
    """Somebody who goes to and fro, and what was wrong on the way."""

    page: Page
    complaints: list[str]
    wrong: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    loads: int = 0
    swaps: int = 0

    def state(self) -> dict[str, Any]:
        found = self.page.evaluate(STATE)
        for link in found.pop("links"):
            self.links.setdefault(link.partition("?")[0], link)
        return found

    def note(self, step: str, wanted: dict[str, Any]) -> None:
        found = self.state()
        for name, value in wanted.items():
            if found[name] != value:
                self.wrong.append(f"{wanted['url']} after {step}: {name} {_difference(value, found[name])}")
        self.hear(wanted["url"])

    def hear(self, where: str) -> None:
        self.wrong += [f"{where} said: {said}" for said in self.complaints]
        self.complaints.clear()

    def open(self, path: str) -> bool:
        """Open an address; tell whether it is a page of one's own."""
        try:
            answer = self.page.goto(path, wait_until="domcontentloaded")
        except Error as error:
            if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
                return False
            raise
        self.loads += 1
        return answer is not None and answer.ok

    def refresh(self, wanted: dict[str, Any], after: str) -> None:
        answer = self.page.reload(wait_until="domcontentloaded")
        self.loads += 1
        self.asks_nothing(answer, wanted)
        self.note(f"{after}, refresh", wanted)

    def asks_nothing(self, answer: Response | None, wanted: dict[str, Any]) -> None:
        """Only what was posted is asked about before it is sent again."""
        if answer is not None and answer.request.method != "GET":
            self.wrong.append(f"{wanted['url']} would be sent again")

    def back(self, wanted: dict[str, Any], after: str) -> None:
        self.page.go_back(wait_until="domcontentloaded")
        self.arrive(wanted, f"{after}, back")

    def forward(self, wanted: dict[str, Any], after: str) -> None:
        self.page.go_forward(wait_until="domcontentloaded")
        self.arrive(wanted, f"{after}, forward")

    def arrive(self, wanted: dict[str, Any], step: str) -> None:
        """Wait until the page is that of the address: after a swap the address changes before the page."""
        self.loads += 1
        try:
            self.page.wait_for_function(
                f"wanted => {{ const state = ({STATE})(); return state.words === wanted.words; }}",
                arg=wanted,
                timeout=3000,
            )
        except Error:
            pass
        self.note(step, wanted)

    def swap(self, kind: str) -> bool:
        """Let a part of the page be swapped, then go back, forward, and refresh; tell whether there is such a part."""
        before = self.state()
        if not (self.choose() if kind == "filter" else self.follow()):
            return False
        try:
            self.page.wait_for_function(
                "was => location.pathname + location.search !== was", arg=before["url"], timeout=4000
            )
        except Error:
            self.wrong.append(f"{before['url']}: a {kind} did not change the address")
            return True
        self.page.wait_for_function(SETTLED)
        swapped = self.state()
        self.swaps += 1
        self.back(before, kind)
        self.forward(swapped, kind)
        self.refresh(swapped, kind)
        return True

    def follow(self) -> bool:
        link = next((one for one in self.page.locator(LINKS).all() if one.is_visible()), None)
        if link is not None:
            link.click()
        return link is not None

    def choose(self) -> bool:
        """Choose another value in the first field of the filters that has one, or type into the search."""
        form = self.page.locator(FILTERS).first
        if not form.count():
            return False
        for choice in form.locator("select").all():
            values = choice.evaluate("one => [...one.options].filter(o => !o.selected).map(o => o.value)")
            if values and choice.is_visible():
                choice.select_option(values[-1])
                return True
        for typed in form.locator("input[type=search], input[type=text]").all():
            if typed.is_visible():
                typed.press_sequentially("a")
                return True
        for box in form.locator("input[type=checkbox]").all():
            if box.is_visible():
                box.click()
                return True
        return False


def _difference(wanted: Any, found: Any) -> str:
    if isinstance(wanted, str):
        at = next((at for at, pair in enumerate(zip(wanted, found, strict=False)) if pair[0] != pair[1]), -40)
        return f"“{found[max(at - 30, 0) : at + 60]}” for “{wanted[max(at - 30, 0) : at + 60]}”"
    return f"{[one for one in found if one not in wanted]} for {[one for one in wanted if one not in found]}"


def paths(part: str) -> Iterator[str]:
    """Every address that is read, in the order of the table, of one part of the product."""
    account = full_account()
    known = table()
    for pattern in patterns():
        name = str(pattern.name)
        path = address(pattern, account)
        is_read = "see" in known.get(name, {}) or (part == "entrance" and name not in known)
        if path is not None and is_read and part_of(path) == part:
            query = known.get(name, {}).get("query")
            yield f"{path}?{query}" if query else path


def part_of(path: str) -> str:
    if path.startswith("/sign-in/"):
        return "entrance"
    return re.match(r"/(accounts|revenue|settings)?", path)[1] or "rest"


def go_to_and_fro(reader: Reader, addresses: list[str]) -> int:
    """Open each page; go back to the one before, refresh it, and forward again; then swap what each can swap."""
    seen: set[str] = set()
    before = None
    waiting, asked = list(addresses), set()
    while waiting:
        path = waiting.pop(0)
        asked.add(path)
        if not reader.open(path):
            # It may ask for a question, as some page's link does.
            link = reader.links.get(path.partition("?")[0])
            if link is not None and link not in asked:
                waiting.append(link)
            reader.complaints.clear()
            before = None
            continue
        here = reader.state()
        if here["url"] in seen:
            before = here
            continue
        seen.add(here["url"])
        reader.hear(here["url"])
        if before is not None:
            reader.back(before, "another page")
            # Back loads a page anew, as nothing of ours is stored: to refresh it is the same once more.
            if WALKS or turn_of(path) == 0:
                reader.refresh(before, "back")
            reader.forward(here, "another page")
        if not reader.swap("filter") or WALKS:
            reader.swap("link")
        before = reader.state()
    return len(seen)


@pytest.mark.parametrize("part", ["accounts", *(pytest.param(part, marks=LONG) for part in PARTS)])
def test_a_page_is_the_same_after_back_forward_and_refresh(whole_book: LiveServer, visitor: Visitor, part: str) -> None:
    who = User.objects.filter(role="admin").order_by("pk")[0]
    with visitor.signed_in(who) as page:
        reader = Reader(page, visitor.complaints)
        pages = go_to_and_fro(reader, list(paths(part)))
    SEEN["back, forward, refresh"] += pages
    SEEN["swaps taken back"] += reader.swaps
    assert "\n".join(reader.wrong) == ""
    assert pages > 10


@LONG
def test_the_entrance_is_the_same_after_back_forward_and_refresh(whole_book: LiveServer, visitor: Visitor) -> None:
    with visitor.opened() as context:
        reader = Reader(context.new_page(), visitor.complaints)
        pages = go_to_and_fro(reader, list(paths("entrance")))
    assert "\n".join(reader.wrong) == ""
    assert pages > 3
