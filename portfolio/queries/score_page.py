"""How does an account's score come about, line by line, and what moved it between two days?"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from common.formats import number, percent, signed
from health.models import TONES, HealthOverride, HealthScore, IndicatorName
from health.queries.scores import Slopes, group_name, indicator_name, is_reproduced, slopes_of
from health.rules.components import read_components
from health.rules.score import Component
from health.rules.scorecard import Group, Indicator, Line, Scorecard, Steps, parse_scorecard
from portfolio.models.reasons import SENTENCES, sentence
from portfolio.queries.account_head import WEEK, AccountHead, Reading
from portfolio.queries.churn_risk import RiskCard, churn_risk
from portfolio.queries.overview import MovesSince, moves_between
from portfolio.rules.scale import place_on_scale

SHOWN_READINGS = 14
SHOWN_OVERRIDES = 5


@dataclass(frozen=True)
class ScaleView:
    """The picture of a threshold: where the value stands between the two points, in per cent of the line."""

    red_text: str
    green_text: str
    place: float | None
    label: str


@dataclass(frozen=True)
class Step:
    """One step of a threshold: where it begins and how wide it is on a line of 100, and what it scores."""

    x: float
    width: float
    start: str
    score: str
    tone: str
    is_here: bool


@dataclass(frozen=True)
class StepsView:
    """The picture of a threshold with steps; the value stands in the middle of its step."""

    steps: tuple[Step, ...]
    label: str

    @property
    def place(self) -> float | None:
        """Where the value stands on the line."""
        return next((one.x + one.width / 2 for one in self.steps if one.is_here), None)


@dataclass(frozen=True)
class ScoreLine:
    """One indicator of a score."""

    name: str
    words: str
    component: Component
    full_weight: Decimal
    scale: ScaleView | None
    steps: StepsView | None
    tone: str

    @property
    def is_reweighted(self) -> bool:
        """Whether it weighs more or less than in the scorecard, because others are missing."""
        return self.component.score is not None and self.component.weight != self.full_weight


@dataclass(frozen=True)
class ScoreGroup:
    """One group of indicators, in the scorecard's order: what is measured, and what is missing."""

    name: str
    lines: tuple[ScoreLine, ...]
    weight: Decimal
    contribution: Decimal


@dataclass(frozen=True)
class ReadingLine:
    """One reading of the history, with the change since the one before."""

    reading: Reading
    change: Decimal | None


@dataclass(frozen=True)
class ScorePage:
    """Everything that explains one reading."""

    score: HealthScore
    reading: Reading
    groups: tuple[ScoreGroup, ...]
    missing: tuple[tuple[str, str], ...]
    total: Decimal
    rules: tuple[str, ...]
    moves: MovesSince | None
    history: tuple[ReadingLine, ...]
    is_newest: bool
    risk: RiskCard | None
    is_reproduced: bool
    slopes: Slopes


@dataclass(frozen=True)
class OverridesView:
    """The band that somebody set by hand, if one holds, and those of before."""

    active: HealthOverride | None
    past: tuple[HealthOverride, ...]


def overrides_view(account: Account, on: dt.date) -> OverridesView:
    """Read an account's overrides, newest first."""
    rows = list(HealthOverride.objects.filter(account=account).select_related("author")[: SHOWN_OVERRIDES + 1])
    active = next((row for row in rows if row.starts_on <= on < row.ends_on), None)
    return OverridesView(active, tuple(row for row in rows if row is not active)[:SHOWN_OVERRIDES])


