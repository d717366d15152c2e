"""What does a plan look like to whoever has one minute for it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import charts
from common.charts import Chart, Event
from common.formats import date, number, signed
from health.models import TONES, HealthScore, MeasureName, WarningRule
from health.models.evidence import sentence
from health.queries.scores import latest_scores
from playbooks.models import Checkpoint, ExitCriterion, StabilizationDriver, StabilizationPlan
from playbooks.queries.stabilization.criteria import (
    INDICATOR,
    indicator_choices,
    measure_words,
    read_criteria,
    value_words,
    words_of,
)

WEEK = dt.timedelta(weeks=1)
# So many weeks of scores before the start stand beside what came after it.
WEEKS_BEFORE = 6
# A line with fewer points than this is no line.
FEWEST_POINTS = 2


@dataclass(frozen=True)
class CriterionRow:
    """One exit criterion with where it started and where it is."""

    words: str
    before: str
    now: str
    is_met: bool


@dataclass(frozen=True)
class CheckpointRow:
    """One checkpoint as it is shown."""

    checkpoint: Checkpoint
    is_due: bool
    is_next: bool
    measured: tuple[tuple[str, str, bool], ...]
    tone: str


@dataclass(frozen=True)
class PlanPage:
    """A plan with everything that its page says."""

    plan: StabilizationPlan
    on: dt.date
    day: int
    score: HealthScore | None
    change: Decimal | None
    drivers: tuple[StabilizationDriver, ...]
    criteria: tuple[CriterionRow, ...]
    checkpoints: tuple[CheckpointRow, ...]
    reasons: tuple[str, ...]
    chart: Chart | None
    finding: str

    @property
    def met(self) -> int:
        """How many criteria hold today."""
        return sum(row.is_met for row in self.criteria)

    @property
    def unmet(self) -> int:
        """How many do not."""
        return len(self.criteria) - self.met

    @property
    def next(self) -> CheckpointRow | None:
        """The checkpoint whose verdict comes next."""
        return next((row for row in self.checkpoints if row.is_next), None)

    @property
    def baseline_tone(self) -> str:
        """Colour and shape of the band at the start."""
        return TONES.get(self.plan.baseline_band, "none")

    @property
    def met_text(self) -> str:
        """How many criteria hold, in words."""
        words = ngettext("%(met)s of %(num)s criterion holds", "%(met)s of %(num)s criteria hold", len(self.criteria))
        return words % {"met": number(self.met), "num": number(len(self.criteria))}


def plan_page(plan: StabilizationPlan, on: dt.date) -> PlanPage:
    """Read a plan, and measure its criteria for a day; what is over is shown as it was measured last."""
    criteria, checkpoints = list(plan.criteria.all()), list(plan.checkpoints.select_related("decided_by"))
    names = _names(criteria, on)
    score = latest_scores(on, [plan.account_id]).first()
    chart = _chart(plan, checkpoints, on)
    first = next((one for one in checkpoints if not one.verdict), None) if plan.is_open else None
    shown = None if score is None else score.shown_score
    known = shown is not None and plan.baseline_score is not None
    change = shown - plan.baseline_score if known else None  # type: ignore[operator]
    return PlanPage(
        plan=plan,
        on=on,
        day=(min(on, plan.ended_on or on) - plan.started_on).days,
        score=score,
        change=change,
        drivers=tuple(plan.drivers.select_related("owner", "warning")),
        criteria=_criterion_rows(plan, criteria, checkpoints, names, on),
        checkpoints=tuple(_checkpoint_row(one, first, criteria, names, on) for one in checkpoints),
        reasons=baseline_words(plan, names),
        chart=chart,
        finding=_finding(plan, shown),
    )


def _names(criteria: Sequence[ExitCriterion], on: dt.date) -> dict[str, str]:
    return dict(indicator_choices(on)) if any(one.measure.startswith(INDICATOR) for one in criteria) else {}


def _criterion_rows(
    plan: StabilizationPlan, criteria: Sequence[ExitCriterion], checkpoints: Sequence[Checkpoint],
    names: dict[str, str], on: dt.date,
) -> tuple[CriterionRow, ...]:  # fmt: skip
    if plan.is_open:
        read = read_criteria([(plan.account_id, one) for one in criteria], on)
        found = {one.pk: (reading.value, reading.is_met) for one, reading in zip(criteria, read, strict=True)}
    else:
        last = next((one for one in reversed(checkpoints) if one.measured_on), None)
        found = {row["criterion"]: (row["value"], row["is_met"]) for row in (last.measured if last else [])}
    return tuple(
        CriterionRow(
            words=words_of(one, names),
            before=value_words(one.measure, one.baseline),
            now=value_words(one.measure, found.get(one.pk, (None, False))[0]),
            is_met=found.get(one.pk, (None, False))[1],
        )
        for one in criteria
    )


def _checkpoint_row(
    one: Checkpoint, first: Checkpoint | None, criteria: Sequence[ExitCriterion], names: dict[str, str], on: dt.date
) -> CheckpointRow:
    by_pk = {criterion.pk: criterion for criterion in criteria}
    measured = tuple(
        (measure_words(by_pk[row["criterion"]].measure, names),
         value_words(by_pk[row["criterion"]].measure, row["value"]), bool(row["is_met"]))
        for row in one.measured if row["criterion"] in by_pk
    )  # fmt: skip
    tones = {"stabilized": "healthy", "failed": "risk", "escalated": "risk", "extended": "watch", "continue": "info"}
    is_next = first is not None and one.pk == first.pk
    return CheckpointRow(one, one.is_due(on), is_next, measured, tones.get(one.verdict, "none"))


def baseline_words(plan: StabilizationPlan, names: dict[str, str]) -> tuple[str, ...]:
    """Say in the reader's language why the plan was begun."""
    rules = {rule.key: rule.shown_name for rule in WarningRule.objects.all()}
    said = []
    for row in plan.baseline_reasons:
        if "rule" in row:
            name = rules.get(row["rule"], row["rule"])
            said.append(f"{name}: {' · '.join(sentence(line) for line in row.get('evidence', []))}")
        elif "indicator" in row:
            name = names.get(INDICATOR + row["indicator"]) or row.get("name") or row["indicator"]
            words = _("%(name)s cost %(points)s points of health")
            said.append(words % {"name": name, "points": number(row["lost"], 1)})
    return tuple(said)


