"""How does a chance to expand come about, move on and end, and who is to bring in how much?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import Account, Organisation, Product, TimelineEntry, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.jobs import enqueue
from common.money import check_currency
from revenue.models import ExpansionSettings, ExpansionTarget, Opportunity
from revenue.queries.rates import rate_for
from revenue.rules.expansion import quarter_start

Stage = Opportunity.Stage
EDITABLE = ("kind", "product", "arr", "currency", "probability", "expected_on", "owner", "note", "external_id")


@transaction.atomic
def create_opportunity(
    *,
    account: Account,
    arr: Decimal,
    currency: str,
    expected_on: dt.date,
    by: User | None,
    at: dt.datetime,
    kind: str = Opportunity.Kind.SEATS,
    stage: str = Stage.IDENTIFIED,
    product: Product | None = None,
    probability: int | None = None,
    owner: User | None = None,
    note: str = "",
    external_id: str | None = None,
) -> Opportunity:
    """Write down a chance to expand; it begins in one of the open stages."""
    if stage not in Opportunity.OPEN:
        raise Refused(_("A new opportunity is open. Win or lose it once it is there."), field="stage")
    opportunity = Opportunity(
        account=account, kind=kind, stage=stage, product=product, arr=arr, currency=currency,
        probability=probability, expected_on=expected_on, owner=owner, note=note, external_id=external_id or None,
        stage_changed_on=today(at), created_at=at,
    )  # fmt: skip
    _check_kind(opportunity)
    _check_amount(opportunity, today(at))
    _check_expected(expected_on, today(at))
    _check_owner(owner)
    _check_external_id(opportunity)
    opportunity.save()
    leave_audit("opportunity.created", opportunity, by=by, at=at, changes={"stage": [None, str(stage)]})
    words = {"kind": opportunity.get_kind_display(), "stage": opportunity.get_stage_display()}
    _tell(opportunity, _("Opportunity “%(kind)s”: %(stage)s") % words, None, by=by, at=at)
    return opportunity


@transaction.atomic
def change_opportunity(*, opportunity: Opportunity, by: User | None, at: dt.datetime, **values: Any) -> Opportunity:
    """Correct what is known of an open opportunity."""
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not a field that may change: {', '.join(sorted(unknown))}")
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    locked = _locked(opportunity)
    changes = differences(locked, values)
    if not changes:
        return locked
    if not locked.is_open and set(changes) != {"note"}:
        raise Refused(_("This opportunity is over. Reopen it to change more than its note."), code="closed")
    for name, value in values.items():
        setattr(locked, name, value)
    _check_kind(locked)
    if {"arr", "currency", "probability"} & set(changes):
        _check_amount(locked, today(at))
    if "expected_on" in changes:
        _check_expected(locked.expected_on, today(at))
    if "owner" in changes:
        _check_owner(locked.owner)
    _check_external_id(locked)
    locked.save(update_fields=list(values))
    leave_audit("opportunity.changed", locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def advance_opportunity(*, opportunity: Opportunity, stage: str, by: User | None, at: dt.datetime) -> Opportunity:
    """Move an opportunity to another open stage; one that was over is open again."""
    if stage not in Stage.values:
        raise Refused(_("Choose a stage of the opportunity."), field="stage")
    if stage == Stage.WON:
        raise Refused(_("Say on which day it was won."), field="won_on", code="won_without_day")
    if stage == Stage.LOST:
        raise Refused(_("Say why it was lost."), field="reason", code="lost_without_reason")
    return _to_stage(opportunity, stage, by=by, at=at)


def win_opportunity(
    *, opportunity: Opportunity, won_on: dt.date | None, by: User | None, at: dt.datetime
) -> Opportunity:
    """Say that the customer bought; the contract line, and with it the movement, is written by itself."""
    if won_on is None:
        raise Refused(_("Say on which day it was won."), field="won_on", code="won_without_day")
    if won_on > today(at):
        raise Refused(_("It cannot be won on a day that has not come yet."), field="won_on", code="in_future")
    return _to_stage(opportunity, Stage.WON, by=by, at=at, won_on=won_on)


def lose_opportunity(
    *, opportunity: Opportunity, reason: str, by: User | None, at: dt.datetime, note: str = ""
) -> Opportunity:
    """Say that the customer did not buy, and why."""
    if reason not in Opportunity.LostReason.values:
        raise Refused(_("Say why it was lost."), field="reason", code="lost_without_reason")
    return _to_stage(opportunity, Stage.LOST, by=by, at=at, lost_on=today(at), lost_reason=reason, said=note)


@transaction.atomic
def delete_opportunity(*, opportunity: Opportunity, by: User | None, at: dt.datetime) -> None:
    """Take away an opportunity that never was; one that came to nothing is lost instead."""
    leave_audit("opportunity.deleted", opportunity, by=by, at=at, changes={"stage": [str(opportunity.stage), None]})
    opportunity.delete()


@transaction.atomic
def set_target(
    *, user: User, starts_on: dt.date, amount: Decimal | None, by: User | None, at: dt.datetime
) -> ExpansionTarget | None:
    """Say how much a person is to bring in within a quarter, in the reporting currency; nothing takes it away."""
    if starts_on != quarter_start(starts_on):
        raise Refused(_("A target is for a quarter: give its first day."), field="starts_on", code="no_quarter")
    if amount is not None and amount < 0:
        raise Refused(_("A target cannot be below 0."), field="amount", code="negative")
    old = ExpansionTarget.objects.select_for_update().filter(user=user, starts_on=starts_on).first()
    if not amount:
        if old is not None:
            leave_audit("expansion_target.removed", old, by=by, at=at, changes={"amount": [str(old.amount), None]})
            old.delete()
        return None
    if not user.is_active and old is None:
        raise Refused(_("This person may not sign in any more. Choose somebody else."), field="user", code="gone")
    currency = Organisation.load().reporting_currency
    if old is not None and (old.amount, old.currency) == (amount, currency):
        return old
    row, _made = ExpansionTarget.objects.update_or_create(
        user=user, starts_on=starts_on, defaults={"amount": amount, "currency": currency}
    )
    changes = {"amount": [str(old.amount) if old else None, str(amount)]}
    leave_audit("expansion_target.set", row, by=by, at=at, changes=changes)
    return row


@transaction.atomic
def set_targets(*, amounts: Mapping[User, Decimal | None], starts_on: dt.date, by: User | None, at: dt.datetime) -> int:
    """Set the targets of several people for a quarter, all or none; returns how many have one."""
    made = [set_target(user=user, starts_on=starts_on, amount=amount, by=by, at=at) for user, amount in amounts.items()]
    return sum(target is not None for target in made)


@transaction.atomic
def change_expansion_settings(*, by: User | None, at: dt.datetime, **values: Any) -> ExpansionSettings:
    """Change how likely stages are and from when on a trait counts; the profile is worked out anew."""
    row = ExpansionSettings.objects.select_for_update().filter(pk=1).first() or ExpansionSettings(pk=1)
    changes = differences(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    if changes:
        row.save()
        leave_audit("expansion_settings.changed", row, by=by, at=at, changes=changes)
        enqueue("portfolio.profile_expansion", key="profile")
    return row


def _locked(opportunity: Opportunity) -> Opportunity:
    rows = Opportunity.objects.select_for_update(of=("self",)).select_related("account", "owner")
    return rows.get(pk=opportunity.pk)


@transaction.atomic
def _to_stage(
    opportunity: Opportunity,
    stage: str,
    *,
    by: User | None,
    at: dt.datetime,
    won_on: dt.date | None = None,
    lost_on: dt.date | None = None,
    lost_reason: str = "",
    said: str = "",
) -> Opportunity:
    """Write a stage with what belongs to it; the timeline keeps who said so."""
    locked = _locked(opportunity)
    old = Stage(locked.stage)
    if (old, locked.won_on, locked.lost_reason) == (stage, won_on, lost_reason):
        return locked
    locked.stage, locked.won_on, locked.lost_on, locked.lost_reason = stage, won_on, lost_on, lost_reason
    if old != stage:
        locked.stage_changed_on = today(at)
    locked.save(update_fields=["stage", "won_on", "lost_on", "lost_reason", "stage_changed_on"])
    changes = {"stage": [str(old), str(stage)], "won_on": [None, str(won_on)] if won_on else None}
    leave_audit("opportunity.advanced", locked, by=by, at=at, changes={k: v for k, v in changes.items() if v})
    words = {"kind": locked.get_kind_display(), "old": old.label, "new": Stage(stage).label}
    title = _("Opportunity “%(kind)s”: %(old)s → %(new)s") % words
    _tell(locked, title, old, by=by, at=at, body="\n".join(filter(None, [_reason(locked), said])))
    return locked


def _reason(opportunity: Opportunity) -> str:
    return str(opportunity.get_lost_reason_display()) if opportunity.lost_reason else ""


def _tell(
    opportunity: Opportunity, title: str, old: str | None, *, by: User | None, at: dt.datetime, body: str = ""
) -> None:
    """Write it on the timeline, without the amount: not everybody who reads there may see money."""
    details = {"opportunity": opportunity.pk, "from": old and str(old), "to": str(opportunity.stage)}
    leave_entry(opportunity.account, TimelineEntry.Kind.STAGE, title, by=by, at=at, body=body, details=details)


def _check_kind(opportunity: Opportunity) -> None:
    if opportunity.kind not in Opportunity.Kind.values:
        raise Refused(_("Choose what they may buy."), field="kind")


def _check_amount(opportunity: Opportunity, on: dt.date) -> None:
    """Refuse an amount that adds nothing, a probability that is none, a currency that cannot be converted."""
    if opportunity.arr <= 0:
        raise Refused(_("The expected ARR must be above 0."), field="arr", code="not_positive")
    if opportunity.probability is not None and not 0 <= opportunity.probability <= 100:
        raise Refused(_("The probability lies between 0 and 100."), field="probability", code="out_of_range")
    check_currency(opportunity.currency)
    try:
        rate_for(opportunity.currency, Organisation.load().reporting_currency, on)
    except Refused as refusal:
        raise Refused(str(refusal), field="currency", code=refusal.code) from refusal


def _check_expected(expected_on: dt.date, on: dt.date) -> None:
    if expected_on < on:
        raise Refused(_("The expected day has passed. Choose today or a later one."), field="expected_on", code="past")


def _check_owner(owner: User | None) -> None:
    if owner is not None and not (owner.is_active and owner.can(Capability.EDIT_REVENUE)):
        raise Refused(
            _("This person may not work on opportunities. Choose somebody else."), field="owner", code="no_owner"
        )


def _check_external_id(opportunity: Opportunity) -> None:
    same = Opportunity.objects.filter(external_id=opportunity.external_id).exclude(pk=opportunity.pk)
    if opportunity.external_id and same.exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
