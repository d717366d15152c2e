"""What can be done to many people or guests at once: ask them, say that they came?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.bulk_runs import BulkAct, Done
from accounts.models import Contact, User
from accounts.rules.roles import Capability
from advocacy.actions.asks import ask_people, delete_ask
from advocacy.actions.sessions import record_attendance, take_back_attendance
from advocacy.models import Ask, SessionInvitation, SharingSession
from advocacy.models.kinds import AskKind
from common.errors import Refused
from common.formats import number


class AskPeople(BulkAct):
    """Ask people for the same."""

    key = "advocacy.ask"
    names_skipped = True
    capability = Capability.EDIT_ACCOUNTS

    def title(self, given: Mapping[str, Any]) -> str:
        """Name what they are asked for."""
        return _("Ask for: %(kind)s") % {"kind": AskKind(given["kind"]).label}

    def rows(self, by: User) -> QuerySet[Contact]:
        """The people that a person sees."""
        rows: QuerySet[Contact] = Contact.objects.visible_to(by)
        return rows.select_related("account")

    def name(self, row: Contact) -> str:
        """A person by their name and their customer."""
        return f"{row.name}, {row.account.name}"

    def said(self, count: int) -> str:
        """Say how many were asked."""
        return ngettext("%(count)s person asked", "%(count)s people asked", count) % {"count": number(count)}

    def do(self, rows: Sequence[Contact], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Ask those that no limit protects."""
        done = ask_people(contacts=rows, kind=given["kind"], reason=given["reason"], by=by, at=at)
        asked = {ask.advocate.contact_id: ask.pk for ask in done.asked}
        return Done(asked, {contact.pk: reason.rstrip(".。") for contact, reason in done.refused})

    def undo(
        self, rows: Sequence[Contact], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Take the asks away that nobody has answered, on their day."""
        asks = Ask.objects.select_related("advocate").in_bulk(list(was.values()))
        back: dict[int, None] = {}
        stay: dict[int, str] = {}
        for row in rows:
            ask = asks.get(was[row.pk])
            try:
                if ask is not None:
                    delete_ask(ask=ask, by=by, at=at)
            except Refused as refusal:
                stay[row.pk] = str(refusal).rstrip(".。")
            else:
                back[row.pk] = None
        return Done(back, stay)


class RecordAttendance(BulkAct):
    """Say of customers that they took part in a session."""

    key = "advocacy.came"
    capability = Capability.EDIT_ACCOUNTS

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the session."""
        return _("Took part in “%(name)s”") % {"name": SharingSession.objects.get(pk=given["session"]).name}

    def rows(self, by: User) -> QuerySet[SessionInvitation]:
        """The invitations that a person sees."""
        rows: QuerySet[SessionInvitation] = SessionInvitation.objects.visible_to(by)
        return rows.select_related("account", "session")

    def name(self, row: SessionInvitation) -> str:
        """A guest by the customer's name."""
        return row.account.name

    def said(self, count: int) -> str:
        """Say how many came."""
        return ngettext("%(count)s customer came", "%(count)s customers came", count) % {"count": number(count)}

    def do(self, rows: Sequence[SessionInvitation], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Note those that were not noted yet."""
        session = SharingSession.objects.get(pk=given["session"])
        new = [row for row in rows if row.attendance_id is None]
        record_attendance(session=session, accounts=[row.account for row in new], by=by, at=at)
        done = {row.pk: None for row in new}
        return Done(done, {row.pk: _("was noted already") for row in rows if row.pk not in done})

    def undo(
        self, rows: Sequence[SessionInvitation], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User,
        at: dt.datetime,
    ) -> Done:  # fmt: skip
        """Take away that they came."""
        for row in rows:
            with transaction.atomic():
                take_back_attendance(invitation=row, by=by, at=at)
        return Done({row.pk: None for row in rows})
