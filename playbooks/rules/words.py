"""In which language does a template speak to its reader?

A text of a template is a mapping from language code to text, so that one template, and every task made from it, reads
in the language of whoever looks at it. What people write themselves has one language; what is shipped has two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from health.rules.parsing import N_, ScorecardError

Words = Mapping[str, str]

LANGUAGES = ("en", "zh-hans")


def in_language(words: Words, language: str | None) -> str:
    """Give a text in a language; in English, or in the first that there is, where it was not written in that one.

    >>> in_language({"en": "Call", "zh-hans": "致电"}, "zh-hans"), in_language({"en": "Call"}, "zh-hans")
    ('致电', 'Call')
    >>> in_language({"zh-hans": "致电"}, "en"), in_language({}, "en")
    ('致电', '')
    """
    return words.get(language or "") or words.get("en") or next(iter(words.values()), "")


def read_words(value: Any, place: str, *, most: int, required: bool = False) -> dict[str, str]:
    """Read a text: plain, which counts as English, or one per language.

    >>> read_words("Call them", "title", most=200)
    {'en': 'Call them'}
    >>> read_words({"en": "Call", "fr": "Appeler"}, "title", most=200)
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: title: there is no language “fr” here.
    """
    given = {"en": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        raise ScorecardError(N_("%(place)s must be text."), place, place=place)
    for language, text in given.items():
        if language not in LANGUAGES:
            message = N_("%(place)s: there is no language “%(language)s” here.")
            raise ScorecardError(message, place, place=place, language=str(language)[:20])
        if not isinstance(text, str) or "\0" in text:
            raise ScorecardError(N_("%(place)s must be text."), place, place=place)
        if len(text) > most:
            raise ScorecardError(N_("%(place)s has at most %(most)s characters."), place, place=place, most=most)
    words = {language: text.strip() for language, text in given.items() if text.strip()}
    if required and not words:
        raise ScorecardError(N_("%(place)s must not be empty."), place, place=place)
    return words
