"""How quickly does somebody with a slow machine see the pages of every day, and how much do these weigh?

A first visit of each page in a fresh Chromium whose processor is slowed down four times: largest contentful paint (LCP)
and layout shift (CLS) as the browser reports them. Then what people do on a page: open the palette and type, filter a
list, open a menu, edit in place; the longest time from an act to the next paint (INP) as the browser's event timing has
it. Weights are compressed as a proxy would; scripts and styles as the server hands them out. Lighthouse is not used.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from typing import Any

from _daily_arguments import asked_for

given = asked_for(
    str(__doc__), throttle={"type": float, "default": 4.0, "help": "how many times slower the browser is"}
)

import django  # noqa: E402

django.setup()

from _daily_pages import cookie_of, people  # noqa: E402
from _daily_run import make_book, server  # noqa: E402
from _measure import load, percentile  # noqa: E402
from django.db import connections  # noqa: E402
from django.urls import reverse  # noqa: E402

from portfolio.models import AccountRow  # noqa: E402
from tests.servers import chromium_program  # noqa: E402

try:
    from playwright.sync_api import Browser, Page, Request, Response, sync_playwright
except ImportError:
    print("Nothing here drives a browser: python3 run.py test-browser installs what does.")
    sys.exit(0)

BARS = {"LCP": 1500, "CLS": 0.02, "INP": 100}
WEIGHTS = {"first visit": 100, "HTML": 40, "CSS": 15, "JS": 35}
MOST_REQUESTS, MOST_NODES = 8, 2500
# The browser's own figures, kept from before the page's first byte; an act is 0 where it was too short to be noted.
WATCH = """
window.seen = {lcp: 0, cls: 0, acts: []};
const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({type, buffered: true, durationThreshold: 16});
watch("largest-contentful-paint", (one) => { window.seen.lcp = one.startTime; });
watch("layout-shift", (one) => { if (!one.hadRecentInput) window.seen.cls += one.value; });
watch("event", (one) => { if (one.interactionId) window.seen.acts.push([one.name, one.duration]); });
"""


class Visit:
    """One person's fresh browser on one page."""

    def __init__(self, browser: Browser, cookie: str, address: str) -> None:
        site = f"http://127.0.0.1:{given.port}"
        self.context = browser.new_context(base_url=site, viewport={"width": 1440, "height": 900})
        name, _, value = cookie.partition("=")
        self.context.add_cookies([{"name": name, "value": value, "url": site}])
        self.context.set_default_timeout(180_000)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.heard: list[Response] = []
        self.page.on("response", self._note)
        throttled = self.context.new_cdp_session(self.page)
        throttled.send("Emulation.setCPUThrottlingRate", {"rate": given.throttle})
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")

    def _note(self, response: Response) -> None:
        self.heard.append(response)

    def seen(self) -> dict[str, Any]:
        """What the browser noted so far."""
        self.page.wait_for_timeout(300)
        found: dict[str, Any] = self.page.evaluate("window.seen")
        return found

    def weights(self) -> dict[str, float]:
        """What came over the wire, in kB, by kind; how many requests; how many nodes."""
        kinds = {"document": "HTML", "stylesheet": "CSS", "script": "JS"}
        found: dict[str, float] = dict.fromkeys(("HTML", "CSS", "JS", "other"), 0.0)
        for response in self.heard:
            body = response.body()
            packed = response.headers.get("content-encoding") == "gzip"
            sent = _sent(response.request) if packed else len(gzip.compress(body, 6))
            found[kinds.get(response.request.resource_type, "other")] += sent / 1000
        found["first visit"] = sum(found.values())
        found["requests"] = len(self.heard)
        found["nodes"] = self.page.evaluate("document.querySelectorAll('*').length")
        return found


def _sent(request: Request) -> int:
    return request.sizes()["responseBodySize"]


def pages() -> list[tuple[str, str, str]]:
    """Who opens which page: role, name, address."""
    row = AccountRow.objects.visible_to(people()["manager"]).exclude(stage="churned").order_by("-arr").first()
    account = [("manager", "account overview", reverse("account_overview", args=[row.pk]))] if row else []
    return [
        ("admin", "hello, the floor", "/hello/"),
        ("CSM", "Today of a CSM", reverse("today")),
        ("manager", "Today of a manager", reverse("today")),
        ("admin", "Today of an admin", reverse("today")),
        ("manager", "account list, 50 rows", reverse("account_list")),
        *account,
        ("manager", "retention", reverse("retention")),
        ("product", "roadmap", reverse("roadmap")),
    ]


