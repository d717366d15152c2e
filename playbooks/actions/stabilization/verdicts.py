"""How does a person judge a plan, and take the judgement back?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify_people
from accounts.actions.traces import leave_audit, today
from accounts.models import Account, TimelineEntry, User
from accounts.rules.roles import Capability
from common.errors import Refused
from health.queries.scores import latest_scores
from playbooks.actions.stabilization.plans import locked_plan, save_plan, tell
from playbooks.models import Checkpoint, ExitCriterion, StabilizationPlan
from playbooks.queries.stabilization.criteria import Reading, read_criteria, words_of
from playbooks.rules.stabilization import Refusal, extension_days, verdict_refusal

State, Verdict = StabilizationPlan.State, Checkpoint.Verdict


@transaction.atomic
def give_verdict(
    *, plan: StabilizationPlan, verdict: str, by: User, at: dt.datetime, note: str = "", override_reason: str = "",
    version: int | None = None,
) -> StabilizationPlan:  # fmt: skip
    """Say at the next checkpoint how it stands. "Stabilized" asks the data first, and a manager may overrule them."""
    locked, on = locked_plan(plan, version), today(at)
    if verdict not in Verdict.values:
        raise Refused(_("Choose a verdict."), field="verdict", code="required")
    waiting = list(locked.checkpoints.select_for_update().filter(verdict="").order_by("day"))
    criteria = list(locked.criteria.all())
    readings = read_criteria([(locked.account_id, one) for one in criteria], on)
    unmet = [one for one, reading in zip(criteria, readings, strict=True) if not reading.is_met]
    override = override_reason.strip() if verdict == Verdict.STABILIZED and unmet else ""
    no = verdict_refusal(
        verdict, state=locked.state, is_last=len(waiting) <= 1, was_extended=locked.extended_on is not None,
        unmet=len(unmet), note=note, may_override=by.can(Capability.EDIT_PLAYBOOKS), override_reason=override_reason,
    )  # fmt: skip
    if no is not None:
        raise Refused(_words(no, unmet), field=_FIELDS.get(no, "verdict"), code=no.value)
    checkpoint = waiting[0] if waiting else _last_word(locked, on)
    measure_checkpoint(checkpoint, criteria, readings, on)
    checkpoint.verdict, checkpoint.note = verdict, note.strip()
    checkpoint.decided_at, checkpoint.decided_by = at, by
    checkpoint.save()
    before = locked.state
    _carry_out(locked, verdict, override, readings, on)
    leave_audit(
        "stabilization.overridden" if override else "stabilization.judged", locked, by=by, at=at,
        changes={
            "verdict": [None, verdict], "state": [str(before), str(locked.state)], "day": checkpoint.day,
            **({"reason": override, "unmet": [str(one) for one in unmet]} if override else {}),
        },
    )  # fmt: skip
    title = _("Stabilization plan, day %(day)s: %(verdict)s")
    words = {"day": checkpoint.day, "verdict": checkpoint.get_verdict_display()}
    tell(locked, verdict, title % words, by=by, at=at, body=override or note.strip())
    if verdict == Verdict.ESCALATED:
        _tell_managers(locked, checkpoint, by=by, at=at)
    return locked


@transaction.atomic
def take_back_verdict(*, plan: StabilizationPlan, by: User, at: dt.datetime) -> StabilizationPlan:
    """Take back the last verdict, on the day on which it was given; a manager was told already."""
    rows = StabilizationPlan.objects.select_for_update(of=("self",)).select_related("account")
    locked = rows.get(pk=plan.pk)
    last = locked.checkpoints.exclude(verdict="").order_by("-day").first()
    if last is None or last.decided_at is None or today(last.decided_at) != today(at):
        raise Refused(_("This can no longer be undone."))
    if last.decided_by_id != by.pk and not by.can(Capability.EDIT_PLAYBOOKS):
        raise Refused(_("Only who gave the verdict may take it back."))
    if not locked.is_open and StabilizationPlan.objects.open().filter(account=locked.account_id).exists():
        raise Refused(_("A stabilization plan is open for this account already."), code="unique")
    taken, verdict, said_at = last.day, last.verdict, last.decided_at
    if verdict == Verdict.EXTENDED:
        locked.extended_on = None
        locked.checkpoints.filter(day__in=extension_days(locked.length), verdict="").delete()
    last.verdict, last.note, last.decided_at, last.decided_by = "", "", None, None
    last.save()
    earlier = locked.checkpoints.filter(verdict=Verdict.ESCALATED).exists()
    locked.state = State.ESCALATED if earlier else State.ACTIVE
    locked.ended_on, locked.override_reason = None, ""
    locked.escalated_on = locked.escalated_on if earlier else None
    locked.due_on = last.due_on
    save_plan(locked)
    TimelineEntry.objects.filter(account=locked.account_id, details__stabilization=locked.pk, at=said_at).delete()
    leave_audit("stabilization.taken_back", locked, by=by, at=at, changes={"verdict": [verdict, None], "day": taken})
    tell(locked, "taken_back", _("Verdict of the stabilization plan taken back"), by=by, at=at)
    return locked


def measure_checkpoint(
    checkpoint: Checkpoint, criteria: Sequence[ExitCriterion], readings: Sequence[Reading], on: dt.date
) -> None:
    """Put down what was measured, and where health stood; not saved here."""
    score = latest_scores(on, [checkpoint.plan.account_id]).first()
    checkpoint.measured_on = on
    checkpoint.score = None if score is None else score.shown_score
    checkpoint.band = "" if score is None else score.band
    checkpoint.measured = [
        {"criterion": one.pk, "value": reading.value, "is_met": reading.is_met}
        for one, reading in zip(criteria, readings, strict=True)
    ]


def _last_word(plan: StabilizationPlan, on: dt.date) -> Checkpoint:
    """A checkpoint for what is decided after the last planned one, as after an escalation on the last day."""
    last = plan.checkpoints.order_by("-day").first()
    day = max((on - plan.started_on).days, (last.day if last else 0) + 1)
    return Checkpoint(plan=plan, day=day, due_on=on)


def _carry_out(plan: StabilizationPlan, verdict: str, override: str, readings: Sequence[Reading], on: dt.date) -> None:
    """What a verdict does to its plan."""
    if verdict in (Verdict.STABILIZED, Verdict.FAILED):
        plan.state, plan.ended_on, plan.override_reason = State(verdict), on, override
    elif verdict == Verdict.ESCALATED:
        plan.state, plan.escalated_on = State.ESCALATED, on
    elif verdict == Verdict.EXTENDED:
        plan.extended_on = on
        Checkpoint.objects.bulk_create(
            Checkpoint(plan=plan, day=day, due_on=plan.started_on + dt.timedelta(days=day))
            for day in extension_days(plan.length)
            if not plan.checkpoints.filter(day=day).exists()
        )
    ahead = plan.checkpoints.filter(verdict="").order_by("day").first()
    plan.due_on = ahead.due_on if ahead and plan.is_open else on
    plan.criteria_met, plan.measured_on = sum(one.is_met for one in readings), on
    save_plan(plan)


_FIELDS = {
    Refusal.NO_REASON: "note",
    Refusal.UNMET: "verdict",
    Refusal.NOT_A_MANAGER: "override_reason",
}


def _words(no: Refusal, unmet: Sequence[ExitCriterion]) -> str:
    """Say in words why a verdict is not possible."""
    names = "; ".join(words_of(one) for one in unmet)
    words = {
        Refusal.OVER: _("This plan is over."),
        Refusal.UNMET: _("Not stabilized yet. Unmet: %(names)s. A manager may say so all the same, with a reason."),
        Refusal.NOT_A_MANAGER: _("Unmet: %(names)s. Only a manager may call it stabilized in spite of that."),
        Refusal.NO_REASON: _("Say why."),
        Refusal.TWICE: _("A plan is extended once. Escalate it, or end it."),
        Refusal.LAST: _("This is the last checkpoint: the plan cannot simply go on."),
        Refusal.ESCALATED: _("It is escalated already."),
    }
    return words[no] % {"names": names} if unmet else words[no]


def _tell_managers(plan: StabilizationPlan, checkpoint: Checkpoint, *, by: User, at: dt.datetime) -> None:
    """Tell the managers who see the account; where there is none, the admins."""
    notify_people(
        managers_of(plan.account),
        kind="stabilization",
        title=lambda: _("%(account)s is escalated by %(person)s") % {"account": plan.account.name, "person": by.name},
        body=checkpoint.note,
        cause=f"stabilization:{plan.pk}:{checkpoint.day}:escalated",
        at=at,
        url=reverse("stabilization_plan", args=[plan.pk]),
        account=plan.account,
    )


def managers_of(account: Account) -> list[User]:
    """The managers who see an account, or else the admins who do."""
    for role in (User.Role.CS_MANAGER, User.Role.ADMIN):
        people = User.objects.active().filter(role=role).order_by("pk")
        seeing = [one for one in people if Account.objects.visible_to(one).filter(pk=account.pk).exists()]
        if seeing:
            return seeing
    return []
