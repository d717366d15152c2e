"""How complete is a handoff file, what may become of it, and is its acceptance in time?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class State(StrEnum):
    """Where a handoff file stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Refusal(StrEnum):
    """Why a step is not possible; the words for people stand with the action."""

    WRONG_STATE = "wrong_state"
    EMPTY_SECTIONS = "empty_sections"
    NO_REASONS = "no_reasons"


# From which states a file may come to a state. After an acceptance only its text changes, as a new version.
COMES_FROM: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset(),
    State.SUBMITTED: frozenset({State.DRAFT, State.RETURNED}),
    State.RETURNED: frozenset({State.SUBMITTED}),
    State.ACCEPTED: frozenset({State.SUBMITTED}),
}
REQUIRED_WEIGHT = 2
OPTIONAL_WEIGHT = 1


def is_filled(text: str) -> bool:
    """Say whether a section holds something to read.

    >>> is_filled("  "), is_filled("They ship parcels.")
    (False, True)
    """
    return bool(text.strip())


def empty_sections(filled: Mapping[str, bool], required: Collection[str]) -> list[str]:
    """List the required sections that are empty, in the order of the file.

    >>> empty_sections({"risks": False, "scope": True, "competitor": False}, ["scope", "risks"])
    ['risks']
    """
    return [name for name, has_text in filled.items() if name in required and not has_text]


def completeness_score(filled: Mapping[str, bool], required: Collection[str]) -> int:
    """Score a file from 0 to 100: the share of its sections that are filled, required ones counting double.

    Rounded down, so that 100 always means that nothing is empty. A file without sections scores 0.

    >>> completeness_score({"risks": True, "scope": False, "competitor": True}, ["risks", "scope"])
    60
    >>> completeness_score({}, [])
    0
    """
    weights = {name: REQUIRED_WEIGHT if name in required else OPTIONAL_WEIGHT for name in filled}
    total = sum(weights.values())
    reached = sum(weight for name, weight in weights.items() if filled[name])
    return reached * 100 // total if total else 0


def refusal(
    now: str, to: str, *, filled: Mapping[str, bool], required: Collection[str], reasons: str = ""
) -> Refusal | None:
    """Say why a file may not go from one state to another, or None when it may.

    >>> refusal("draft", "accepted", filled={}, required=[])
    <Refusal.WRONG_STATE: 'wrong_state'>
    >>> refusal("submitted", "accepted", filled={"scope": False}, required=["scope"])
    <Refusal.EMPTY_SECTIONS: 'empty_sections'>
    >>> refusal("submitted", "returned", filled={}, required=[], reasons=" ")
    <Refusal.NO_REASONS: 'no_reasons'>
    >>> refusal("returned", "submitted", filled={}, required=[]) is None
    True
    """
    if State(now) not in COMES_FROM[State(to)]:
        return Refusal.WRONG_STATE
    if to == State.ACCEPTED and empty_sections(filled, required):
        return Refusal.EMPTY_SECTIONS
    if to == State.RETURNED and not is_filled(reasons):
        return Refusal.NO_REASONS
    return None


@dataclass(frozen=True)
class Clock:
    """How many business hours an acceptance has taken, against the hours that it may take."""

    hours: Decimal
    target: Decimal
    is_running: bool

    @property
    def is_late(self) -> bool:
        """Say whether the target is passed; exactly on it is in time.

        >>> Clock(Decimal(16), Decimal(16), True).is_late, Clock(Decimal("16.1"), Decimal(16), True).is_late
        (False, True)
        """
        return self.hours > self.target

    @property
    def hours_left(self) -> Decimal:
        """Hours until the target is passed, never below 0.

        >>> Clock(Decimal(12), Decimal(16), True).hours_left, Clock(Decimal(20), Decimal(16), True).hours_left
        (Decimal('4'), Decimal('0'))
        """
        return max(self.target - self.hours, Decimal(0))
