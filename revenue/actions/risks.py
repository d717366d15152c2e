"""How does a risk come into the register, get its updates, and leave?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import Account, TimelineEntry, User
from common.errors import Conflict, Refused
from revenue.models import Renewal, RenewalPolicy, Risk, RiskUpdate
from revenue.queries.arr import arr_by_account
from revenue.queries.renewals import next_renewal
from revenue.rules.risks import next_update


@transaction.atomic
def open_risk(
    *,
    account: Account,
    kind: str,
    reason: str,
    arr_at_risk: Decimal,
    by: User,
    at: dt.datetime,
    owner: User | None = None,
    renewal: Renewal | None = None,
    update_due_on: dt.date | None = None,
) -> Risk:
    """Put a risk into the register; without a day the next update is due as the rule says."""
    on = today(at)
    if kind not in Risk.Kind.values:
        raise Refused(_("Choose the type of the risk."), field="kind")
    if renewal is not None and (renewal.account_id != account.pk or not renewal.is_open):
        raise Refused(_("Choose an open renewal of this account."), field="renewal")
    _check_amount(account, arr_at_risk, on)
    risk = Risk.objects.create(
        account=account,
        kind=kind,
        reason=reason,
        arr_at_risk=arr_at_risk,
        owner=owner or by,
        renewal=renewal,
        opened_on=on,
        update_due_on=_due(account, renewal, update_due_on, on),
    )
    leave_audit("risk.opened", risk, by=by, at=at, changes={"account": [None, account.pk], "kind": [None, str(kind)]})
    _tell(risk, _("Risk: %(kind)s") % {"kind": risk.get_kind_display()}, reason, by=by, at=at)
    return risk


@transaction.atomic
def update_risk(
    *,
    risk: Risk,
    note: str,
    by: User,
    at: dt.datetime,
    arr_at_risk: Decimal | None = None,
    update_due_on: dt.date | None = None,
    version: int | None = None,
) -> Risk:
    """Say how a risk stands; the next update is due as the rule says, or sooner."""
    locked, on = _locked(risk, version), today(at)
    if arr_at_risk is not None:
        _check_amount(locked.account, arr_at_risk, on)
    changes: dict[str, Any] = {}
    if arr_at_risk is not None and arr_at_risk != locked.arr_at_risk:
        changes["arr_at_risk"] = [str(locked.arr_at_risk), str(arr_at_risk)]
        locked.arr_at_risk = arr_at_risk
    locked.update_due_on = _due(locked.account, locked.renewal, update_due_on, on)
    _save(locked)
    RiskUpdate.objects.create(risk=locked, on=on, by=by, note=note, arr_at_risk=arr_at_risk)
    leave_audit("risk.updated", locked, by=by, at=at, changes=changes)
    _tell(locked, _("Risk, update: %(kind)s") % {"kind": locked.get_kind_display()}, note, by=by, at=at)
    return locked


@transaction.atomic
def close_risk(
    *, risk: Risk, outcome: str, by: User, at: dt.datetime, note: str = "", version: int | None = None
) -> Risk:
    """Take a risk off the register, saying what became of it."""
    locked, on = _locked(risk, version), today(at)
    if outcome not in Risk.Outcome.values:
        raise Refused(_("Say what became of the risk."), field="outcome")
    locked.state, locked.outcome, locked.closed_on = Risk.State.CLOSED, outcome, on
    _save(locked)
    if note:
        RiskUpdate.objects.create(risk=locked, on=on, by=by, note=note)
    leave_audit("risk.closed", locked, by=by, at=at, changes={"outcome": [None, str(outcome)]})
    words = {"kind": locked.get_kind_display(), "outcome": locked.get_outcome_display()}
    _tell(locked, _("Risk closed: %(kind)s, %(outcome)s") % words, note, by=by, at=at)
    return locked


@transaction.atomic
def reopen_risk(*, risk: Risk, by: User, at: dt.datetime) -> Risk:
    """Take back that a risk was closed; its next update is due as the rule says from today."""
    locked = Risk.objects.select_for_update(of=("self",)).select_related("account", "renewal").get(pk=risk.pk)
    if not locked.is_open:
        locked.state, locked.outcome, locked.closed_on = Risk.State.OPEN, "", None
        locked.update_due_on = _due(locked.account, locked.renewal, None, today(at))
        _save(locked)
        leave_audit("risk.reopened", locked, by=by, at=at)
    return locked


@transaction.atomic
def delete_risk(*, risk: Risk, by: User, at: dt.datetime) -> None:
    """Take back a risk that was put in by mistake, before anybody said more of it."""
    if risk.updates.exists() or not risk.is_open:
        raise Refused(_("This risk has a history. Close it instead."))
    leave_audit("risk.deleted", risk, by=by, at=at, changes={"account": [risk.account_id, None]})
    risk.delete()


def _locked(risk: Risk, version: int | None) -> Risk:
    """Read a risk for changing; refuse one that is closed, or that has changed since it was read."""
    locked: Risk = Risk.objects.select_for_update(of=("self",)).select_related("account", "renewal").get(pk=risk.pk)
    if not locked.is_open:
        raise Refused(_("This risk is closed."), code="closed")
    if version is not None and version != locked.version:
        raise Conflict(_("Somebody changed this risk since you opened it."), {"version": (locked.version, version)})
    return locked


def _check_amount(account: Account, amount: Decimal, on: dt.date) -> None:
    """Refuse what is not at risk: nothing, or more than the account pays."""
    if amount <= 0:
        raise Refused(_("ARR at risk must be above 0."), field="arr_at_risk", code="too_small")
    arr = arr_by_account(on, [account.pk]).get(account.pk, Decimal(0))
    if amount > arr:
        message = _("ARR at risk cannot be above what the account pays, %(arr)s.")
        raise Refused(message % {"arr": f"{arr:,}"}, field="arr_at_risk", code="too_large")


def _due(account: Account, renewal: Renewal | None, wanted: dt.date | None, on: dt.date) -> dt.date:
    """The day of the next update: the one asked for, if it is neither past nor later than the rule allows."""
    policy = RenewalPolicy.load()
    ahead = renewal.due_on if renewal is not None else next_renewal(on, [account.pk]).get(account.pk)
    latest = next_update(
        on,
        ahead,
        near_days=policy.near_days,
        near_update_days=policy.near_update_days,
        far_update_days=policy.far_update_days,
    )
    if wanted is None:
        return latest
    if wanted < on:
        raise Refused(_("The next update cannot be due in the past."), field="update_due_on", code="past")
    if wanted > latest:
        message = _("The next update is due by %(day)s at the latest: weekly if the renewal is near, else monthly.")
        raise Refused(message % {"day": date_format(latest, "DATE_FORMAT")}, field="update_due_on", code="too_late")
    return wanted


def _save(risk: Risk) -> None:
    """Write a changed risk."""
    risk.version += 1
    risk.save()


def _tell(risk: Risk, title: str, body: str, *, by: User, at: dt.datetime) -> None:
    """Write on the timeline what happened to a risk, without its amount: not everybody there may see money."""
    details = {"risk": risk.pk, "state": str(risk.state)}
    leave_entry(risk.account, TimelineEntry.Kind.STAGE, title, by=by, at=at, body=body, details=details)
