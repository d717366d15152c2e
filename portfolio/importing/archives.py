"""Which files come out of a ZIP archive that somebody sent, and is it safe to unpack?"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.uploads import MOST_FILES, keep
from portfolio.importing.workbook import DAMAGED

CHUNK = 1 << 18
# Text packs ten times smaller, a bomb a thousand times.
MOST_TIMES = 4
RATIO, RATIO_FROM = 200, 8 * 2**20


def unpack(folder: Path, file: IO[bytes]) -> None:
    """Keep the tables and mappings of an archive, each under its plain name; folders in it do not matter."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = [part for part in archive.infolist() if not _is_noise(part)]
            _check(parts)
            for part in parts:
                with archive.open(part) as content:
                    # The reader stops at the size written in the archive, so that size cannot lie.
                    keep(folder, part.filename, part.file_size, _chunks(content))
    except DAMAGED:
        raise Refused(_("This ZIP archive is damaged. Make it again."), code="damaged") from None


def _is_noise(part: zipfile.ZipInfo) -> bool:
    """Say whether this is a folder, or what a desktop adds to archives by itself."""
    path = PurePosixPath(part.filename)
    return part.is_dir() or "__MACOSX" in path.parts or path.name.startswith(".") or path.name == "Thumbs.db"


def _check(parts: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that is too large, too many, locked, or that leads out of its folder."""
    if not parts:
        raise Refused(_("The ZIP archive has no files."), code="empty")
    if len(parts) > MOST_FILES:
        raise Refused(_("At most %(limit)s files at once.") % {"limit": MOST_FILES}, code="files")
    for part in parts:
        name = part.filename.replace("\\", "/")
        leads_out = name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name
        if leads_out or stat.S_ISLNK(part.external_attr >> 16):
            raise Refused(_("“%(name)s” leads out of the archive.") % {"name": part.filename[:80]}, code="name")
        if part.flag_bits & 1:
            raise Refused(_("The ZIP archive has a password. Make one without."), code="password")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    limit = settings.IMPORT_MAX_BYTES * MOST_TIMES
    if unpacked > limit or (unpacked > RATIO_FROM and unpacked > packed * RATIO):
        message = _("The ZIP archive unpacks to %(size)s MB, which is too much. Send fewer files at once.")
        raise Refused(message % {"size": f"{unpacked / 2**20:,.0f}"}, code="bomb")


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk
