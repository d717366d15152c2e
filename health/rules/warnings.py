"""When does a rule warn of an account, is that too many at once, and what becomes of a warning from day to day?

On whole columns; nan is a value that is not known, and what is not known warns of nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from health.rules.conditions import Condition, parse_conditions
from health.rules.score import Flags, Floats
from health.rules.scorecard import N_, ScorecardError

Ints = NDArray[np.int64]

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "at_least": np.greater_equal,
    "more_than": np.greater,
    "at_most": np.less_equal,
    "less_than": np.less,
}
MATCHES = ("all", "any")
MOST_TESTS = 6
MOST_DAYS = 3650
LARGEST = 1e9
# Fewer warnings than this are never held back: in a small book any share is a handful.
ALWAYS_OPENED = 20


@dataclass(frozen=True, slots=True)
class Test:
    """One claim: a measure over a window compared with a threshold; `minimum` is what there must be to compare."""

    __test__ = False  # no test of pytest's

    measure: str
    comparison: str
    threshold: float
    days: int | None = None
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a rule warns of: its tests (all of them or any), for which accounts, and from which day after signing."""

    tests: tuple[Test, ...]
    match: str = "all"
    conditions: tuple[Condition, ...] = field(default=())
    after_days: int = 0


def parse_definition(body: Any) -> Definition:
    """Read what a rule warns of, or say what is wrong with it.

    >>> parse_definition({"tests": [{"measure": "silence", "comparison": "at_least", "threshold": 7}]}).tests
    (Test(measure='silence', comparison='at_least', threshold=7.0, days=None, minimum=None),)
    >>> parse_definition({"tests": []})
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: Give at least one test.
    """
    if not isinstance(body, Mapping) or set(body) - {"tests", "match", "conditions", "after_days"}:
        raise ScorecardError(N_("A rule has tests, a match, conditions and days after signing."), "definition")
    rows, match = body.get("tests"), body.get("match", "all")
    if not isinstance(rows, list) or not rows:
        raise ScorecardError(N_("Give at least one test."), "tests")
    if len(rows) > MOST_TESTS:
        raise ScorecardError(N_("At most %(most)s tests."), "tests", most=MOST_TESTS)
    if match not in MATCHES:
        raise ScorecardError(N_("A rule matches all of its tests or any."), "match")
    return Definition(
        tests=tuple(_test(row, f"tests[{n}]") for n, row in enumerate(rows)),
        match=match,
        conditions=parse_conditions(body.get("conditions", [])),
        after_days=_days(body.get("after_days", 0), "after_days", 0),
    )


def _test(row: Any, place: str) -> Test:
    if not isinstance(row, Mapping) or set(row) - {"measure", "comparison", "threshold", "days", "minimum"}:
        raise ScorecardError(N_("A test has a measure, a comparison and a threshold."), place)
    measure, comparison, days = row.get("measure"), row.get("comparison"), row.get("days")
    if not isinstance(measure, str) or not measure or len(measure) > 60:
        raise ScorecardError(N_("A test has a measure, a comparison and a threshold."), place)
    if comparison not in COMPARE:
        raise ScorecardError(N_("There is no comparison “%(comparison)s”."), place, comparison=str(comparison)[:60])
    return Test(
        measure=measure,
        comparison=comparison,
        threshold=_number(row.get("threshold"), f"{place}.threshold"),
        days=None if days is None else _days(days, f"{place}.days", 1),
        minimum=None if row.get("minimum") is None else _number(row["minimum"], f"{place}.minimum"),
    )


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ScorecardError(N_("%(place)s must be a number."), place, place=place)
    if abs(value) > LARGEST:
        raise ScorecardError(N_("%(place)s is too large."), place, place=place)
    return float(value)


