"""How do handoffs, promises, goals, the timeline and churn records come in?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import (
    BusinessGoal,
    ChurnRecord,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Promise,
    TimelineEntry,
)
from portfolio.importing.targets.base import (
    Context,
    Flaw,
    Target,
    Values,
    amount,
    choice,
    currency,
    day,
    decimal,
    identifier,
    in_order,
    instant,
    link,
    marks_fit,
    text,
    yes_no,
)

LONG = 10_000


def _check_handoff(row: Values, _context: Context) -> Iterable[Flaw]:
    state = row.get("state")
    if state in {Handoff.State.SUBMITTED, Handoff.State.ACCEPTED} and row.get("submitted_at") is None:
        yield "submitted_at", _("is missing, though the file was submitted")
    if state == Handoff.State.RETURNED and not row.get("return_reasons"):
        yield "return_reasons", _("is missing, though the file was returned")


def _keep_versions(created: Sequence[Any], changed: Sequence[Any], context: Context) -> None:
    """Every version of a handoff file is kept, an imported one too."""
    HandoffVersion.objects.bulk_create(
        HandoffVersion(
            handoff_id=file.pk,
            number=file.version,
            state=file.state,
            sections={section: getattr(file, section) for section in Handoff.SECTIONS},
            saved_at=context.at,
            saved_by_id=context.by_id,
        )
        for file in (*created, *changed)
    )


def _check_goal(row: Values, _context: Context) -> Iterable[Flaw]:
    if row.get("baseline") is not None and row.get("baseline") == row.get("target"):
        yield "target", _("equals the baseline, so there is nothing to reach")


def _check_churn(row: Values, _context: Context) -> Iterable[Flaw]:
    yield from marks_fit(row, "arr_lost")
    yield from in_order(row, "on", "won_back_on", _("lies before the day the customer left"), equal=True)


def _check_gap(row: Values, _context: Context) -> Iterable[Flaw]:
    yield from in_order(row, "found_on", "closed_on", _("lies before the day it was found"), equal=True)


TARGETS = (
    Target(
        "handoffs",
        Handoff,
        ("account",),
        (
            link("account", "accounts", required=True),
            choice("state", Handoff.State, blank=Handoff.State.DRAFT.value),
            *(text(section, LONG, lines=True) for section in Handoff.SECTIONS),
            instant("submitted_at"),
            link("submitted_by", "people", says="the e-mail of a colleague"),
            instant("decided_at"),
            link("decided_by", "people", says="the e-mail of a colleague"),
            text("return_reasons", 4_000, lines=True),
        ),
        check=_check_handoff,
        after=_keep_versions,
        stamps={"version": "count"},
        feeds="facts",
    ),
    Target(
        "expectation_gaps",
        ExpectationGap,
        ("account", "text"),
        (
            link("account", "accounts", required=True),
            text("text", 500, required=True),
            day("found_on", required=True),
            day("closed_on"),
        ),
        check=_check_gap,
        feeds="facts",
    ),
    Target(
        "promises",
        Promise,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            text("text", 500, required=True),
            text("made_by", 200),
            link("made_to", "contacts"),
            day("made_on"),
            day("due_on"),
            text("evidence", 4_000, lines=True),
            choice("state", Promise.State, blank=Promise.State.OPEN.value),
            day("settled_on"),
        ),
        feeds="facts",
    ),
    Target(
        "implementation_records",
        ImplementationRecord,
        ("account", "stage", "on"),
        (
            link("account", "accounts", required=True),
            choice("stage", ImplementationRecord.Stage, required=True),
            day("on", required=True),
            text("people", 500),
            text("outcome", 4_000, required=True, lines=True),
        ),
        feeds="facts",
    ),
    Target(
        "goals",
        BusinessGoal,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            text("name", 200, required=True),
            text("metric", 200),
            text("unit", 40),
            decimal("baseline", 4, required=True),
            decimal("target", 4, required=True),
            day("due_on"),
        ),
        check=_check_goal,
        link="external_id",
        feeds="facts",
    ),
    Target(
        "goal_measurements",
        GoalMeasurement,
        ("goal", "on"),
        (
            link("goal", "goals", required=True),
            day("on", required=True),
            decimal("value", 4, required=True),
            text("note", 500),
        ),
        feeds="facts",
    ),
    Target(
        "timeline",
        TimelineEntry,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            choice("kind", TimelineEntry.Kind, blank=TimelineEntry.Kind.NOTE.value),
            instant("at", required=True),
            text("title", 200, required=True),
            text("body", 20_000, lines=True),
            link("author", "people", says="the e-mail of a colleague"),
            yes_no("is_private"),
            day("follow_up_on"),
        ),
        feeds="facts",
    ),
    Target(
        "churn_records",
        ChurnRecord,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            day("on", required=True),
            day("notice_on"),
            amount("arr_lost"),
            currency(required=False),
            choice("reason", ChurnRecord.Reason, blank=ChurnRecord.Reason.OTHER.value),
            yes_no("is_failed_payment"),
            text("study", LONG, lines=True),
            text("would_have_saved", 4_000, lines=True),
            text("fix", 4_000, lines=True),
            day("fix_done_on"),
            day("won_back_on"),
        ),
        check=_check_churn,
        feeds="facts",
    ),
)
