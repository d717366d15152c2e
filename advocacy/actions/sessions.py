"""What happens when a sharing session is planned, customers are invited, and some come?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.timeline import finish_follow_up
from accounts.actions.traces import differences, leave_audit, today
from accounts.models import Account, Contact, TimelineEntry, User
from advocacy.actions.entries import advocacy_entry, tell
from advocacy.models import Advocate, AskKind, SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.consents import contacts_with_consent
from advocacy.queries.sessions import facts_of_session, first_contacts
from common import text
from common.errors import Refused
from usage.actions.facts import add_attendances, delete_fact
from usage.models import Attendance

State, Answer = SharingSession.State, SessionInvitation.Answer
# A session is planned at most so far ahead: later days are slips of the pen.
FARTHEST_DAYS = 730


@transaction.atomic
def plan_session(*, name: str, on: dt.date, by: User | None, at: dt.datetime, **values: Any) -> SharingSession:
    """Plan a session. One that is past can be written down too, to say who came; nobody is invited to it."""
    session = SharingSession(name=_name(name), on=on, created_at=at, **values)
    _check(session, at)
    session.save()
    leave_audit("session.planned", session, by=by, at=at, changes={"on": [None, on.isoformat()]})
    return session


@transaction.atomic
def change_session(*, session: SharingSession, by: User | None, at: dt.datetime, **values: Any) -> SharingSession:
    """Change a session. Once somebody came, its name and day stay: the facts of attendance bear them."""
    locked = _locked(session)
    if "name" in values:
        values["name"] = _name(values["name"])
    changes = differences(locked, values)
    if {"name", "on"} & set(changes) and locked.invitations.came().exists():
        raise Refused(_("Customers took part under this name and day. Take their attendance away first."), field="on")
    if "on" in changes and values["on"] < today(at) and locked.invitations.exists():
        raise Refused(_("Customers are invited; the day cannot be moved into the past."), field="on")
    for field, value in values.items():
        setattr(locked, field, value)
    _check(locked, at)
    if changes:
        locked.save()
        leave_audit("session.changed", locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def cancel_session(*, session: SharingSession, reason: str, by: User | None, at: dt.datetime) -> SharingSession:
    """Call a session off, with the reason."""
    locked, words = _locked(session), text.clean(reason, _("Why"), max_length=500)
    if locked.state == State.HELD:
        raise Refused(_("This session was held."))
    return _enter(locked, State.CANCELLED, by=by, at=at, cancel_reason=words)


@transaction.atomic
def restore_session(*, session: SharingSession, by: User | None, at: dt.datetime) -> SharingSession:
    """Take back that a session was called off."""
    locked = _locked(session)
    return _enter(locked, State.PLANNED, by=by, at=at, cancel_reason="") if locked.state == State.CANCELLED else locked


@transaction.atomic
def delete_session(*, session: SharingSession, by: User | None, at: dt.datetime) -> None:
    """Take away a session to which nobody was invited and nobody came."""
    locked = _locked(session)
    if locked.invitations.exists():
        raise Refused(_("Customers are invited. Call the session off instead, so that it stays on record."))
    leave_audit("session.deleted", locked, by=by, at=at, changes={"on": [locked.on.isoformat(), None]})
    locked.delete()


@transaction.atomic
def invite_accounts(*, session: SharingSession, accounts: Iterable[Account], by: User | None, at: dt.datetime) -> int:
    """Invite customers, each by its champion if one is known; who is invited already stays so. Returns how many."""
    locked, on = _locked(session), today(at)
    _check_open(locked, on)
    known = dict(locked.invitations.values_list("account", "pk"))
    new = [account for account in accounts if account.pk not in known]
    _check_seats(locked, len(known) + len(new))
    people = first_contacts([account.pk for account in new], on)
    SessionInvitation.objects.bulk_create(
        (
            SessionInvitation(
                session=locked, account=account, contact_id=people.get(account.pk), invited_on=on, invited_by=by
            )
            for account in new
        ),
        batch_size=500,
    )
    _tell_all("session_invited", locked, [account.pk for account in new], by=by, at=at)
    if new:
        changes = {"accounts": sorted(account.pk for account in new)}
        leave_audit("session.invited", locked, by=by, at=at, changes=changes)
    return len(new)


@transaction.atomic
def invite_account(
    *, session: SharingSession, account: Account, by: User | None, at: dt.datetime, contact: Contact | None = None
) -> SessionInvitation:
    """Invite one customer, by its champion or by the contact that is named."""
    invite_accounts(session=session, accounts=[account], by=by, at=at)
    made = SessionInvitation.objects.get(session=session, account=account)
    return made if contact is None else change_invitation(invitation=made, contact=contact, by=by, at=at)


@transaction.atomic
def change_invitation(
    *, invitation: SessionInvitation, by: User | None, at: dt.datetime, contact: Contact | None
) -> SessionInvitation:
    """Say which contact is invited, or came."""
    locked = _invited(invitation)
    _check_contact(contact, locked)
    if locked.contact_id != (contact.pk if contact else None):
        locked.contact = contact
        locked.save(update_fields=["contact"])
        leave_audit("invitation.changed", locked, by=by, at=at, changes={"contact": [None, None]})
    return locked


@transaction.atomic
def answer_invitation(
    *, invitation: SessionInvitation, answer: str, by: User | None, at: dt.datetime
) -> SessionInvitation:
    """Write down whether they come."""
    if answer not in Answer.values:
        raise Refused(_("Choose an answer."), field="answer")
    locked = _invited(invitation)
    if locked.invited_on is None:
        raise Refused(_("They came without an invitation."))
    if locked.answer != answer:
        before, locked.answer = str(locked.answer), answer
        locked.answered_on = None if answer == Answer.WAITING else today(at)
        locked.save(update_fields=["answer", "answered_on"])
        leave_audit("invitation.answered", locked, by=by, at=at, changes={"answer": [before, answer]})
    return locked


@transaction.atomic
def withdraw_invitation(*, invitation: SessionInvitation, by: User | None, at: dt.datetime) -> None:
    """Take an invitation back; who came stays on record."""
    locked = _invited(invitation)
    if locked.attendance_id is not None:
        raise Refused(_("They took part. Take the attendance away first."))
    leave_audit("invitation.withdrawn", locked, by=by, at=at, changes={"account": [locked.account_id, None]})
    locked.delete()


@transaction.atomic
def record_attendance(*, session: SharingSession, accounts: Sequence[Account], by: User | None, at: dt.datetime) -> int:
    """Write down that customers took part, invited or not; returns how many were not known to have.

    A fact that came in by itself, through an import or the API, is taken up and not written twice.
    """
    locked, on = _locked(session), today(at)
    if locked.state == State.CANCELLED:
        raise Refused(_("This session was called off."))
    if locked.on > on:
        raise Refused(_("This session is still to come."))
    rows = {row.account_id: row for row in locked.invitations.select_for_update(of=("self",))}
    new = [account for account in accounts if not (account.pk in rows and rows[account.pk].attendance_id)]
    known = facts_of_session(locked, [account.pk for account in new])
    facts = [
        Attendance(
            account=account, contact_id=rows[account.pk].contact_id if account.pk in rows else None,
            kind=Attendance.Kind.SHARING_SESSION, name=locked.name, on=locked.on,
        )
        for account in new if account.pk not in known
    ]  # fmt: skip
    made = known | {fact.account_id: fact.pk for fact in add_attendances(rows=facts, by=by, at=at)}
    _link(locked, rows, made)
    _tell_all("session_attended", locked, list(made), by=by, at=at)
    if made:
        leave_audit("session.attended", locked, by=by, at=at, changes={"accounts": sorted(made)})
    if locked.state == State.PLANNED:
        _enter(locked, State.HELD, by=by, at=at)
    return len(made)


@transaction.atomic
def take_up_attendance(*, session: SharingSession, by: User | None, at: dt.datetime) -> int:
    """Link the attendances of this name and day that came in by themselves; returns how many."""
    locked = _locked(session)
    if locked.state == State.CANCELLED or locked.on > today(at):
        return 0
    rows = {row.account_id: row for row in locked.invitations.select_for_update(of=("self",))}
    linked = {account for account, row in rows.items() if row.attendance_id}
    found = {account: pk for account, pk in facts_of_session(locked).items() if account not in linked}
    _link(locked, rows, found)
    if found:
        leave_audit("session.attended", locked, by=by, at=at, changes={"accounts": sorted(found)})
    if locked.state == State.PLANNED and (found or linked):
        _enter(locked, State.HELD, by=by, at=at)
    return len(found)


@transaction.atomic
def take_back_attendance(*, invitation: SessionInvitation, by: User | None, at: dt.datetime) -> None:
    """Take away that a customer took part; one who was not even invited is no row of the session any more."""
    locked = _invited(invitation)
    fact = locked.attendance
    if fact is None:
        return
    leave_audit("session.not_attended", locked.session, by=by, at=at, changes={"accounts": [locked.account_id]})
    if locked.invited_on is None:
        locked.delete()
    delete_fact(row=fact, by=by, at=at)


@transaction.atomic
def plan_follow_ups(
    *, session: SharingSession, invitations: Iterable[SessionInvitation], due_on: dt.date, by: User | None,
    at: dt.datetime,
) -> int:  # fmt: skip
    """Put a follow-up before the owner of each customer that came and has none yet; returns how many."""
    if due_on < today(at):
        raise Refused(_("Choose today or a later day."), field="due_on")
    ids = [row.pk for row in invitations]
    rows = list(SessionInvitation.objects.select_for_update(of=("self",)).came().filter(pk__in=ids, follow_up=None))
    entries = [advocacy_entry(row.account_id, "session_follow_up", by=None, at=at, name=session.name) for row in rows]
    for entry in entries:
        entry.follow_up_on = due_on
    for row, entry in zip(rows, TimelineEntry.objects.bulk_create(entries, batch_size=500), strict=True):
        row.follow_up = entry
    SessionInvitation.objects.bulk_update(rows, ["follow_up"], batch_size=500)
    if rows:
        changes = {"accounts": sorted(row.account_id for row in rows), "due_on": [None, due_on.isoformat()]}
        leave_audit("session.follow_ups_planned", session, by=by, at=at, changes=changes)
    return len(rows)


@transaction.atomic
def finish_session_follow_up(*, invitation: SessionInvitation, by: User, at: dt.datetime) -> SessionInvitation:
    """Tick off the follow-up of one customer; it goes off the owner's day, too."""
    locked = _invited(invitation)
    if locked.follow_up is None:
        raise Refused(_("No follow-up is planned for them."))
    finish_follow_up(entry=locked.follow_up, by=by, at=at)
    return locked


