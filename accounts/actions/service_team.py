"""Who serves an account from which day on, and how does it pass from one owner to the next?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.traces import leave_audit, leave_entry, rescore, rescore_all, today
from accounts.models import Account, ServiceAssignment, TimelineEntry, User
from common.errors import Refused

CSM = ServiceAssignment.Role.CSM


@transaction.atomic
def assign(
    *, account: Account, user: User, role: str, by: User | None, at: dt.datetime, started_on: dt.date | None = None
) -> ServiceAssignment:
    """Put a person on the service team from a day on; a new CSM ends the old one's time on that day."""
    start = started_on or today(at)
    if start > today(at):
        raise Refused(_("The first day cannot be in the future."), field="started_on")
    if not user.is_active:
        raise Refused(_("%(name)s can no longer sign in. Choose someone else.") % {"name": user}, field="user")
    Account.objects.select_for_update().get(pk=account.pk)
    current = ServiceAssignment.objects.current().filter(account=account, role=role).select_related("user")
    same = next((row for row in current if row.user_id == user.pk), None)
    if same is not None:
        return same
    if role == CSM:
        for row in current:
            _close(row, start)
    _make_room(account, user, role, start)
    made = ServiceAssignment.objects.create(account=account, user=user, role=role, started_on=start)
    changes = {"user": [[row.user_id for row in current] if role == CSM else None, user.pk], "role": [None, role]}
    leave_audit("account.assigned", account, by=by, at=at, changes=changes)
    title = _("%(role)s: %(name)s") % {"role": made.get_role_display(), "name": user}
    leave_entry(account, TimelineEntry.Kind.OWNER, title, by=by, at=at, details={"user": user.pk, "role": role})
    rescore(account.pk)
    return made


def _close(row: ServiceAssignment, on: dt.date) -> None:
    """End a person's time on a day; one that began on that very day leaves no trace of a time."""
    if row.started_on > on:
        message = _("%(name)s has served this account since %(day)s; choose that day or a later one.")
        raise Refused(message % {"name": row.user, "day": row.started_on.isoformat()}, field="started_on")
    if row.started_on == on:
        row.delete()
        return
    row.ended_on = on
    row.save(update_fields=["ended_on"])


def _make_room(account: Account, user: User, role: str, start: dt.date) -> None:
    """Refuse a second time of the same person in the same role that overlaps an earlier one."""
    earlier = ServiceAssignment.objects.filter(account=account, role=role, started_on__gte=start)
    if role != CSM:
        earlier = earlier.filter(user=user)
    if earlier.exists():
        raise Refused(_("Another assignment begins on that day or later. Choose a later day."), field="started_on")


@transaction.atomic
def end_assignment(
    *, assignment: ServiceAssignment, by: User, at: dt.datetime, ended_on: dt.date | None = None
) -> ServiceAssignment | None:
    """End a person's time on the service team; the last day is today at the latest."""
    end = ended_on or today(at)
    if end > today(at):
        raise Refused(_("The last day cannot be in the future."), field="ended_on")
    locked = ServiceAssignment.objects.select_for_update(of=("self",)).select_related("user", "account")
    row = locked.get(pk=assignment.pk)
    if row.ended_on is not None:
        raise Refused(_("This assignment has already ended."))
    account, title = row.account, _("%(role)s: %(name)s left") % {"role": row.get_role_display(), "name": row.user}
    _close(row, end)
    changes = {"user": [row.user_id, None], "role": [row.role, None]}
    leave_audit("account.unassigned", account, by=by, at=at, changes=changes)
    leave_entry(account, TimelineEntry.Kind.OWNER, title, by=by, at=at)
    rescore(account.pk)
    return row if row.pk else None


