"""A language that nobody speaks: each text of the interface, longer and in brackets; what is not translated shows.

It is made from the catalogue when a test asks for it: nothing of it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import django
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import run

# A code that Django and Babel know as a language, and that no installation offers.
CODE = "eo"
OPEN, CLOSE = "⟦", "⟧"
LONGER = 0.4
ACCENTS = str.maketrans("aceginorsuyACEGINORSUYz", "áçéĝíñöŕšûýÁÇÉĜÍÑÖŔŠÛÝž")
KEPT = re.compile(r"(%\(\w+\)[sdf]|%[sd]|%%|\{\w*\}|<[^>]+>|&\w+;)")
INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")


def accented(text: str) -> str:
    """Write a text with accents, in brackets and longer by two fifths; its blanks stay.

    >>> accented("Save %(name)s")
    '⟦Šávé %(name)s ~~⟧'
    """
    parts = KEPT.split(text)
    letters = sum(len(part) for part in parts[::2])
    shown = "".join(part.translate(ACCENTS) if not number % 2 else part for number, part in enumerate(parts))
    padding = " ".join("~" * min(8, left) for left in range(round(letters * LONGER), 0, -8))
    return f"{OPEN}{shown} {padding}{CLOSE}" if padding else f"{OPEN}{shown}{CLOSE}"


def _catalogues() -> Iterator[Path]:
    """The texts of ours, which all stand in the Chinese catalogue, and those of Django and allauth."""
    for root in (
        run.ROOT / "locale",
        Path(django.__file__).parent / "conf/locale",
        Path(allauth.__file__).parent / "locale",
    ):
        yield root / "zh_Hans/LC_MESSAGES/django.po"
    contrib = Path(django.__file__).parent / "contrib"
    yield from sorted(contrib.glob("*/locale/zh_Hans/LC_MESSAGES/django.po"))


def write_catalogue(folder: Path) -> None:
    """Write the language's catalogue where Django looks for it."""
    made = Catalog(locale=CODE)
    # What is no text: patterns of numbers and dates, directions, codes.
    codes = re.compile(r"^[\w%., :/-]{0,3}$|^[A-Z_]+$|%[a-zA-Z]")
    for file in reversed(list(_catalogues())):
        with file.open("rb") as stream:
            for message in read_po(stream, ignore_obsolete=True):
                ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
                if not ids[0] or (
                    len(ids) == 1 and codes.search(KEPT.sub("", ids[0])) and "locale/zh_Hans" not in str(file)
                ):
                    continue
                texts = tuple(accented(text) for text in ids)
                made.delete(message.id, message.context)
                made.add(message.id, texts if len(texts) > 1 else texts[0], context=message.context)
    target = folder / CODE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        write_mo(stream, made)


def speak(settings: Any, folder: Path) -> None:
    """Let the installation offer the language, for one test."""
    write_catalogue(folder)
    settings.LANGUAGES = [*settings.LANGUAGES, (CODE, "Pseudo")]
    settings.LOCALE_PATHS = [folder, *settings.LOCALE_PATHS]


class _Reader(HTMLParser):
    """Collects what a person can read or hear of a page, where it stands in which element."""

    SKIPPED = ("script", "style", "code", "kbd", "textarea", "pre")
    SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label", "aria-description")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is said of an element, and whether its text is none of ours."""
        given = dict(attrs)
        if tag in ("input", "br", "img", "meta", "link", "hr", "source", "wbr"):
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value") or "")
        else:
            self._within.append("code" if given.get("lang") or given.get("translate") == "no" else tag)
        if tag == "html":
            self._within[-1] = tag
        if not set(self._within) & set(self.SKIPPED):
            self.texts += [given[name] or "" for name in self.SPOKEN if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if self._within:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip() and not set(self._within) & set(self.SKIPPED):
            self.texts.append(data)


# What has no translation: names of ours and of others, words of the trade, keys, units and kinds of files.
NAMES = (
    "Mainstay", "ARR", "MRR", "NRR", "GRR", "NPS", "QBR", "CSV", "XLSX", "RICE", "API", "OpenAPI", "JSON", "HTTP",
    "Ctrl", "Excel", "TOML", "CSM", "English", "Python", "Jinja", "Esc", "Enter", "Pseudo", "UTC", "PDF", "SHA",
    "TOTP", "Windows", "Big", "Django", "SQLite", "PostgreSQL", "Redis", "Celery",
)  # fmt: skip


def _local_words() -> set[str]:
    """What formats write by themselves in this language: months, days, units, currencies."""
    locale = Locale.parse(CODE)
    words: set[str] = set()
    for names in (locale.months, locale.days, locale.day_periods, locale.quarters):
        for widths in names.values():
            for one in widths.values():
                words |= {word for text in ([one] if isinstance(one, str) else one.values()) for word in text.split()}
    return words | {"K", "M", "B", "mil", "Mil", "mln"}


LOCAL = _local_words()
# Mail addresses, codes of currencies, time zones, amounts, dates and spans as formats write them, files, keys, ids.
FORMATS = re.compile(
    r"\S+@\S+|https?:\S+|\b[A-Z]{2}(?:/[A-Z][\w-]+|\b)|\b[A-Z]{3}\b|US\$|[$€¥£]"
    r"|\b(?:antaŭ|post) \d+ \w+|\bla \d+-a de \w+|\d+ ?\w{1,2}\b"
    r"|\b[A-Z][A-Za-z]+(?:/[A-Z][\w +-]+)+|\bmst_\w+|\b\w+\.(?:csv|toml)\b|\b[0-9a-f]{32}\b"
)


def untranslated(page: str, is_data: Any) -> list[str]:
    """What of a page is neither translated nor somebody's data."""
    reader = _Reader()
    reader.feed(page)
    found = []
    for text in reader.texts:
        rest = " ".join(text.split())
        while (shorter := INNERMOST.sub("\n", rest)) != rest:
            rest = shorter
        found += [part.strip() for part in rest.split("\n") if not _is_known(part.strip(), is_data)]
    return found


def _is_known(part: str, is_data: Any) -> bool:
    """Say whether nothing of a text had to be translated."""
    if not _letters(part) or is_data(part):
        return True
    pieces = [re.sub(r"^[\d.,\s]+", "", piece).strip(" \"'“”.‘’") for piece in re.split(r"[·:,;()/–→|…]+|\s-\s", part)]
    return all(not _letters(piece) or is_data(piece) for piece in pieces)


def _letters(text: str) -> bool:
    """Say whether a text has words that are no names, formats, addresses or codes."""
    bare = FORMATS.sub(" ", text)
    words = re.findall(r"[^\W\d_]{2,}", bare)
    return any(word not in NAMES and word not in LOCAL for word in words)