def score_page(
    head: AccountHead, *, on: dt.date | None = None, since: dt.date | None = None, until: dt.date | None = None
) -> ScorePage | None:
    """Read the last score by a day (today, if none is asked for), and the change between two others.

    Without two days the change is that of the week before the score; with an end alone, that is the score shown.
    """
    wanted = on or until
    score = _last(head.account, min(wanted, head.on) if wanted else head.on)
    if score is None:
        return None
    after = _last(head.account, min(until, head.on)) if until and on else score
    before = _last(head.account, min(since or after.on - WEEK, after.on)) if after else None
    card = parse_scorecard(score.version.definition)
    components = {part.key: part for part in read_components(score.components)}
    reading = as_reading(score)
    return ScorePage(
        score=score,
        reading=reading,
        groups=tuple(_group(card, group, components) for group in card.groups),
        missing=tuple(_missing(card, components)),
        total=sum((part.contribution for part in components.values()), Decimal(0)),
        rules=tuple(band_rules(card)),
        moves=_moves(before, after),
        history=tuple(_history(head)),
        is_newest=head.latest is not None and head.latest.pk == score.pk,
        risk=churn_risk(head.account, score.on),
        is_reproduced=is_reproduced(score),
        slopes=slopes_of(head.account, score.on),
    )


def _moves(before: HealthScore | None, after: HealthScore | None) -> MovesSince | None:
    """What moved the score from one reading to another; nothing to say where either shows none."""
    if before is None or after is None or before.pk == after.pk:
        return None
    if before.shown_score is None or after.shown_score is None:
        return None
    return moves_between(before, after, as_reading(before), as_reading(after))


def _last(account: Account, on: dt.date) -> HealthScore | None:
    scores = HealthScore.objects.filter(account=account, on__lte=on).select_related("version__scorecard")
    return scores.order_by("-on").first()


def as_reading(score: HealthScore) -> Reading:
    """Give a stored score as the head's plain reading."""
    return Reading(score.pk, score.on, score.score, score.band)


def _group(card: Scorecard, group: Group, components: dict[str, Component]) -> ScoreGroup:
    lines = tuple(
        _line(card, indicator, components[indicator.key])
        for indicator in group.indicators
        if indicator.key in components
    )
    measured = tuple(line for line in lines if line.component.score is not None)
    return ScoreGroup(
        group_name(group),
        measured,
        sum((line.component.weight for line in measured), Decimal(0)),
        sum((line.component.contribution for line in measured), Decimal(0)),
    )


def _line(card: Scorecard, indicator: Indicator, part: Component) -> ScoreLine:
    source = indicator.key if indicator.key in SENTENCES else indicator.source
    name = indicator_name(indicator)
    return ScoreLine(
        name=name,
        words=sentence(source, part.value, name),
        component=part,
        full_weight=Decimal(indicator.weight).scaleb(-2),
        scale=_scale(indicator.scale, source, part) if isinstance(indicator.scale, Line) else None,
        steps=_steps(card, indicator.scale, source, part) if isinstance(indicator.scale, Steps) else None,
        tone=_tone(card, part.score),
    )


def _plain(value: float) -> str:
    return number(value, 1).removesuffix(".0")


# How a value of a measure is written shortly; any other is a plain number.
SHORT: dict[str, Callable[[float], str]] = {
    "login_frequency": percent,
    "feature_coverage": percent,
    "advanced_penetration": percent,
    "milestone_rate": percent,
    "scenario_coverage": percent,
    "issue_resolution": percent,
    "renewal_progress": percent,
    "nps": signed,
}


def _value_text(source: str, value: float) -> str:
    return SHORT.get(source, _plain)(value)


def _scale(line: Line, source: str, part: Component) -> ScaleView:
    red, green = _value_text(source, line.red), _value_text(source, line.green)
    words = {"red": red, "green": green, "value": "–" if part.value is None else _value_text(source, part.value)}
    return ScaleView(
        red_text=red,
        green_text=green,
        place=None if part.value is None else place_on_scale(part.value, line.red, line.green),
        label=_("%(value)s, where %(red)s scores 0 and %(green)s scores 100") % words,
    )


