"""What is wrong with a page? Opened once a language, looked at in its looks, tried as people's own settings do."""

from __future__ import annotations

import gzip
import os
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import APIResponse, Error, Locator, Page, Response

from tests.journeys.looks import LANGUAGES, Look, looks_of, turn_of

# `run.py walk` sets it: "whole" is every page in all sixteen looks, tried in every way; "quick" is two looks of each.
WALKS = os.environ.get("WALK", "")
WHOLE = WALKS == "whole"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
EYES = Path(__file__).with_name("eyes.js").read_text(encoding="utf-8")
# What an open menu half covers is as large as ever once the menu is closed.
RUN_AXE = """() => { const opened = document.querySelector(":popover-open, dialog[open]");
  const counts = (fault, node) => fault.id !== "target-size" || !opened || opened.contains(node.element);
  return axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    resultTypes: ["violations"], elementRef: true}).then(found => found.violations.flatMap(fault =>
      fault.nodes.filter(node => counts(fault, node)).map(node => `${fault.id}: ${node.html.slice(0, 160)}`))); }"""
# The page at 200 per cent on a screen of 1,440 is 720 wide; the others are between the looks.
REFLOW = (1024, 720, 375, 320)
# UX.md X6: bytes after gzip, elements and requests of a first visit.
MOST = {"page": 40_000, "css": 15_000, "js": 35_000, "all": 100_000, "nodes": 2_500, "requests": 8}
SEEN: Counter[str] = Counter()


