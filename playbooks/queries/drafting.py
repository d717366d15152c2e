"""What does a playbook say as it is drafted, and what does it say in force?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from playbooks.models import Playbook, PlaybookDraft, PlaybookVersion
from playbooks.queries.words import PlaybookWords, playbook_in_words
from playbooks.rules.definition import Definition, parse_definition


@dataclass(frozen=True)
class Standing:
    """A playbook with its newest version and its draft."""

    playbook: Playbook
    newest: PlaybookVersion | None
    draft: PlaybookDraft | None

    @property
    def body(self) -> dict[str, Any]:
        """What the draft says, else the newest version."""
        standing = self.draft or self.newest
        body: dict[str, Any] = standing.definition if standing else {"name": self.playbook.name, "steps": []}
        return body

    @property
    def version(self) -> int:
        """Which draft the person reads; 0 for none yet."""
        return self.draft.version if self.draft else 0

    @cached_property
    def definition(self) -> Definition:
        """The same, read."""
        return parse_definition(self.body)

    @cached_property
    def words(self) -> PlaybookWords:
        """The same, in words."""
        return playbook_in_words(self.definition)


def standing_of(playbook: Playbook) -> Standing:
    """Read what a playbook says."""
    newest = playbook.versions.select_related("published_by").order_by("-number").first()
    draft = PlaybookDraft.objects.select_related("changed_by").filter(playbook=playbook).first()
    return Standing(playbook, newest, draft)
