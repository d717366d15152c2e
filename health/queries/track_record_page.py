"""What does the page of the track record show, from what the job has stored?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation, User
from common import charts
from common.charts import Chart, Figures, Item
from common.formats import number, percent
from health.models import ChurnModel, HealthScore, IndicatorName, LossReview, RuleName, TrackRecord, WarningRule
from health.queries.figures import figure_names
from health.queries.track_record import HORIZONS, warning_records

GREEN = HealthScore.Band.GREEN
SHOWN_LOSSES = 50
SHOWN_TRAININGS = 6
Subject, Verdict = TrackRecord.Subject, TrackRecord.Verdict
TONES = {
    Verdict.GOOD: "healthy", Verdict.FAIR: "healthy", Verdict.WEAK: "watch", Verdict.CHANCE: "risk",
    Verdict.WORSE: "risk", Verdict.NEVER: "none", Verdict.TOO_FEW: "none",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One figure or warning that was judged."""

    record: TrackRecord
    name: str
    words: str
    tone: str

    @property
    def measures(self) -> dict[str, Any]:
        """What was measured."""
        found: dict[str, Any] = self.record.measures
        return found

    @property
    def in_short(self) -> str:
        """What came of a warning in one line: how often it warned, how often rightly, how early."""
        found = self.measures
        if self.record.verdict in (Verdict.TOO_FEW, Verdict.NEVER):
            return self.words
        warned = ngettext("warned %(num)s time", "warned %(num)s times", found["flagged"])
        left = ngettext("%(num)s left", "%(num)s left", found["right"])
        parts = [warned % {"num": number(found["flagged"])}, left % {"num": number(found["right"])}]
        parts.append(_("precision %(share)s") % {"share": percent(found["precision"])})
        parts.append(_("recall %(share)s") % {"share": percent(found["recall"])})
        if found["lead_days"] is not None:
            lead = ngettext("%(num)s day ahead", "%(num)s days ahead", found["lead_days"])
            parts.append(lead % {"num": number(found["lead_days"])})
        return " · ".join(parts)

    @property
    def area(self) -> str:
        """The area under the curve with its interval, in words; a dash where there is none."""
        found = self.measures.get("auc")
        if not found:
            return number(None)
        value, low, high = (number(part, 2) for part in found)
        return _("%(value)s (%(low)s–%(high)s)") % {"value": value, "low": low, "high": high}


@dataclass(frozen=True)
class Losses:
    """The losses of the last year that a person may see, and those that were green so many days before."""

    count: int
    arr: Decimal
    green: int
    green_arr: Decimal
    unscored: int
    rows: Sequence[LossReview]

    @property
    def share(self) -> Decimal | None:
        """The share of the ARR lost that was green; None where nothing was lost."""
        return self.green_arr / self.arr if self.arr else None


@dataclass(frozen=True)
class Suggestion:
    """One indicator alone: how well it separates, what it weighs, what it would weigh by that."""

    name: str
    area: float | None
    weight: float | None
    suggested: int | None


@dataclass(frozen=True)
class TrackRecordPage:
    """Everything on the page, for one number of days ahead."""

    on: dt.date
    ahead: int
    finding: str
    figures: Sequence[Line]
    warnings: Sequence[Line]
    calibration: Chart | None
    calibration_of: str
    losses: Losses
    suggestions: Sequence[Suggestion]
    others: Sequence[Suggestion]
    others_judged: str
    model: ChurnModel | None
    trainings: Sequence[ChurnModel]
    currency: str


def track_record_page(user: User, ahead: int) -> TrackRecordPage | None:
    """Read the newest stored record; None while none was made."""
    on: dt.date | None = TrackRecord.objects.aggregate(on=Max("on"))["on"]
    if on is None:
        return None
    records = list(TrackRecord.objects.filter(on=on))
    names = rule_names()
    asked = {(row.subject, row.key): row for row in records if row.horizon_days == ahead}
    found = [asked.get((subject, "")) for subject in (Subject.SCORE, Subject.MODEL, Subject.PRIOR)]
    figures = [_line(row, str(Subject(row.subject).label)) for row in found if row is not None]
    warned = [
        _line(row, names.get(row.key, row.key))
        for row in records
        if row.horizon_days == ahead and row.subject == Subject.WARNING
    ]
    warned.sort(key=lambda line: (line.measures.get("lift") is None, -(line.measures.get("lift") or 0), line.name))
    risk = next((line for line in figures if line.record.subject != Subject.SCORE), None)
    suggestions, others, judged = _suggestions(records)
    trainings = list(ChurnModel.objects.defer("parameters")[:SHOWN_TRAININGS])
    return TrackRecordPage(
        on=on, ahead=ahead, finding=_finding(figures, ahead), figures=figures, warnings=warned,
        calibration=calibration_chart(risk.measures.get("calibration")) if risk else None,
        calibration_of=risk.name if risk else "", losses=losses_of(LossReview.objects.visible_to(user), ahead),
        suggestions=suggestions, others=others, others_judged=judged,
        model=next((model for model in trainings if model.is_used), None), trainings=trainings,
        currency=Organisation.load().reporting_currency,
    )  # fmt: skip


