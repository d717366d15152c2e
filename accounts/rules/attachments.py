"""May a file be kept, going by what is in it and not by its name?"""

import re
import unicodedata

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
HEAD_BYTES = 64 * 1024
MAX_NAME = 200

_OFFICE = "application/vnd.openxmlformats-officedocument."
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/plain",
}
_MAGIC = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "gif": b"GIF8",
    "webp": b"RIFF",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "pptx": b"PK\x03\x04",
}
_PLAIN = frozenset({"txt", "csv", "md"})
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|svg|script|\?xml|iframe|body|head)", re.IGNORECASE)
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def suffix_of(name: str) -> str:
    """Give the last suffix of a file name in lower case.

    >>> suffix_of("plan.PDF"), suffix_of("a.php.png"), suffix_of("README")
    ('pdf', 'png', '')
    """
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def safe_name(name: str) -> str:
    r"""Reduce a file name to its last part without control characters, for showing and downloading only.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\tmp\\plan.pdf"), safe_name("x" * 300 + ".pdf")[-5:]
    ('passwd', 'plan.pdf', 'x.pdf')
    """
    last = re.split(r"[\\/]", name)[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .") or "file"
    if len(shown) <= MAX_NAME:
        return shown
    suffix = "." + suffix_of(shown) if 0 < len(suffix_of(shown)) <= 10 else ""
    return shown[: MAX_NAME - len(suffix)] + suffix


def content_type(name: str, head: bytes) -> str | None:
    """Say which allowed type a file has, or None: the suffix must be allowed and the first bytes must agree.

    >>> content_type("plan.pdf", b"%PDF-1.7 ..."), content_type("plan.pdf", b"<html>"), content_type("x.svg", b"<svg")
    ('application/pdf', None, None)
    >>> content_type("notes.txt", b"<script>alert(1)</script>") is None
    True
    """
    suffix = suffix_of(name)
    if suffix not in CONTENT_TYPES:
        return None
    if suffix in _PLAIN:
        return None if b"\x00" in head or _MARKUP.search(head) else CONTENT_TYPES[suffix]
    if not head.startswith(_MAGIC[suffix]) or (suffix == "webp" and head[8:12] != b"WEBP"):
        return None
    return CONTENT_TYPES[suffix]


def image_pixels(head: bytes) -> int | None:
    r"""Read width × height from the header of a PNG, GIF, JPEG or WebP; None when it cannot be read.

    >>> png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + (50_000).to_bytes(4, "big") * 2
    >>> image_pixels(png), image_pixels(b"GIF89a" + b"\x02\x00\x03\x00"), image_pixels(b"BM")
    (2500000000, 6, None)
    """
    if head.startswith(_MAGIC["png"]) and len(head) >= 24:
        return int.from_bytes(head[16:20], "big") * int.from_bytes(head[20:24], "big")
    if head.startswith(_MAGIC["gif"]) and len(head) >= 10:
        return int.from_bytes(head[6:8], "little") * int.from_bytes(head[8:10], "little")
    if head.startswith(_MAGIC["jpg"]):
        return _jpeg_pixels(head)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp_pixels(head)
    return None


def _jpeg_pixels(head: bytes) -> int | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in _START_OF_FRAME:
            return int.from_bytes(head[at + 5 : at + 7], "big") * int.from_bytes(head[at + 7 : at + 9], "big")
        at += 2 + length
    return None


def _webp_pixels(head: bytes) -> int | None:
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        return (int.from_bytes(head[24:27], "little") + 1) * (int.from_bytes(head[27:30], "little") + 1)
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and len(head) >= 30:
        return (int.from_bytes(head[26:28], "little") & 0x3FFF) * (int.from_bytes(head[28:30], "little") & 0x3FFF)
    return None
