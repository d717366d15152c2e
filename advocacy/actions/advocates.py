"""What happens when a contact may speak for us, moves along the pipeline, or leaves it?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Contact, User
from advocacy.actions.ranking import refresh_people
from advocacy.actions.withdrawals import care_for, withdraw_advocate
from advocacy.models import AdvocacySettings, Advocate, WithdrawalCause
from advocacy.queries.standing import judge
from advocacy.rules import next_stages, stage_after
from advocacy.rules.limits import Hard
from common.errors import Refused

Stage = Advocate.Stage
# Of an ask alone; a move by hand asks nobody for anything.
NOT_OF_A_MOVE = (Hard.ASKS, Hard.REST, Hard.WITHDRAWN, Hard.CONSENT)


@transaction.atomic
def add_advocate(*, contact: Contact, by: User | None, at: dt.datetime, note: str = "") -> Advocate:
    """Notice that a contact might speak for us."""
    locked = lock_contact(contact)
    if Advocate.objects.filter(contact=locked).exists():
        raise Refused(_("This contact is an advocate already."), field="contact", code="unique")
    if locked.left_on is not None:
        raise Refused(_("This contact has left the customer."), field="contact")
    advocate = Advocate.objects.create(account_id=locked.account_id, contact=locked, since=today(at), note=note)
    changes = {"contact": [None, locked.pk], "stage": [None, str(Stage.IDENTIFIED)]}
    leave_audit("advocate.added", advocate, by=by, at=at, changes=changes)
    refresh_people(on=today(at), account_ids=[locked.account_id])
    return advocate


@transaction.atomic
def change_note(*, advocate: Advocate, note: str, by: User | None, at: dt.datetime) -> Advocate:
    """Write down what is good to know before asking."""
    locked = lock_advocate(advocate)
    if locked.note != note:
        locked.note = note
        locked.save(update_fields=["note"])
        leave_audit("advocate.changed", locked, by=by, at=at, changes={"note": [None, None]})
    return locked


@transaction.atomic
def advance_advocate(*, advocate: Advocate, stage: str, by: User | None, at: dt.datetime) -> Advocate:
    """Move an advocate on along the pipeline, out of it, or back to its beginning.

    Nobody becomes one who is asked, agreed or active while the account is in a state in which nobody is asked.
    """
    locked = lock_advocate(advocate)
    if stage == locked.stage:
        return locked
    if stage not in next_stages(locked.stage):
        words = {"stage": locked.get_stage_display(), "next": _labels(next_stages(locked.stage))}
        raise Refused(_("From %(stage)s one can go to: %(next)s.") % words, field="stage")
    if stage == Stage.WITHDRAWN:
        withdraw_advocate(locked, WithdrawalCause.PERSON, by=by, at=at)
    else:
        if stage in Advocate.ENGAGED:
            _refuse_unfit(locked, today(at))
        enter_stage(locked, stage, by=by, at=at)
    refresh_people(on=today(at), account_ids=[locked.account_id])
    return locked


@transaction.atomic
def delete_advocate(*, advocate: Advocate, by: User | None, at: dt.datetime) -> None:
    """Take away an advocate who was never asked; one who was is withdrawn instead."""
    locked = lock_advocate(advocate)
    if locked.asks.exists():
        raise Refused(_("This advocate was asked before. Withdraw them instead, so that the asks stay on record."))
    leave_audit("advocate.deleted", locked, by=by, at=at, changes={"contact": [locked.contact_id, None]})
    account_id = locked.account_id
    locked.delete()
    refresh_people(on=today(at), account_ids=[account_id])


def lock_contact(contact: Contact) -> Contact:
    """Read a contact so that nobody else changes what is asked of them meanwhile."""
    found: Contact = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    return found


def lock_advocate(advocate: Advocate) -> Advocate:
    """Read an advocate so that nobody else changes or asks them meanwhile."""
    rows = Advocate.objects.select_related("account", "contact").select_for_update(of=("self",))
    found: Advocate = rows.get(pk=advocate.pk)
    return found


def follow_answer(advocate: Advocate, answer: str, *, by: User | None, at: dt.datetime) -> None:
    """Let the stage follow what was asked and answered."""
    reached = stage_after(advocate.stage, answer)
    if reached != advocate.stage:
        enter_stage(advocate, reached, by=by, at=at)


def enter_stage(advocate: Advocate, stage: str, *, by: User | None, at: dt.datetime) -> None:
    """Write a new stage of the pipeline, and who brought it about."""
    before = str(advocate.stage)
    advocate.stage, advocate.since, advocate.withdrawn_cause = str(stage), today(at), ""
    advocate.save(update_fields=["stage", "since", "withdrawn_cause"])
    leave_audit("advocate.advanced", advocate, by=by, at=at, changes={"stage": [before, str(stage)]})
    care_for(advocate.account_id)


def _refuse_unfit(advocate: Advocate, on: dt.date) -> None:
    judged = judge(on, advocate.contact_id, "", AdvocacySettings.load())
    words = [text for limit, text in zip(judged.hard, judged.forbidden, strict=True) if limit not in NOT_OF_A_MOVE]
    if words:
        raise Refused(" ".join(words), field="stage", code="hard_limit")


def _labels(stages: tuple[Any, ...]) -> str:
    return ", ".join(str(Stage(stage).label) for stage in stages)
