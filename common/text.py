"""Which text may be stored, how is it shortened, and how is it made harmless where it is shown or exported?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import nh3
from django.utils.html import escape as escape_html
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup

from common.errors import Refused

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# Removed from names and notes: controls but tab and line feed, and the characters that turn the reading direction.
CONTROLS = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
LINE_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
# Letters by category, yet drawn as nothing.
BLANKS = set("\u115f\u1160\u3164\uffa0\u2800\u034f")
FORMULA = re.compile(r"^'*\s*[=+\-@＝＋－＠]|^'*[\t\r\n]")
NEUTRALISED = re.compile(r"^'+(\s*[=+\-@＝＋－＠]|[\t\r\n])")

MARKDOWN_LIMIT = 16_000
MARKDOWN_TAGS = {
    *("p", "br", "hr", "em", "strong", "del", "s", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def check_storable(value: str, label: str) -> None:
    """Refuse a character that no database keeps: NUL, or half of a surrogate pair."""
    found = UNSTORABLE.search(value)
    if found:
        message = _("%(label)s has a character that cannot be stored (code %(code)s).")
        raise Refused(message % {"label": label, "code": f"{ord(found.group()):X}"}, code="unstorable")


def clean(value: str, label: str, *, max_length: int | None = None, lines: bool = False, required: bool = True) -> str:
    """Give the text as it is stored: without control characters and outer blanks; or refuse it.

    `lines` lets it have several lines. The empty text is refused where one is required.
    """
    check_storable(value, label)
    value = LINE_BREAKS.sub("\n", value)
    value = CONTROLS.sub("", value).strip()
    if not lines:
        value = re.sub(r"[\n\t]+", " ", value)
    if not is_visible(value):
        if required or value:
            raise Refused(_("%(label)s needs a visible character.") % {"label": label}, code="blank")
        return ""
    if max_length is not None and len(value) > max_length:
        message = _("%(label)s: at most %(limit)s characters (got %(got)s).")
        raise Refused(message % {"label": label, "limit": f"{max_length:,}", "got": f"{len(value):,}"}, code="too_long")
    return value


def is_visible(value: str) -> bool:
    r"""Say whether a reader would see anything.

    >>> is_visible("\u200b \u202e"), is_visible("甲"), is_visible("👩‍🚀")
    (False, True, True)
    """
    return any(unicodedata.category(char)[0] in "LNPS" and char not in BLANKS for char in value)


def cut(value: str, length: int) -> str:
    """Shorten a text to some characters as a reader counts them, never through the middle of one.

    >>> cut("Müller", 6), cut("abcdef", 4), cut("👩‍🚀👩‍🚀👩‍🚀", 2)
    ('Müller', 'abc…', '👩\u200d🚀…')
    """
    # A person who pastes ten thousand joiners gets a short list cell all the same.
    value, overlong = value[: length * 16], len(value) > length * 16
    clusters = list(graphemes(value))
    if len(clusters) <= length and not overlong:
        return value
    return "".join(clusters[: length - 1]).rstrip() + "…"


def graphemes(value: str) -> Iterator[str]:
    """Give a text character by character as a reader sees them: accents, joined emoji, flags and Hangul stay whole."""
    cluster = ""
    for char in value:
        if cluster and not _belongs(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _belongs(cluster: str, char: str) -> bool:
    """Say whether a character goes with the ones before it."""
    last, code = cluster[-1], ord(char)
    if unicodedata.category(char) in {"Mn", "Me", "Mc"} or char == "\u200d":
        return True
    if last == "\u200d" and code > 0x2000:
        return True
    if 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F:
        return True
    if 0x1F1E6 <= code <= 0x1F1FF:
        return sum(0x1F1E6 <= ord(other) <= 0x1F1FF for other in cluster) % 2 == 1
    if 0x1160 <= code <= 0x11FF:
        return 0x1100 <= ord(last) <= 0x11FF or 0xAC00 <= ord(last) <= 0xD7A3
    return last == "\r" and char == "\n"


def slug(value: str, fallback: str = "file") -> str:
    """Turn a name into a part of an address or file name, letters of every script kept.

    >>> slug("Ärzte & Co. 2026/Q1"), slug("../.."), slug("客户 列表")
    ('ärzte-co-2026q1', 'file', '客户-列表')
    """
    return slugify(value, allow_unicode=True)[:80].strip("-_") or fallback


def neutralise(value: str) -> str:
    """Put a ' before a text that a spreadsheet would run as a formula; `restore` takes exactly it away.

    >>> neutralise("=1+1"), neutralise("'=1"), neutralise("it's")
    ("'=1+1", "''=1", "it's")
    """
    return f"'{value}" if FORMULA.match(value) else value


def restore(value: str) -> str:
    """Take back what `neutralise` did, for reading our own export.

    >>> restore("'=1+1"), restore("''=1"), restore("'quoted'")
    ('=1+1', "'=1", "'quoted'")
    """
    return value[1:] if NEUTRALISED.match(value) else value


@cache
def _markdown() -> MarkdownIt:
    """The one configured renderer: no HTML, no images."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}).enable("table").disable("image")


def markdown(value: str) -> Markup:
    """Render a note as HTML that can neither run nor load anything.

    Text beyond the limit is shown as written: a renderer's worst case grows faster than its input.
    """
    if len(value) > MARKDOWN_LIMIT or _is_pathological(value):
        return Markup("<p>") + Markup("<br>").join(escape_html(value).split("\n")) + Markup("</p>")
    html = nh3.clean(
        _markdown().render(value),
        tags=MARKDOWN_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    # The one place where text becomes markup: nh3 has just rebuilt it from an allow-list.
    return Markup(html)  # noqa: S704


def _is_pathological(value: str) -> bool:
    """Say whether a text repeats one mark beyond what a person writes, which only slows the renderer."""
    return any(value.count(mark) > 1000 for mark in "[]()<>*_`~!&\\") or value.count("|") > 400