def _steps(card: Scorecard, scale: Steps, source: str, part: Component) -> StepsView:
    """Draw the steps equally wide, for they may lie anywhere; below the first it scores as on the first."""
    width = 100 / len(scale.froms)
    here = None if part.value is None else max(bisect_right(scale.froms, part.value) - 1, 0)
    steps = tuple(
        Step(round(n * width, 2), round(width, 2), _value_text(source, start), number(score),
             _tone(card, Decimal(str(score))), n == here)
        for n, (start, score) in enumerate(zip(scale.froms, scale.scores, strict=True))
    )  # fmt: skip
    listed = ", ".join(_("from %(start)s: %(points)s") % {"start": one.start, "points": one.score} for one in steps)
    value = "–" if part.value is None else _value_text(source, part.value)
    return StepsView(steps, _("%(value)s on the steps %(steps)s") % {"value": value, "steps": listed})


def _tone(card: Scorecard, score: Decimal | None) -> str:
    if score is None:
        return TONES[HealthScore.Band.UNKNOWN]
    band = HealthScore.Band.GREEN if score >= card.green else HealthScore.Band.YELLOW
    return TONES[band if score >= card.yellow else HealthScore.Band.RED]


# Why an indicator has no value: what would have to arrive.
WHY_MISSING: dict[str, Callable[[], str]] = {
    IndicatorName.LOGIN_FREQUENCY: lambda: _("no product events yet"),
    IndicatorName.FEATURE_COVERAGE: lambda: _("no product events, or no product with a catalogue in the contract"),
    IndicatorName.CORE_INTENSITY: lambda: _("no product events yet"),
    IndicatorName.ADVANCED_PENETRATION: lambda: _("no product events yet"),
    IndicatorName.MILESTONE_RATE: lambda: _("no milestone is due yet"),
    IndicatorName.SCENARIO_COVERAGE: lambda: _("no business scenario is covered by the contract"),
    IndicatorName.NPS: lambda: _("nobody answered a survey in 180 days"),
    IndicatorName.ISSUE_RESOLUTION: lambda: _("no ticket was due in 90 days"),
    IndicatorName.RENEWAL_PROGRESS: lambda: _("no contract end is known"),
    IndicatorName.EXPANSION_DENSITY: lambda: _("no contract yet"),
}  # fmt: skip


def _missing(card: Scorecard, components: dict[str, Component]) -> list[tuple[str, str]]:
    """Each indicator that does not count, and why."""
    found = []
    for indicator in card.indicators:
        part = components.get(indicator.key)
        if part is None or part.score is not None:
            continue
        if part.is_expired:
            days = {"days": indicator.shelf_days or 0}
            why = ngettext("the value is older than %(days)s day", "the value is older than %(days)s days",
                           days["days"]) % days  # fmt: skip
        else:
            said = WHY_MISSING.get(indicator.source)
            why = said() if said else _("no value has arrived")
        found.append((indicator_name(indicator), why))
    return found


def band_rules(card: Scorecard) -> list[str]:
    """Say how a score becomes a band, in sentences."""
    words = {"green": number(card.green), "yellow": number(card.yellow), "points": number(card.clear_points)}
    said = [_("Healthy from %(green)s, watch from %(yellow)s, at risk below.") % words]
    if card.readings == 2:
        said.append(
            _("The band changes after two readings in a row beyond an edge, or %(points)s points past it.") % words
        )
    share = {"share": percent(card.coverage_floor)}
    said.append(_("With less than %(share)s of the weight measured there is no band.") % share)
    names = {indicator.key: indicator_name(indicator) for indicator in card.indicators}
    said += [
        _("“%(name)s” below %(score)s keeps the band at %(band)s or worse.")
        % {
            "name": names[rule.indicator],
            "score": number(rule.below),
            "band": str(HealthScore.Band(rule.band).label).lower(),
        }
        for rule in card.knock_outs
    ]
    return said


def _history(head: AccountHead) -> list[ReadingLine]:
    """The newest readings with their changes, newest first."""
    pairs = list(zip((None, *head.readings), head.readings, strict=False))[-SHOWN_READINGS:]
    return [ReadingLine(reading, _change(before, reading)) for before, reading in reversed(pairs)]


def _change(before: Reading | None, reading: Reading) -> Decimal | None:
    if before is None or before.shown is None or reading.shown is None:
        return None
    return reading.shown - before.shown
