"""In how many looks is a page seen? Four widths, two themes, two languages: sixteen; a quick walk takes two."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

WIDTHS = (1440, 768, 375, 320)
THEMES = ("light", "dark")
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, order=True)
class Look:
    """One way in which a page is seen."""

    language: str
    width: int
    theme: str

    def __str__(self) -> str:
        return f"{self.language} {self.width} {self.theme}"


ALL = [Look(language, width, theme) for language in LANGUAGES for width in WIDTHS for theme in THEMES]


def turn_of(name: str) -> int:
    """Give a page its turn, one of eight, that stays when other pages come and go.

    >>> turn_of("today") == turn_of("today")
    True
    """
    return zlib.crc32(name.encode()) % 8


def looks_of(name: str, *, whole: bool = False) -> list[Look]:
    """Name the looks in which a page is seen: all, or two of one language, of other widths and in both themes.

    >>> [str(look) for look in looks_of("today")]
    ['zh-hans 1440 light', 'zh-hans 375 dark']
    >>> len(looks_of("today", whole=True))
    16
    """
    if whole:
        return ALL
    turn = turn_of(name)
    language, swap = LANGUAGES[turn % 2], turn // 4
    wide, narrow = ((1440, 375), (768, 320))[turn // 2 % 2]
    first, second = THEMES if swap else reversed(THEMES)
    return [Look(language, wide, first), Look(language, narrow, second)]
