"""Do two requests mean the same need, and by which words?

TF-IDF over words, three letters at a time, pairs of Chinese characters, and things that have several names: cosine of
the angle between two texts. An index of 10,000 requests is built in under a second and asked in milliseconds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadmap.rules.concepts import CONCEPTS

# What is at least this alike is shown; what is at least that alike asks whether it is not the same.
WORTH_SHOWING = 0.2
LIKELY = 0.35
SHOWN = 5
WORDS_SHOWN = 6
WORD = re.compile(r"[^\W_]+")
# Scripts that put no blanks between words: Chinese characters and kana.
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
FILLERS = frozenset(
    WORD.findall(
        "a an and any are as at be been but by can could do does each every for from get give had has have he "
        "her his i if in into is it its let like make me more must my need no not of on one only or our out "
        "please she should so some such than that the their them then there they this to too up us want was "
        "we were what when where which who will with would you your"
    )
)
# Characters that carry little in a wish: a pair with one of them says nothing.
EMPTY = frozenset("的了吗呢吧们是在有和与及我你他她它要想请能可以希望需要一个不这那都就也还很")
# A whole word or a known thing says more than three letters of it.
WORD_WEIGHT, CONCEPT_WEIGHT = 1.5, 3.0
MOST_CHARACTERS = 4_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def fold(word: str) -> str:
    """Take the plural off an English word: enough for wishes, and wrong in few.

    >>> [fold(word) for word in ("exports", "class", "entries", "sso", "导出")]
    ['export', 'class', 'entry', 'sso', '导出']
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def plain(text: str) -> str:
    """Write a text as it is compared: one width of letters, small ones, not too many.

    >>> plain("Ｅxport to EXCEL")
    'export to excel'
    """
    return unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()


