"""What would a draft change, and would it have warned of the customers who left?

Both questions score the same facts twice, by the scorecards in force and with the draft among them, and keep nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import QuerySet

from accounts.models import Account, ChurnRecord, Organisation
from common.columns import only_ids
from common.errors import Refused
from health.models import HealthScore, Scorecard, ScorecardVersion
from health.queries.editor import Standing
from health.queries.indicators import Book, measure
from health.queries.indicators.book import Catalogue, Ints
from health.queries.scorecards import Card, cards_on, choose_cards, condition_of
from health.queries.scores import indicator_name
from health.queries.standing import is_new, is_scored
from health.rules.conditions import parse_conditions
from health.rules.formulas import FORMULA, parse_formula
from health.rules.lookback import Warned, trial_days
from health.rules.score import RED, Flags, Floats, Words, score_columns, settle_bands
from health.rules.scorecard import Indicator, parse_scorecard
from revenue.models import Movement
from revenue.queries import arr_by_account

# A preview looks at so many accounts; of a larger book at as many, evenly spread.
MOST_ACCOUNTS = 20_000
MOST_CHURNS = 500
HORIZONS = (30, 60)
YEAR = dt.timedelta(days=365)
# Whoever was a customer so long ago and still is did not leave: a red then is a false alarm.
STAYED_DAYS = 90
MOST_STAYED = 2_000


@dataclass(frozen=True, slots=True)
class Mover:
    """One account whose band the draft changes."""

    account_id: int
    name: str
    before: str
    after: str
    score_before: Decimal | None
    score_after: Decimal | None
    arr: Decimal | None


@dataclass(frozen=True, slots=True)
class Passage:
    """How many accounts go from one band to another, and what they pay."""

    before: str
    after: str
    accounts: int
    arr: Decimal


@dataclass(frozen=True)
class Preview:
    """What a draft changes in the book as it stands on a day."""

    on: dt.date
    looked_at: int
    accounts: int
    before: dict[str, int]
    after: dict[str, int]
    passages: tuple[Passage, ...]
    movers: tuple[Mover, ...]
    arr: Decimal

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the book was looked at."""
        return self.looked_at < self.accounts


@dataclass(frozen=True, slots=True)
class Departure:
    """One customer who left, and its band so many days before: (by the scorecards in force, with the draft)."""

    account_id: int
    name: str
    left_on: dt.date
    bands: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LookBack:
    """How a draft would have warned in the last year; indicators that are only known as of today are left out."""

    since: dt.date
    until: dt.date
    departures: tuple[Departure, ...]
    warned: tuple[Warned, ...]
    stayed: Warned | None
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Stand:
    """The band ("" for none) and the score (nan for none) of each account of a book."""

    bands: Words
    scores: Floats


def preview(standing: Standing, accounts: QuerySet[Account], *, on: dt.date, with_money: bool) -> Preview:
    """Score some accounts by the scorecards in force and with the draft, and say who changes band.

    No account waits for a second reading here: it is where the scores lead, not what tomorrow shows.
    """
    every = np.array(sorted(accounts.order_by().values_list("pk", flat=True)), dtype=np.int64)
    ids = _spread(every, MOST_ACCOUNTS)
    book, cards = _book(on).of(ids), cards_on(on)
    scored = is_scored(book, Organisation.load().renewal_gap_days)
    old, new = stand(cards, book, scored), stand(with_draft(cards, standing, on), book, scored)
    moving = np.flatnonzero(old.bands != new.bands)
    paid = _paid(on, ids[moving]) if with_money else {}
    movers = _movers(ids, old, new, moving, paid)
    return Preview(
        on=on,
        looked_at=len(ids),
        accounts=len(every),
        before=_spread_over(old.bands),
        after=_spread_over(new.bands),
        passages=_passages(movers),
        movers=movers,
        arr=sum((mover.arr or Decimal(0) for mover in movers), Decimal(0)),
    )


