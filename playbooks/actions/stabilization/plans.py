"""How is a plan begun, changed, and thrown away when it was a mistake?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import Account, TimelineEntry, User
from accounts.queries.accounts import owner_of
from common.errors import Conflict, Refused
from health.models import ComparisonName
from health.queries.measures import MEASURES
from health.queries.open_warnings import warnings_of
from health.queries.scores import drivers_by_account, latest_scores
from playbooks.models import Checkpoint, ExitCriterion, Run, StabilizationDriver, StabilizationPlan
from playbooks.queries.stabilization.criteria import INDICATOR, read_criteria
from playbooks.rules.stabilization import MOST_CRITERIA, MOST_DRIVERS, checkpoint_days
from revenue.queries import arr_by_account

# A threshold beyond this is a slip of the keyboard.
LARGEST = 1e9
MOST_DAYS = 365
Line = Mapping[str, Any]


@transaction.atomic
def start_plan(
    *, account: Account, drivers: Sequence[Line], criteria: Sequence[Line], by: User, at: dt.datetime,
    length: int = 30, planned: Mapping[int, str] | None = None, owner: User | None = None, run: Run | None = None,
) -> StabilizationPlan:  # fmt: skip
    """Begin a plan: freeze where the customer stands, name what drives it and who answers, say how it ends."""
    on = today(at)
    Account.objects.select_for_update().get(pk=account.pk)
    _check_account(account, run)
    if length not in StabilizationPlan.Length.values:
        raise Refused(_("Choose 30 or 90 days."), field="length")
    _check_drivers(drivers)
    _check_criteria(criteria)
    plan = StabilizationPlan.objects.create(
        account=account, run=run, length=length, owner=owner or owner_of(account, on) or by, started_by=by,
        started_on=on, due_on=on + dt.timedelta(days=checkpoint_days(length)[0]), **_baseline(account, on),
    )  # fmt: skip
    _write_drivers(plan, drivers)
    _write_criteria(plan, criteria, on)
    said = planned or {}
    Checkpoint.objects.bulk_create(
        Checkpoint(plan=plan, day=day, due_on=on + dt.timedelta(days=day), planned=said.get(day, ""))
        for day in checkpoint_days(length)
    )
    plan.save()
    leave_audit(
        "stabilization.started", plan, by=by, at=at,
        changes={"account": [None, account.pk], "length": [None, length], "drivers": len(drivers),
                 "criteria": len(criteria)},
    )  # fmt: skip
    tell(plan, "started", _("Stabilization plan started (%(length)s)") % {"length": plan.get_length_display()},
         by=by, at=at, body="\n".join(str(line["text"]) for line in drivers))  # fmt: skip
    return plan


@transaction.atomic
def change_plan(
    *, plan: StabilizationPlan, drivers: Sequence[Line], by: User, at: dt.datetime,
    planned: Mapping[int, str] | None = None, owner: User | None = None, version: int | None = None,
) -> StabilizationPlan:  # fmt: skip
    """Name other drivers or owners, or plan otherwise; baseline and exit criteria stay as on the first day."""
    locked = locked_plan(plan, version)
    _check_drivers(drivers)
    before = list(locked.drivers.values_list("text", "owner"))
    locked.drivers.all().delete()
    _write_drivers(locked, drivers)
    for day, words in (planned or {}).items():
        locked.checkpoints.filter(day=day, verdict="").update(planned=words)
    locked.owner = owner or locked.owner
    save_plan(locked)
    after = list(locked.drivers.values_list("text", "owner"))
    leave_audit("stabilization.changed", locked, by=by, at=at, changes={"drivers": [before, after]})
    return locked


@transaction.atomic
def discard_plan(*, plan: StabilizationPlan, by: User, at: dt.datetime) -> None:
    """Throw a plan away that was begun by mistake: on its first day, before anything was decided."""
    locked = locked_plan(plan)
    if locked.started_on != today(at) or locked.checkpoints.exclude(verdict="").exists():
        raise Refused(_("This plan has begun. End it with a verdict instead."))
    leave_audit("stabilization.discarded", locked, by=by, at=at, changes={"account": [locked.account_id, None]})
    TimelineEntry.objects.filter(account=locked.account_id, details__stabilization=locked.pk).delete()
    locked.delete()


def locked_plan(plan: StabilizationPlan, version: int | None = None) -> StabilizationPlan:
    """Read a plan for changing; refuse one that is over, or that has changed since it was read."""
    rows = StabilizationPlan.objects.select_for_update(of=("self",)).select_related("account", "owner")
    locked: StabilizationPlan | None = rows.filter(pk=plan.pk).first()
    if locked is None or not locked.is_open:
        raise Refused(_("This plan is over."), code="over")
    if version is not None and version != locked.version:
        raise Conflict(_("Somebody changed this plan since you opened it."), {"version": (locked.version, version)})
    return locked


def save_plan(plan: StabilizationPlan) -> None:
    """Write a changed plan."""
    plan.version += 1
    plan.save()


def tell(plan: StabilizationPlan, event: str, title: str, *, by: User | None, at: dt.datetime, body: str = "") -> None:
    """Write on the timeline what happened to a plan; the event lets every reader read it in their language."""
    details = {"stabilization": plan.pk, "event": event, "days": plan.length}
    leave_entry(plan.account, TimelineEntry.Kind.PLAYBOOK, title, by=by, at=at, body=body, details=details)


def _check_account(account: Account, run: Run | None) -> None:
    if account.stage == Account.Stage.CHURNED:
        raise Refused(_("This customer has left. A win-back is another playbook."))
    if StabilizationPlan.objects.open().filter(account=account).exists():
        raise Refused(_("A stabilization plan is open for this account already."), code="unique")
    if run is not None and run.account_id != account.pk:
        raise Refused(_("Choose a run of this account."), field="run")


def _check_drivers(drivers: Sequence[Line]) -> None:
    if not drivers:
        raise Refused(_("Name at least one driver."), field="drivers", code="required")
    if len(drivers) > MOST_DRIVERS:
        raise Refused(_("Name at most three drivers: more than three are none."), field="drivers")
    for line in drivers:
        if not str(line.get("text", "")).strip():
            raise Refused(_("Say what drives it."), field="drivers", code="required")
        owner = line.get("owner")
        if owner is None:
            raise Refused(_("Every driver needs one owner."), field="drivers", code="required")
        if not owner.is_active:
            words = _("%(name)s no longer signs in. Choose somebody else.")
            raise Refused(words % {"name": owner.name}, field="drivers")


def _check_criteria(criteria: Sequence[Line]) -> None:
    if not criteria:
        raise Refused(_("Give at least one exit criterion."), field="criteria", code="required")
    if len(criteria) > MOST_CRITERIA:
        raise Refused(_("Give at most %(most)s exit criteria.") % {"most": MOST_CRITERIA}, field="criteria")
    for line in criteria:
        measure = str(line.get("measure", ""))
        days: Any = line.get("days")
        threshold: Any = line.get("threshold")
        if measure not in MEASURES and not measure.startswith(INDICATOR):
            raise Refused(_("Choose what is measured."), field="criteria")
        if line.get("comparison") not in ComparisonName.values:
            raise Refused(_("Choose how it is compared."), field="criteria")
        if not isinstance(threshold, int | float | Decimal) or not abs(float(threshold)) <= LARGEST:
            raise Refused(_("Give a threshold."), field="criteria")
        if days is not None and not 1 <= int(days) <= MOST_DAYS:
            raise Refused(_("A window has 1 to %(most)s days.") % {"most": MOST_DAYS}, field="criteria")


def _write_drivers(plan: StabilizationPlan, drivers: Sequence[Line]) -> None:
    own = {one.pk for one in warnings_of(plan.account)}
    StabilizationDriver.objects.bulk_create(
        StabilizationDriver(
            plan=plan, position=place, text=str(line["text"]).strip(), action=str(line.get("action") or "").strip(),
            owner=line["owner"], warning_id=line.get("warning") if line.get("warning") in own else None,
        )
        for place, line in enumerate(drivers, start=1)
    )  # fmt: skip


def _write_criteria(plan: StabilizationPlan, criteria: Sequence[Line], on: dt.date) -> None:
    made = [
        ExitCriterion(
            plan=plan, measure=line["measure"], comparison=line["comparison"], threshold=float(line["threshold"]),
            days=line.get("days"),
        )
        for line in criteria
    ]  # fmt: skip
    for one, reading in zip(made, read_criteria([(plan.account_id, one) for one in made], on), strict=True):
        one.baseline = reading.value
        plan.criteria_met += reading.is_met
    plan.criteria_count, plan.measured_on = len(made), on
    ExitCriterion.objects.bulk_create(made)


def _baseline(account: Account, on: dt.date) -> dict[str, Any]:
    """Where the customer stands on the first day."""
    score = latest_scores(on, [account.pk]).first()
    reasons: list[dict[str, Any]] = [{"rule": one.rule.key, "evidence": one.evidence} for one in warnings_of(account)]
    reasons += [
        {"indicator": one.key, "name": one.name, "lost": float(one.lost)}
        for one in drivers_by_account(on, [account.pk]).get(account.pk, [])
    ]
    return {
        "baseline_score": None if score is None else score.shown_score,
        "baseline_band": "" if score is None else score.band,
        "baseline_arr": arr_by_account(on, [account.pk]).get(account.pk, Decimal(0)),
        "baseline_reasons": reasons,
    }
