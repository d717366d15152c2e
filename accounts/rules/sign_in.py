"""How long must somebody wait after wrong passwords, and which passwords are too easy to guess here?"""

import unicodedata
from collections.abc import Iterable

# So many wrong passwords for one account from one address are free; then each further try has to wait.
FREE_TRIES = 10
FIRST_DELAY = 30
# The longest wait is also how long wrong tries are remembered: never a hard lock.
LONGEST_DELAY = 15 * 60
SHORTEST_WORD = 4


def delay_after(wrong: int) -> int:
    """Seconds to wait before the next try after so many wrong ones: none for ten, then doubling up to 15 minutes.

    >>> [delay_after(wrong) for wrong in (0, 9, 10, 11, 12, 15, 99)]
    [0, 0, 30, 60, 120, 900, 900]
    """
    if wrong < FREE_TRIES:
        return 0
    return int(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(wrong - FREE_TRIES, 10)))


def leans_on(password: str, words: Iterable[str]) -> str | None:
    """The word of this place that makes up half of a password or more, or None.

    Everybody who attacks a company tries its name and the product's with a year behind it.

    >>> leans_on("Acme-2026!", ["Mainstay", "Acme GmbH"])
    >>> leans_on("AcmeGmbH2026!", ["Mainstay", "Acme GmbH"]), leans_on("main-stay-main", ["Mainstay"])
    ('Acme GmbH', 'Mainstay')
    >>> leans_on("mainstay of a long sentence", ["Mainstay"])
    """
    plain = _letters(password)
    for word in words:
        part = _letters(word)
        if len(part) >= SHORTEST_WORD and plain.count(part) * len(part) * 2 >= len(plain):
            return word
    return None


def _letters(text: str) -> str:
    """Letters and digits alone, whatever their case and width."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


# In the order in which to look: others carry the names of those below them in their own.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def browser_name(user_agent: str) -> tuple[str, str]:
    """The browser and the system that a header names; an empty string for what is not known.

    >>> browser_name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    ('Firefox', 'Linux')
    >>> browser_name("curl/8.5")
    ('', '')
    """
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def _first(names: Iterable[tuple[str, str]], text: str) -> str:
    return next((name for mark, name in names if mark in text), "")
