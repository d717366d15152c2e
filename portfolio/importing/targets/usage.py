"""How do the catalogue, product events, readings, tickets and survey answers come in?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from common.periods import start_of_day
from portfolio.importing.scratch import digest
from portfolio.importing.targets.base import (
    Context,
    Flaw,
    Target,
    Values,
    choice,
    day,
    decimal,
    identifier,
    in_order,
    instant,
    link,
    links,
    text,
    whole,
    yes_no,
)
from usage.actions import refresh_days_of_feature
from usage.models import (
    Attendance,
    Feature,
    Integration,
    Metric,
    Milestone,
    MilestoneReached,
    Module,
    Reading,
    Scenario,
    SurveyAnswer,
    Ticket,
    UsageEvent,
)
from usage.rules.events import AHEAD

DAILY_SOURCE = "import-daily"


def _give_ticket_a_target(row: Values, _context: Context) -> None:
    """A ticket without a target of its own has the one of its severity."""
    if row.get("target_at") is None:
        hours = Ticket.TARGET_HOURS[Ticket.Severity(row.get("severity") or Ticket.Severity.NORMAL)]
        row["target_at"] = row["opened_at"] + dt.timedelta(hours=hours)


def _check_ticket(row: Values, _context: Context) -> Iterable[Flaw]:
    yield from in_order(row, "opened_at", "resolved_at", _("lies before the ticket was opened"), equal=True)


def _check_answer(row: Values, _context: Context) -> Iterable[Flaw]:
    least, most = (0, 10) if row.get("kind", SurveyAnswer.Kind.NPS) == SurveyAnswer.Kind.NPS else (1, 5)
    if row.get("score") is not None and not least <= row["score"] <= most:
        yield "score", _("must be between %(least)s and %(most)s") % {"least": least, "most": most}


def _check_integration(row: Values, _context: Context) -> Iterable[Flaw]:
    yield from in_order(row, "connected_on", "disconnected_on", _("ends on or before the day it starts"))


def _check_reading(row: Values, _context: Context) -> Iterable[Flaw]:
    if row.get("period") == Reading.Period.MONTH and row.get("on") and row["on"].day != 1:
        yield "on", _("must be the first day of its month")


def _recount_days(_created: Sequence[Any], changed: Sequence[Any], _context: Context) -> None:
    """A feature that became core, or is core no more, changes the days on which it was used."""
    for feature in changed:
        refresh_days_of_feature(feature_id=feature.pk)


def _check_event(row: Values, context: Context) -> Iterable[Flaw]:
    row["source"] = row.get("source") or "import"
    row.setdefault("person", "")
    row.setdefault("quantity", 1)
    if row["at"] > context.at + AHEAD:
        yield "at", _("lies in the future")


def _event_of_day(row: Values, context: Context) -> Values:
    """A day's count is kept as one event at the start of the day, whose id is made of account, feature, day, person."""
    person = row.get("person") or ""
    return {
        "source": DAILY_SOURCE,
        "message_id": digest(row["account"], row["feature"], row["day"].isoformat(), person).hex(),
        "account": row["account"],
        "feature": row["feature"],
        "person": person,
        "at": start_of_day(row["day"], context.zone),
        "quantity": row["events"],
    }


def _check_use(row: Values, context: Context) -> Iterable[Flaw]:
    if row["day"] > context.today:
        yield "day", _("lies in the future")


EVENTS = Target(
    "usage_events",
    UsageEvent,
    ("source", "message_id"),
    (
        identifier("message_id", null=False),
        text("source", 40),
        link("account", "accounts", required=True),
        link("feature", "features", required=True),
        text("person", 128),
        instant("at", required=True),
        whole("quantity", least=1, blank=1),
    ),
    check=_check_event,
    feeds="usage",
    immutable=True,
)

TARGETS = (
    Target(
        "modules",
        Module,
        ("external_id",),
        (identifier(null=False), text("name", 200, required=True), link("product", "products", required=True)),
        link="external_id",
        feeds="usage",
    ),
    Target(
        "features",
        Feature,
        ("external_id",),
        (
            identifier(null=False),
            text("name", 200, required=True),
            link("module", "modules", required=True),
            choice("kind", Feature.Kind, blank=Feature.Kind.BASIC.value),
            day("retired_on"),
        ),
        after=_recount_days,
        link="external_id",
        feeds="usage",
    ),
    Target(
        "scenarios",
        Scenario,
        ("external_id",),
        (identifier(null=False), text("name", 200, required=True), links("features", "features")),
        link="external_id",
        feeds="usage",
    ),
    Target(
        "milestones",
        Milestone,
        ("external_id",),
        (
            identifier(null=False),
            text("name", 200, required=True),
            whole("due_after_days", least=1, most=32_767, blank=30),
            yes_no("is_core_process"),
        ),
        link="external_id",
        feeds="usage",
    ),
    Target(
        "metrics",
        Metric,
        ("external_id",),
        (identifier(null=False), text("name", 200, required=True), text("unit", 40)),
        link="external_id",
    ),
    EVENTS,
    Target(
        "usage_days",
        UsageEvent,
        ("account", "feature", "day", "person"),
        (
            link("account", "accounts", required=True),
            link("feature", "features", required=True),
            day("day", required=True),
            text("person", 128),
            whole("events", required=True, least=1),
        ),
        check=_check_use,
        becomes=_event_of_day,
        stored_as=replace(EVENTS, name="usage_days", check=None, immutable=False),
        feeds="usage",
    ),
    Target(
        "readings",
        Reading,
        ("account", "metric", "period", "on"),
        (
            link("account", "accounts", required=True),
            link("metric", "metrics", required=True, creates=True),
            choice("period", Reading.Period, blank=Reading.Period.DAY.value),
            day("on", required=True),
            decimal("value", 4, required=True),
        ),
        check=_check_reading,
        feeds="facts",
    ),
    Target(
        "milestones_reached",
        MilestoneReached,
        ("account", "milestone"),
        (
            link("account", "accounts", required=True),
            link("milestone", "milestones", required=True),
            day("on", required=True),
        ),
        feeds="facts",
    ),
    Target(
        "tickets",
        Ticket,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            link("contact", "contacts"),
            text("subject", 300),
            choice("severity", Ticket.Severity, blank=Ticket.Severity.NORMAL.value),
            yes_no("is_complaint"),
            yes_no("is_escalated"),
            instant("opened_at", required=True),
            instant("target_at"),
            instant("resolved_at"),
            whole("first_response_minutes"),
            whole("satisfaction", least=1, most=5),
        ),
        check=_check_ticket,
        fill=_give_ticket_a_target,
        feeds="facts",
    ),
    Target(
        "survey_answers",
        SurveyAnswer,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            link("contact", "contacts"),
            choice("kind", SurveyAnswer.Kind, blank=SurveyAnswer.Kind.NPS.value),
            whole("score", required=True, most=10),
            text("comment", 4_000, lines=True),
            day("answered_on", required=True),
        ),
        check=_check_answer,
        feeds="facts",
    ),
    Target(
        "integrations",
        Integration,
        ("account", "name"),
        (
            link("account", "accounts", required=True),
            text("name", 100, required=True),
            day("connected_on", required=True),
            day("disconnected_on"),
        ),
        check=_check_integration,
        feeds="facts",
    ),
    Target(
        "attendances",
        Attendance,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            link("contact", "contacts"),
            choice("kind", Attendance.Kind, blank=Attendance.Kind.SHARING_SESSION.value),
            text("name", 200, required=True),
            day("on", required=True),
        ),
        feeds="facts",
    ),
)
