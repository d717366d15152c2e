"""What happens when a customer brings another one, and on its way to a signature?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import differences, leave_audit, today
from accounts.models import Account, Contact, Organisation, TimelineEntry, User
from advocacy.actions.entries import advocacy_entry, tell
from advocacy.models import Referral
from advocacy.queries.referrals import BroughtFacts, brought_facts
from advocacy.rules.referrals import (
    LOOP,
    ReferralState,
    closes_referral_circle,
    next_referral_states,
    state_from_facts,
)
from common import text
from common.errors import Refused

State = Referral.State
PRIVATE = frozenset({"company", "note", "contact"})
FACTS = {"uses": State.USING, "shares": State.SHARED, "pays": State.SIGNED}


@transaction.atomic
def add_referral(
    *, referrer: Account, company: str, by: User | None, at: dt.datetime, invited_on: dt.date | None = None,
    contact: Contact | None = None, account: Account | None = None, note: str = "",
) -> Referral:  # fmt: skip
    """Write down whom a customer brought."""
    _one_at_a_time()
    referral = Referral(
        referrer=referrer, contact=contact, company=_name(company), account=account, note=note,
        invited_on=invited_on or today(at), created_at=at,
    )  # fmt: skip
    _check(referral, at)
    referral.save()
    changes = {"referrer": [None, referrer.pk], "account": [None, referral.account_id]}
    leave_audit("referral.added", referral, by=by, at=at, changes=changes)
    tell(referrer, "referral_added", by=by, at=at, name=referral.company)
    _tell_brought(referral, None, by=by, at=at)
    return referral


@transaction.atomic
def change_referral(*, referral: Referral, by: User | None, at: dt.datetime, **values: Any) -> Referral:
    """Correct what is known of a referral: the company, who brought it, the account that it became."""
    _one_at_a_time()
    locked = _locked(referral)
    before = locked.account_id
    if "company" in values:
        values["company"] = _name(values["company"])
    changes = differences(locked, values, private=PRIVATE)
    for name, value in values.items():
        setattr(locked, name, value)
    _check(locked, at)
    if changes:
        locked.save()
        leave_audit("referral.changed", locked, by=by, at=at, changes=changes)
        _tell_brought(locked, before, by=by, at=at)
    return locked


@transaction.atomic
def advance_referral(
    *, referral: Referral, state: str, by: User | None, at: dt.datetime, on: dt.date | None = None, reason: str = ""
) -> Referral:
    """Move a referral on along the loop, lose it, or take a lost one up again."""
    locked = _locked(referral)
    if state == locked.state:
        return locked
    if state not in next_referral_states(locked.state):
        raise Refused(_("This referral cannot go from there to here."), field="state")
    day = on or today(at)
    _check_step(locked, state, day, reason, at)
    before = str(locked.state)
    if before == State.LOST:
        # Taken up again, it stands where it stood.
        locked.state, locked.lost_on, locked.lost_reason = str(locked.furthest), None, ""
    else:
        setattr(locked, Referral.DAYS[state], day)
        locked.state, locked.lost_reason = state, reason.strip() if state == State.LOST else ""
    locked.save()
    leave_audit("referral.moved", locked, by=by, at=at, changes={"state": [before, str(locked.state)]})
    _tell_moved(locked, by=by, at=at)
    return locked


@transaction.atomic
def take_back_referral(*, referral: Referral, state: str, by: User | None, at: dt.datetime) -> Referral:
    """Undo that a referral reached a state, if it still stands there; asked twice it stays as it is."""
    locked = _locked(referral)
    if locked.state != state or state == State.INVITED:
        return locked
    setattr(locked, Referral.DAYS[state], None)
    locked.state = str(locked.furthest)
    locked.lost_reason = ""
    locked.save()
    leave_audit("referral.taken_back", locked, by=by, at=at, changes={"state": [state, locked.state]})
    _tell_moved(locked, by=by, at=at)
    return locked


@transaction.atomic
def thank_for_referral(
    *, referral: Referral, thanks: str, by: User | None, at: dt.datetime, thanked_on: dt.date | None = None
) -> Referral:
    """Write down how the customer was thanked."""
    locked = _locked(referral)
    day = thanked_on or today(at)
    words = text.clean(thanks, _("How they were thanked"), max_length=500)
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field="thanked_on")
    if day < locked.invited_on:
        raise Refused(_("The thank-you cannot come before the referral."), field="thanked_on")
    locked.thanked_on, locked.thanked_by, locked.thanks = day, by, words
    locked.save(update_fields=["thanked_on", "thanked_by", "thanks"])
    leave_audit("referral.thanked", locked, by=by, at=at, changes={"thanked_on": [None, day.isoformat()]})
    tell(locked.referrer, "referral_thanked", by=by, at=at, body=words, name=locked.company)
    return locked


@transaction.atomic
def take_back_thanks(*, referral: Referral, by: User | None, at: dt.datetime) -> Referral:
    """Undo that the customer was thanked."""
    locked = _locked(referral)
    if locked.thanked_on is not None:
        before = locked.thanked_on.isoformat()
        locked.thanked_on, locked.thanked_by, locked.thanks = None, None, ""
        locked.save(update_fields=["thanked_on", "thanked_by", "thanks"])
        leave_audit("referral.not_thanked", locked, by=by, at=at, changes={"thanked_on": [before, None]})
    return locked


@transaction.atomic
def delete_referral(*, referral: Referral, by: User | None, at: dt.datetime) -> None:
    """Take away a referral that never was."""
    leave_audit("referral.deleted", referral, by=by, at=at, changes={"referrer": [referral.referrer_id, None]})
    referral.delete()


@transaction.atomic
def follow_referrals(*, on: dt.date, at: dt.datetime) -> int:
    """Move the open referrals on to where the facts of their accounts stand: use, sharing, contracts. Returns how many.

    Facts never move one back, and a referral without an account is left to people.
    """
    rows = Referral.objects.select_for_update(of=("self",)).open().exclude(account=None).order_by("pk")
    referrals = list(rows)
    facts = brought_facts(sorted({one.account_id for one in referrals if one.account_id}), on)
    moved = [one for one in referrals if _follow(one, facts[one.account_id or 0])]
    Referral.objects.bulk_update(moved, ["state", *Referral.DAYS.values()], batch_size=500)
    TimelineEntry.objects.bulk_create(
        advocacy_entry(one.referrer_id, "referral_moved", by=None, at=at, name=one.company, state=str(one.state))
        for one in moved
    )
    for one in moved:
        leave_audit("referral.moved", one, by=None, at=at, changes={"state": [None, str(one.state)]})
    return len(moved)


def _follow(referral: Referral, facts: BroughtFacts) -> bool:
    """Write the days that the facts show into a referral; say whether that moved it."""
    before = referral.state
    shown = {State.USING: facts.uses_on, State.SHARED: facts.shares_on, State.SIGNED: facts.pays_on}
    reached = state_from_facts(before, **{name: bool(shown[state]) for name, state in FACTS.items()})
    referral.state = str(reached)
    last = max(day for one in LOOP if (day := referral.day_of(one)))
    for state, day in shown.items():
        if day and referral.day_of(state) is None and LOOP.index(ReferralState(before)) < LOOP.index(state):
            setattr(referral, Referral.DAYS[state], max(day, last))
    return bool(reached != before)


def _one_at_a_time() -> None:
    """Let nobody else bring anybody meanwhile: a circle may be closed by two referrals, each of which is right."""
    Organisation.objects.get_or_create(pk=1)
    Organisation.objects.select_for_update().get(pk=1)


def _locked(referral: Referral) -> Referral:
    rows = Referral.objects.select_for_update(of=("self",)).select_related("referrer")
    found: Referral = rows.get(pk=referral.pk)
    return found


def _name(company: str) -> str:
    return text.clean(company, _("Company"), max_length=200)


def _check(referral: Referral, at: dt.datetime) -> None:
    """Refuse what cannot be: a day to come, a stranger's contact, a customer that brings itself."""
    if referral.invited_on > today(at):
        raise Refused(_("The day cannot be in the future."), field="invited_on")
    later = min((day for state in (*LOOP[1:], State.LOST) if (day := referral.day_of(state))), default=None)
    if later is not None and later < referral.invited_on:
        raise Refused(_("What came of it is dated before this day."), field="invited_on")
    if referral.contact is not None and referral.contact.account_id != referral.referrer_id:
        raise Refused(_("This contact belongs to another account."), field="contact")
    if referral.account_id is not None:
        _check_brought(referral, referral.account_id)
    elif referral.state == State.SIGNED:
        raise Refused(_("Say which account it became: who signed has one."), field="account")


