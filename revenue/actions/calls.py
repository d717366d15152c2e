"""Who says what of a renewal, and what follows for the forecast?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import TimelineEntry, User
from accounts.rules.roles import Capability
from common.columns import MANY_IDS
from common.errors import Conflict, Refused
from revenue.actions.reminders import tell_of_disagreements
from revenue.models import Call, Renewal, RenewalCall, RenewalPolicy
from revenue.queries.calls import call_facts, due_amounts
from revenue.rules.calls import CHURN, DOWNGRADE, RENEW, amount_of_call, call_of_amount, computed_call, part_of
from revenue.rules.movements import day_number
from revenue.rules.rates import from_cents

Kind = RenewalCall.Kind
# What was settled longer ago stands as it is, so that figures of the past do not move with today's corrections.
SETTLED_DAYS = 400
WRITTEN = ("arr", "expected_arr", "computed_call", "reasons", "band", "called_on")
HUNDRED = Decimal(100)


@transaction.atomic
def call_renewals(
    *, on: dt.date, account_ids: Iterable[int] | None = None, bands: Mapping[int, str] | None = None
) -> int:
    """Bring amounts, computed calls and forecasts of renewals up to a day; returns how many changed.

    `bands` are the health bands of accounts, where somebody above knows them; else those told last hold. A computed
    call that changes is kept with its day, so that it can be compared with what came.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    renewals = _to_call(on, ids)
    if not renewals:
        return 0
    policy = RenewalPolicy.load()
    before = [[getattr(renewal, name) for name in WRITTEN[:-1]] for renewal in renewals]
    was = {renewal.pk: renewal.computed_call for renewal in renewals}
    for renewal in renewals:
        renewal.band = (bands or {}).get(renewal.account_id, renewal.band)
    _compute(renewals, on, policy)
    _value(renewals, on, policy)
    changed = [
        renewal
        for renewal, old in zip(renewals, before, strict=True)
        if renewal.called_on is None or old != [getattr(renewal, name) for name in WRITTEN[:-1]]
    ]
    for renewal in changed:
        renewal.called_on = on
    Renewal.objects.bulk_update(changed, WRITTEN, batch_size=100)
    _keep([renewal for renewal in changed if renewal.computed_call != was[renewal.pk]], on, policy)
    return len(changed)


def _to_call(on: dt.date, ids: list[int] | None) -> list[Renewal]:
    """The renewals that a day may change: open ones, and those settled not long ago."""
    late = on - dt.timedelta(days=SETTLED_DAYS)
    rows = Renewal.objects.filter(Q(stage__in=Renewal.OPEN) | Q(due_on__gte=late) | Q(called_on=None))
    if ids is not None and len(ids) <= MANY_IDS:
        return list(rows.filter(account__in=ids).order_by("pk"))
    wanted = None if ids is None else set(ids)
    return [one for one in rows.order_by("pk") if wanted is None or one.account_id in wanted]


def _compute(renewals: list[Renewal], on: dt.date, policy: RenewalPolicy) -> None:
    """Let the rule call the open ones; a settled one keeps what was said of it."""
    still = [renewal for renewal in renewals if renewal.is_open]
    for renewal, facts in zip(still, call_facts(still, on, policy), strict=True):
        renewal.computed_call, reasons = computed_call(facts, quiet_days=policy.quiet_days)
        renewal.reasons = list(reasons)


def _value(renewals: list[Renewal], on: dt.date, policy: RenewalPolicy) -> None:
    """Say what is due and what of it is expected; of a settled one, what came."""
    account = np.array([renewal.account_id for renewal in renewals], dtype=np.int64)
    due = np.array([day_number(renewal.due_on) for renewal in renewals], dtype=np.int64)
    for renewal, before, after in zip(renewals, *due_amounts(account, due, on), strict=True):
        renewal.arr = from_cents(int(before))
        if renewal.stage == Renewal.Stage.WON and after and renewal.due_on <= on:
            renewal.expected_arr = min(from_cents(int(after)), renewal.arr)
        else:
            renewal.expected_arr = expected(renewal, policy)


def expected(renewal: Renewal, policy: RenewalPolicy) -> Decimal:
    """What of a renewal's ARR is expected, by the call that counts."""
    if renewal.stage == Renewal.Stage.LOST:
        return Decimal(0)
    for call, amount in ((renewal.final_call, renewal.final_amount), (renewal.csm_call, renewal.csm_amount)):
        if call:
            return _amount(call, amount, renewal.arr, policy)
    if renewal.stage == Renewal.Stage.WON:
        return renewal.arr
    return part_of(renewal.arr, _share(renewal.computed_call, policy))


def _amount(call: str, amount: Decimal | None, arr: Decimal, policy: RenewalPolicy) -> Decimal:
    """What a person expects; an amount that has come to lie above what is due is cut to it."""
    if call == DOWNGRADE and amount is not None:
        return min(amount, arr)
    return amount_of_call(call, arr, _share(DOWNGRADE, policy))


def _share(call: str, policy: RenewalPolicy) -> Decimal:
    """What the rule's call is usually worth."""
    percents: dict[str, int] = {
        RENEW: policy.renew_percent,
        DOWNGRADE: policy.downgrade_percent,
        CHURN: policy.churn_percent,
    }
    return Decimal(percents.get(call, policy.renew_percent)) / HUNDRED


