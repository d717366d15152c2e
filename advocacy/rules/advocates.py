"""How does a contact come to speak for us?"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How far a contact has come."""

    IDENTIFIED = "identified"
    ASKED = "asked"
    AGREED = "agreed"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


PIPELINE = (Stage.IDENTIFIED, Stage.ASKED, Stage.AGREED, Stage.ACTIVE)


def next_stages(stage: str) -> tuple[Stage, ...]:
    """Say where a contact can go from a stage: on along the pipeline, or out of it; who is out begins anew.

    >>> [str(stage) for stage in next_stages("agreed")], [str(stage) for stage in next_stages("withdrawn")]
    (['active', 'withdrawn'], ['identified'])
    """
    if stage == Stage.WITHDRAWN:
        return (Stage.IDENTIFIED,)
    return (*PIPELINE[PIPELINE.index(Stage(stage)) + 1 :], Stage.WITHDRAWN)


def stage_after(stage: str, answer: str) -> Stage:
    """Say which stage an ask and its answer bring along: waiting means asked, accepted means agreed; never backwards.

    >>> str(stage_after("identified", "waiting")), str(stage_after("asked", "accepted"))
    ('asked', 'agreed')
    >>> str(stage_after("active", "accepted")), str(stage_after("asked", "declined"))
    ('active', 'asked')
    """
    now = Stage(stage)
    reached = {"waiting": Stage.ASKED, "accepted": Stage.AGREED}.get(answer, now)
    return reached if reached in next_stages(now) else now
