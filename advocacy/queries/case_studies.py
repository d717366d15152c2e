"""Which case studies are there, what proves them, and which may the public read right now?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, BusinessGoal, GoalMeasurement
from accounts.queries.goals import decimals_needed, goal_progress
from accounts.rules import goals as goal_rules
from advocacy.models import AskKind, CaseStudy
from advocacy.queries.consents import consent_of
from advocacy.rules.case_studies import Proof, proof_of
from common.charts import Chart, Item, Part, bars
from common.formats import date as date_text
from common.formats import number, percent

EXPORTED = (
    *("external_id", "account", "title", "shown_as", "state", "public", "sent_on", "approved_on", "approved_by"),
    *("approval_note", "published_on", "expires_on", "withdrawn_on", "withdrawn_reason"),
)


def with_consent(rows: QuerySet[CaseStudy], on: dt.date) -> Any:
    """Add `has_consent`: whether who approved it has a consent to case studies on the web that is in force on a day."""
    return rows.annotate(has_consent=consent_of("approved_by", AskKind.CASE_STUDY, on))


def public_case(token: str, on: dt.date) -> CaseStudy | None:
    """Find what the public may read at an address on a day; what expired or lost its consent is not there."""
    if not token:
        return None
    found: CaseStudy | None = (
        with_consent(CaseStudy.objects.published_on(on), on).filter(token=token, has_consent=True).first()
    )
    return found


def lost_consent(on: dt.date) -> QuerySet[CaseStudy]:
    """The published case studies whose consent is in force no more."""
    rows: Any = with_consent(CaseStudy.objects.filter(state=CaseStudy.State.PUBLISHED), on)
    lost: QuerySet[CaseStudy] = rows.filter(has_consent=False)
    return lost


def proofs_of(goals: Sequence[BusinessGoal], account: Account, on: dt.date) -> list[Proof]:
    """What some goals of an account prove on a day; a goal that nobody measured since going live proves nothing."""
    wanted = {goal.pk for goal in goals}
    found = []
    for item in goal_progress(account, on):
        if item.goal.pk not in wanted:
            continue
        goal = item.goal
        measured = [(row.on, row.value) for row in item.measurements]
        made = proof_of(
            (goal.name, goal.metric, goal.unit), (goal.baseline, goal.target), item.before_after, item.attainment,
            measured,
        )  # fmt: skip
        if made is not None:
            found.append(made)
    return found


def attained_goals(account: Account, on: dt.date) -> list[BusinessGoal]:
    """The goals of an account that are reached, the best first: those that make a case."""
    reached = [item for item in goal_progress(account, on) if item.attainment is not None and item.attainment >= 1]
    return [item.goal for item in sorted(reached, key=lambda item: -(item.attainment or 0))]


def accounts_with_proof(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """The accounts of which some goal was measured since they went live."""
    measured = GoalMeasurement.objects.filter(goal__account=OuterRef("pk"), on__gte=OuterRef("live_on"))
    return accounts.filter(Exists(measured))


@dataclass(frozen=True)
class ProofView:
    """One proof as a page draws it."""

    proof: Proof
    digits: int
    unit: str
    change: str
    chart: Chart
    title: str
    desc: str

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached."""
        return self.proof.attainment >= 1


def proof_views(proofs: Sequence[Proof]) -> list[ProofView]:
    """Draw proofs: a bar before, a bar after, a hatched one for the target; the title is what changed."""
    return [_proof_view(proof) for proof in proofs]


def _proof_view(proof: Proof) -> ProofView:
    values = [proof.before, proof.after, proof.target, proof.baseline, *(value for _on, value in proof.measured)]
    digits = decimals_needed(values)
    unit = f" {proof.unit}" if proof.unit else ""

    def written(value: Any) -> str:
        return number(value, digits) + unit

    change = "" if proof.change_rate is None else _signed_percent(proof.change_rate)
    before = _("Before") if proof.before_on is None else _("Before, %(day)s") % {"day": date_text(proof.before_on)}
    after = _("After, %(day)s") % {"day": date_text(proof.after_on)}
    target = Part(proof.target, "none", hatched=True, text=written(proof.target))
    items = [
        Item(before, proof.before, text=written(proof.before), parts=(Part(proof.before, "none"),)),
        Item(after, proof.after, text=written(proof.after), parts=(Part(proof.after, _tone(proof)),)),
        Item(_("Target"), proof.target, text=written(proof.target), parts=(target,)),
    ]
    words = {"name": proof.metric or proof.name, "before": written(proof.before), "after": written(proof.after)}
    title = _("%(name)s: from %(before)s to %(after)s") % words
    chart = bars(items, heads=(_("When"), proof.metric or proof.name, _("As written")), height=190, formatted=written)
    return ProofView(proof, digits, unit, change, chart, title, title + (f" ({change})" if change else ""))


def _tone(proof: Proof) -> str:
    return (
        "healthy"
        if goal_rules.is_lower_better(proof.baseline, proof.target) == (proof.after < proof.before)
        else "risk"
    )


def _signed_percent(rate: Any) -> str:
    return ("+" if rate > 0 else "−" if rate < 0 else "±") + percent(abs(rate))


def exported_cases(rows: QuerySet[CaseStudy], on: dt.date) -> Iterator[list[Any]]:
    """Write case studies as rows of a file."""
    shown = with_consent(rows, on).select_related("account", "approved_by")
    for one in shown.iterator(chunk_size=500):
        yield [
            *(one.account.external_id, one.account.name, one.title, one.shown_as, one.get_state_display()),
            one.hindrance(on, has_consent=one.has_consent) is None,
            *(one.sent_on, one.approved_on, one.approved_by.name if one.approved_by else "", one.approval_note),
            *(one.published_on, one.expires_on, one.withdrawn_on, one.withdrawn_reason),
        ]
