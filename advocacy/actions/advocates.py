"""What happens when a contact may speak for us, is asked for something, and answers?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Contact, User
from advocacy.models import Advocate, Ask
from advocacy.rules import next_stages, stage_after
from common.errors import Refused

Stage = Advocate.Stage
Answer = Ask.Answer


@transaction.atomic
def add_advocate(*, contact: Contact, by: User | None, at: dt.datetime, note: str = "") -> Advocate:
    """Notice that a contact might speak for us."""
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if Advocate.objects.filter(contact=locked).exists():
        raise Refused(_("This contact is an advocate already."), field="contact", code="unique")
    if locked.left_on is not None:
        raise Refused(_("This contact has left the customer."), field="contact")
    advocate = Advocate.objects.create(account_id=locked.account_id, contact=locked, since=today(at), note=note)
    changes = {"contact": [None, locked.pk], "stage": [None, str(Stage.IDENTIFIED)]}
    leave_audit("advocate.added", advocate, by=by, at=at, changes=changes)
    return advocate


@transaction.atomic
def change_note(*, advocate: Advocate, note: str, by: User | None, at: dt.datetime) -> Advocate:
    """Write down what is good to know before asking."""
    locked = _locked(advocate)
    if locked.note != note:
        locked.note = note
        locked.save(update_fields=["note"])
        leave_audit("advocate.changed", locked, by=by, at=at, changes={"note": [None, None]})
    return locked


@transaction.atomic
def advance_advocate(*, advocate: Advocate, stage: str, by: User | None, at: dt.datetime) -> Advocate:
    """Move an advocate on along the pipeline, out of it, or back to its beginning."""
    locked = _locked(advocate)
    if stage == locked.stage:
        return locked
    if stage not in next_stages(locked.stage):
        words = {"stage": locked.get_stage_display(), "next": _labels(next_stages(locked.stage))}
        raise Refused(_("From %(stage)s one can go to: %(next)s.") % words, field="stage")
    _enter(locked, stage, by=by, at=at)
    return locked


@transaction.atomic
def delete_advocate(*, advocate: Advocate, by: User | None, at: dt.datetime) -> None:
    """Take away an advocate who was never asked; one who was is withdrawn instead."""
    locked = _locked(advocate)
    if locked.asks.exists():
        raise Refused(_("This advocate was asked before. Withdraw them instead, so that the asks stay on record."))
    leave_audit("advocate.deleted", locked, by=by, at=at, changes={"contact": [locked.contact_id, None]})
    locked.delete()


@transaction.atomic
def record_ask(
    *, advocate: Advocate, kind: str, by: User | None, at: dt.datetime, asked_on: dt.date | None = None
) -> Ask:
    """Write down a favour that was asked; who was only identified is asked from now on."""
    locked = _locked(advocate)
    day = asked_on or today(at)
    if kind not in Ask.Kind.values:
        raise Refused(_("Choose what was asked."), field="kind")
    if locked.stage == Stage.WITHDRAWN:
        raise Refused(_("This advocate has withdrawn. Take them up again before you ask."), field="advocate")
    _check_day(day, at, "asked_on")
    ask = Ask.objects.create(advocate=locked, kind=kind, asked_on=day, asked_by=by)
    changes = {"advocate": [None, locked.pk], "kind": [None, str(kind)]}
    leave_audit("ask.recorded", ask, by=by, at=at, changes=changes)
    _follow(locked, Answer.WAITING, by=by, at=at)
    return ask


@transaction.atomic
def record_answer(
    *, ask: Ask, answer: str, by: User | None, at: dt.datetime, answered_on: dt.date | None = None
) -> Ask:
    """Write down the answer; a yes makes who was asked an advocate who agreed."""
    if answer not in Answer.values:
        raise Refused(_("Choose an answer."), field="answer")
    advocate = _locked(Advocate.objects.get(pk=ask.advocate_id))
    locked: Ask = Ask.objects.select_for_update(of=("self",)).get(pk=ask.pk)
    day = None if answer == Answer.WAITING else answered_on or today(at)
    if day is not None:
        _check_day(day, at, "answered_on")
        if day < locked.asked_on:
            raise Refused(_("The answer cannot come before the question."), field="answered_on")
    if (locked.answer, locked.answered_on) == (answer, day):
        return locked
    before = str(locked.answer)
    locked.answer, locked.answered_on = answer, day
    locked.save(update_fields=["answer", "answered_on"])
    leave_audit("ask.answered", locked, by=by, at=at, changes={"answer": [before, str(answer)]})
    _follow(advocate, answer, by=by, at=at)
    return locked


@transaction.atomic
def delete_ask(*, ask: Ask, by: User | None, at: dt.datetime) -> None:
    """Take away an ask that never was."""
    leave_audit("ask.deleted", ask, by=by, at=at, changes={"advocate": [ask.advocate_id, None]})
    ask.delete()


def _locked(advocate: Advocate) -> Advocate:
    """Read an advocate so that nobody else changes it meanwhile."""
    found: Advocate = Advocate.objects.select_for_update(of=("self",)).get(pk=advocate.pk)
    return found


def _follow(advocate: Advocate, answer: str, *, by: User | None, at: dt.datetime) -> None:
    """Let the stage follow what was asked and answered."""
    reached = stage_after(advocate.stage, answer)
    if reached != advocate.stage:
        _enter(advocate, reached, by=by, at=at)


def _enter(advocate: Advocate, stage: str, *, by: User | None, at: dt.datetime) -> None:
    before = str(advocate.stage)
    advocate.stage, advocate.since = str(stage), today(at)
    advocate.save(update_fields=["stage", "since"])
    leave_audit("advocate.advanced", advocate, by=by, at=at, changes={"stage": [before, str(stage)]})


def _check_day(day: dt.date, at: dt.datetime, field: str) -> None:
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field=field)


def _labels(stages: tuple[Any, ...]) -> str:
    return ", ".join(str(Stage(stage).label) for stage in stages)
