"""What can a person do about a cause that has not started anything yet: put it off, let it go, let all go that wait?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Account, User
from common.errors import Refused
from playbooks.actions.templates import evaluate_later
from playbooks.models import Playbook, TriggerFiring

Result = TriggerFiring.Result
LONGEST_SNOOZE = 365


@transaction.atomic
def snooze_cause(
    *,
    playbook: Playbook,
    account: Account,
    cause: str,
    cause_key: str,
    until: dt.date,
    reason: str,
    by: User,
    at: dt.datetime,
) -> TriggerFiring:
    """Hold back a cause, and its like, until the end of a day in the organisation's time zone, with the reason."""
    on = today(at)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if until < on:
        raise Refused(_("Choose today or a later day."), field="until")
    if (until - on).days > LONGEST_SNOOZE:
        raise Refused(_("Choose a day within a year."), field="until")
    Playbook.objects.select_for_update().get(pk=playbook.pk)
    firing = TriggerFiring.objects.filter(playbook=playbook, account=account, cause_key=cause_key).first()
    if firing is None:
        firing = TriggerFiring(playbook=playbook, account=account, cause=cause, cause_key=cause_key, on=on, at=at)
    elif firing.result not in TriggerFiring.WAITING:
        message = _("This cause is settled already: %(result)s.")
        raise Refused(message % {"result": firing.get_result_display()})
    firing.result, firing.snoozed_until, firing.snooze_reason = Result.SNOOZED, until, reason.strip()[:500]
    firing.save()
    leave_audit("trigger.snoozed", firing, by=by, at=at, changes={"until": [None, until.isoformat()]})
    return firing


@transaction.atomic
def snooze_firing(*, firing: TriggerFiring, until: dt.date, reason: str, by: User, at: dt.datetime) -> TriggerFiring:
    """Hold back a cause that waits."""
    return snooze_cause(
        playbook=firing.playbook, account=firing.account, cause=firing.cause, cause_key=firing.cause_key, until=until,
        reason=reason, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def wake_firing(*, firing: TriggerFiring, by: User, at: dt.datetime) -> TriggerFiring:
    """Take back that a cause was put off: it is judged anew."""
    found = TriggerFiring.objects.select_for_update().filter(pk=firing.pk, result=Result.SNOOZED).first()
    if found is None:
        raise Refused(_("This cause is not put off."))
    found.result, found.snoozed_until, found.snooze_reason = Result.LIMITED, None, ""
    found.save(update_fields=["result", "snoozed_until", "snooze_reason"])
    leave_audit("trigger.woken", found, by=by, at=at)
    evaluate_later(found.playbook)
    return found


@transaction.atomic
def release_held(*, playbook: Playbook, by: User, at: dt.datetime) -> int:
    """Let all start that a playbook holds back, in the background; returns how many wait for it."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    if not locked.held_count:
        raise Refused(_("This playbook holds nobody back."))
    if not locked.is_enabled:
        raise Refused(_("This playbook does not start by itself. Switch it on first."))
    changes = {"held": [locked.held_count, 0]}
    leave_audit("playbook.released", locked, by=by, at=at, changes=changes)
    evaluate_later(locked, release=True)
    return locked.held_count
