"""What does a page consist of? A small tree of its elements, to compare parts and to look for what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

ALONE = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What a script puts in place, or what differs from request to request.
VARIES = frozenset({"csrfmiddlewaretoken", "form_key"})


@dataclass(eq=False)
class Element:
    """One element with its attributes and what is in it: elements and texts."""

    tag: str
    attributes: dict[str, str]
    above: Element | None = None
    inside: list[Element | str] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Give an attribute; empty where it has no value or is not there."""
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.attributes

    def elements(self) -> Iterator[Element]:
        """Walk what is in it, in the order of the page."""
        for part in self.inside:
            if isinstance(part, Element):
                yield part
                yield from part.elements()

    def find(self, *tags: str) -> Iterator[Element]:
        return (one for one in self.elements() if one.tag in tags)

    def by_id(self, name: str) -> Element | None:
        return next((one for one in self.elements() if one.get("id") == name), None)

    def around(self) -> Iterator[Element]:
        """Walk what it is in, from itself outwards."""
        at: Element | None = self
        while at is not None:
            yield at
            at = at.above

    def text(self) -> str:
        """Say its words, with one space between them."""
        words = [one if isinstance(one, str) else one.text() for one in self.inside]
        return " ".join(" ".join(words).split())

    def html(self) -> str:
        """Write it in one way: sorted attributes, single spaces, nothing that differs from request to request."""
        if self.get("name") in VARIES:
            return ""
        names = " ".join(f'{name}="{value}"' for name, value in sorted(self.attributes.items()))
        return f"<{self.tag} {names}>{self.inner()}</{self.tag}>"

    def inner(self) -> str:
        """Write what is in it."""
        parts = (" ".join(one.split()) if isinstance(one, str) else one.html() for one in self.inside)
        return "\n".join(part for part in parts if part)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = self.at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        new = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.inside.append(new)
        if tag not in ALONE:
            self.at = new

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.inside.append(Element(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        opened = next((one for one in self.at.around() if one.tag == tag), None)
        if opened is not None and opened.above is not None:
            self.at = opened.above

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def read(html: str) -> Element:
    """Read a page or a part of one.

    >>> page = read('<main id="m"><p class="a">One <b>two</b><br>three</p><ul></ul></main>')
    >>> page.by_id("m").text()
    'One two three'
    >>> [one.tag for one in page.elements()]
    ['main', 'p', 'b', 'br', 'ul']
    """
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.top