def open_palette(page: Page) -> None:
    """Open the palette by its keys, type, move, close."""
    page.keyboard.press("Control+k")
    page.keyboard.type("nor", delay=60)
    page.wait_for_selector("#search-results [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")


def filter_list(page: Page) -> None:
    """Narrow the list by a text."""
    page.locator(".filter-bar input[type=search]").first.click()
    page.keyboard.type("north", delay=60)
    page.wait_for_load_state("networkidle")


def open_menu(page: Page) -> None:
    """Open the person's own menu and close it."""
    button = page.locator("header.top [popovertarget]:visible").last
    button.click()
    page.keyboard.press("Escape")


def select_rows(page: Page) -> None:
    """Mark three rows, which brings the bar of acts."""
    boxes = page.locator("[data-select]:visible")
    for place in range(min(3, boxes.count())):
        boxes.nth(place).click()


def edit_in_place(page: Page) -> None:
    """Open a cell for editing and leave it as it was."""
    cell = page.locator("[data-edit]:visible").first
    cell.click()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Escape")


# Who, on which page (its name and what stands behind it), what it is called, what is done.
ACTS: list[tuple[str, tuple[str, str], str, Callable[[Page], None]]] = [
    ("CSM", ("today", ""), "palette on Today", open_palette),
    ("manager", ("account_list", ""), "palette on the list", open_palette),
    ("manager", ("account_list", ""), "filter the list", filter_list),
    ("manager", ("account_list", ""), "mark rows", select_rows),
    ("manager", ("today", ""), "open a menu", open_menu),
    ("manager", ("renewals", "?view=list"), "edit in place", edit_in_place),
]


def tell_page(name: str, visits: list[Visit]) -> bool:
    """Print what the browser saw of a page; say whether it keeps its bars."""
    seen = [visit.seen() for visit in visits]
    paint, shift = percentile([one["lcp"] for one in seen], 0.75), percentile([one["cls"] for one in seen], 0.75)
    weights = visits[0].weights()
    kept = paint <= BARS["LCP"] and shift <= BARS["CLS"] and weights["requests"] <= MOST_REQUESTS
    kept &= weights["nodes"] <= MOST_NODES and all(weights[kind] <= most for kind, most in WEIGHTS.items())
    print(
        f"{name:<24} LCP {paint:5.0f} ms, CLS {shift:.3f}; first visit {weights['first visit']:5.1f} kB = HTML "
        f"{weights['HTML']:.1f} + CSS {weights['CSS']:.1f} + JS {weights['JS']:.1f} + {weights['other']:.1f} in "
        f"{weights['requests']:.0f} requests, {weights['nodes']:.0f} nodes  {'met' if kept else 'OVER'}",
        flush=True,
    )
    return kept


def tell_act(name: str, times: list[float]) -> None:
    """Print the longest waits of an act: three in four are shorter than this."""
    slowest = percentile(times, 0.75) if times else 0.0
    print(
        f"{name:<24} INP p75 {slowest:4.0f} ms of {BARS['INP']}, longest {max(times, default=0):4.0f} ms"
        f"  {'met' if slowest <= BARS['INP'] else 'OVER'}",
        flush=True,
    )


def watch(browser: Browser, cookies: dict[str, str]) -> None:
    """Visit every page, then do every act, as often as asked for."""
    for role, name, address in pages():
        visits = [Visit(browser, cookies[role], address) for _ in range(given.rounds)]
        tell_page(name, visits)
        for visit in visits:
            visit.context.close()
    for role, name, said, act in ACTS:
        waits: list[float] = []
        for _ in range(given.rounds):
            visit = Visit(browser, cookies[role], reverse(name[0]) + name[1])
            act(visit.page)
            waits.append(max((wait for _event, wait in visit.seen()["acts"]), default=0.0))
            visit.context.close()
        tell_act(said, waits)


def main() -> int:
    """Make the book, start the server and a browser, look."""
    program = chromium_program()
    if program is None:
        print("No Chromium here: nothing is measured.")
        return 0
    make_book(given)
    cookies = {role: cookie_of(user) for role, user in people().items()}
    listed = pages()
    connections.close_all()
    print(f"{given.accounts:,} accounts, {len(listed)} pages, processor {given.throttle:g} × slower, {load()}")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs an event loop in this thread
    with server(given.port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)
        watch(browser, cookies)
        browser.close()
    print(load())
    return 0


if __name__ == "__main__":
    sys.exit(main())