def _keep(renewals: list[Renewal], on: dt.date, policy: RenewalPolicy) -> None:
    """Write the computed calls of a day into the history; the last of a day holds."""
    for start in range(0, len(renewals), 500):
        some = [renewal.pk for renewal in renewals[start : start + 500]]
        RenewalCall.objects.filter(renewal__in=some, kind=Kind.COMPUTED, on=on).delete()
    RenewalCall.objects.bulk_create(
        [
            RenewalCall(
                renewal=renewal,
                kind=Kind.COMPUTED,
                on=on,
                call=renewal.computed_call,
                amount=part_of(renewal.arr, _share(renewal.computed_call, policy)),
                reasons=renewal.reasons,
            )
            for renewal in renewals
        ],
        batch_size=500,
    )


@transaction.atomic
def make_call(
    *,
    renewal: Renewal,
    by: User,
    at: dt.datetime,
    kind: str = Kind.CSM,
    call: str | None = None,
    amount: Decimal | None = None,
    reason: str = "",
    version: int | None = None,
) -> Renewal:
    """Say what a renewal will bring: by a word, by the amount expected, or both; the last call of its kind holds.

    The final call is the manager's: it settles a disagreement of CSM and rule.
    """
    locked: Renewal = Renewal.objects.select_for_update(of=("self",)).select_related("account").get(pk=renewal.pk)
    _check_may_call(locked, kind, by)
    if version is not None and version != locked.version:
        stored = locked.final_amount if kind == Kind.FINAL else locked.csm_amount
        message = _("Somebody called this renewal since you opened it.")
        raise Conflict(message, {"amount": (locked.expected_arr if stored is None else stored, amount)})
    policy = RenewalPolicy.load()
    if amount is not None:
        call = _fitting(call, amount, locked.arr)
    if call not in Call.values:
        raise Refused(_("Choose what you expect of this renewal."), field="call")
    amount = amount_of_call(call, locked.arr, _share(DOWNGRADE, policy)) if amount is None else amount
    return _set_call(locked, kind, call, amount, reason=reason, by=by, at=at)


def _check_may_call(renewal: Renewal, kind: str, by: User) -> None:
    """Refuse a call on what is over, and one that is somebody else's."""
    if kind not in (Kind.CSM, Kind.FINAL):
        raise Refused(_("Choose the CSM’s call or the final call."), field="kind")
    if not renewal.is_open:
        raise Refused(_("This renewal is over; its calls stay as they were."), code="over")
    if kind == Kind.FINAL and not by.can(Capability.ASSIGN_OWNERS):
        raise Refused(_("The final call is the manager’s."), field="kind", code="not_yours")
    if kind == Kind.CSM and renewal.final_call and not by.can(Capability.ASSIGN_OWNERS):
        raise Refused(_("The final call has been made. Ask the manager to change it."), code="decided")


def _fitting(call: str | None, amount: Decimal, arr: Decimal) -> str:
    """Give the call that an amount makes; refuse one out of bounds, or that does not fit what was said."""
    if amount < 0:
        raise Refused(_("The forecast cannot be below 0."), field="amount", code="too_small")
    if amount > arr:
        message = _("The forecast cannot be above the ARR due, %(arr)s. What is added is expansion.")
        raise Refused(message % {"arr": f"{arr:,}"}, field="amount", code="too_large")
    made = call_of_amount(amount, arr)
    if call and call != made:
        message = _("With this amount it is another call: %(call)s.")
        raise Refused(message % {"call": Call(made).label}, field="amount", code="does_not_fit")
    return made


@transaction.atomic
def restore_call(
    *, renewal: Renewal, kind: str, call: str, amount: Decimal | None, by: User, at: dt.datetime
) -> Renewal:
    """Put a call back as it was before, or take it back where there was none."""
    locked: Renewal = Renewal.objects.select_for_update(of=("self",)).select_related("account").get(pk=renewal.pk)
    _check_may_call(locked, kind, by)
    return _set_call(locked, kind, call, amount if call else None, reason="", by=by, at=at)


def _set_call(
    renewal: Renewal, kind: str, call: str, amount: Decimal | None, *, reason: str, by: User, at: dt.datetime
) -> Renewal:
    """Write the call, its place in the history, and what follows for the forecast."""
    on, old = today(at), getattr(renewal, f"{kind}_call")
    setattr(renewal, f"{kind}_call", call)
    setattr(renewal, f"{kind}_amount", amount)
    renewal.expected_arr = expected(renewal, RenewalPolicy.load())
    renewal.version += 1
    renewal.save(update_fields=[f"{kind}_call", f"{kind}_amount", "expected_arr", "version"])
    RenewalCall.objects.create(renewal=renewal, kind=kind, on=on, call=call, amount=amount, by=by, reason=reason)
    # Amounts stay with the renewal: not everybody who reads a timeline may see money.
    leave_audit("renewal.called", renewal, by=by, at=at, changes={f"{kind}_call": [old, call]})
    if call and call != old:
        words = {"due": renewal.due_on.isoformat(), "kind": Kind(kind).label, "call": Call(call).label}
        title = _("Renewal of %(due)s, %(kind)s: %(call)s") % words
        details = {"renewal": renewal.pk, "kind": str(kind), "call": str(call)}
        leave_entry(renewal.account, TimelineEntry.Kind.STAGE, title, by=by, at=at, body=reason, details=details)
        tell_of_disagreements(at=at, renewal=renewal)
    return renewal
