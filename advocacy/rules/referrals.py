"""How does a customer that another one brought come to stay, and whom may nobody bring?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

# A chain of customers who brought each other is followed this far; a longer one is taken for a circle.
LONGEST_CHAIN = 1_000


class ReferralState(StrEnum):
    """How far somebody who was brought has come."""

    INVITED = "invited"
    TRIAL = "trial"
    USING = "using"
    SHARED = "shared"
    SIGNED = "signed"
    LOST = "lost"


LOOP = (
    ReferralState.INVITED,
    ReferralState.TRIAL,
    ReferralState.USING,
    ReferralState.SHARED,
    ReferralState.SIGNED,
)


def next_referral_states(state: str) -> tuple[ReferralState, ...]:
    """Say where a referral can go: on along the loop, or lost; who signed stays, who was lost begins anew.

    >>> [str(state) for state in next_referral_states("using")], next_referral_states("signed")
    (['shared', 'signed', 'lost'], ())
    >>> [str(state) for state in next_referral_states("lost")]
    ['invited']
    """
    if state == ReferralState.LOST:
        return (ReferralState.INVITED,)
    if state == ReferralState.SIGNED:
        return ()
    return (*LOOP[LOOP.index(ReferralState(state)) + 1 :], ReferralState.LOST)


def furthest_state(reached: Mapping[str, dt.date | None]) -> ReferralState:
    """Say how far a referral came at its best, lost or not, from the days on which it reached each state.

    >>> str(furthest_state({"trial": dt.date(2026, 3, 1), "using": None})), str(furthest_state({}))
    ('trial', 'invited')
    """
    return next((state for state in reversed(LOOP) if reached.get(state)), ReferralState.INVITED)


def state_from_facts(state: str, *, uses: bool, shares: bool, pays: bool) -> ReferralState:
    """Say which state the facts of the brought account show: it pays, it brought or taught others, it uses.

    Facts only move a referral on; who is lost stays lost until somebody says otherwise.

    >>> str(state_from_facts("invited", uses=True, shares=False, pays=False))
    'using'
    >>> str(state_from_facts("shared", uses=True, shares=False, pays=False))
    'shared'
    >>> str(state_from_facts("lost", uses=True, shares=True, pays=True))
    'lost'
    """
    now = ReferralState(state)
    if now == ReferralState.LOST:
        return now
    shown = (pays, ReferralState.SIGNED), (shares, ReferralState.SHARED), (uses, ReferralState.USING)
    best = next((reached for is_so, reached in shown if is_so), now)
    return max(now, best, key=LOOP.index)


def closes_referral_circle(referrer: int, brought: int, brought_by: Mapping[int, int]) -> bool:
    """Say whether a referral would make a customer bring itself, at once or through those whom it brought.

    `brought_by` maps each customer to the one that brought it.

    >>> brought_by = {2: 1, 3: 2}
    >>> closes_referral_circle(3, 1, brought_by), closes_referral_circle(3, 4, brought_by)
    (True, False)
    >>> closes_referral_circle(5, 5, {})
    True
    """
    here: int | None = referrer
    for _step in range(LONGEST_CHAIN):
        if here is None:
            return False
        if here == brought:
            return True
        here = brought_by.get(here)
    return True


@dataclass(frozen=True)
class FunnelStep:
    """One stage of the loop: how many came at least that far, of all and of those one stage before."""

    state: ReferralState
    count: int
    of_all: float | None
    of_previous: float | None


def referral_funnel(furthest: Iterable[str]) -> tuple[FunnelStep, ...]:
    """Count how many came at least as far as each stage; whoever came further passed the stages before.

    >>> [(str(step.state), step.count) for step in referral_funnel(["invited", "using", "signed"])]
    [('invited', 3), ('trial', 2), ('using', 2), ('shared', 1), ('signed', 1)]
    >>> referral_funnel([])[0].of_all is None
    True
    """
    ranks: Sequence[int] = [LOOP.index(ReferralState(state)) for state in furthest]
    counts = [sum(rank >= least for rank in ranks) for least in range(len(LOOP))]
    return tuple(
        FunnelStep(
            state=state,
            count=counts[place],
            of_all=counts[place] / counts[0] if counts[0] else None,
            of_previous=counts[place] / counts[place - 1] if place and counts[place - 1] else None,
        )
        for place, state in enumerate(LOOP)
    )
