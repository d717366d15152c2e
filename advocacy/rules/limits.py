"""When may a person at a customer be asked for a favour, and when is that only wise for a good reason?

On whole columns, one entry per person; one person is a column of one. What is not known (nan) forbids nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = np.nan


class Hard(StrEnum):
    """What forbids an ask, whoever asks and by whatever way."""

    RED = "red"
    NPS = "nps"
    ASKS = "asks"
    REST = "rest"
    TICKET = "ticket"
    RENEWAL = "renewal"
    LEFT = "left"
    GONE = "gone"
    WITHDRAWN = "withdrawn"
    CONSENT = "consent"


class Soft(StrEnum):
    """What asks for a typed reason first."""

    WATCH = "watch"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    NEXT_RENEWAL = "next_renewal"
    TROUBLE = "trouble"
    DECLINED = "declined"
    COLLEAGUE = "colleague"


# An advocate is withdrawn for these, with every ask that is still open; in the order in which they are named.
WITHDRAWS = (Hard.RED, Hard.TICKET, Hard.RENEWAL)
# These are not about an ask: who is on the list of those to ask is judged without them.
OF_AN_ASK = (Hard.CONSENT,)


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds, each a setting."""

    nps_floor: int = 7
    most_asks: int = 3
    asks_days: int = 180
    rest_days: int = 21
    renewal_days: int = 60
    soft_renewal_days: int = 120
    declined_days: int = 365


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some people on the day of an ask, a column each.

    red, watch, unclear: the account's health (unclear: too little is known, or the customer is new). nps: the person's
    latest answer, else the account's latest. asks: how
    often they were asked within the window. since: days since the last ask. critical, trouble: open tickets, critical
    and other grave ones. renewal: days to the end of the contract (negative where talks are overdue). left: the person
    is no longer there. gone: the account is no customer. withdrawn: they are out of the pipeline. consent: they have
    agreed to what is to be asked. waiting: asks without an answer. declined: days since they said no. colleague: days
    since somebody else of the account was asked.
    """

    red: Flags
    watch: Flags
    unclear: Flags
    nps: Floats
    asks: Ints
    since: Floats
    critical: Ints
    trouble: Ints
    renewal: Floats
    left: Flags
    gone: Flags
    withdrawn: Flags
    consent: Flags
    waiting: Ints
    declined: Floats
    colleague: Floats


def hard_limits(standing: Standing, limits: Limits) -> dict[Hard, Flags]:
    """Say which hard limits stand in the way of whom.

    Six of them are published practice: health red, latest NPS below 7, 3 or more asks in 180 days, fewer than 21 days
    since the last, an open critical ticket, renewal within 60 days. The others follow from what an ask is: nobody who
    left, of a customer that left, who was withdrawn, or without a consent that covers it.

    >>> found = hard_limits(standing_of(nps=6, since=20), Limits())
    >>> [str(limit) for limit, where in found.items() if where[0]]
    ['nps', 'rest']
    >>> found = hard_limits(standing_of(nps=7, since=21, asks=2, renewal=61), Limits())
    >>> any(where[0] for where in found.values())
    False
    """
    return {
        Hard.RED: standing.red,
        Hard.NPS: _below(standing.nps, limits.nps_floor),
        Hard.ASKS: standing.asks >= limits.most_asks,
        Hard.REST: _below(standing.since, limits.rest_days),
        Hard.TICKET: standing.critical > 0,
        Hard.RENEWAL: _below(standing.renewal, limits.renewal_days + 1),
        Hard.LEFT: standing.left,
        Hard.GONE: standing.gone,
        Hard.WITHDRAWN: standing.withdrawn,
        Hard.CONSENT: ~standing.consent,
    }


def soft_limits(standing: Standing, limits: Limits) -> dict[Soft, Flags]:
    """Say where an ask needs a typed reason; the thresholds are ours.

    >>> found = soft_limits(standing_of(band="yellow", waiting=1, renewal=120, declined=400), Limits())
    >>> [str(limit) for limit, where in found.items() if where[0]]
    ['watch', 'waiting', 'next_renewal']
    """
    return {
        Soft.WATCH: standing.watch,
        Soft.UNKNOWN: standing.unclear,
        Soft.WAITING: standing.waiting > 0,
        Soft.NEXT_RENEWAL: _below(standing.renewal, limits.soft_renewal_days + 1)
        & ~_below(standing.renewal, limits.renewal_days + 1),
        Soft.TROUBLE: standing.trouble > 0,
        Soft.DECLINED: _below(standing.declined, limits.declined_days),
        Soft.COLLEAGUE: _below(standing.colleague, limits.rest_days),
    }


def standing_of(
    *,
    band: str = "green",
    nps: float | None = 10,
    asks: int = 0,
    since: float | None = None,
    critical: int = 0,
    trouble: int = 0,
    renewal: float | None = None,
    left: bool = False,
    gone: bool = False,
    withdrawn: bool = False,
    consent: bool = True,
    waiting: int = 0,
    declined: float | None = None,
    colleague: float | None = None,
) -> Standing:
    """Put what is known of one person into columns of one.

    >>> standing_of(band="red").red.tolist(), standing_of(nps=None).nps.tolist()
    ([True], [nan])
    """
    return Standing(
        red=np.array([band == "red"]),
        watch=np.array([band == "yellow"]),
        unclear=np.array([band in ("unknown", "onboarding")]),
        nps=_number(nps),
        asks=np.array([asks], dtype=np.int64),
        since=_number(since),
        critical=np.array([critical], dtype=np.int64),
        trouble=np.array([trouble], dtype=np.int64),
        renewal=_number(renewal),
        left=np.array([left]),
        gone=np.array([gone]),
        withdrawn=np.array([withdrawn]),
        consent=np.array([consent]),
        waiting=np.array([waiting], dtype=np.int64),
        declined=_number(declined),
        colleague=_number(colleague),
    )


def as_bits(found: dict[Hard, Flags]) -> Ints:
    """Write limits as the bits of a whole number per person, those of a single ask left out.

    >>> as_bits(hard_limits(standing_of(band="red", nps=3, consent=False), Limits())).tolist()
    [3]
    """
    some = next(iter(found.values()))
    bits = np.zeros(len(some), dtype=np.int64)
    for place, limit in enumerate(Hard):
        if limit not in OF_AN_ASK:
            bits |= found[limit].astype(np.int64) << place
    return bits


def limits_in(bits: int) -> list[Hard]:
    """Read the limits back from such a number.

    >>> [str(limit) for limit in limits_in(3)]
    ['red', 'nps']
    """
    return [limit for place, limit in enumerate(Hard) if bits >> place & 1]


def bit_of(limit: str) -> int:
    """The number that one limit stands for among the bits.

    >>> bit_of("nps")
    2
    """
    return 1 << list(Hard).index(Hard(limit))


def withdrawal_cause(found: dict[Hard, Flags], row: int) -> Hard | None:
    """Say for what an advocate has to be withdrawn: red before an open critical ticket before a near renewal.

    >>> withdrawal_cause(hard_limits(standing_of(renewal=60, critical=1), Limits()), 0)
    <Hard.TICKET: 'ticket'>
    >>> withdrawal_cause(hard_limits(standing_of(nps=3), Limits()), 0) is None
    True
    """
    return next((limit for limit in WITHDRAWS if found[limit][row]), None)


def covers(scope: str, channel: str, wanted_scope: str, wanted_channel: str) -> bool:
    """Say whether a consent to a scope on a channel covers what is wanted; "any" covers all.

    >>> covers("talk", "event", "talk", "event"), covers("any", "web", "case_study", "web")
    (True, True)
    >>> covers("talk", "event", "case_study", "event"), covers("case_study", "web", "case_study", "social")
    (False, False)
    """
    return scope in ("any", wanted_scope) and channel in ("any", wanted_channel)


def _below(values: Floats, limit: float) -> Flags:
    """Compare; a value that is not known is not below."""
    with np.errstate(invalid="ignore"):
        return np.asarray(values < limit)


def _number(value: float | None) -> Floats:
    return np.array([np.nan if value is None else float(value)])
