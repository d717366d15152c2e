"""How do tickets, answers, readings and the like come in, one at a time?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry, rescore, rescore_all, today
from accounts.models import Account, Contact, TimelineEntry, User
from common import jobs
from common.errors import Refused
from usage.models import Attendance, Integration, Metric, Milestone, MilestoneReached, Reading, SurveyAnswer, Ticket
from usage.rules.events import AHEAD
from usage.rules.tickets import target_of

Fact = Ticket | SurveyAnswer | Reading | MilestoneReached | Integration | Attendance
Row = TypeVar("Row", Ticket, SurveyAnswer, Reading, MilestoneReached, Integration, Attendance)
# Text in a customer's own words is not copied into the audit.
PRIVATE = frozenset({"subject", "comment"})
SCORES = {SurveyAnswer.Kind.NPS: (0, 10), SurveyAnswer.Kind.CSAT: (1, 5)}


@transaction.atomic
def add_ticket(*, account: Account, opened_at: dt.datetime, by: User | None, at: dt.datetime, **values: Any) -> Ticket:
    """Write down a call for help; without a target of its own it gets the one of its severity."""
    ticket = Ticket(account=account, opened_at=opened_at, **values)
    if ticket.target_at is None:
        ticket.target_at = _target(ticket)
    _check_ticket(ticket, at)
    _save(ticket, "added", by=by, at=at)
    _spare_advocates(ticket)
    leave_entry(
        account, TimelineEntry.Kind.TICKET, ticket.subject or str(ticket), by=by, at=at,
        details={"ticket": ticket.pk, "severity": ticket.severity, "complaint": ticket.is_complaint},
    )  # fmt: skip
    return ticket


@transaction.atomic
def change_ticket(*, ticket: Ticket, by: User | None, at: dt.datetime, **values: Any) -> Ticket:
    """Change a ticket; a new severity or opening moves a target that was the severity's own."""
    locked = _locked(ticket)
    own_target = locked.target_at == _target(locked)
    changes = _apply(locked, values)
    if own_target and values.get("target_at") is None:
        locked.target_at = _target(locked)
    _check_ticket(locked, at)
    saved = _save(locked, "changed", by=by, at=at, changes=changes)
    _spare_advocates(saved)
    return saved


def _spare_advocates(ticket: Ticket) -> None:
    """Ask nobody for a favour there while a critical ticket is open."""
    if ticket.severity == Ticket.Severity.CRITICAL and ticket.resolved_at is None:
        jobs.enqueue("advocacy.withdraw_unfit", key=f"unfit:{ticket.account_id}", account_ids=[ticket.account_id])


def _target(ticket: Ticket) -> dt.datetime:
    return target_of(ticket.opened_at, Ticket.TARGET_HOURS[Ticket.Severity(ticket.severity)])


def _check_ticket(ticket: Ticket, at: dt.datetime) -> None:
    _check_contact(ticket)
    if ticket.opened_at > at + AHEAD:
        raise Refused(_("A ticket cannot be opened in the future."), field="opened_at")
    if ticket.resolved_at is not None and ticket.resolved_at < ticket.opened_at:
        raise Refused(_("A ticket cannot be resolved before it was opened."), field="resolved_at")
    if ticket.resolved_at is not None and ticket.resolved_at > at + AHEAD:
        raise Refused(_("A ticket cannot be resolved in the future."), field="resolved_at")
    if ticket.target_at < ticket.opened_at:
        raise Refused(_("The target cannot be before the opening."), field="target_at")
    if ticket.satisfaction is not None and not 1 <= ticket.satisfaction <= 5:
        raise Refused(_("Satisfaction runs from 1 to 5."), field="satisfaction")


@transaction.atomic
def add_answer(*, account: Account, by: User | None, at: dt.datetime, **values: Any) -> SurveyAnswer:
    """Write down what a contact answered to a survey."""
    answer = SurveyAnswer(account=account, **values)
    _check_answer(answer, at)
    return _save(answer, "added", by=by, at=at)


@transaction.atomic
def change_answer(*, answer: SurveyAnswer, by: User | None, at: dt.datetime, **values: Any) -> SurveyAnswer:
    """Correct an answer."""
    locked = _locked(answer)
    changes = _apply(locked, values)
    _check_answer(locked, at)
    return _save(locked, "changed", by=by, at=at, changes=changes)


def _check_answer(answer: SurveyAnswer, at: dt.datetime) -> None:
    _check_contact(answer)
    _check_past(answer.answered_on, "answered_on", at)
    low, high = SCORES[SurveyAnswer.Kind(answer.kind)]
    if not low <= answer.score <= high:
        raise Refused(_("NPS runs from 0 to 10, satisfaction from 1 to 5."), field="score")


@transaction.atomic
def set_reading(
    *,
    account: Account,
    metric: Metric,
    on: dt.date,
    value: Decimal,
    by: User | None,
    at: dt.datetime,
    period: str = Reading.Period.DAY,
) -> Reading:
    """Say what a metric read over the period that starts on a day; read again, the later value holds."""
    _check_past(on, "on", at)
    if period not in Reading.Period.values:
        raise Refused(_("Choose day, week or month."), field="period")
    rows = Reading.objects.select_for_update().filter(account=account, metric=metric, period=period, on=on)
    reading = rows.first() or Reading(account=account, metric=metric, period=period, on=on)
    changes = {"value": [None if reading.pk is None else str(reading.value), str(value)]}
    reading.value = value
    return _save(reading, "set", by=by, at=at, changes=changes)