def _chart(plan: StabilizationPlan, checkpoints: Sequence[Checkpoint], on: dt.date) -> Chart | None:
    """The weekly score from before the start, with the start and the verdicts marked."""
    first, last = plan.started_on - WEEKS_BEFORE * WEEK, min(on, (plan.ended_on or on) + 4 * WEEK)
    weeks = (last - first).days // 7 + 1
    rows = HealthScore.objects.filter(account=plan.account_id, on__gt=last - weeks * WEEK, on__lte=last)
    values: list[Any] = [None] * weeks
    for day, score in rows.exclude(score=None).order_by("on").values_list("on", "score"):
        values[weeks - 1 - (last - day).days // 7] = score
    if sum(value is not None for value in values) < FEWEST_POINTS:
        return None
    events = [Event(_place(plan.started_on, last, weeks), _("Plan started on %(day)s") % _day(plan.started_on), "info")]
    for one in checkpoints:
        if one.verdict and one.verdict != Checkpoint.Verdict.CONTINUE and one.decided_at:
            label = f"{one.get_verdict_display()}, {date(one.decided_at.date())}"
            events.append(Event(_place(one.decided_at.date(), last, weeks), label, "info"))
    labels = [date(last - (weeks - 1 - at) * WEEK, "day") for at in range(weeks)]
    heads = (_("Week up to"), str(MeasureName.HEALTH_SCORE.label))
    return charts.line(labels, values, events=events, heads=heads)


def _place(day: dt.date, last: dt.date, weeks: int) -> int:
    return min(max(weeks - 1 - (last - day).days // 7, 0), weeks - 1)


def _day(day: dt.date) -> dict[str, str]:
    return {"day": date(day)}


def _finding(plan: StabilizationPlan, shown: Decimal | None) -> str:
    if shown is None or plan.baseline_score is None:
        return _("Health since before the plan")
    words = {"change": signed(shown - plan.baseline_score), "score": number(shown)}
    return _("Health %(change)s points since the start, now %(score)s") % words
