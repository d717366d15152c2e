"""Do two requests mean the same need?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Two titles that share this much of their parts are shown side by side; a person decides.
ALIKE = 0.5
SHOWN = 5
WORD = re.compile(r"[^\W_]+")
# Scripts that put no blanks between words: Chinese characters and kana.
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
FILLERS = frozenset({"a", "an", "and", "be", "by", "can", "for", "from", "in", "of", "on", "or", "the", "to", "with"})


def parts_of(title: str) -> frozenset[str]:
    """Take a title apart: three letters at a time where words have blanks between them, two where they have none.

    >>> sorted(parts_of("SSO")), sorted(parts_of("导出报表"))
    (['  s', ' ss', 'so ', 'sso'], ['出报', '导出', '报表'])
    """
    found: set[str] = set()
    text = unicodedata.normalize("NFKC", title).casefold()
    for run in UNSPACED.findall(text):
        found.update([run] if len(run) == 1 else (run[at : at + 2] for at in range(len(run) - 1)))
    for word in WORD.findall(UNSPACED.sub(" ", text)):
        if word not in FILLERS:
            padded = f"  {word} "
            found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return frozenset(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Say how much two titles share: 2 × common parts / all parts, 0 to 1 (the measure of Dice).

    >>> likeness(parts_of("Export to Excel"), parts_of("excel export"))
    1.0
    >>> likeness(parts_of("导出报表"), parts_of("报表导出")) > ALIKE, likeness(parts_of("SSO"), parts_of("报表"))
    (True, 0.0)
    """
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0


def most_alike(title: str, others: Iterable[tuple[int, str]]) -> list[int]:
    """Find the titles that probably mean the same, the likeliest first, at most five.

    >>> most_alike("Excel exports", [(1, "Export to Excel"), (2, "Dark mode"), (3, "Export as PDF")])
    [1]
    """
    parts = parts_of(title)
    found = ((likeness(parts, parts_of(other)), number) for number, other in others)
    return [number for share, number in sorted(found, key=lambda one: (-one[0], one[1])) if share >= ALIKE][:SHOWN]
