"""Has this been asked before, in whatever words, and which requests are one?"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User
from roadmap.models import DuplicatePair, FeatureRequest
from roadmap.queries.requests import with_voices
from roadmap.rules.duplicates import LIKELY, SHOWN, Index, Shelf, build_index, most_alike, shared_words

# Of each request, so many others are kept as likely the same.
PAIRS_OF_ONE = 5
# Several runs of a merge: deeper than people merge, and an end to any circle that should not be.
DEEPEST = 50

Texts = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Alike:
    """One request that may be meant, with the reason why."""

    request: Any
    likeness: float
    words: tuple[str, ...]

    @property
    def is_likely(self) -> bool:
        """Whether it is so alike that a person is asked."""
        return self.likeness >= LIKELY


@dataclass
class _Kept:
    """The index of this process: made anew when a text is new or changed, of which the database is asked each time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rows: Texts = ()
    index: Index | None = None
    shelf: Shelf = field(default_factory=Shelf)

    def of(self, rows: Texts) -> Index:
        """The index of these texts."""
        with self.lock:
            if self.index is None or rows != self.rows:
                if len(self.shelf.known) > 2 * len(rows) + SHOWN:
                    self.shelf = Shelf()
                self.index, self.rows = build_index(rows, self.shelf), rows
            return self.index


_KEPT = _Kept()


def texts_to_compare() -> Texts:
    """The texts of all requests, each with the request that stands for it: title, and title with description."""
    rows = FeatureRequest.objects.order_by("pk").values_list("pk", "title", "description", "merged_into")
    known = list(rows)
    above = {pk: into for pk, _title, _description, into in known if into is not None}
    texts: list[tuple[int, str]] = []
    for pk, title, description, _into in known:
        root = _top(pk, above)
        texts.append((root, title))
        if description:
            texts.append((root, f"{title}\n{description}"))
    return tuple(texts)


def _top(pk: int, above: dict[int, int]) -> int:
    for _step in range(DEEPEST):
        if pk not in above:
            break
        pk = above[pk]
    return pk


def current_index() -> tuple[Texts, Index]:
    """The texts as they are now, and their index, kept between requests."""
    rows = texts_to_compare()
    return rows, _KEPT.of(rows)


def likely_duplicates(text: str, user: User | AnonymousUser, *, without: Sequence[int] = ()) -> list[Alike]:
    """Find requests that say much the same, the likeliest first, each with its voices and the words in common."""
    if not text.strip():
        return []
    rows, index = current_index()
    found = most_alike(text, index, without=without)
    requests = with_voices(FeatureRequest.objects.visible_to(user), user).in_bulk([pk for pk, _share in found])
    said: dict[int, str] = {}
    for owner, one in rows:
        if owner in requests:
            said[owner] = f"{said.get(owner, '')}\n{one}"
    return [Alike(requests[pk], share, tuple(shared_words(text, said[pk]))) for pk, share in found if pk in requests]


def find_pairs(request_ids: Sequence[int] | None = None) -> dict[tuple[int, int], tuple[float, list[str]]]:
    """Find which standing requests look alike, of some or of all, with how much and by which words."""
    rows, index = current_index()
    wanted = None if request_ids is None else set(request_ids)
    standing = set(FeatureRequest.objects.standing().values_list("pk", flat=True))
    said = {pk: text for pk, text in rows if pk in standing}
    found: dict[tuple[int, int], tuple[float, list[str]]] = {}
    for pk, text in said.items():
        if wanted is None or pk in wanted:
            for other, share in most_alike(text, index, most=PAIRS_OF_ONE, least=LIKELY, without=[pk]):
                pair = (min(pk, other), max(pk, other))
                if pair not in found or found[pair][0] < share:
                    found[pair] = share, shared_words(said[pair[0]], said[pair[1]])
    return found


def pairs_of(request: FeatureRequest) -> list[DuplicatePair]:
    """The open suggestions of one request, the likeliest first."""
    rows = DuplicatePair.objects.open().filter(Q(one=request) | Q(other=request))
    return list(rows.select_related("one__module", "other__module").order_by("-likeness", "pk"))


def root_of(request: FeatureRequest) -> FeatureRequest:
    """The request that has the voices of a merged one; itself, if it was not merged."""
    for _step in range(DEEPEST):
        if request.merged_into_id is None:
            break
        request = FeatureRequest.objects.get(pk=request.merged_into_id)
    return request


def family_of(request: FeatureRequest) -> list[int]:
    """A request and all that were merged into it, one into the other."""
    found = [request.pk]
    level = [request.pk]
    while level:
        level = list(FeatureRequest.objects.filter(merged_into__in=level).order_by().values_list("pk", flat=True))
        found += level
    return found
