"""What can be done to many accounts at once: a tag, another owner, another stage?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.bulk import set_stage_of_accounts, tag_accounts, untag_accounts
from accounts.actions.bulk_runs import BulkAct, Done
from accounts.actions.service_team import give_back_accounts, transfer_accounts
from accounts.actions.traces import today
from accounts.models import Account, ServiceAssignment, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.formats import number


class OfAccounts(BulkAct):
    """An act on accounts themselves."""

    capability = Capability.EDIT_ACCOUNTS

    def rows(self, by: User) -> QuerySet[Account]:
        """The accounts that a person sees."""
        return Account.objects.visible_to(by)

    def name(self, row: Account) -> str:
        """An account by its name."""
        return row.name

    def account_id(self, row: Account) -> int:
        """The account itself."""
        return row.pk

    def said(self, count: int) -> str:
        """Say how many accounts were changed."""
        return ngettext("%(count)s account changed", "%(count)s accounts changed", count) % {"count": number(count)}


class TagAccounts(OfAccounts):
    """Put a tag on accounts."""

    key = "accounts.tag"

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the tag."""
        return _("Add the tag “%(name)s”") % {"name": given["name"]}

    def do(self, rows: Sequence[Account], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Tag those that have it not."""
        had = set(
            Account.objects.filter(pk__in=[row.pk for row in rows], tags__name__iexact=given["name"]).values_list(
                "pk", flat=True
            )
        )
        tag_accounts(accounts=rows, name=given["name"], by=by, at=at)
        return Done(
            {row.pk: None for row in rows if row.pk not in had}, dict.fromkeys(sorted(had), _("had the tag already"))
        )

    def undo(
        self, rows: Sequence[Account], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Take the tag off again."""
        taken = untag_accounts(accounts=rows, name=given["name"], by=by, at=at)
        stay = {row.pk: _("had lost the tag since") for row in rows if row.pk not in taken}
        return Done(dict.fromkeys(taken), stay)


class SetStage(OfAccounts):
    """Move accounts to another stage of their life."""

    key = "accounts.stage"

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the stage."""
        return _("Set the stage to “%(name)s”") % {"name": Account.Stage(given["stage"]).label}

    def do(self, rows: Sequence[Account], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Move those that are elsewhere."""
        was = {row.pk: row.stage for row in rows if row.stage != given["stage"]}
        set_stage_of_accounts(accounts=rows, stage=given["stage"], by=by, at=at)
        return Done(was, {row.pk: _("was there already") for row in rows if row.pk not in was})

    def undo(
        self, rows: Sequence[Account], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Move those back that nobody has moved on since."""
        still = [row for row in rows if row.stage == given["stage"]]
        for stage in sorted({was[row.pk] for row in still}):
            back = [row for row in still if was[row.pk] == stage]
            set_stage_of_accounts(accounts=back, stage=stage, by=by, at=at)
        moved = {row.pk: None for row in still}
        return Done(moved, {row.pk: _("was moved on since") for row in rows if row.pk not in moved})


class AssignOwner(OfAccounts):
    """Give accounts to another CSM as of today."""

    key = "accounts.assign"
    capability = Capability.ASSIGN_OWNERS

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the new owner."""
        return _("Give to %(name)s") % {"name": User.objects.get(pk=given["to"]).name}

    def do(self, rows: Sequence[Account], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Hand over those that are somebody else's or nobody's."""
        to, day = User.objects.get(pk=given["to"]), today(at).isoformat()
        owners = _owners_of(rows)
        transfer_accounts(accounts=rows, to=to, by=by, at=at)
        was = {row.pk: [owners.get(row.pk), day] for row in rows if owners.get(row.pk) != to.pk}
        words = _("belonged to %(name)s already") % {"name": to.name}
        return Done(was, {row.pk: words for row in rows if row.pk not in was})

    def undo(
        self, rows: Sequence[Account], was: Mapping[int, Any], given: Mapping[str, Any], *, by: User, at: dt.datetime
    ) -> Done:
        """Give those back that are still the new owner's."""
        owners = _owners_of(rows)
        still = [row for row in rows if owners.get(row.pk) == given["to"]]
        given_back: dict[int, None] = {}
        stay = {row.pk: _("was given on since") for row in rows if owners.get(row.pk) != given["to"]}
        for before in sorted({(was[row.pk][0] or 0) for row in still}):
            mine = [row for row in still if (was[row.pk][0] or 0) == before]
            to = User.objects.filter(pk=before).first()
            try:
                give_back_accounts(accounts=mine, to=to, by=by, at=at)
            except Refused as refusal:
                stay |= {row.pk: str(refusal).rstrip(".") for row in mine}
            else:
                given_back |= {row.pk: None for row in mine}
        return Done(given_back, stay)


def _owners_of(rows: Sequence[Account]) -> dict[int, int]:
    owners = ServiceAssignment.objects.current().owners().filter(account__in=[row.pk for row in rows])
    return dict(owners.values_list("account_id", "user_id"))