def see(page: Page, width: int, theme: str = "light") -> None:
    """Look at the open page in a width and a theme, as somebody who wants no motion."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce", forced_colors="none", media="screen")


def open_eyes(page: Page) -> None:
    """Put axe and our own checks into the page, once."""
    page.evaluate(AXE)
    page.evaluate(EYES)


def by_axe(page: Page, looks: Iterable[Look], state: str = "") -> list[str]:
    """Run axe in each look, without loading the page again."""
    found = []
    for look in looks:
        see(page, look.width, look.theme)
        SEEN[str(look)] += 1
        found += [f"{look}{state and ', ' + state} {fault}" for fault in page.evaluate(RUN_AXE)]
    return found


def named(name: str, found: list[str]) -> list[str]:
    return [f"{name}: {fault}" for fault in found]


def by_eye(page: Page, check: str, *arguments: object) -> list[str]:
    SEEN[check] += 1
    return page.evaluate(f"(given) => eyes.{check}(...given)", list(arguments))


def reflows(page: Page) -> list[str]:
    """Say where the page scrolls sideways, cuts text or lays it over other text, at each width and with own styles."""
    found = []
    for width in REFLOW:
        see(page, width)
        found += named(f"{width}", by_eye(page, "scrollsSideways") + by_eye(page, "unreadable"))
    for style in ("spacing", "letters"):
        page.evaluate("(style) => eyes.wear(style)", style)
        for width in (1440, 320) if style == "spacing" else (1440,):
            see(page, width)
            found += named(f"{style} {width}", by_eye(page, "scrollsSideways") + by_eye(page, "unreadable"))
    page.evaluate("() => eyes.wear('')")
    return found


def by_keyboard(page: Page) -> list[str]:
    """Say which stop of the keyboard cannot be seen, in the usual and in forced colours."""
    found = []
    see(page, 1440)
    page.keyboard.press("Shift")
    page.keyboard.press("Tab")
    found += named("keyboard", by_eye(page, "focus"))
    page.emulate_media(forced_colors="active")
    found += named("forced colours", by_eye(page, "forced") + by_eye(page, "focus"))
    see(page, 375)
    return found + named("keyboard 375", by_eye(page, "focus"))


def by_tab(page: Page) -> list[str]:
    """Press Tab until the page is left: every stop is met once, in the order in which it is written."""
    see(page, 1440)
    for _ in range(2 * page.evaluate("eyes.begin()") + 20):
        page.keyboard.press("Tab")
        if not page.evaluate("eyes.meet()"):
            break
    return by_eye(page, "turns")


@cache
def weight_of(text: str) -> int:
    return len(gzip.compress(text.encode()))


ASSETS: dict[str, int] = {}


def weighs(page: Page, html: str) -> list[str]:
    """Say which bar of weight a first visit breaks."""
    known = page.evaluate("eyes.weight()")
    host = re.sub(r"(https?://[^/]+).*", r"\1", page.url)
    for address in known["asked"]:
        if address.startswith(host + "/static/") and address not in ASSETS:
            ASSETS[address] = len(gzip.compress(page.request.get(address).body()))
    kinds = {kind: sum(ASSETS[one] for one in known["asked"] if one.endswith(f".{kind}")) for kind in ("css", "js")}
    size = weight_of(html)
    counted = {**kinds, "page": size, "all": size + sum(kinds.values())}
    counted |= {"nodes": known["nodes"], "requests": 1 + len(known["asked"])}
    heavy = [name for name, most in MOST.items() if counted[name] > most]
    found = [f"weighs too much: {counted[name]} {name}, at most {MOST[name]}" for name in heavy]
    found += [f"asks somebody else: {one}" for one in known["asked"] if not one.startswith(host + "/")]
    return found + [f"loads a font: {one}" for one in known["asked"] if re.search(r"\.(woff2?|ttf|otf)$", one)]


def faults(page: Page, looks: list[Look], answer: Response, met: set[str], *, thorough: bool) -> list[str]:
    """Say all that is wrong with the open page."""
    see(page, 1440)
    found = weighs_of(page, answer) + by_axe(page, looks)
    see(page, 1440)
    found += named("contents", by_eye(page, "contents")) + named("motion", by_eye(page, "motion"))
    found += reflows(page)
    if thorough:
        found += by_keyboard(page) + by_tab(page)
        # The search asks as soon as it has the focus; to leave meanwhile would be a failure.
        page.wait_for_load_state("networkidle")
        see(page, 1440)
        found += named("target", by_eye(page, "targets", 28))
        found += by_print(page)
    return found + overlays(page, looks, met)


OPENERS = "button[popovertarget], button[commandfor], a[hx-target='#sheet']"
OPENED = ":popover-open, dialog[open]"


def overlays(page: Page, looks: list[Look], met: set[str]) -> list[str]:
    """Open each menu, dialog and sheet of a kind not met before: in its looks, and where the focus goes afterwards."""
    found = []
    for width in (1440, 375):
        see(page, width)
        for opener in page.locator(OPENERS).all():
            leads = "opener => opener.getAttribute('popovertarget') || opener.getAttribute('commandfor') || opener.href"
            kind = re.sub(r"https?://[^/]+|[0-9]+|[?#].*", "", opener.evaluate(leads))
            if kind in met or not opener.is_visible():
                continue
            met.add(kind)
            found += named(f"{kind} open", overlay(page, opener, looks, width))
    return found


def overlay(page: Page, opener: Locator, looks: list[Look], width: int) -> list[str]:
    SEEN["overlays"] += 1
    opener.focus()
    page.keyboard.press("Enter")
    try:
        page.locator(OPENED).first.wait_for(timeout=5_000)
    except Error:
        return ["does not open by the keyboard"]
    # Where the button is not shown, what it opens is not either.
    found = by_axe(page, [look for look in looks if width == 1440 or look.width < 760])
    see(page, 320)
    found += by_eye(page, "scrollsSideways")
    see(page, width)
    page.keyboard.press("Escape")
    if page.locator(OPENED).count():
        return [*found, "stays open on Escape"]
    if not opener.evaluate("opener => opener === document.activeElement"):
        found.append("does not give the focus back")
    return found


def weighs_of(page: Page, answer: Response) -> list[str]:
    open_eyes(page)
    return weighs(page, answer.text())


def by_print(page: Page) -> list[str]:
    """Look at what would be printed on a sheet of A4."""
    see(page, 700)
    page.emulate_media(media="print", color_scheme="dark")
    found = by_eye(page, "scrollsSideways") + by_eye(page, "unreadable") + page.evaluate(RUN_AXE)
    if page.evaluate("getComputedStyle(document.body).color") != "rgb(27, 31, 36)":
        found.append("prints light letters on white paper")
    see(page, 1440)
    return named("print", found)


def is_page(answer: APIResponse) -> bool:
    return answer.status not in (401, 403, 404, 405) and answer.headers.get("content-type", "").startswith("text/html")


def walk(page: Page, addresses: dict[str, str], language: str, *, whole: bool = WHOLE) -> dict[str, list[str]]:
    """Open those pages that have a look in a language; gives what is wrong, by page.

    What one may not open is no page of theirs; two addresses that lead to one page are looked at once.
    """
    wrong: dict[str, list[str]] = {}
    seen: set[str] = set()
    met: set[str] = set()
    for name, path in sorted(addresses.items()):
        looks = [look for look in looks_of(name, whole=whole) if look.language == language]
        # Ask first: the browser makes an error of an address that only takes forms.
        asked = page.request.head(path) if looks else None
        if asked is None or not is_page(asked):
            continue
        answer = page.goto(path)
        if answer is None or page.url in seen:
            continue
        seen.add(page.url)
        SEEN["pages"] += 1
        # What the keyboard meets is the same in every language.
        thorough = turn_of(name) == 0 or (whole and language == LANGUAGES[0])
        found = (
            [f"answers {answer.status}"]
            if answer.status != 200
            else faults(page, looks, answer, met, thorough=thorough)
        )
        if found:
            wrong[path] = found
    return wrong
