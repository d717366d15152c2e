"""How complete is a handoff file, what changed between its versions, and which files wait?"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BusinessGoal, Handoff, HandoffVersion, Holiday, Organisation, User
from accounts.rules import handoff as rules
from common import periods

GOALS = "business_goals"
LABELS = {GOALS: gettext_lazy("business goals")}


def section_label(name: str) -> str:
    """Give the words for a section."""
    if name in LABELS:
        return str(LABELS[name])
    return str(getattr(Handoff._meta.get_field(name), "verbose_name", name))


def section_names() -> list[str]:
    """List what a file consists of, in its order; the goals are rows of their own and count as one section."""
    return [*Handoff.SECTIONS, GOALS]


def sections_filled(handoff: Handoff, has_goals: bool | None = None) -> dict[str, bool]:
    """Say for each section whether there is something in it."""
    filled = {name: rules.is_filled(getattr(handoff, name)) for name in Handoff.SECTIONS}
    if has_goals is None:
        has_goals = BusinessGoal.objects.filter(account=handoff.account_id).exists()
    return filled | {GOALS: has_goals}


@dataclass(frozen=True)
class Completeness:
    """How much of a file is filled in, and which required sections are not."""

    score: int
    empty: tuple[str, ...]

    @property
    def empty_labels(self) -> list[str]:
        """The empty required sections in words."""
        return [section_label(name) for name in self.empty]


def completeness(handoff: Handoff, organisation: Organisation, has_goals: bool | None = None) -> Completeness:
    """Score a file by the organisation's required sections."""
    filled = sections_filled(handoff, has_goals)
    required = organisation.handoff_required_sections
    return Completeness(
        score=rules.completeness_score(filled, required), empty=tuple(rules.empty_sections(filled, required))
    )


def clock(
    handoff: Handoff, organisation: Organisation, holidays: Iterable[dt.date], at: dt.datetime
) -> rules.Clock | None:
    """Count the business hours from submitting a file to its acceptance, or to now while it waits."""
    if handoff.submitted_at is None or handoff.state not in {Handoff.State.SUBMITTED, Handoff.State.ACCEPTED}:
        return None
    is_running = handoff.state == Handoff.State.SUBMITTED
    end = at if is_running else handoff.decided_at or at
    hours = hours_worked(handoff.submitted_at, end, organisation, frozenset(holidays))
    return rules.Clock(hours=hours, target=Decimal(organisation.handoff_target_hours), is_running=is_running)


def hours_worked(
    since: dt.datetime, until: dt.datetime, organisation: Organisation, holidays: frozenset[dt.date]
) -> Decimal:
    """Count the business hours between two instants, to a tenth."""
    worked = periods.working_time_between(
        since,
        until,
        organisation.zone,
        opens=organisation.workday_starts,
        closes=organisation.workday_ends,
        working_days=organisation.working_days,
        holidays=holidays,
    )
    return (Decimal(int(worked.total_seconds())) / 3600).quantize(Decimal("0.1"))


def holidays() -> list[dt.date]:
    """List the days on which nobody works, in no region."""
    return list(Holiday.objects.filter(region="").values_list("on", flat=True))


@dataclass(frozen=True)
class WaitingHandoff:
    """One submitted file that nobody has accepted or returned yet."""

    handoff: Handoff
    clock: rules.Clock
    completeness: Completeness


def waiting_handoffs(user: User, at: dt.datetime, limit: int = 50) -> list[WaitingHandoff]:
    """List the submitted files that a person sees, longest waiting first."""
    organisation, free = Organisation.load(), holidays()
    files = list(
        Handoff.objects.visible_to(user)
        .filter(state=Handoff.State.SUBMITTED)
        .select_related("account", "submitted_by")
        .order_by("submitted_at", "pk")[:limit]
    )
    with_goals = set(
        BusinessGoal.objects.filter(account__in=[file.account_id for file in files]).values_list("account", flat=True)
    )
    waiting = []
    for file in files:
        reading = clock(file, organisation, free, at)
        if reading is not None:
            complete = completeness(file, organisation, file.account_id in with_goals)
            waiting.append(WaitingHandoff(handoff=file, clock=reading, completeness=complete))
    return waiting


@dataclass(frozen=True)
class SectionChange:
    """One section that differs between two versions, line by line: (mark, text), mark being + or − or blank."""

    label: str
    lines: tuple[tuple[str, str], ...]


def version_changes(old: HandoffVersion | None, new: HandoffVersion) -> list[SectionChange]:
    """Compare a version with the one before it; the first is compared with an empty file."""
    changes = []
    for name in Handoff.SECTIONS:
        before = (old.sections.get(name, "") if old else "").splitlines()
        after = new.sections.get(name, "").splitlines()
        if before == after:
            continue
        lines = tuple((line[0].strip(), line[2:]) for line in difflib.ndiff(before, after) if not line.startswith("?"))
        changes.append(SectionChange(label=section_label(name), lines=lines))
    return changes


@dataclass(frozen=True)
class VersionLine:
    """One version in the list: who saved it, when, and which sections it changed."""

    version: HandoffVersion
    changed: tuple[str, ...]
    state_changed: bool

    @property
    def words(self) -> str:
        """Say in a few words what this version is."""
        if self.state_changed:
            return str(self.version.get_state_display())
        return ", ".join(self.changed) or _("No change of text")


def version_lines(handoff: Handoff) -> list[VersionLine]:
    """List the versions of a file, newest first."""
    versions = list(handoff.versions.select_related("saved_by").order_by("number")) if handoff.pk else []
    lines = []
    before: HandoffVersion | None = None
    for version in versions:
        old = before.sections if before else {}
        changed = [name for name in Handoff.SECTIONS if version.sections.get(name, "") != old.get(name, "")]
        lines.append(
            VersionLine(
                version=version,
                changed=tuple(section_label(name) for name in changed),
                state_changed=before is not None and before.state != version.state,
            )
        )
        before = version
    return lines[::-1]