def rule_names() -> dict[str, str]:
    """The names of all rules, the shipped ones in the reader's language."""
    return {
        rule.key: str(RuleName(rule.key).label) if rule.key in RuleName.values else rule.name
        for rule in WarningRule.objects.all()
    }


def rule_lines(ahead: int = 90) -> dict[str, Line]:
    """The own record of each warning rule, by its key; empty before the first judgement."""
    return {key: _line(record, key) for key, record in warning_records(ahead).items()}


def verdict_words(record: TrackRecord, ahead: int) -> str:
    """Say in plain words what came of a figure or a warning."""
    area = record.measures.get("auc")
    words: dict[str, Any] = {"days": ahead, "events": number(record.events)}
    if area:
        words |= {"value": number(area[0], 2), "low": number(area[1], 2), "high": number(area[2], 2)}
    if record.verdict == Verdict.TOO_FEW:
        return _("Too few losses to tell: %(events)s.") % words
    if record.verdict == Verdict.NEVER:
        return _("It never warned of anybody.")
    if not area:
        return str(record.get_verdict_display())
    if record.verdict == Verdict.CHANCE:
        return _("Does not predict: no better than chance, AUC %(value)s (%(low)s–%(high)s).") % words
    if record.verdict == Verdict.WORSE:
        return _("Points the wrong way: AUC %(value)s (%(low)s–%(high)s).") % words
    said = {
        Verdict.WEAK: _("Predicts weakly: AUC %(value)s (%(low)s–%(high)s)."),
        Verdict.FAIR: _("Predicts fairly well: AUC %(value)s (%(low)s–%(high)s)."),
        Verdict.GOOD: _("Predicts well: AUC %(value)s (%(low)s–%(high)s)."),
    }
    return said[Verdict(record.verdict)] % words


def _line(record: TrackRecord, name: str) -> Line:
    return Line(record, name, verdict_words(record, record.horizon_days), TONES[Verdict(record.verdict)])


def _finding(figures: Sequence[Line], ahead: int) -> str:
    """The finding of the whole page, in one sentence: what the score is worth."""
    score = next((line for line in figures if line.record.subject == Subject.SCORE), None)
    if score is None or not score.record.rows:
        return _("No past score can be judged %(days)s days ahead yet.") % {"days": ahead}
    said = {
        Verdict.TOO_FEW: _("Too few customers left to say whether the health score tells who will leave."),
        Verdict.CHANCE: _("The health score does not tell who will leave: it is no better than chance."),
        Verdict.WORSE: _("The health score points the wrong way: those who left had the better scores."),
        Verdict.WEAK: _("The health score tells a little about who will leave within %(days)s days."),
        Verdict.FAIR: _("The health score tells fairly well who will leave within %(days)s days."),
        Verdict.GOOD: _("The health score tells well who will leave within %(days)s days."),
    }
    return said[Verdict(score.record.verdict)] % {"days": ahead}


def calibration_chart(bins: Sequence[Sequence[float]] | None) -> Chart | None:
    """Draw what came in each tenth of the risk, beside what was said."""
    if not bins:
        return None
    items = [Item(percent(said, 1), came, percent(came, 1)) for said, came, _rows in bins]
    chart = charts.bars(items, heads=(_("Said"), _("Came")), formatted=percent, height=180)
    rows = tuple((percent(said, 1), percent(came, 1), number(rows)) for said, came, rows in bins)
    figures = Figures((_("Risk said, average of the tenth"), _("Share that left"), _("Looks")), rows)
    return replace(chart, figures=figures)


def losses_of(rows: QuerySet[LossReview], ahead: int) -> Losses:
    """Add up the losses that a person may see, and list the newest of those that were green."""
    band = f"band_{ahead}"
    whole = rows.aggregate(count=Count("pk"), arr=Sum("arr_lost"))
    green = rows.filter(**{band: GREEN})
    found = green.aggregate(count=Count("pk"), arr=Sum("arr_lost"))
    return Losses(
        count=whole["count"], arr=whole["arr"] or Decimal(0),
        green=found["count"], green_arr=found["arr"] or Decimal(0),
        unscored=rows.filter(**{band: ""}).count(),
        rows=list(green.select_related("account").order_by("-on", "pk")[:SHOWN_LOSSES]),
    )  # fmt: skip


def _suggestions(records: Sequence[TrackRecord]) -> tuple[list[Suggestion], list[Suggestion], str]:
    """The indicators of the default scorecard, each alone, and figures outside it that separate well."""
    record = next((row for row in records if row.subject == Subject.INDICATORS), None)
    if record is None:
        return [], [], Verdict.TOO_FEW
    known = dict(IndicatorName.choices)
    listed = [
        Suggestion(str(known.get(key, key)), area, weight, suggested)
        for key, area, weight, suggested in record.measures.get("indicators", [])
    ]
    figures = record.measures.get("figures", [])
    names = figure_names(key for key, _area, _rows in figures)
    others = [Suggestion(names[key], area, None, None) for key, area, _rows in figures]
    listed.sort(key=lambda one: -(one.area or 0))
    return listed, others, record.verdict


def ahead_of(text: str) -> int:
    """Read how many days ahead are asked for; anything else is 90."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) in HORIZONS else 90
