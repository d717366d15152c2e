"""How is it recorded that a customer left, and that it came back?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry, rescore
from accounts.models import Account, ChurnRecord, TimelineEntry, User
from common.errors import Refused

LONG = frozenset({"study", "would_have_saved", "fix"})


def _check(record: ChurnRecord) -> None:
    if record.won_back_on is not None and record.won_back_on < record.on:
        raise Refused(_("Won back on must not be before left on."), field="won_back_on")
    if record.notice_on is not None and record.notice_on > record.on:
        raise Refused(_("Notice given on must not be after left on."), field="notice_on")


@transaction.atomic
def record_churn(*, account: Account, by: User, at: dt.datetime, **values: Any) -> ChurnRecord:
    """Record why and when a customer left; the ledger's churn comes from its contract lines all the same."""
    record = ChurnRecord(account=account, **values)
    _check(record)
    if ChurnRecord.objects.filter(account=account, on=record.on).exists():
        raise Refused(_("A churn record of this day exists already."), field="on", code="unique")
    record.save()
    leave_audit("churn.recorded", record, by=by, at=at, changes={"reason": [None, record.reason]})
    title = _("Customer left: %(reason)s") % {"reason": record.get_reason_display()}
    leave_entry(account, TimelineEntry.Kind.CHURN, title, by=by, at=at, details={"churn_record": record.pk})
    rescore(account.pk)
    return record


@transaction.atomic
def update_churn(*, record: ChurnRecord, by: User, at: dt.datetime, **values: Any) -> ChurnRecord:
    """Complete a churn record: the study, the fix, the win-back."""
    changes = differences(record, values, private=LONG)
    if not changes:
        return record
    came_back = values.get("won_back_on") is not None and record.won_back_on is None
    for name, value in values.items():
        setattr(record, name, value)
    _check(record)
    record.save()
    leave_audit("churn.changed", record, by=by, at=at, changes=changes)
    if came_back:
        leave_entry(record.account, TimelineEntry.Kind.CHURN, _("Customer won back"), by=by, at=at)
    rescore(record.account_id)
    return record
