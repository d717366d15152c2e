"""Which acts can be taken back with one click, and how?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.actions.accounts import set_tags, update_account
from accounts.actions.bulk_runs import take_back_bulk
from accounts.actions.contacts import mark_contact_back
from accounts.actions.promises import reopen_expectation_gap, reopen_promise
from accounts.actions.timeline import reopen_follow_up, restore_entry
from accounts.models import Account, BulkRun, Contact, ExpectationGap, Promise, Tag, TimelineEntry, User
from accounts.rules.roles import Capability
from common.errors import Refused

Step = Callable[[Mapping[str, Any], User, dt.datetime], int | None]


def _visible(rows: Any, pk: object, by: User) -> Any:
    """Find a row that the person still sees, or refuse."""
    row: models.Model | None = rows.objects.visible_to(by).filter(pk=pk).first()
    if row is None or not by.can(Capability.EDIT_ACCOUNTS):
        raise Refused(_("This can no longer be undone."))
    return row


def _restore_entry(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    account: Account = _visible(Account, was["copy"]["account"], by)
    restore_entry(account=account, copy=was["copy"], by=by, at=at)
    return account.pk


def _contact_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    contact: Contact = _visible(Contact, was["contact"], by)
    mark_contact_back(contact=contact, by=by, at=at)
    return contact.account_id


def _reopen_promise(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    promise: Promise = _visible(Promise, was["promise"], by)
    reopen_promise(promise=promise, by=by, at=at)
    return promise.account_id


def _reopen_gap(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    gap: ExpectationGap = _visible(ExpectationGap, was["gap"], by)
    reopen_expectation_gap(gap=gap, by=by, at=at)
    return gap.account_id


def _reopen_follow_up(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    entry: TimelineEntry = _visible(TimelineEntry, was["entry"], by)
    reopen_follow_up(entry=entry, by=by, at=at)
    return entry.account_id


def _tags_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    account: Account = _visible(Account, was["account"], by)
    set_tags(account=account, tags=list(Tag.objects.filter(pk__in=was["tags"])), by=by, at=at)
    return account.pk


def _field_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    account: Account = _visible(Account, was["account"], by)
    update_account(account=account, by=by, at=at, **{was["field"]: was["value"]})
    return account.pk


def _bulk_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> None:
    run = BulkRun.objects.visible_to(by).filter(pk=was["run"]).first()
    if run is None:
        raise Refused(_("This can no longer be undone."))
    take_back_bulk(run=run, by=by, at=at)


STEPS: dict[str, Step] = {
    "timeline_entry_deleted": _restore_entry,
    "contact_left": _contact_back,
    "promise_settled": _reopen_promise,
    "gap_closed": _reopen_gap,
    "follow_up_done": _reopen_follow_up,
    "tags_set": _tags_back,
    "account_field_set": _field_back,
    "bulk_done": _bulk_back,
}


def undo(step: str, was: Mapping[str, Any], *, by: User, at: dt.datetime) -> int | None:
    """Take an act back from what was kept of it; answers with the account, if it was about one."""
    if step not in STEPS:
        raise Refused(_("This can no longer be undone."))
    return STEPS[step](was, by, at)