def _expressions() -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Names of things by how they are found: single words, phrases, Chinese."""
    words: dict[str, int] = {}
    phrases: dict[str, int] = {}
    chinese: dict[str, int] = {}
    for number, names in enumerate(CONCEPTS):
        for name in names:
            if UNSPACED.search(name):
                chinese[name] = number
            else:
                parts = WORD.findall(name)
                (words if len(parts) == 1 else phrases)[" ".join(map(fold, parts))] = number
    return words, phrases, chinese


WORD_CONCEPTS, PHRASE_CONCEPTS, CHINESE_CONCEPTS = _expressions()
PHRASES = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(PHRASE_CONCEPTS, key=len, reverse=True))) + r")\b")
CHINESE = re.compile("|".join(sorted(CHINESE_CONCEPTS, key=len, reverse=True)))


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> dict[str, float]:
    """Give the features of one word."""
    if word in FILLERS:
        return {}
    folded = fold(word)
    padded = f"  {folded} "
    found = dict.fromkeys((padded[at : at + 3] for at in range(len(padded) - 2)), 1.0)
    found[f"w:{folded}"] = WORD_WEIGHT
    if folded in WORD_CONCEPTS:
        found[f"c:{WORD_CONCEPTS[folded]}"] = CONCEPT_WEIGHT
    return found


@lru_cache(maxsize=20_000)
def _of_run(run: str) -> dict[str, float]:
    """Give the features of characters that stand together."""
    if len(run) == 1:
        return {} if run in EMPTY else {run: 1.0}
    pairs = (run[at : at + 2] for at in range(len(run) - 1))
    return dict.fromkeys((pair for pair in pairs if pair[0] not in EMPTY and pair[1] not in EMPTY), 1.0)


def features_of(text: str) -> dict[str, float]:
    """Take a text apart into what it is compared by, with how much each counts.

    >>> sorted(features_of("SSO"))
    ['  s', ' ss', 'c:5', 'so ', 'sso', 'w:sso']
    >>> sorted(features_of("导出报表"))
    ['c:0', 'c:2', '出报', '导出', '报表']
    """
    found: dict[str, float] = {}
    text = plain(text)
    has_chinese = UNSPACED.search(text) is not None
    for run in UNSPACED.findall(text) if has_chinese else ():
        found |= _of_run(run)
    words = WORD.findall(UNSPACED.sub(" ", text) if has_chinese else text)
    for word in words:
        found |= _of_word(word)
    things = {PHRASE_CONCEPTS[name] for name in PHRASES.findall(" ".join(map(fold, words)))}
    if has_chinese:
        things |= {CHINESE_CONCEPTS[name] for name in CHINESE.findall(text)}
    return found | dict.fromkeys((f"c:{thing}" for thing in things), CONCEPT_WEIGHT)


@dataclass
class Index:
    """Texts to compare with: of each feature, in which texts it stands and how much it counts there."""

    # The request that each text belongs to; a request may have several texts.
    owners: Ints
    places: dict[str, int] = field(repr=False)
    starts: Ints = field(repr=False)
    texts: Ints = field(repr=False)
    weights: Floats = field(repr=False)
    rarity: Floats = field(repr=False)

    def ask(self, text: str) -> Floats:
        """Say how alike each text of the index is to a text: 0 to 1."""
        features = features_of(text)
        # The shelf may have learned new features since: those are as unknown here as those it never saw.
        known = {name: place for name in features if (place := self.places.get(name, -1)) in range(len(self.rarity))}
        unknown = [weight for name, weight in features.items() if name not in known]
        if not known:
            return np.zeros(len(self.owners))
        at = np.array(list(known.values()))
        own = np.array([features[name] for name in known]) * self.rarity[at]
        # What nobody ever said is as rare as can be: it makes the text longer, and less like any other.
        length = np.sqrt((own**2).sum() + sum(weight**2 for weight in unknown) * self._rarest**2)
        counts = self.starts[at + 1] - self.starts[at]
        firsts = self.starts[at] - np.concatenate(([0], np.cumsum(counts)[:-1]))
        rows = np.repeat(firsts, counts) + np.arange(counts.sum())
        spread = np.repeat(own / length, counts) * self.weights[rows]
        return np.bincount(self.texts[rows], weights=spread, minlength=len(self.owners)).astype(float)

    @property
    def _rarest(self) -> float:
        return float(np.log(1 + len(self.owners))) + 1.0


@dataclass
class Shelf:
    """What was taken apart before: a text that did not change is not taken apart again."""

    places: dict[str, int] = field(default_factory=dict)
    known: dict[str, tuple[Ints, Floats]] = field(default_factory=dict)

    def look_up(self, text: str) -> tuple[Ints, Floats]:
        """Give the features of a text, by number, and how much each counts."""
        found = self.known.get(text)
        if found is None:
            told = features_of(text)
            numbers = [self.places.setdefault(name, len(self.places)) for name in told]
            found = self.known[text] = np.array(numbers, dtype=np.int64), np.array(list(told.values()), dtype=float)
        return found


def build_index(rows: Sequence[tuple[int, str]], shelf: Shelf | None = None) -> Index:
    """Make the index of texts, each given with the number of its request.

    >>> index = build_index([(7, "Export to Excel"), (8, "Dark mode")])
    >>> index.ask("excel exports").round(1).tolist()
    [1.0, 0.0]
    """
    shelf = shelf or Shelf()
    told = [shelf.look_up(text) for _owner, text in rows]
    sizes = np.array([len(numbers) for numbers, _weights in told], dtype=np.int64)
    of = np.concatenate([numbers for numbers, _weights in told] or [np.empty(0, dtype=np.int64)])
    weights = np.concatenate([weights for _numbers, weights in told] or [np.empty(0)])
    owners = np.array([owner for owner, _text in rows], dtype=np.int64)
    return _packed(owners, shelf.places, of, weights, np.repeat(np.arange(len(rows)), sizes))


def _packed(owners: Ints, places: dict[str, int], of: Ints, weights: Floats, text: Ints) -> Index:
    """Weigh the features by how rare they are, bring every text to length 1, and sort by feature."""
    held = np.bincount(of, minlength=len(places))
    rarity: Floats = np.log((1 + len(owners)) / (1 + held.astype(float))) + 1
    weights = weights * rarity[of]
    lengths = np.sqrt(np.bincount(text, weights=weights**2, minlength=len(owners)))
    weights = weights / lengths[text] if len(of) else weights
    order = np.argsort(of, kind="stable")
    starts = np.concatenate(([0], np.cumsum(held))).astype(np.int64)
    return Index(owners, places, starts, text[order], weights[order], rarity)


def most_alike(
    text: str, index: Index, *, most: int = SHOWN, least: float = WORTH_SHOWING, without: Iterable[int] = ()
) -> list[tuple[int, float]]:
    """Find the requests that probably mean the same, the likeliest first, each with how alike it is.

    >>> index = build_index([(1, "Export to Excel"), (2, "Dark mode"), (3, "导出为电子表格")])
    >>> [number for number, _share in most_alike("Excel exports", index)]
    [1, 3]
    >>> most_alike("", index), most_alike("the of", index)
    ([], [])
    """
    if not len(index.owners):
        return []
    shares = index.ask(text)
    near = np.flatnonzero(shares >= least)
    best: dict[int, float] = {}
    for at in near[np.argsort(-shares[near], kind="stable")]:
        best.setdefault(int(index.owners[at]), min(float(shares[at]), 1.0))
    left_out = set(without)
    return [one for one in best.items() if one[0] not in left_out][:most]


def shared_words(one: str, other: str) -> list[str]:
    """Name what two texts share, as a person reads it: the reason of a suggestion.

    >>> shared_words("Export reports to Excel", "Excel export of a report")
    ['export', 'report', 'excel']
    >>> shared_words("批量导出报表", "报表导出太慢"), shared_words("SSO please", "需要单点登录")
    (['导出', '报表'], ['sso = 单点登录'])
    >>> shared_words("Approval on the train", "approve faster")
    ['approval = approve']
    """
    one, other = plain(one), plain(other)
    theirs = {fold(word) for word in WORD.findall(UNSPACED.sub(" ", other))} - FILLERS
    ours = [word for word in map(fold, WORD.findall(UNSPACED.sub(" ", one))) if word not in FILLERS]
    words = [word for word in dict.fromkeys(ours) if word in theirs]
    runs = _common_runs(one, other)
    said = set(words) | set(runs)
    named = [pair for pair in _same_things(one, other) if not said & set(pair.split(" = "))]
    return [*words, *runs, *named][:WORDS_SHOWN]


def _common_runs(one: str, other: str) -> list[str]:
    """The longest pieces of Chinese that stand in both texts."""
    found: list[str] = []
    for run in UNSPACED.findall(one):
        at = 0
        while at < len(run) - 1:
            end = at + 2
            while end <= len(run) and run[at:end] in other:
                end += 1
            piece = run[at : end - 1]
            if len(piece) >= 2:
                found.append(piece.strip("".join(EMPTY)))
                at = end - 1
            else:
                at += 1
    return [piece for piece in dict.fromkeys(found) if len(piece) >= 2]


def _things_in(text: str) -> dict[int, str]:
    """Which known things a text names, and how."""
    words = [fold(word) for word in WORD.findall(UNSPACED.sub(" ", text))]
    named: dict[int, str] = {}
    for name in PHRASES.findall(" ".join(words)):
        named.setdefault(PHRASE_CONCEPTS[name], name)
    for word in words:
        if word in WORD_CONCEPTS:
            named.setdefault(WORD_CONCEPTS[word], word)
    for name in CHINESE.findall(text):
        named.setdefault(CHINESE_CONCEPTS[name], name)
    return named


def _same_things(one: str, other: str) -> list[str]:
    here, there = _things_in(one), _things_in(other)
    return [f"{name} = {there[thing]}" for thing, name in here.items() if thing in there and there[thing] != name]


def pairs_alike(rows: Sequence[tuple[int, str]], index: Index, *, least: float, most: int) -> dict[Any, float]:
    """Find the pairs of requests that are at least so alike: of each at most so many, the likeliest.

    >>> rows = [(1, "Export to Excel"), (2, "Excel export"), (3, "Dark mode")]
    >>> {pair: round(share, 1) for pair, share in pairs_alike(rows, build_index(rows), least=0.5, most=3).items()}
    {(1, 2): 1.0}
    """
    found: dict[tuple[int, int], float] = {}
    for owner, text in rows:
        for other, share in most_alike(text, index, most=most, least=least, without=[owner]):
            pair = (min(owner, other), max(owner, other))
            found[pair] = max(found.get(pair, 0.0), share)
    return found
