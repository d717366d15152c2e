"""Does nothing break where words are longer by two fifths: no page that scrolls sideways, no button that is cut?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import pseudo
from tests.journeys.book import Visitor
from tests.journeys.test_every_page import addresses, full_account, somebody

BROKEN = """() => {
  const found = [];
  const root = document.documentElement;
  const beyond = root.scrollWidth - root.clientWidth;
  if (beyond > 0) found.push(`the page is ${beyond} px too wide`);
  for (const one of document.querySelectorAll("button, a.button, .tag, .badge, th, label, h1, h2")) {
    const style = getComputedStyle(one);
    const shown = one.getClientRects().length && !one.closest(".visually-hidden, [popover]:not(:popover-open)");
    const cuts = style.overflowX === "hidden" || style.overflowX === "clip";
    const isCut = shown && cuts && one.scrollWidth > one.clientWidth + 1;
    if (isCut) found.push(`cut: ${one.textContent.trim().slice(0, 60)}`);
  }
  return found;
}"""


WIDTHS = (1440, 375)


@pytest.mark.parametrize("part", ["read", "records", "settings"])
def test_nothing_breaks_in_long_words(
    book: LiveServer, visitor: Visitor, settings: Any, tmp_path: Path, part: str
) -> None:
    pseudo.speak(settings, tmp_path)
    account = full_account()
    who = somebody("csm" if part == "read" else "admin", account)
    User.objects.filter(pk=who.pk).update(language=pseudo.CODE)
    faults = {}
    with visitor.signed_in(who) as page:
        for address in addresses(part, account):
            # Asked first: the browser makes an error of an address that only takes forms, or gives a file.
            asked = page.request.head(address)
            if asked.status != 200 or "text/html" not in asked.headers.get("content-type", ""):
                continue
            page.goto(address)
            assert pseudo.OPEN in page.locator("main").inner_text(), address
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                if found := page.evaluate(BROKEN):
                    faults[f"{address} at {width}"] = found
    visitor.complaints = [text for text in visitor.complaints if "status of 4" not in text]
    assert faults == {}