@transaction.atomic
def add_talk(
    *, session: SharingSession, advocate: Advocate, title: str, by: User | None, at: dt.datetime
) -> SessionTalk:
    """Put a talk of an advocate on the programme."""
    locked, words = _locked(session), text.clean(title, _("Title"), max_length=200)
    if locked.state == State.CANCELLED:
        raise Refused(_("This session was called off."))
    if advocate.stage == Advocate.Stage.WITHDRAWN:
        raise Refused(_("This advocate has withdrawn."), field="advocate")
    if advocate.contact.left_on is not None and advocate.contact.left_on <= locked.on:
        raise Refused(_("This contact has left the customer."), field="advocate")
    if advocate.contact_id not in contacts_with_consent([advocate.contact_id], AskKind.TALK, locked.on):
        message = _("They have not agreed to a talk on that day. Note their consent first: talk, at events.")
        raise Refused(message, field="advocate", code="consent")
    if locked.talks.filter(advocate=advocate).exists():
        raise Refused(_("This advocate speaks in this session already."), field="advocate", code="unique")
    talk = SessionTalk.objects.create(session=locked, advocate=advocate, title=words)
    leave_audit("talk.added", talk, by=by, at=at, changes={"advocate": [None, advocate.pk]})
    tell(advocate.account, "session_talk", by=by, at=at, body=words, name=locked.name)
    return talk


