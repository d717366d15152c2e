"""What was known of each customer on a day, as figures from which a churn model learns?

Everything here counts *facts with the day from which they are known*: a ticket from the day it was opened, its end from
the day it was resolved, a monthly reading from the last day of its month, the end of a contract from the day on which
it has ended. So a figure for a day can be made from the facts known by then, and `leaks` proves that it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# More than there are days up to the year 9999, so that account and day fit one number.
SPAN = 2**22
MONTH, QUARTER, HALF, YEAR = 30, 90, 180, 365
# A reading of a month stands until the next, at most 31 days. Windows of 28 and 84 days that end on a month's last day
# hold the last day of one month and of three.
READING_DAYS, READING_MONTH, READING_QUARTER = 31, 28, 84
# Changes beyond this factor say no more than this factor.
MOST_CHANGE = 10.0
CENTS, TEN_THOUSANDTHS = 100, 10_000


@dataclass(frozen=True)
class Rows:
    """Facts of one kind: the position of their account, the day from which each is known, and their figures.

    What is added up is given in whole numbers (cents, ten-thousandths), so that sums are exact in whatever order.
    """

    at: Ints
    known: Ints
    figures: Mapping[str, Floats] = field(default_factory=dict)

    def until(self, day: int) -> Rows:
        """The facts known by a day."""
        keep = self.known <= day
        return Rows(self.at[keep], self.known[keep], {name: values[keep] for name, values in self.figures.items()})

    @cached_property
    def _order(self) -> Ints:
        return np.asarray(np.argsort(self.at * SPAN + self.known, kind="stable"), dtype=np.int64)

    @cached_property
    def _keys(self) -> Ints:
        keys: Ints = (self.at * SPAN + self.known)[self._order]
        return keys

    @cached_property
    def _sums(self) -> dict[str, Floats]:
        return {name: np.append(0.0, np.cumsum(values[self._order])) for name, values in self.figures.items()}

    def span(self, count: int, first: Ints | int, last: Ints | int) -> tuple[Ints, Ints]:
        """Where the facts of `count` accounts from one day to another (both included, for each its own) lie."""
        accounts = np.arange(count, dtype=np.int64) * SPAN
        low = np.searchsorted(self._keys, accounts + np.maximum(first, 0), side="left")
        return low, np.maximum(np.searchsorted(self._keys, accounts + np.maximum(last, 0), side="right"), low)

    def count(self, accounts: int, first: Ints | int, last: Ints | int) -> Floats:
        """How many facts each account has in a span of days."""
        low, high = self.span(accounts, first, last)
        return (high - low).astype(np.float64)

    def total(self, name: str, accounts: int, first: Ints | int, last: Ints | int) -> Floats:
        """What a figure adds up to in a span of days."""
        low, high = self.span(accounts, first, last)
        sums = self._sums.get(name, np.zeros(len(self.at) + 1))
        total: Floats = sums[high] - sums[low]
        return total

    def newest(self, accounts: int, first: int, last: int, name: str = "") -> Floats:
        """The figure of the last fact in a span of days (its day, if none is named); nan where there is none."""
        low, high = self.span(accounts, first, last)
        if not len(self._keys):
            return np.full(accounts, np.nan)
        values = (self.figures[name] if name else self.known.astype(np.float64))[self._order]
        return np.where(high > low, values[np.maximum(high - 1, 0)], np.nan)


@dataclass(frozen=True)
class Facts:
    """The facts of some accounts, by kind; what is given here for an account has no day and never changes."""

    accounts: int
    signed: Ints
    level: Ints
    rows: Mapping[str, Rows]
    metrics: tuple[str, ...] = ()
    # Days after signing by which each milestone is due, and which of them means that the core process is configured.
    due_after: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def until(self, day: int) -> Facts:
        """The facts as they were known on a day: the book cut off there."""
        return replace(self, rows={kind: rows.until(day) for kind, rows in self.rows.items()})


Source = Callable[[Facts, int], dict[str, Floats]]


def columns_on(facts: Facts, day: int, sources: Sequence[Source] | None = None) -> dict[str, Floats]:
    """All figures of a day, one column each, nan where an account has none.

    >>> rows = Rows(np.array([0, 0, 1]), np.array([80, 99, 20]), {"events": np.array([4.0, 8.0, 5.0])})
    >>> made = columns_on(Facts(2, np.array([0, 0]), np.array([0, 1]), {"usage": rows}), 100)
    >>> made["usage_30"].tolist(), made["days_silent"].tolist(), made["level_team"].tolist()
    ([12.0, 0.0], [1.0, 80.0], [0.0, 1.0])
    """
    made: dict[str, Floats] = {}
    for source in SOURCES if sources is None else sources:
        made.update(source(facts, day))
    return made


def leaks(facts: Facts, day: int, sources: Sequence[Source] | None = None) -> list[str]:
    """Name the figures of a day that change when all that became known later is taken away; there must be none.

    >>> rows = Rows(np.array([0, 0]), np.array([80, 120]), {"events": np.array([4.0, 8.0])})
    >>> facts = Facts(1, np.array([0]), np.array([0]), {"usage": rows})
    >>> leaks(facts, 100)
    []
    >>> def all_events(facts, day): return {"all_events": facts.rows["usage"].total("events", 1, 0, 10**6)}
    >>> leaks(facts, 100, [all_events])
    ['all_events']
    """
    whole, cut = columns_on(facts, day, sources), columns_on(facts.until(day), day, sources)
    return [
        name
        for name in whole
        if name not in cut or not np.allclose(whole[name], cut[name], rtol=1e-9, atol=1e-9, equal_nan=True)
    ]


def customers_on(facts: Facts, day: int) -> Flags:
    """Which accounts pay for something on a day: more contract lines have begun by then than have ended.

    >>> begun, ended = Rows(np.array([0, 1]), np.array([10, 10])), Rows(np.array([1]), np.array([50]))
    >>> facts = Facts(2, np.zeros(2), np.zeros(2), {"begun": begun, "ended": ended})
    >>> customers_on(facts, 49).tolist(), customers_on(facts, 50).tolist()
    ([True, True], [True, False])
    """
    return _running(facts, "begun", day) > _running(facts, "ended", day)


def change(now: Floats, before: Floats) -> Floats:
    """Now / before, at most tenfold; nothing where there was nothing before.

    >>> change(np.array([5.0, 5.0, 90.0]), np.array([10.0, 0.0, 1.0]))
    array([ 0.5,  nan, 10. ])
    """
    usable = before > 0
    return np.where(usable, np.minimum(now / np.where(usable, before, 1.0), MOST_CHANGE), np.nan)


def is_agreed_term(starts: Ints, ends: Ints) -> Flags:
    """Whether a contract ends a whole number of months after its start: then its end was agreed from the start.

    Any other end is taken for one that came about, and was written down when it did.

    >>> days = np.array(["2025-01-15", "2025-01-15", "2025-03-01"], dtype="datetime64[D]").astype(np.int64)
    >>> ends = np.array(["2026-01-15", "2025-08-03", "2026-02-28"], dtype="datetime64[D]").astype(np.int64)
    >>> is_agreed_term(days, ends).tolist()
    [True, False, True]
    """
    start_in, end_in = _day_of_month(starts), _day_of_month(ends)
    # An end may be given as the last day or as the day after it.
    same: Flags = (start_in == end_in) | (start_in == _day_of_month(ends + 1))
    return same


def _day_of_month(days: Ints) -> Ints:
    dates = days.astype("datetime64[D]")
    return np.asarray((dates - dates.astype("datetime64[M]")).astype(np.int64))


def _total(facts: Facts, kind: str, figure: str, first: Ints | int, last: Ints | int) -> Floats:
    rows = facts.rows.get(kind)
    return np.zeros(facts.accounts) if rows is None else rows.total(figure, facts.accounts, first, last)


def _count(facts: Facts, kind: str, first: Ints | int, last: Ints | int) -> Floats:
    rows = facts.rows.get(kind)
    return np.zeros(facts.accounts) if rows is None else rows.count(facts.accounts, first, last)


def _newest(facts: Facts, kind: str, first: int, last: int, figure: str = "") -> Floats:
    rows = facts.rows.get(kind)
    return np.full(facts.accounts, np.nan) if rows is None else rows.newest(facts.accounts, first, last, figure)


def _running(facts: Facts, kind: str, day: int, figure: str = "") -> Floats:
    return _total(facts, kind, figure, 0, day) if figure else _count(facts, kind, 0, day)


def _mean(facts: Facts, kind: str, figure: str, first: Ints | int, last: Ints | int) -> Floats:
    count = _count(facts, kind, first, last)
    total = _total(facts, kind, figure, first, last)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _usage(facts: Facts, day: int) -> dict[str, Floats]:
    """Days of use: an account that was ever heard and is silent now has 0, one that never was has nothing."""
    heard = _count(facts, "usage", 0, day) > 0

    def window(figure: str, newest: int, oldest: int) -> Floats:
        return np.where(heard, _total(facts, "usage", figure, day - oldest + 1, day - newest), np.nan)

    first = _oldest(facts, "usage")
    months_before = np.clip((day - MONTH - np.where(heard, first, day)) / MONTH, 0, 12)
    own = window("events", MONTH, MONTH + 12 * MONTH) / np.maximum(months_before, 1)
    return {
        "usage_30": window("events", 0, MONTH),
        "usage_trend": change(window("events", 0, MONTH), window("events", MONTH, 2 * MONTH)),
        "usage_own": np.where(months_before >= 1, change(window("events", 0, MONTH), own), np.nan),
        "core_trend": change(window("core_events", 0, MONTH), window("core_events", MONTH, 2 * MONTH)),
        "active_days": np.where(heard, _count(facts, "usage", day - MONTH + 1, day), np.nan),
        "days_silent": np.minimum(day - _newest(facts, "usage", 0, day), YEAR),
        "people_30": window("people", 0, MONTH),
        "people_trend": change(window("people", 0, MONTH), window("people", MONTH, 2 * MONTH)),
    }


def _oldest(facts: Facts, kind: str) -> Floats:
    """The day of the first fact of each account: facts of later days do not move it."""
    rows = facts.rows.get(kind)
    first = np.full(facts.accounts, np.inf)
    if rows is not None:
        np.minimum.at(first, rows.at, rows.known.astype(np.float64))
    return first


def _readings(facts: Facts, day: int) -> dict[str, Floats]:
    """Each metric as of its newest reading: its level, against the quarter before, and against its own history."""
    made = {}
    for metric in facts.metrics:
        kind = f"reading:{metric}"
        newest = _newest(facts, kind, day - READING_DAYS + 1, day)
        known = np.isfinite(newest)
        at = np.where(known, newest, 0).astype(np.int64)
        month, quarter = at - READING_MONTH, at - READING_QUARTER
        level = np.where(known, _mean(facts, kind, "value", month + 1, at), np.nan)
        before = _mean(facts, kind, "value", month - READING_QUARTER + 1, month)
        made[f"{kind}:level"] = level / TEN_THOUSANDTHS
        made[f"{kind}:quarter"] = (
            np.where(known, _mean(facts, kind, "value", quarter + 1, at), np.nan) / TEN_THOUSANDTHS
        )
        made[f"{kind}:trend"] = change(level, before)
        made[f"{kind}:own"] = change(level, _mean(facts, kind, "value", 0, month))
    return made


def _tickets(facts: Facts, day: int) -> dict[str, Floats]:
    return {
        "tickets_30": _count(facts, "tickets", day - MONTH + 1, day),
        "tickets_90": _count(facts, "tickets", day - QUARTER + 1, day),
        "complaints_90": _total(facts, "tickets", "complaint", day - QUARTER + 1, day),
        "tickets_open": _running(facts, "tickets", day) - _running(facts, "resolved", day),
        "tickets_overdue": _running(facts, "overdue", day) - _running(facts, "overdue_ended", day),
    }


def _voice(facts: Facts, day: int) -> dict[str, Floats]:
    last = _newest(facts, "nps", day - HALF + 1, day, "score")
    before = _mean(facts, "nps", "score", day - YEAR + 1, day - QUARTER)
    return {
        "nps_last": last,
        "nps_fall": np.maximum(before - last, 0.0),
        "csat": _mean(facts, "csat", "score", day - HALF + 1, day),
    }


def _outcomes(facts: Facts, day: int) -> dict[str, Floats]:
    due = ((facts.signed[:, None] + facts.due_after[None, :]) <= day).sum(axis=1)
    reached = np.minimum(_running(facts, "milestones", day), due)
    age = np.where(facts.signed <= day, day - facts.signed, 0)
    core = _total(facts, "milestones", "core", 0, day)
    return {
        "milestone_rate": np.where(due > 0, reached / np.maximum(due, 1), np.nan),
        "core_late": np.where(len(facts.due_after) > 0, (core == 0) & (age > MONTH), np.nan),
    }


def _contract(facts: Facts, day: int) -> dict[str, Floats]:
    """What is paid, and until when where that was agreed from the start: the day of any other end is not known."""

    def paid(on: int, figure: str = "arr") -> Floats:
        return _running(facts, "begun", on, figure) - _running(facts, "ended", on, figure)

    priced = paid(day, "unpriced") == 0
    arr = np.where(priced, paid(day), np.nan)
    since = _newest(facts, "begun", 0, day)
    first = np.minimum(_oldest(facts, "begun"), np.where(facts.signed <= day, facts.signed, np.inf))
    first = np.where(first <= day, first, np.nan)
    return {
        "arr": np.log10(np.maximum(arr, 0) / CENTS + 1),
        "arr_change_180": change(arr, np.where(priced, paid(day - HALF), np.nan)),
        "arr_change_365": change(arr, np.where(priced, paid(day - YEAR), np.nan)),
        "seats": np.log10(np.maximum(paid(day, "seats"), 0) + 1),
        "contract_lines": _running(facts, "begun", day) - _running(facts, "ended", day),
        "tenure": day - first,
        "days_to_anniversary": YEAR - np.mod(day - since, YEAR),
        "days_to_end": np.where((left := _newest(facts, "agreed", 0, day, "end") - day) > 0, left, np.nan),
        "notice": (_running(facts, "notices", day) - _running(facts, "notices_ended", day) > 0).astype(np.float64),
    }


def _people(facts: Facts, day: int) -> dict[str, Floats]:
    return {
        "champions_left": _count(facts, "departures", day - HALF + 1, day),
        "touches_90": _count(facts, "touches", day - QUARTER + 1, day),
        "days_untouched": np.minimum(day - _newest(facts, "touches", 0, day), YEAR),
    }


def _health(facts: Facts, day: int) -> dict[str, Floats]:
    now = _newest(facts, "scores", day - 6, day, "score")
    before = _newest(facts, "scores", day - 34, day - 28, "score")
    return {"score": now, "score_change": now - before}


def _level(facts: Facts, day: int) -> dict[str, Floats]:
    return {
        "level_team": (facts.level == 1).astype(np.float64),
        "level_individual": (facts.level == 2).astype(np.float64),
    }


SOURCES: tuple[Source, ...] = (
    _usage, _readings, _tickets, _voice, _outcomes, _contract, _people, _health, _level,
)  # fmt: skip
