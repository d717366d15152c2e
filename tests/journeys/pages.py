"""Which pages are there, and what is wrong with one? Every address by name, opened and looked at in four ways."""

from __future__ import annotations

import contextlib

from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.urls import NoReverseMatch, URLPattern, reverse
from playwright.sync_api import Page

from accounts.models import Account
from tests.pages.addresses import ABOUT

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Each page is wide and light, then narrow and dark; tests/common looks at every component in all four ways.
LOOKS = [(1440, "light"), (375, "dark")]
NARROWEST = 320


def address(pattern: URLPattern, account: Account) -> str | None:
    """Fill in an address with something of an account, or with any row; None where there is nothing of the kind."""
    words = {}
    for name in pattern.pattern.converters:
        if name == "account_id":
            words[name] = account.pk
            continue
        label = ABOUT.get(name) or next((ABOUT[key] for key in ABOUT if str(pattern.name).startswith(key)), None)
        if name == "version_id":
            rows = apps.get_model("accounts.HandoffVersion").objects.filter(handoff__account=account)
        elif label is None:
            return None
        else:
            rows = apps.get_model(label).objects.all()
            if hasattr(rows.model, "account_id"):
                rows = rows.filter(account=account)
        row = rows.order_by("-pk").first()
        if row is None:
            return None
        words[name] = row.pk
    with contextlib.suppress(NoReverseMatch):
        return reverse(str(pattern.name), kwargs=words)
    return None


def faults(page: Page) -> list[str]:
    """Say what is wrong with the open page: by axe, in two themes and widths, and whether it scrolls sideways."""
    found = []
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for fault in Axe().run(page, options=RULES).response["violations"]:
            found += [f"{width} {theme} {fault['id']}: {node['html'][:160]}" for node in fault["nodes"]]
    for width in (1024, 768, 375, NARROWEST):
        page.set_viewport_size({"width": width, "height": 900})
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if beyond > 0:
            found.append(f"{width} scrolls sideways by {beyond}: {page.evaluate(WIDEST)}")
    return found


WIDEST = """(() => { let worst = null; for (const e of document.querySelectorAll("body *")) {
  const right = e.getBoundingClientRect().right; if (!worst || right > worst[0]) worst = [right, e]; }
  return worst[1].outerHTML.slice(0, 160); })()"""


def walk(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    """Open addresses one after the other; gives what is wrong, by page. What one may not open is no page of theirs."""
    wrong, seen = {}, set()
    for path in addresses:
        # Ask first: the browser makes an error of an address that only takes forms.
        status = page.request.head(path).status
        if status in (401, 403, 404, 405):
            continue
        page.goto(path)
        if page.url in seen:
            continue
        seen.add(page.url)
        if status != 200:
            wrong[path] = [f"answers {status}"]
        elif found := faults(page):
            wrong[path] = found
    assert seen
    return wrong