@transaction.atomic
def delete_talk(*, talk: SessionTalk, by: User | None, at: dt.datetime) -> None:
    """Take a talk off the programme."""
    leave_audit("talk.deleted", talk, by=by, at=at, changes={"advocate": [talk.advocate_id, None]})
    talk.delete()


def _locked(session: SharingSession) -> SharingSession:
    found: SharingSession = SharingSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    return found


def _invited(invitation: SessionInvitation) -> SessionInvitation:
    rows = SessionInvitation.objects.select_for_update(of=("self",)).select_related("session", "account")
    found: SessionInvitation = rows.get(pk=invitation.pk)
    return found


def _name(name: str) -> str:
    return text.clean(name, _("Name"), max_length=200)


def _check(session: SharingSession, at: dt.datetime) -> None:
    if (session.on - today(at)).days > FARTHEST_DAYS:
        raise Refused(_("Choose a day within two years."), field="on")
    others = SharingSession.objects.exclude(pk=session.pk).filter(name=session.name, on=session.on)
    if others.exists():
        raise Refused(_("There is a session of this name on this day already."), field="name", code="unique")
    if session.pk:
        _check_seats(session, session.invitations.count())


def _check_open(session: SharingSession, on: dt.date) -> None:
    """Refuse invitations to what is over: nobody can follow them."""
    if session.state == State.CANCELLED:
        raise Refused(_("This session was called off."))
    if session.on < on or session.state == State.HELD:
        raise Refused(_("This session is over; nobody can be invited to it. You can say who came."))


