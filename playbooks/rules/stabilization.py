"""When is a plan to stabilize a customer looked at, which verdict may be given, and was it right in the end?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

# The days of the checkpoints of a plan, and those that one extension adds.
CHECKPOINTS: dict[int, tuple[int, ...]] = {30: (7, 14, 30), 90: (7, 14, 30, 60, 90)}
EXTENSIONS: dict[int, tuple[int, ...]] = {30: (60, 90), 90: (120,)}
MOST_DRIVERS = 3
MOST_CRITERIA = 6
OPPOSITES = {"at_least": "less_than", "less_than": "at_least", "more_than": "at_most", "at_most": "more_than"}


class Refusal(StrEnum):
    """Why a verdict is not possible."""

    OVER = "over"
    UNMET = "unmet"
    NOT_A_MANAGER = "not_a_manager"
    NO_REASON = "no_reason"
    TWICE = "twice"
    LAST = "last"
    ESCALATED = "escalated"


def checkpoint_days(length: int) -> tuple[int, ...]:
    """Give the days after the start on which a plan is looked at.

    >>> checkpoint_days(30), checkpoint_days(90)
    ((7, 14, 30), (7, 14, 30, 60, 90))
    """
    return CHECKPOINTS[length]


def extension_days(length: int) -> tuple[int, ...]:
    """Give the days of the checkpoints that the one extension adds.

    >>> extension_days(30), extension_days(90)
    ((60, 90), (120,))
    """
    return EXTENSIONS[length]


def opposite(comparison: str) -> str:
    """Turn the test by which a rule warns into the test that says that the cause is gone.

    >>> opposite("at_least"), opposite("at_most")
    ('less_than', 'more_than')
    """
    return OPPOSITES[comparison]


def verdict_refusal(
    verdict: str, *, state: str, is_last: bool, was_extended: bool, unmet: int, note: str,
    may_override: bool, override_reason: str,
) -> Refusal | None:  # fmt: skip
    """Say why a verdict is not possible, if it is not.

    "Stabilized" is refused while a criterion is unmet, unless a manager overrides that with a reason. A plan is
    extended once. At the last checkpoint it cannot simply go on.

    >>> given = dict(state="active", is_last=False, was_extended=False, note="", may_override=False, override_reason="")
    >>> verdict_refusal("stabilized", unmet=0, **given), verdict_refusal("stabilized", unmet=1, **given).value
    (None, 'unmet')
    >>> verdict_refusal("stabilized", unmet=1, **given | {"may_override": True, "override_reason": "They signed."})
    >>> verdict_refusal("extended", unmet=1, **given | {"was_extended": True, "note": "More time."}).value
    'twice'
    """
    if state not in ("active", "escalated"):
        return Refusal.OVER
    if verdict == "stabilized" and unmet:
        if not override_reason.strip():
            return Refusal.UNMET
        return None if may_override else Refusal.NOT_A_MANAGER
    if verdict == "continue" and is_last:
        return Refusal.LAST
    if verdict == "extended" and was_extended:
        return Refusal.TWICE
    if verdict == "escalated" and state == "escalated":
        return Refusal.ESCALATED
    if verdict in ("extended", "escalated", "failed") and not note.strip():
        return Refusal.NO_REASON
    return None


def renewal_result(due: Decimal, kept: Decimal) -> str:
    """Say what a renewal brought, from the ARR that was due and what of it is paid afterwards.

    >>> due = Decimal(1200)
    >>> renewal_result(due, due), renewal_result(due, Decimal(900)), renewal_result(due, Decimal(0))
    ('kept', 'shrunk', 'lost')
    """
    if kept <= 0:
        return "lost"
    return "kept" if kept >= due else "shrunk"


def was_right(verdict: str, result: str) -> bool | None:
    """Say whether a verdict was borne out by the renewal; None where it says nothing of it.

    >>> was_right("stabilized", "kept"), was_right("stabilized", "lost"), was_right("failed", "lost")
    (True, False, True)
    >>> was_right("stabilized", "") is None
    True
    """
    if verdict not in ("stabilized", "failed") or not result:
        return None
    return (result == "lost") == (verdict == "failed")


def right_share(pairs: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Count the verdicts that the renewal bore out, and those that it could judge.

    >>> right_share([("stabilized", "kept"), ("stabilized", "lost"), ("failed", "lost"), ("stabilized", "")])
    (2, 3)
    """
    said = [was_right(verdict, result) for verdict, result in pairs]
    return sum(one is True for one in said), sum(one is not None for one in said)