@transaction.atomic
def reach_milestone(
    *, account: Account, milestone: Milestone, on: dt.date, by: User | None, at: dt.datetime
) -> MilestoneReached:
    """Say on which day an account reached a milestone; said again, the later word holds."""
    _check_past(on, "on", at)
    rows = MilestoneReached.objects.select_for_update().filter(account=account, milestone=milestone)
    reached = rows.first() or MilestoneReached(account=account, milestone=milestone)
    changes = {"on": [None if reached.pk is None else str(reached.on), str(on)]}
    reached.on = on
    return _save(reached, "set", by=by, at=at, changes=changes)


@transaction.atomic
def connect_integration(
    *,
    account: Account,
    name: str,
    connected_on: dt.date,
    by: User | None,
    at: dt.datetime,
    disconnected_on: dt.date | None = None,
) -> Integration:
    """Say since when a system of the customer is connected."""
    row = Integration(account=account, name=name, connected_on=connected_on, disconnected_on=disconnected_on)
    _check_integration(row, at)
    return _save(row, "added", by=by, at=at)


@transaction.atomic
def change_integration(*, integration: Integration, by: User | None, at: dt.datetime, **values: Any) -> Integration:
    """Correct a connection, or say when it ended."""
    locked = _locked(integration)
    changes = _apply(locked, values)
    _check_integration(locked, at)
    return _save(locked, "changed", by=by, at=at, changes=changes)


def _check_integration(row: Integration, at: dt.datetime) -> None:
    _check_past(row.connected_on, "connected_on", at)
    if row.disconnected_on is not None and row.disconnected_on <= row.connected_on:
        raise Refused(_("The end of a connection must be after its start."), field="disconnected_on")
    others = Integration.objects.exclude(pk=row.pk).filter(account=row.account_id, name=row.name)
    if others.exists():
        raise Refused(_("This account has an integration of that name already."), field="name", code="unique")


@transaction.atomic
def add_attendance(*, account: Account, by: User | None, at: dt.datetime, **values: Any) -> Attendance:
    """Write down that a customer took part."""
    row = Attendance(account=account, **values)
    _check_attendance(row, at)
    return _save(row, "added", by=by, at=at)


@transaction.atomic
def add_attendances(*, rows: Sequence[Attendance], by: User | None, at: dt.datetime) -> list[Attendance]:
    """Write down that several customers took part, in a few writes for any number of them."""
    for row in rows:
        _check_attendance(row, at)
    made: list[Attendance] = Attendance.objects.bulk_create(rows, batch_size=500)
    accounts = sorted({row.account_id for row in made})
    if made:
        leave_audit("attendances.added", made[0], by=by, at=at, changes={"accounts": accounts})
        rescore_all(accounts)
    return made


@transaction.atomic
def change_attendance(*, attendance: Attendance, by: User | None, at: dt.datetime, **values: Any) -> Attendance:
    """Correct an attendance."""
    locked = _locked(attendance)
    changes = _apply(locked, values)
    _check_attendance(locked, at)
    return _save(locked, "changed", by=by, at=at, changes=changes)


def _check_attendance(row: Attendance, at: dt.datetime) -> None:
    _check_contact(row)
    _check_past(row.on, "on", at)


@transaction.atomic
def delete_fact(*, row: Fact, by: User | None, at: dt.datetime) -> None:
    """Take away a fact that never was one."""
    leave_audit(f"{row._meta.model_name}.deleted", row, by=by, at=at, changes={"account": [row.account_id, None]})
    account_id = row.account_id
    row.delete()
    rescore(account_id)


def _locked(row: Row) -> Row:
    """Read a row again and hold it, so that two savers do not overwrite each other's fields."""
    found: Row = type(row).objects.select_for_update(of=("self",)).select_related("account").get(pk=row.pk)
    return found


def _apply(row: Fact, values: dict[str, Any]) -> dict[str, Any]:
    """Set fields; give what differs."""
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    changes = differences(row, values, private=PRIVATE)
    for name, value in values.items():
        setattr(row, name, value)
    return changes


def _save(row: Row, verb: str, *, by: User | None, at: dt.datetime, changes: Mapping[str, Any] | None = None) -> Row:
    """Save, write who did it, and ask for a new score; nothing if nothing changed."""
    if changes is not None and not changes:
        return row
    _check_external_id(row)
    row.save()
    changes = changes or {"account": [None, row.account_id]}
    leave_audit(f"{row._meta.model_name}.{verb}", row, by=by, at=at, changes=changes)
    rescore(row.account_id)
    return row


def _check_external_id(row: models.Model) -> None:
    external_id = getattr(row, "external_id", None)
    if external_id == "":
        row.external_id = None  # type: ignore[attr-defined]
    elif external_id is not None:
        others = type(row)._default_manager.exclude(pk=row.pk).filter(external_id=external_id)
        if others.exists():
            raise Refused(_("This external id is in use."), field="external_id", code="unique")


def _check_contact(row: Ticket | SurveyAnswer | Attendance) -> None:
    contact: Contact | None = row.contact
    if contact is not None and contact.account_id != row.account_id:
        raise Refused(_("This contact belongs to another account."), field="contact")


def _check_past(on: dt.date, field: str, at: dt.datetime) -> None:
    if on > today(at):
        raise Refused(_("This day is still to come."), field=field)
