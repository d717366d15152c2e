"""What does the page of a handoff file show?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import BusinessGoal, Handoff, Organisation
from accounts.queries import handoff as queries
from accounts.rules.handoff import Clock, is_filled


@dataclass(frozen=True)
class Section:
    """One section: its name in words, what stands in it, and whether acceptance needs it."""

    label: str
    text: str
    is_required: bool
    is_filled: bool


@dataclass(frozen=True)
class HandoffPage:
    """A file with everything that is computed from it."""

    handoff: Handoff
    sections: tuple[Section, ...]
    completeness: queries.Completeness
    clock: Clock | None
    versions: tuple[queries.VersionLine, ...]
    tone: str

    @property
    def is_new(self) -> bool:
        """Say whether nobody has written anything yet."""
        return self.handoff.pk is None


TONES = {"draft": "none", "submitted": "watch", "returned": "risk", "accepted": "healthy"}


def handoff_page(handoff: Handoff, organisation: Organisation, at: dt.datetime) -> HandoffPage:
    """Read what the page of a file shows."""
    required = organisation.handoff_required_sections
    sections = tuple(
        Section(
            label=queries.section_label(name),
            text=getattr(handoff, name),
            is_required=name in required,
            is_filled=is_filled(getattr(handoff, name)),
        )
        for name in Handoff.SECTIONS
    )
    goals = list(BusinessGoal.objects.filter(account=handoff.account_id).values_list("name", flat=True))
    goal_section = Section(
        label=queries.section_label(queries.GOALS),
        text="\n".join(goals),
        is_required=queries.GOALS in required,
        is_filled=bool(goals),
    )
    return HandoffPage(
        handoff=handoff,
        sections=(*sections, goal_section),
        completeness=queries.completeness(handoff, organisation, bool(goals)),
        clock=queries.clock(handoff, organisation, queries.holidays(), at) if handoff.pk else None,
        versions=tuple(queries.version_lines(handoff)),
        tone=TONES[handoff.state],
    )
