"""How does a person act: with the mouse, or with the keyboard alone? Each deliberate act is a step (UX.md §3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext
from playwright.sync_api import Locator, Page, expect

# So many presses of Tab lead from the top of the longest page to its end.
MOST_TABS = 400
# A field for day and time has so many parts, and each takes one press.
PARTS = 8

# What somebody sees who moves by keyboard: where the focus is, whether it shows, whether anything lies over it.
LOOK = """() => {
  const at = document.activeElement;
  if (!at || [document.body, document.documentElement, document.querySelector("main")].includes(at))
    return { where: "page", isGone: !!window.wanted && !window.wanted.isConnected };
  const styles = [at, at.parentElement].map((one) => getComputedStyle(one));
  const isSame = window.last === at;
  window.last = at;
  // The browser itself draws where in a field for days the focus is.
  const inParts = isSame && at.matches("input[type^=date]");
  const ring = inParts || styles.some((one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 1.5);
  const box = at.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  // The other marks of a picture fade while one has the focus, and it shines through them.
  const isFaint = !!top && top.matches("svg .spot") && parseFloat(getComputedStyle(top).opacity) < 0.3;
  const clear = !top || isFaint || at.contains(top) || top.contains(at) || !!top.closest("label");
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const name = at.outerHTML.slice(0, 160);
  const wanted = window.wanted;
  const isWanted = at === wanted;
  const isAhead = !!wanted && !!(at.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING);
  return { where: name, ring, clear, inside, isWanted, isAhead, isSame, isGone: !!wanted && !wanted.isConnected };
}"""
AIM = """(wanted) => {
  window.wanted = wanted;
  return !!wanted.closest("main") && !document.querySelector("dialog[open]");
}"""
NO_MOUSE = """for (const kind of ["pointerdown", "mousedown", "touchstart"])
  addEventListener(kind, () => { window.mouseUsed = true; }, true);"""


class Steps:
    """Counts deliberate acts (a click, a chord, a choice, a field filled), pages loaded and fields filled."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taken: list[str] = []
        self.fields = 0
        self.loads = 0
        page.on("domcontentloaded", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    def step(self, what: str) -> Page:
        """Note one act and give the page to do it on."""
        self.taken.append(what)
        return self.page

    def at_most(self, most: int) -> None:
        """Fail when the task takes more acts than it may."""
        assert len(self.taken) <= most, self.taken


class Hand:
    """Acts on one page in one language, and counts what it does."""

    name = ""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language
        self.steps = Steps(page)

    def say(self, message: str, *, context: str = "", **named: object) -> str:
        """What a text of the interface reads in the language of this walk."""
        with translation.override(self.language):
            text = pgettext(context, message) if context else gettext(message)
        return text % named if named else text

    def count(self, one: str, many: str, number: int, **named: object) -> str:
        """The same for a text that counts."""
        with translation.override(self.language):
            return ngettext(one, many, number) % {"num": number, **named}

    def in_words(self, text: Callable[[], object]) -> str:
        """What something that is put into words by itself reads in the language of this walk."""
        with translation.override(self.language):
            return str(text())

    def pattern(self, message: str, *names: str) -> re.Pattern[str]:
        """A text of the interface as a pattern, whatever stands for the names in it."""
        mark = "\ue000"
        return re.compile(re.escape(self.say(message, **dict.fromkeys(names, mark))).replace(mark, ".+"))

    def by(self, role: Any, message: str, *, exact: bool = True, within: Any = None, **named: object) -> Locator:
        """Find by role and name, as a screen reader does."""
        return (within or self.page).get_by_role(role, name=self.say(message, **named), exact=exact)

    def heard(self, text: str) -> None:
        """Expect that a live region says it, as somebody hears it who does not see the page."""
        expect(self.page.locator("#live, #messages").get_by_text(text).first).to_be_attached()
        said = self.page.locator("#live").or_(self.page.locator("#messages[aria-live=polite]")).filter(has_text=text)
        expect(said.first).to_be_attached()

    def chord(self, what: str, keys: str, instead: Locator) -> None:
        """Press a key; with the mouse, what the key stands for."""
        raise NotImplementedError

    def press(self, what: str, target: Locator) -> None:
        """Press a button, follow a link, tick a box."""
        raise NotImplementedError

    def fill(self, what: str, target: Locator, text: str) -> None:
        """Fill in one field."""
        raise NotImplementedError

    def enter(self, what: str) -> None:
        """Send what was typed."""
        self.steps.step(what).keyboard.press("Enter")

    def into(self, what: str, target: Locator) -> None:
        """Go into a field that stands in the page."""
        raise NotImplementedError

    def pick(self, what: str, field: Locator, text: str, found: Locator) -> None:
        """Type a few letters and take what is found: one act."""
        raise NotImplementedError

    def _type(self, field: Locator, text: str) -> None:
        """Type letter by letter, and wait for what the server finds for the whole of it."""
        with self.page.expect_response(lambda answer: parse_qs(urlsplit(answer.url).query).get("q") == [text]):
            field.press_sequentially(text)
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    def done(self) -> None:
        """Look back at the walk, once the page that it ended on has loaded and was counted."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(50)


class Mouse(Hand):
    """Clicks."""

    name = "mouse"

    def chord(self, what: str, keys: str, instead: Locator) -> None:
        self.steps.step(what)
        instead.click()

    def press(self, what: str, target: Locator) -> None:
        self.steps.step(what)
        target.click()

    def fill(self, what: str, target: Locator, text: str) -> None:
        self.steps.step(what)
        self.steps.fields += 1
        target.fill(text)

    def pick(self, what: str, field: Locator, text: str, found: Locator) -> None:
        self.steps.step(what)
        self.steps.fields += 1
        field.click()
        self._type(field, text)
        found.click()

    def into(self, what: str, target: Locator) -> None:
        self.steps.step(what)
        target.click()


class Keyboard(Hand):
    """Tabs to what it wants, seeing at each stop where it is; the mouse is not touched."""

    name = "keyboard"

    def __init__(self, page: Page, language: str) -> None:
        page.add_init_script(NO_MOUSE)
        super().__init__(page, language)

    def look(self) -> dict[str, Any]:
        """Where the focus is; it shows, and nothing covers it."""
        seen: dict[str, Any] = self.page.evaluate(LOOK)
        if seen["where"] != "page":
            assert seen["ring"], f"focus does not show on {seen['where']}"
            assert seen["inside"], f"focus is outside the window on {seen['where']}"
            assert seen["clear"], f"focus is covered on {seen['where']}"
        return seen

    def reach(self, target: Locator) -> None:
        """Move the focus to something by Tab alone; whoever comes to the page's end begins again at its top."""
        self.page.wait_for_load_state("load")
        in_main = self._aim(target)
        seen, stays = self.look(), 0
        if seen["where"] == "page" and in_main and not self.page.evaluate("document.activeElement.id === 'main'"):
            self._skip_to_content()
        for _ in range(MOST_TABS):
            if seen.get("isWanted"):
                return
            if seen["isGone"]:
                self._aim(target)
            self.page.keyboard.press("Shift+Tab" if seen.get("isAhead") else "Tab")
            seen = self.look()
            stays = stays + 1 if seen.get("isSame") else 0
            assert stays < PARTS, f"trapped at {seen['where']}"
        raise AssertionError(f"Tab does not lead to {target}")

    def _aim(self, target: Locator) -> bool:
        """Remember in the page what is wanted, and say whether it lies in the content."""
        target.wait_for()
        found: bool = target.evaluate(AIM)
        return found

    def _skip_to_content(self) -> None:
        """At the top of a page the first press offers to leave its head out."""
        self.page.keyboard.press("Tab")
        seen = self.look()
        if "#main" in seen["where"]:
            self.page.keyboard.press("Enter")
            expect(self.page.locator("#main")).to_be_focused()

    def chord(self, what: str, keys: str, instead: Locator) -> None:
        instead.wait_for()
        self.steps.step(what).keyboard.press(keys)

    def press(self, what: str, target: Locator) -> None:
        self.reach(target)
        is_box = target.evaluate("(one) => one.matches('input[type=checkbox], input[type=radio]')")
        self.steps.step(what).keyboard.press("Space" if is_box else "Enter")

    def into(self, what: str, target: Locator) -> None:
        self.reach(target)
        self.steps.step(what)

    def fill(self, what: str, target: Locator, text: str) -> None:
        self.reach(target)
        self.steps.fields += 1
        self.steps.step(what).keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def pick(self, what: str, field: Locator, text: str, found: Locator) -> None:
        self.reach(field)
        self.steps.step(what)
        self.steps.fields += 1
        self._type(field, text)
        if field.get_attribute("role") == "combobox":
            expect(found).to_have_attribute("aria-selected", "true")
            self.page.keyboard.press("Enter")
            return
        self.reach(found)
        is_box = found.evaluate("(one) => one.matches('input[type=checkbox]')")
        self.page.keyboard.press("Space" if is_box else "Enter")

    def done(self) -> None:
        """Nothing was pointed at."""
        super().done()
        assert not self.page.evaluate("!!window.mouseUsed"), "the mouse was used"


HANDS: dict[str, type[Hand]] = {one.name: one for one in (Mouse, Keyboard)}