@transaction.atomic
def transfer_accounts(*, accounts: Sequence[Account], to: User, by: User, at: dt.datetime, note: str = "") -> int:
    """Give accounts to another owner as of today, all of them or none; answers how many changed hands."""
    if not to.is_active:
        raise Refused(_("%(name)s can no longer sign in. Choose someone else.") % {"name": to}, field="to")
    day = today(at)
    locked = list(Account.objects.select_for_update().filter(pk__in=[account.pk for account in accounts]))
    owners = ServiceAssignment.objects.current().owners().filter(account__in=locked).select_related("user")
    current = {row.account_id: row for row in owners}
    moving = [account for account in locked if _user_id(current.get(account.pk)) != to.pk]
    closing = [current[account.pk] for account in moving if account.pk in current]
    _close_all(closing, day)
    ServiceAssignment.objects.bulk_create(
        [ServiceAssignment(account=account, user=to, role=CSM, started_on=day) for account in moving]
    )
    _tell_transfer(moving, to, note, by=by, at=at)
    changes = {"user": [None, to.pk], "from": {row.account_id: row.user_id for row in closing}}
    if moving:
        leave_audit("accounts.transferred", to, by=by, at=at, changes=changes | {"count": len(moving)})
    rescore_all([account.pk for account in moving])
    return len(moving)


@transaction.atomic
def give_back_accounts(*, accounts: Sequence[Account], to: User | None, by: User, at: dt.datetime) -> None:
    """Take a transfer back: on its own day as if it had not been, later as of today; to nobody if nobody had them."""
    if to is not None and not to.is_active:
        raise Refused(_("%(name)s can no longer sign in. Choose someone else.") % {"name": to}, field="to")
    day, ids = today(at), [account.pk for account in accounts]
    locked = list(Account.objects.select_for_update().filter(pk__in=ids))
    of_these = ServiceAssignment.objects.owners().filter(account__in=locked)
    _close_all(list(of_these.filter(ended_on=None).select_related("user")), day)
    if to is not None:
        ended = of_these.filter(user=to, ended_on=day)
        before = set(ended.values_list("account_id", flat=True))
        ended.update(ended_on=None)
        ServiceAssignment.objects.bulk_create(
            [
                ServiceAssignment(account=account, user=to, role=CSM, started_on=day)
                for account in locked
                if account.pk not in before
            ]
        )
        _tell_transfer(locked, to, "", by=by, at=at)
    if locked:
        changes = {"user": [None, to.pk if to else None], "accounts": ids}
        leave_audit("accounts.given_back", to or by, by=by, at=at, changes=changes)
    rescore_all(ids)


def _user_id(row: ServiceAssignment | None) -> int | None:
    return row.user_id if row else None


def _close_all(rows: Sequence[ServiceAssignment], day: dt.date) -> None:
    """End the time of several owners; a time that began today leaves no trace."""
    late = next((row for row in rows if row.started_on > day), None)
    if late is not None:
        _close(late, day)
    ids = [row.pk for row in rows]
    ServiceAssignment.objects.filter(pk__in=ids, started_on=day).delete()
    ServiceAssignment.objects.filter(pk__in=ids, started_on__lt=day).update(ended_on=day)


def _tell_transfer(accounts: Sequence[Account], to: User, note: str, *, by: User, at: dt.datetime) -> None:
    """Write the new owner and the note for them on every timeline."""
    kinds = TimelineEntry.Kind
    title = _("%(role)s: %(name)s") % {"role": CSM.label, "name": to}
    told = [
        TimelineEntry(
            account=account, kind=kinds.OWNER, title=title[:200], author=by, at=at,
            details={"user": to.pk, "role": CSM.value},
        )
        for account in accounts
    ]  # fmt: skip
    if note:
        told += [
            TimelineEntry(account=account, kind=kinds.NOTE, title=_("Transfer note"), body=note, author=by, at=at)
            for account in accounts
        ]
    TimelineEntry.objects.bulk_create(told)


def transfer_words(moved: int, to: User) -> str:
    """Say what a transfer did."""
    words = ngettext("%(count)s account now belongs to %(name)s.", "%(count)s accounts now belong to %(name)s.", moved)
    return words % {"count": moved, "name": to}
