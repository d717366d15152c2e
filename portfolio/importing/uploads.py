"""Where do uploaded files wait until they are imported, under names that can do no harm?"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import Refused
from portfolio.importing.reader import SUFFIXES, check_upload_size

NAME = re.compile(r"[\w][\w\-. ()]{0,119}")
MOST_FILES = 60


def new_folder() -> Path:
    """Make an empty folder for the files of one import."""
    folder = root() / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def root() -> Path:
    """The folder in which uploads wait."""
    return Path(settings.DATA_DIR) / "imports"


def folder_of(key: str) -> Path:
    """The folder of an import by its key; anything but a key of ours is refused."""
    folder = root() / key
    if not re.fullmatch(r"[0-9a-f]{32}", key) or not folder.is_dir():
        raise Refused(_("The files of this import are gone. Upload them again."), code="gone")
    return folder


def keep(folder: Path, name: str, size: int, chunks: Iterable[bytes]) -> Path:
    """Keep one uploaded file, a table or a mapping, under its plain name."""
    check_upload_size(size)
    plain = safe_name(name)
    path = folder / plain
    if path.exists():
        raise Refused(_("%(name)s was given twice.") % {"name": plain}, code="twice")
    if sum(1 for _file in folder.iterdir()) >= MOST_FILES:
        raise Refused(_("At most %(limit)s files at once.") % {"limit": MOST_FILES}, code="files")
    written = 0
    with path.open("xb") as file:
        for chunk in chunks:
            written += len(chunk)
            check_upload_size(written)
            file.write(chunk)
    return path


def safe_name(name: str) -> str:
    r"""The last part of a file's name if it is the name of a table or mapping; ways and odd signs are refused.

    >>> safe_name("C:\\books\\accounts.csv"), safe_name("客户.xlsx")
    ('accounts.csv', '客户.xlsx')
    """
    plain = PurePosixPath(name.replace("\\", "/")).name
    suffix = Path(plain).suffix.lower()
    if suffix not in {*SUFFIXES, ".toml"} or not NAME.fullmatch(plain):
        message = _("“%(name)s” is not a name of a .csv, .xlsx or .toml file.")
        raise Refused(message % {"name": name[:80]}, code="name")
    return plain


def forget(folder: Path) -> None:
    """Delete the files of one import."""
    if folder.parent == root():
        shutil.rmtree(folder, ignore_errors=True)
