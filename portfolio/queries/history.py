"""What did a person do within 30 days, and what of it can still be taken back?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent
from portfolio.models import Change

# What each act is called; one that is missing here is "a change".
STEP_WORDS = {
    "timeline_entry_deleted": gettext_lazy("Timeline entry deleted"),
    "warning_answered": gettext_lazy("Warning answered"),
    "gap_closed": gettext_lazy("Expectation gap closed"),
    "contact_left": gettext_lazy("Contact marked as gone"),
    "promise_settled": gettext_lazy("Promise settled"),
    "follow_up_done": gettext_lazy("Follow-up done"),
    "tags_set": gettext_lazy("Tags set"),
    "account_field_set": gettext_lazy("Account changed"),
    "renewal_advanced": gettext_lazy("Renewal moved on"),
    "renewal_called": gettext_lazy("Renewal called"),
    "opportunity_advanced": gettext_lazy("Opportunity moved on"),
    "risk_opened": gettext_lazy("Risk opened"),
    "risk_closed": gettext_lazy("Risk closed"),
    "fact_added": gettext_lazy("Ticket, answer or milestone added"),
    "line_added": gettext_lazy("Contract line added"),
    "line_changed": gettext_lazy("Contract line changed"),
    "line_deleted": gettext_lazy("Contract line deleted"),
    "tasks_done": gettext_lazy("Tasks finished or skipped"),
    "tasks_given": gettext_lazy("Tasks handed over"),
    "tasks_moved": gettext_lazy("Tasks moved"),
    "task_snoozed": gettext_lazy("Task put off"),
    "saved_view_deleted": gettext_lazy("Saved view deleted"),
    "recommendation_answered": gettext_lazy("Recommendation put aside"),
}


@dataclass(frozen=True)
class Act:
    """One act of a person, in words, and whether it can still be taken back."""

    change: Change
    words: str
    is_changed_since: bool

    @property
    def can_be_undone(self) -> bool:
        """Say whether the button stands there."""
        return self.change.undone_at is None and not self.is_changed_since


def acts_of(changes: Sequence[Change]) -> list[Act]:
    """Put changes into words."""
    stale = was_changed_since(changes)
    return [Act(one, _words(one), one.pk in stale) for one in changes]


def _words(change: Change) -> str:
    """What an act is called; one on many rows was named when it was done."""
    return str(change.was.get("title") or STEP_WORDS.get(change.step) or _("A change"))


def was_changed_since(changes: Iterable[Change]) -> set[int]:
    """The changes after which something else happened to the same row, by the audit trail, in one query."""
    about = {(one.object_type, one.object_id): one for one in changes if one.object_id}
    if not about:
        return set()
    rows = AuditEvent.objects.filter(
        object_type__in={kind for kind, _pk in about}, object_id__in={pk for _kind, pk in about},
        at__gt=min(one.at for one in about.values()),
    )  # fmt: skip
    later: dict[tuple[str, str], list[object]] = {}
    for kind, pk, at in rows.values_list("object_type", "object_id", "at"):
        later.setdefault((kind, pk), []).append(at)
    return {
        one.pk
        for one in changes
        if any(at > one.at for at in later.get((one.object_type, one.object_id), ()))  # type: ignore[operator]
    }
