"""How does every account get its score for a day, all at once or after its facts changed?"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction

from accounts.actions.traces import judge_triggers
from accounts.models import Account, Organisation
from common.bulk import Coded, JSONText, insert_columns, upsert_columns
from common.jobs import enqueue
from health.actions.band_changes import record_band_changes
from health.actions.scorecards import ensure_default_scorecard
from health.models import HealthScore
from health.queries.indicators import Book, measure, stale
from health.queries.indicators.book import Catalogue, Ints
from health.queries.scorecards import Card, cards_on, choose_cards
from health.queries.standing import Before, is_new, is_scored, reading_before, scores_of_day
from health.rules.components import dump_components
from health.rules.score import Words, points, score_columns, settle_bands

# So many accounts are measured and written at a time: memory stays the same for a book of any size.
CHUNK = 20_000

Told = Callable[[int, int], object]


@dataclass(frozen=True)
class Rows:
    """The scores of some accounts as columns, as they are written."""

    accounts: Ints
    scores: Coded
    bands: Words
    coverage: Coded
    version_id: int
    components: Sequence[str]


def score_accounts(
    *,
    on: dt.date,
    at: dt.datetime,
    account_ids: Iterable[int] | None = None,
    told: Told | None = None,
    refresh: bool = True,
    from_days: bool = False,
) -> dict[str, int]:
    """Score accounts (all, or those named) for a day and write one row each; return how many came to which band.

    A second run for the day gives the same rows. Rows of accounts that were no customers on the day go away. With
    `from_days`, use is counted from its single days instead of from what is kept of them: that gives the same.
    """
    ids = _ids(account_ids)
    organisation = Organisation.load()
    ensure_default_scorecard()
    cards = cards_on(on)
    book = Book(on=on, zone=organisation.zone, catalogue=Catalogue.load(), from_days=from_days)
    counts: Counter[str] = Counter(scored=0)
    for begin in range(0, len(ids), CHUNK):
        counts.update(_score_chunk(book.of(ids[begin : begin + CHUNK]), cards, organisation.renewal_gap_days, at))
        if told:
            told(min(begin + CHUNK, len(ids)), len(ids))
    if refresh and len(ids):
        refresh_rows(None if account_ids is None else ids.tolist())
        if counts["changed"]:
            judge_triggers(int(ids[0]) if len(ids) == 1 else None)
    return dict(counts)


def score_days(
    *, days: Sequence[dt.date], at: dt.datetime, account_ids: Collection[int] | None = None, told: Told | None = None
) -> int:
    """Score several days, oldest first; return how many scores were written."""
    written = 0
    for number, on in enumerate(sorted(days), start=1):
        written += score_accounts(on=on, at=at, account_ids=account_ids, refresh=False)["scored"]
        if told:
            told(number, len(days))
    if days:
        refresh_rows(None if account_ids is None else sorted(account_ids))
    return written


def refresh_rows(account_ids: Sequence[int] | None) -> None:
    """Have the account list catch up with the scores."""
    enqueue("portfolio.refresh_rows", key=key_of(account_ids), account_ids=account_ids)


def key_of(account_ids: Sequence[int] | None) -> str:
    """Name a piece of work by its accounts, so that a burst of facts is one piece of work.

    >>> key_of(None), key_of([3, 5])
    ('all', '3,5')
    """
    if account_ids is None:
        return "all"
    listed = ",".join(map(str, account_ids))
    return listed if len(listed) <= 100 else hashlib.sha256(listed.encode()).hexdigest()


def _ids(account_ids: Iterable[int] | None) -> Ints:
    if account_ids is not None:
        return np.unique(np.array(list(account_ids), dtype=np.int64))
    return np.fromiter(Account.objects.order_by("pk").values_list("pk", flat=True).iterator(), dtype=np.int64)


@transaction.atomic
def _score_chunk(book: Book, cards: Sequence[Card], gap_days: int, at: dt.datetime) -> Counter[str]:
    """Measure, score and write some accounts in one transaction.

    The accounts are locked before their facts are read: two workers that score the same account do it one after the
    other, and the later one sees what the earlier one's trigger and its own have written.
    """
    _lock(book)
    scored_before = scores_of_day(book)
    before = reading_before(book)
    chosen = np.where(is_scored(book, gap_days), choose_cards(cards, book), -1)
    counts: Counter[str] = Counter(scored=0)
    for position, card in enumerate(cards):
        mine = np.flatnonzero(chosen == position)
        if len(mine):
            rows = _score(book, mine, card, before)
            _write(rows, book.on, again=bool(len(scored_before)))
            changed = record_band_changes(
                book=book.of(rows.accounts), before=before.bands[mine], after=rows.bands, scores=rows.scores, at=at,
                again=bool(len(scored_before)),
            )  # fmt: skip
            counts.update(rows.bands.tolist())
            counts.update(scored=len(rows.accounts), changed=changed)
    if counts["changed"]:
        enqueue("advocacy.withdraw_unfit", key="all")
    gone = np.setdiff1d(scored_before, book.ids[chosen >= 0])
    if len(gone):
        book.of(gone).only(HealthScore.objects.filter(on=book.on)).filter(account_id__in=gone.tolist()).delete()
    return counts


def _lock(book: Book) -> None:
    """Wait until nobody else scores these accounts; facts may still be written meanwhile."""
    rows = book.only(Account.objects.order_by("pk"), "pk").select_for_update(no_key=True)
    for _ in rows.values_list("pk", flat=True).iterator(chunk_size=20_000):
        pass


def _score(book: Book, mine: Ints, card: Card, before: Before) -> Rows:
    """Score those of a book's accounts to which a scorecard applies, given by their positions."""
    values, expired = measure(card.definition, book)
    done = score_columns(card.definition, values[mine], expired[mine])
    bands = settle_bands(
        card.definition,
        done,
        previous_bands=before.bands[mine],
        previous_scores=before.scores[mine],
        in_grace=is_new(book, card.definition.grace_days)[mine],
    )
    return Rows(
        accounts=book.ids[mine],
        scores=_coded(np.where(done.measured > 0, done.score, -1), lambda score: points(score) if score >= 0 else None),
        bands=bands,
        coverage=_coded(done.measured, lambda measured: Decimal(measured).scaleb(-4)),
        version_id=card.version.pk,
        components=dump_components(card.keys, done, stale(card.definition, book)[mine]),
    )


def _coded(numbers: Ints | Words, value_of: Callable[[Any], object]) -> Coded:
    """A column whose few different values are made once each."""
    different, codes = np.unique(numbers, return_inverse=True)
    return Coded([value_of(one) for one in different.tolist()], codes)


def _write(rows: Rows, on: dt.date, *, again: bool) -> None:
    """Write one row per account and day; scored again, in place of the earlier one of the day if it differs."""
    same = np.zeros(len(rows.accounts), dtype=np.int64)
    columns: dict[str, Sequence[object] | Coded] = {
        "account_id": rows.accounts.tolist(),
        "on": Coded([on], same),
        "score": rows.scores,
        "band": _coded(rows.bands, str),
        "coverage": rows.coverage,
        "version_id": Coded([rows.version_id], same),
        "components": list(map(JSONText, rows.components)),
    }
    if again:
        changing = ("score", "band", "coverage", "version_id", "components")
        update = {name: f"new.{name}" for name in changing}
        upsert_columns(HealthScore, columns, unique=["account_id", "on"], update=update, only_changed=True)
    else:
        # The accounts are locked, so nobody else writes a first score of theirs.
        insert_columns(HealthScore, columns)
