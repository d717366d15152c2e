"""In which encoding is a text file written?"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from django.utils.translation import gettext as _

from common.errors import Refused

CHUNK = 1 << 20
SAMPLE = 1 << 16
# A line longer than this is no line of a table; it would have to be held in memory whole.
LONGEST_LINE = 4 * CHUNK


@dataclass(frozen=True)
class Encoding:
    """An encoding by the name that Python knows and the name that people know."""

    codec: str
    label: str


UTF_8 = Encoding("utf-8", "UTF-8")
UTF_8_MARKED = Encoding("utf-8-sig", "UTF-8 with byte-order mark")
UTF_16 = Encoding("utf-16", "UTF-16")
GBK = Encoding("gb18030", "GBK")
BIG5 = Encoding("big5hkscs", "Big5")
WINDOWS = Encoding("cp1252", "Windows-1252")
# The encodings in which no byte-order mark helps, and which only the letters tell apart.
LEGACY = (GBK, BIG5, WINDOWS)
MARKS = ((codecs.BOM_UTF8, UTF_8_MARKED), (codecs.BOM_UTF16_LE, UTF_16), (codecs.BOM_UTF16_BE, UTF_16))
# What a person may answer when asked, in lower case.
BY_NAME = {
    "utf-8": UTF_8_MARKED, "utf8": UTF_8_MARKED, "utf-16": UTF_16, "utf16": UTF_16,
    "utf-16-le": Encoding("utf-16-le", "UTF-16"), "utf-16-be": Encoding("utf-16-be", "UTF-16"),
    "gbk": GBK, "gb2312": GBK, "gb18030": GBK, "big5": BIG5, "cp950": BIG5,
    "windows-1252": WINDOWS, "cp1252": WINDOWS, "latin-1": WINDOWS, "iso-8859-1": WINDOWS,
}  # fmt: skip
# An encoding is taken if this share of the letters beyond ASCII look right in it, and so much fewer in any other.
SURE, AHEAD = 0.8, 0.15
WESTERN_MARKS = set("€£¥§©®°±²³µ·½«»…–—‘’“”„•™¿¡ºª")


def named(name: str) -> Encoding:
    """Find an encoding by the name that a person gave."""
    found = BY_NAME.get(name.strip().lower())
    if found is None:
        message = _("“%(name)s” is not an encoding that can be read. Use one of: %(known)s.")
        raise Refused(message % {"name": name, "known": "UTF-8, UTF-16, GBK, Big5, Windows-1252"}, code="encoding")
    return found


def find_encoding(path: Path) -> Encoding:
    """Find a text file's encoding from its bytes; ask if they leave a doubt."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    _check_lines(path)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return _checked(path, encoding)
    if head.count(0) * 5 < len(head) and decodes(path, UTF_8):
        return UTF_8
    return _utf_16_without_mark(path, head) or _legacy(path)


def decodes(path: Path, encoding: Encoding) -> bool:
    """Say whether every byte of a file makes sense in an encoding; reads it once, a piece at a time."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _checked(path: Path, encoding: Encoding) -> Encoding:
    """Refuse a file that breaks the promise of its byte-order mark."""
    if not decodes(path, encoding):
        message = _(
            "The file begins as %(encoding)s, but not all of it is. Save it again from the program it came from."
        )
        raise Refused(message % {"encoding": encoding.label}, code="encoding")
    return encoding


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _check_lines(path: Path) -> None:
    """Refuse a file with a line that would not fit in memory."""
    length = 0
    for chunk in _chunks(path):
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        length = length + len(chunk) if end < 0 else len(chunk) - end
        if length > LONGEST_LINE:
            raise Refused(_("A line of this file is longer than 4 MB. It is not a table."), code="line")


def _utf_16_without_mark(path: Path, head: bytes) -> Encoding | None:
    """Recognise UTF-16 by its zeros, which stand on the same one of every two bytes: the high half of plain letters."""
    zeros, even = head.count(0), head[::2].count(0)
    if zeros < 3:
        return None
    for count, name in ((even, "utf-16-be"), (zeros - even, "utf-16-le")):
        if count * 10 >= zeros * 9 and decodes(path, BY_NAME[name]):
            return BY_NAME[name]
    return None


def _legacy(path: Path) -> Encoding:
    """Tell encodings without a mark apart by how much of the text looks right in each."""
    sample = _lines_beyond_ascii(path)
    scores = sorted(((_share_right(sample, encoding), encoding) for encoding in LEGACY), key=lambda pair: -pair[0])
    for (score, encoding), (next_score, _next) in pairwise(scores):
        if score < SURE or score < next_score + AHEAD:
            break
        if decodes(path, encoding):
            return encoding
    known = ", ".join(encoding.label for encoding in LEGACY)
    message = _("The encoding of this file is not clear. Say which it is: %(known)s.")
    raise Refused(message % {"known": known}, field="encoding", code="encoding_unsure")


def _lines_beyond_ascii(path: Path) -> bytes:
    """The lines that have a byte beyond ASCII, up to some kilobytes of them."""
    found = bytearray()
    rest = b""
    for chunk in _chunks(path):
        *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if not line.isascii():
                found += line[:SAMPLE] + b"\n"
        if len(found) > SAMPLE:
            return bytes(found)
    return bytes(found + rest[:SAMPLE])


def _share_right(sample: bytes, encoding: Encoding) -> float:
    """The share of characters beyond ASCII that a person would have written; 0 if the bytes do not decode."""
    try:
        text = sample.decode(encoding.codec)
    except UnicodeDecodeError:
        return 0.0
    beyond = sum(not char.isascii() for char in text)
    if not beyond:
        return 0.0
    right = _western(text) if encoding is WINDOWS else sum(_is_common(char, encoding) for char in text)
    return right / beyond


def _is_common(char: str, encoding: Encoding) -> bool:
    """Say whether a character is among those that make up everyday Chinese text in an encoding."""
    if char.isascii():
        return False
    lead = char.encode(encoding.codec)[0]
    if encoding is GBK:
        # Punctuation and full-width forms (A1, A3), then the 3,755 characters of level 1, trail byte above A0.
        return (lead in {0xA1, 0xA3} or 0xB0 <= lead <= 0xD7) and char.encode("gb18030")[1] >= 0xA1
    # Punctuation and full-width forms (A1 to A3), then the 5,401 frequent characters.
    return 0xA1 <= lead <= 0xC6


def _western(text: str) -> int:
    """Count the accented letters that stand in words and the marks that Western text uses."""
    right = 0
    run = 0
    before = " "
    for char, after in zip(text, text[1:] + " ", strict=True):
        run = 0 if char.isascii() else run + 1
        if run:
            in_word = char.isalpha() and (_is_latin(before) or _is_latin(after)) and run <= 2
            right += in_word or (char in WESTERN_MARKS and run == 1)
        before = char
    return right


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