def look_back(
    standing: Standing, accounts: QuerySet[Account], *, on: dt.date, horizons: Sequence[int] = HORIZONS
) -> LookBack:
    """Score those who left in the last year as they stood before, and as many who stayed, from what was known then."""
    cards = cards_on(on)
    drafted = with_draft(cards, standing, on)
    left = departures(accounts, since=on - YEAR, until=on)
    days = trial_days([day for _account, _name, day in left], horizons)
    found = _tried(cards, drafted, [account for account, _name, _day in left], days, on)
    lines = tuple(
        Departure(account, name, day, tuple(row[at] for row in found)) for at, (account, name, day) in enumerate(left)
    )
    return LookBack(
        since=on - YEAR,
        until=on,
        departures=lines,
        warned=tuple(_warned(horizon, row) for horizon, row in zip(horizons, found, strict=True)),
        stayed=_stayed(cards, drafted, accounts, {account for account, _name, _day in left}, on),
        left_out=tuple(indicator_name(row) or row.key for row in _undated(standing)),
    )


def departures(accounts: QuerySet[Account], *, since: dt.date, until: dt.date) -> list[tuple[int, str, dt.date]]:
    """Who left in a span of days, by the ledger or as people recorded it: account, name, day; newest first."""
    shown = accounts.order_by().values("pk")
    moves = Movement.objects.filter(kind=Movement.Kind.CHURN, on__gt=since, on__lte=until, account__in=shown)
    records = ChurnRecord.objects.filter(on__gt=since, on__lte=until, account__in=shown)
    last: dict[int, tuple[str, dt.date]] = {}
    for rows in (records, moves):
        for account, name, day in rows.order_by("on").values_list("account_id", "account__name", "on"):
            last[account] = (name, day)
    ordered = sorted(last.items(), key=lambda item: (item[1][1], item[0]), reverse=True)
    return [(account, name, day) for account, (name, day) in ordered[:MOST_CHURNS]]


def with_draft(cards: Sequence[Card], standing: Standing, on: dt.date) -> list[Card]:
    """The scorecards in force with what is drafted of one of them in its place."""
    drafted = Card(
        ScorecardVersion(scorecard=standing.scorecard, number=0, definition=standing.definition, effective_on=on),
        parse_scorecard(standing.definition),
        condition_of(parse_conditions(standing.conditions), on),
    )
    others = [card for card in cards if card.version.scorecard_id != standing.scorecard.pk]
    places = dict(Scorecard.objects.values_list("pk", "position"))
    return sorted([*others, drafted], key=lambda card: (places[card.version.scorecard_id], card.version.scorecard_id))


def stand(cards: Sequence[Card], book: Book, scored: Flags, *, as_then: bool = False) -> Stand:
    """Where each account of a book stands by some scorecards; `as_then` leaves out what is only known today."""
    bands = np.full(len(book.ids), "", dtype="U10")
    scores = np.full(len(book.ids), np.nan)
    chosen = np.where(scored, choose_cards(cards, book), -1) if len(book.ids) else np.empty(0, dtype=np.int64)
    for position, card in enumerate(cards):
        mine = np.flatnonzero(chosen == position)
        if not len(mine):
            continue
        values, expired = measure(card.definition, book)
        if as_then:
            values = np.where([not is_dated(row) for row in card.definition.indicators], np.nan, values)
        done = score_columns(card.definition, values[mine], expired[mine])
        in_grace = is_new(book, card.definition.grace_days)[mine]
        bands[mine] = settle_bands(card.definition, done, in_grace=in_grace)
        scores[mine] = np.where(done.measured > 0, done.score / 100, np.nan)
    return Stand(bands, scores)


def is_dated(indicator: Indicator) -> bool:
    """Whether an indicator's value on a past day is still known."""
    if indicator.source == FORMULA:
        return parse_formula(dict(indicator.params), indicator.days).is_dated
    return indicator.source != "custom_field"


def _undated(standing: Standing) -> list[Indicator]:
    return [row for row in parse_scorecard(standing.definition).indicators if not is_dated(row)]


def _book(on: dt.date) -> Book:
    return Book(on=on, zone=Organisation.load().zone, catalogue=Catalogue.load())


def _spread(ids: Ints, most: int) -> Ints:
    """At most so many of some ids, evenly spread."""
    if len(ids) <= most:
        return ids
    return ids[np.linspace(0, len(ids) - 1, most).astype(np.int64)]