def _check_seats(session: SharingSession, wanted: int) -> None:
    if session.seats is not None and wanted > session.seats:
        message = ngettext(
            "There is %(seats)s seat, and %(wanted)s customers would be invited.",
            "There are %(seats)s seats, and %(wanted)s customers would be invited.",
            session.seats,
        )
        raise Refused(message % {"seats": session.seats, "wanted": wanted}, field="seats")


def _check_contact(contact: Contact | None, invitation: SessionInvitation) -> None:
    if contact is not None and contact.account_id != invitation.account_id:
        raise Refused(_("This contact belongs to another account."), field="contact")


def _enter(session: SharingSession, state: str, *, by: User | None, at: dt.datetime, **values: Any) -> SharingSession:
    before, session.state = str(session.state), state
    for name, value in values.items():
        setattr(session, name, value)
    session.save(update_fields=["state", *values])
    leave_audit("session.moved", session, by=by, at=at, changes={"state": [before, str(state)]})
    return session


def _link(session: SharingSession, rows: dict[int, SessionInvitation], facts: dict[int, int]) -> None:
    """Join the facts to the invitations; who came without one gets a row without the day of an invitation."""
    invited = [rows[account] for account in facts if account in rows]
    for row in invited:
        row.attendance_id = facts[row.account_id]
    SessionInvitation.objects.bulk_update(invited, ["attendance"], batch_size=500)
    SessionInvitation.objects.bulk_create(
        (
            SessionInvitation(session=session, account_id=account, attendance_id=fact)
            for account, fact in facts.items() if account not in rows
        ),
        batch_size=500,
    )  # fmt: skip


def _tell_all(
    event: str, session: SharingSession, account_ids: Sequence[int], *, by: User | None, at: dt.datetime
) -> None:
    TimelineEntry.objects.bulk_create(
        (advocacy_entry(pk, event, by=by, at=at, name=session.name) for pk in account_ids), batch_size=500
    )