def _check_brought(referral: Referral, brought: int) -> None:
    if brought == referral.referrer_id:
        raise Refused(_("A customer cannot bring itself."), field="account", code="self_referral")
    others = Referral.objects.exclude(pk=referral.pk).exclude(state=State.LOST).exclude(account=None)
    brought_by = dict(others.order_by().values_list("account", "referrer"))
    if brought in brought_by and referral.state != State.LOST:
        raise Refused(_("This account was brought by somebody already."), field="account", code="unique")
    if closes_referral_circle(referral.referrer_id, brought, brought_by):
        message = _("This account brought, directly or through others, the customer that is said to have brought it.")
        raise Refused(message, field="account", code="circle")


def _check_step(referral: Referral, state: str, day: dt.date, reason: str, at: dt.datetime) -> None:
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field="on")
    last = max(reached for one in LOOP if (reached := referral.day_of(one)))
    if day < last:
        words = {"day": last.isoformat()}
        raise Refused(_("It reached its last state on %(day)s; choose that day or a later one.") % words, field="on")
    if state == State.LOST and not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if state == State.SIGNED and referral.account_id is None:
        raise Refused(_("Say which account it became: who signed has one."), field="account")
    if referral.state == State.LOST and referral.account_id is not None:
        _one_at_a_time()
        _check_brought(Referral(pk=referral.pk, referrer_id=referral.referrer_id), referral.account_id)


def _tell_moved(referral: Referral, *, by: User | None, at: dt.datetime) -> None:
    words = {"name": referral.company, "state": str(referral.state)}
    tell(referral.referrer, "referral_moved", by=by, at=at, body=referral.lost_reason, **words)


def _tell_brought(referral: Referral, before: int | None, *, by: User | None, at: dt.datetime) -> None:
    """Write on the brought account's timeline where it came from, without naming by whom."""
    if referral.account is not None and referral.account_id != before:
        tell(referral.account, "was_referred", by=by, at=at)
