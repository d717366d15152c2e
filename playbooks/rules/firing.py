"""What becomes of a cause that met a playbook, and how many of those that may start do start?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from playbooks.rules.definition import Limits
from playbooks.rules.loops import is_loop


class Verdict(StrEnum):
    """What becomes of a cause; each but the first says why nothing starts."""

    START = "start"
    # Runs already: logged as a repeat.
    REPEAT = "repeat"
    TOO_SOON = "too_soon"
    CHURNED = "churned"
    NOT_MEANT = "not_meant"
    NO_STEPS = "no_steps"
    REACHED = "reached"
    SNOOZED = "snoozed"
    LOOP = "loop"
    HELD = "held"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an account when a cause meets a playbook."""

    is_churned: bool = False
    is_meant: bool = True
    has_reached: bool = False
    has_steps: bool = True
    is_running: bool = False
    last_ended_on: dt.date | None = None
    snoozed_until: dt.date | None = None
    # The playbooks that started by themselves for the account on the day.
    started_today: tuple[int, ...] = ()


def verdict(playbook: int, situation: Situation, limits: Limits, on: dt.date, *, with_churned: bool = False) -> Verdict:
    """Judge one cause by itself; whether too many start at once is decided after that.

    >>> limits, on = Limits(again_after_days=90), dt.date(2026, 6, 15)
    >>> str(verdict(1, Situation(), limits, on)), str(verdict(1, Situation(is_running=True), limits, on))
    ('start', 'repeat')
    >>> str(verdict(1, Situation(last_ended_on=dt.date(2026, 5, 1)), limits, on))
    'too_soon'
    """
    if situation.is_churned and not with_churned:
        return Verdict.CHURNED
    if situation.snoozed_until is not None and situation.snoozed_until >= on:
        return Verdict.SNOOZED
    if situation.is_running:
        return Verdict.REPEAT
    if not situation.is_meant:
        return Verdict.NOT_MEANT
    if situation.has_reached:
        return Verdict.REACHED
    if not situation.has_steps:
        return Verdict.NO_STEPS
    if is_too_soon(situation.last_ended_on, limits.again_after_days, on):
        return Verdict.TOO_SOON
    if is_loop(playbook, situation.started_today):
        return Verdict.LOOP
    return Verdict.START


def is_too_soon(last_ended_on: dt.date | None, again_after_days: int, on: dt.date) -> bool:
    """Say whether the last run of the playbook for the account ended less than so many days ago.

    >>> ended = dt.date(2026, 6, 1)
    >>> is_too_soon(ended, 14, dt.date(2026, 6, 14)), is_too_soon(ended, 14, dt.date(2026, 6, 15))
    (True, False)
    """
    return last_ended_on is not None and (on - last_ended_on).days < again_after_days


@dataclass(frozen=True, slots=True)
class Room:
    """How many of those that may start do: the first so many; all others are held back, or wait for their turn."""

    starts: int
    is_held: bool = False


def room(wanted: int, limits: Limits, started: int, *, is_released: bool = False, was_held: bool = False) -> Room:
    """Say how many of so many may start.

    More than `hold_above` at once start only after somebody has looked; of the others so many that with those `started`
    lately no more than `most_starts` come together.

    >>> limits = Limits(most_starts=50, within_days=7, hold_above=100)
    >>> room(10_000, limits, 0), room(10_000, limits, 20, is_released=True)
    (Room(starts=0, is_held=True), Room(starts=30, is_held=False))
    >>> room(80, limits, 45).starts, room(80, limits, 60).starts
    (5, 0)
    """
    if (wanted > limits.hold_above or (was_held and wanted)) and not is_released:
        return Room(0, is_held=True)
    if limits.most_starts is None:
        return Room(wanted)
    return Room(min(wanted, max(limits.most_starts - started, 0)))


def stem(cause_key: str) -> str:
    """What two causes share that are the same to whoever puts one off: all but their occurrence.

    >>> stem("warning:silent_7d:412:0"), stem("band:red:2026-06-15"), stem("renewal:77")
    ('warning:silent_7d', 'band:red', 'renewal:77')
    """
    return ":".join(cause_key.split(":")[:2])