def _days(value: Any, place: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_DAYS:
        raise ScorecardError(
            N_("%(place)s must be a whole number of days from %(least)s to %(most)s."),
            place, place=place, least=least, most=MOST_DAYS,
        )  # fmt: skip
    return value


def passes(comparison: str, values: Floats, threshold: float) -> Flags:
    """Compare with a threshold; a value that is not known does not pass.

    >>> passes("at_most", np.array([-41.0, -30.0, -12.0, np.nan]), -30).tolist()
    [True, True, False, False]
    """
    with np.errstate(invalid="ignore"):
        passed: Flags = COMPARE[comparison](values, threshold) & ~np.isnan(values)
    return passed


def is_warned(match: str, passed: Sequence[Flags]) -> Flags:
    """Put a rule's tests together: all of them, or any.

    >>> few, basic = np.array([True, False, False]), np.array([True, True, False])
    >>> is_warned("any", [few, basic]).tolist(), is_warned("all", [few, basic]).tolist()
    ([True, True, False], [True, False, False])
    """
    rows = np.stack(passed)
    return np.asarray(rows.any(axis=0) if match == "any" else rows.all(axis=0))


def can_judge(match: str, passed: Sequence[Flags], known: Sequence[Flags]) -> Flags:
    """Say where enough is known to judge: one test may settle it, otherwise all have to be known.

    >>> passed, known = np.array([True, False]), np.array([True, False])
    >>> unknown = np.zeros(2, dtype=bool)
    >>> can_judge("any", [passed, unknown], [known, unknown]).tolist()
    [True, False]
    >>> can_judge("all", [passed, unknown], [known, unknown]).tolist()
    [False, False]
    """
    rows, sure = np.stack(passed), np.stack(known)
    settled = rows if match == "any" else ~rows & sure
    return np.asarray(settled.any(axis=0) | sure.all(axis=0))


def days_of_silence(last_used: Ints, heard: Flags, feed_day: int | None) -> Floats:
    """Days without use up to the last day on which the feed said anything of anybody; nan for who was never heard.

    A feed that stopped makes nobody silent, and an account without any use recorded is not silent but unknown.

    >>> days_of_silence(np.array([100, 90, 0]), np.array([True, True, False]), 100)
    array([ 0., 10., nan])
    """
    if feed_day is None:
        return np.full(len(last_used), np.nan)
    return np.where(heard, np.maximum(feed_day - last_used, 0).astype(float), np.nan)


def change_in_percent(now: Ints, before: Ints, minimum: float) -> Floats:
    """(now − before) / before in per cent; nan where there was too little before to compare with.

    >>> change_in_percent(np.array([712, 5, 3]), np.array([1204, 0, 4]), 10).round(1)
    array([-40.9,   nan,   nan])
    """
    enough = before >= max(minimum, 1)
    return np.where(enough, (now - before) * 100 / np.maximum(before, 1), np.nan)


def days_late(signed: Ints, reached: Flags, day: int, no_day: int) -> Floats:
    """Days since signing where something is still not reached; nan once it is, or if the day of signing is unknown.

    >>> days_late(np.array([70, 70, 999]), np.array([False, True, False]), 101, 999)
    array([31., nan, nan])
    """
    waiting = (signed != no_day) & (signed <= day) & ~reached
    return np.where(waiting, (day - signed).astype(float), np.nan)


def narrow_use(used: Ints, entitled: Ints) -> Floats:
    """Modules in use where an account could use more; nan where it uses none, or all that it may.

    >>> narrow_use(np.array([3, 0, 4]), np.array([8, 8, 4]))
    array([ 3., nan, nan])
    """
    return np.where((used > 0) & (used < entitled), used.astype(float), np.nan)


def lost_modules(before: Flags, now: Flags, heard: Flags) -> Floats:
    """Modules used in the window before and not in this one (accounts × modules), less those that are new.

    >>> before, now = np.array([[True, True], [True, False]]), np.array([[True, False], [False, True]])
    >>> lost_modules(before, now, np.array([True, True]))
    array([1., 0.])
    """
    fewer = before.sum(axis=1) - now.sum(axis=1)
    return np.where(heard & before.any(axis=1), np.maximum(fewer, 0).astype(float), np.nan)


def days_left_unspoken(ends: Ints, day: int, spoken: Flags, is_sure: Flags, no_day: int) -> Floats:
    """Days to the end of a contract of which nobody has spoken; nan if talks have begun, or none is agreed.

    >>> sure = np.array([True, True, True])
    >>> days_left_unspoken(np.array([190, 190, 999]), 100, np.array([False, True, False]), sure, 999)
    array([90., nan, nan])
    """
    return np.where((ends != no_day) & ~spoken & is_sure, (ends - day).astype(float), np.nan)


def hold_back_limit(book: int, percent: int, count: int) -> int:
    """How many warnings one rule may open at once: a share of the book or a number, whichever is less, and a few.

    >>> hold_back_limit(10_000, 20, 500), hold_back_limit(1_000, 20, 500), hold_back_limit(12, 20, 500)
    (500, 200, 20)
    """
    return max(min(book * percent // 100, count), ALWAYS_OPENED)


def settle_warning(
    state: str, *, fires: bool, is_judged: bool = True, is_asleep: bool = False, was_gone: bool = False
) -> str:
    """Say what an evaluation does with a warning: keep, close, wake, reopen, or note that its cause is gone.

    What a person resolved stays so while its cause lasts; it opens again if the cause goes and returns. What cannot be
    judged stays as it is.

    >>> settle_warning("open", fires=True), settle_warning("open", fires=False)
    ('keep', 'close')
    >>> settle_warning("snoozed", fires=True, is_asleep=True), settle_warning("snoozed", fires=True)
    ('keep', 'wake')
    >>> settle_warning("resolved", fires=True), settle_warning("resolved", fires=True, was_gone=True)
    ('keep', 'reopen')
    >>> settle_warning("resolved", fires=False), settle_warning("open", fires=False, is_judged=False)
    ('note_gone', 'keep')
    """
    if state == "resolved":
        if fires:
            return "reopen" if was_gone else "keep"
        return "note_gone" if is_judged and not was_gone else "keep"
    if not fires and is_judged:
        return "close"
    return "wake" if state == "snoozed" and not is_asleep else "keep"


def warning_rank(cents: int, severity: int) -> int:
    """Order warnings by money at risk × severity, in whole cents; one without money still ranks by its severity.

    >>> warning_rank(120_000, 3) > warning_rank(120_000, 1), warning_rank(0, 3)
    (True, 3)
    """
    return cents * severity + severity