def _paid(on: dt.date, ids: Ints) -> dict[int, Decimal]:
    """What accounts pay; nothing while an exchange rate is missing."""
    try:
        return arr_by_account(on, ids.tolist())
    except Refused:
        return {}


def _spread_over(bands: Words) -> dict[str, int]:
    found = Counter(bands.tolist())
    return {band: found[band] for band in HealthScore.Band.values}


def _movers(ids: Ints, old: Stand, new: Stand, moving: Ints, paid: dict[int, Decimal]) -> tuple[Mover, ...]:
    wanted = only_ids(Account.objects.order_by(), "pk", ids[moving].tolist())
    called = dict(wanted.values_list("pk", "name"))
    rows = [
        Mover(
            account_id=int(ids[at]),
            name=called[int(ids[at])],
            before=str(old.bands[at]),
            after=str(new.bands[at]),
            score_before=_points(old.scores[at]),
            score_after=_points(new.scores[at]),
            arr=paid.get(int(ids[at])),
        )
        for at in moving.tolist()
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.arr or Decimal(0)), row.name, row.account_id)))


def _points(score: float) -> Decimal | None:
    return None if np.isnan(score) else Decimal(f"{score:.2f}")


def _passages(movers: Sequence[Mover]) -> tuple[Passage, ...]:
    order = ["", *HealthScore.Band.values]
    found: dict[tuple[str, str], list[Mover]] = {}
    for mover in movers:
        found.setdefault((mover.before, mover.after), []).append(mover)
    return tuple(
        Passage(before, after, len(rows), sum((row.arr or Decimal(0) for row in rows), Decimal(0)))
        for (before, after), rows in sorted(
            found.items(), key=lambda item: (order.index(item[0][0]), order.index(item[0][1]))
        )
    )


def _tried(
    cards: Sequence[Card], drafted: Sequence[Card], accounts: Sequence[int], days: Sequence[Sequence[dt.date]],
    today: dt.date,
) -> list[list[tuple[str, str]]]:  # fmt: skip
    """The bands of some accounts, each on its own day, per horizon: one scoring for each different day."""
    found: list[list[tuple[str, str]]] = [[("", "")] * len(accounts) for _row in days]
    book = _book(today)
    for day in sorted({day for row in days for day in row}):
        wanted = [(row, at) for row, line in enumerate(days) for at, own in enumerate(line) if own == day]
        ids = np.array(sorted({accounts[at] for _row, at in wanted}), dtype=np.int64)
        then = Book(on=day, zone=book.zone, catalogue=book.catalogue, ids=ids)
        everybody = np.ones(len(ids), dtype=bool)
        old = stand(cards, then, everybody, as_then=True).bands
        new = stand(drafted, then, everybody, as_then=True).bands
        for row, at in wanted:
            place = int(np.searchsorted(ids, accounts[at]))
            found[row][at] = (str(old[place]), str(new[place]))
    return found


def _warned(days: int, bands: Sequence[tuple[str, str]]) -> Warned:
    return Warned(
        days=days,
        accounts=len(bands),
        red_now=sum(old == RED for old, _new in bands),
        red_draft=sum(new == RED for _old, new in bands),
    )


def _stayed(
    cards: Sequence[Card], drafted: Sequence[Card], accounts: QuerySet[Account], left: set[int], on: dt.date
) -> Warned | None:
    """Of those who were customers some time ago and still are, how many were red: false alarms."""
    every: Any = accounts.order_by("pk").exclude(stage=Account.Stage.CHURNED).values_list("pk", flat=True)
    ids = _spread(np.array([pk for pk in every if pk not in left], dtype=np.int64), MOST_STAYED)
    then = on - dt.timedelta(days=STAYED_DAYS)
    book = _book(then).of(ids)
    gap = Organisation.load().renewal_gap_days
    customers = is_scored(book, gap) & is_scored(_book(on).of(ids), gap)
    if not customers.any():
        return None
    old, new = (stand(some, book, customers, as_then=True).bands for some in (cards, drafted))
    return Warned(STAYED_DAYS, int(customers.sum()), int((old == RED).sum()), int((new == RED).sum()))
