"""What does a manager read about the effect of playbooks?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import charts
from common.charts import Chart, Group, Item, Part
from common.formats import number, points, signed
from playbooks.models import EffectEstimate, EffectPolicy, EffectRecord, Playbook

Measure, Verdict = EffectEstimate.Measure, EffectEstimate.Verdict
TONES = {Verdict.BETTER: "healthy", Verdict.WORSE: "risk", Verdict.NO_SIGN: "none", Verdict.TOO_FEW: "none"}


@dataclass(frozen=True)
class Line:
    """One estimate in words."""

    estimate: EffectEstimate

    @property
    def tone(self) -> str:
        """The colour and shape of what is said."""
        return TONES[Verdict(self.estimate.verdict)]

    @property
    def effect_text(self) -> str:
        """The difference with its unit; a dash where there are too few."""
        return amount(self.estimate.measure, self.estimate.effect)

    @property
    def range_text(self) -> str:
        """The range in which the truth lies 19 times in 20."""
        one = self.estimate
        if one.low is None or one.high is None:
            return ""
        words = {"low": amount(one.measure, one.low), "high": amount(one.measure, one.high)}
        return _("%(low)s to %(high)s") % words

    @property
    def pairs_text(self) -> str:
        """How many are compared."""
        words = ngettext("%(count)s pair", "%(count)s pairs", self.estimate.pairs)
        return words % {"count": number(self.estimate.pairs)}


@dataclass(frozen=True)
class Row:
    """One playbook, or one version of it, on the list."""

    record: EffectRecord
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def lead_text(self) -> str:
        """Days from warning to first touch."""
        days = self.record.lead_days
        if days is None:
            return ""
        return ngettext("%(count)s day", "%(count)s days", round(days)) % {"count": number(days, 1).removesuffix(".0")}


@dataclass(frozen=True)
class EffectPage:
    """What one playbook brought, with its picture and its versions."""

    row: Row
    versions: tuple[Row, ...]
    policy: EffectPolicy
    picture: Chart | None
    finding: str
    funnel: Chart

    @property
    def without_partner(self) -> int:
        """Treated accounts to which nobody was alike."""
        return self.row.record.treated - self.row.record.matched


def amount(measure: str, value: float | None) -> str:
    """A difference with its sign and unit."""
    if value is None:
        return "–"
    if measure == Measure.RETENTION:
        return _("%(value)s pts") % {"value": signed(value * 100, 1)}
    if measure == Measure.USAGE:
        return _("%(value)s days") % {"value": signed(value, 1)}
    return points(value, 1)


def newest_night() -> dt.date | None:
    """The night of which the figures are."""
    found: dt.date | None = EffectRecord.objects.aggregate(last=Max("on"))["last"]
    return found


def effect_rows(on: dt.date | None, playbook: Playbook | None = None) -> list[Row]:
    """The playbooks as wholes, or all versions of one after the whole, of a night; two queries."""
    if on is None:
        return []
    records = EffectRecord.objects.filter(on=on, playbook__is_archived=False).select_related("playbook", "version")
    records = records.filter(version=None) if playbook is None else records.filter(playbook=playbook)
    lines: dict[int, dict[str, Line]] = defaultdict(dict)
    rows = list(records.order_by("playbook__position", "playbook", "version__number"))
    for estimate in EffectEstimate.objects.filter(record__in=rows).order_by("pk"):
        lines[estimate.record_id][estimate.measure] = Line(estimate)
    unsaid = {str(one): Line(EffectEstimate(measure=one)) for one in Measure}
    found = [Row(record, unsaid | lines[record.pk]) for record in rows]
    return sorted(found, key=lambda row: row.record.version is not None) if playbook else found


def effect_page(playbook: Playbook, on: dt.date | None) -> EffectPage | None:
    """What a playbook brought, as of the last night; None before the first."""
    rows = effect_rows(on, playbook)
    whole = next((row for row in rows if row.record.version is None), None)
    if whole is None:
        return None
    health = whole.lines[Measure.HEALTH].estimate
    return EffectPage(
        row=whole,
        versions=tuple(row for row in rows if row.record.version is not None),
        policy=EffectPolicy.load(),
        picture=_before_after(health),
        finding=_finding(whole.lines[Measure.HEALTH]),
        funnel=_funnel(whole.record),
    )


def _before_after(health: EffectEstimate) -> Chart | None:
    """The score of both sides, before and after."""
    if health.before is None or health.treated is None or health.untreated is None:
        return None
    beside = ngettext("%(count)s account", "%(count)s accounts", health.pairs) % {"count": number(health.pairs)}
    partners = ngettext("%(count)s account", "%(count)s accounts", health.partners)
    groups = [
        Group(_("With the playbook"), health.before + health.treated, health.before, note=beside),
        Group(
            _("Alike, without it"), health.before + health.untreated, health.before,
            note=partners % {"count": number(health.partners)},
        ),
    ]  # fmt: skip
    heads = (_("Accounts"), _("Score afterwards"), _("Score at the start"), _("Target"), _("Number"))
    return charts.comparison(groups, heads=heads, formatted=lambda value: number(value, 1))


def _finding(line: Line) -> str:
    estimate = line.estimate
    if estimate.verdict == Verdict.TOO_FEW:
        words = _("Health: too few to say (%(pairs)s of %(fewest)s)")
        return words % {"pairs": number(estimate.pairs), "fewest": number(EffectPolicy.load().fewest_pairs)}
    said = {
        Verdict.BETTER: _("Health rose more with it: %(effect)s (%(range)s)"),
        Verdict.WORSE: _("Health rose less with it: %(effect)s (%(range)s)"),
        Verdict.NO_SIGN: _("Not certain that health changes with it: %(effect)s (%(range)s)"),
    }[Verdict(estimate.verdict)]
    return said % {"effect": line.effect_text, "range": line.range_text}


def _funnel(record: EffectRecord) -> Chart:
    """Started, ended, goal reached."""
    items = [
        Item(_("Started"), record.started),
        Item(_("Ended"), record.ended),
        Item(_("Goal reached"), record.reached, parts=(Part(record.reached, "healthy"),)),
    ]
    return charts.bars(items, heads=(_("Step"), _("Runs")))


HEADER = (
    *("playbook", "version", "as_of", "started", "ended", "goal_reached", "treated", "with_partner", "tasks_due"),
    *("tasks_on_time", "on_time_rate", "warnings_touched", "lead_days", "measure", "pairs", "partners"),
    *("change_treated", "change_untreated", "difference", "range_from", "range_to", "verdict", "predicted"),
)


def exported_rows(on: dt.date | None) -> Iterator[list[Any]]:
    """One line per playbook, version and measure."""
    if on is None:
        return
    estimates = EffectEstimate.objects.filter(record__on=on).select_related("record__playbook", "record__version")
    for one in estimates.order_by("record__playbook__position", "record", "pk").iterator(chunk_size=500):
        record = one.record
        yield [
            *(record.playbook.shown_name, record.version.number if record.version else None, record.on),
            *(record.started, record.ended, record.reached, record.treated, record.matched, record.tasks_due),
            *(record.tasks_on_time, record.on_time_rate, record.lead_count, record.lead_days),
            *(one.get_measure_display(), one.pairs, one.partners, one.treated, one.untreated, one.effect),
            *(one.low, one.high, one.get_verdict_display(), one.predicted),
        ]
