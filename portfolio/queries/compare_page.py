"""Which segments keep and grow what they pay, which do not, and did the mix or the segments move the whole?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.models import Organisation
from common import charts
from common.charts import Chart
from common.formats import Number, number, percent
from common.periods import add_months, previous_span
from portfolio.queries.retention_page import period_words
from revenue.models import RevenueSettings
from revenue.queries import RateMissing, Warnings, check_dimension, masked_segments, rate_reversals, retention
from revenue.queries.guards import PARTS, parts_of
from revenue.queries.words import RATE_LABELS, GuardWord, guard_words
from revenue.rules.guards import Effect, Ground, Placed, Reversal, Split, mix_and_rate, mix_reversal, overall, quadrant
from revenue.rules.retention import Retention, Segment

# A field of an organisation's own may hold thousands of values: those beyond the largest are told as one.
MOST_ROWS = 60
MOST_DRAWN = 16
TONES = {Ground.EXPANSION: "healthy", Ground.STEADY: "info", Ground.LEAKING: "watch", Ground.AT_RISK: "risk"}
GROUND_WORDS = {
    Ground.EXPANSION: _lazy("stays and grows"),
    Ground.STEADY: _lazy("stays, grows little"),
    Ground.LEAKING: _lazy("grows, but loses much on the way"),
    Ground.AT_RISK: _lazy("neither stays nor grows"),
}
Link = Callable[[str], str]


@dataclass(frozen=True)
class Row:
    """One segment: what it paid and pays, each rate before and now, and what it did to the whole."""

    label: str
    href: str
    accounts: int
    opening: Decimal
    closing: Decimal
    # Each rate by its name: in the period before, and now.
    rates: Mapping[str, tuple[Fraction | None, Fraction | None]]
    change: Fraction | None
    share_before: Fraction | None
    share_now: Fraction | None
    rate_effect: Fraction | None
    mix_effect: Fraction | None
    is_small: bool = False


@dataclass(frozen=True)
class Spot:
    """A segment that stays and grows: where to look for more."""

    label: str
    href: str
    grr: Fraction
    nrr: Fraction
    accounts: int


@dataclass(frozen=True)
class Finding:
    """What a guard says, and the rate that it says it of."""

    word: GuardWord
    measure: str


@dataclass(frozen=True)
class ComparePage:
    """Everything the page shows of one dimension in one period."""

    found: Retention
    before: Retention | None
    currency: str
    dimension: str
    measure: str
    title: str
    split: Split | None
    rows: Sequence[Row]
    foot: Row
    bars: Chart
    mix: Chart
    mix_title: str
    field: Chart
    field_title: str
    ground: Sequence[Spot]
    lines: tuple[Decimal, Decimal]
    warnings: Sequence[Finding]
    segments: int
    too_few: int
    small: int

    @property
    def is_empty(self) -> bool:
        """Whether nobody paid anything at either end."""
        return not (self.found.accounts or self.found.accounts_closing)

    @property
    def is_one(self) -> bool:
        """Whether all customers are in the same segment."""
        return self.segments == 1

    @property
    def is_year(self) -> bool:
        """Whether the period is what the marks are meant for."""
        return add_months(self.found.start, 12) == self.found.end

    @property
    def period(self) -> str:
        """The period in words, both days included."""
        return period_words(self.found.start, self.found.end)

    @property
    def period_before(self) -> str:
        """The period that it is held against."""
        return period_words(*previous_span(self.found.start, self.found.end))


@dataclass(frozen=True)
class _Pair:
    """One segment in both periods; in one of them it may not be there."""

    value: str
    label: str
    now: Retention | None
    before: Retention | None

    @property
    def accounts(self) -> int:
        """Its customers at the opening."""
        return self.now.accounts if self.now else 0

    @property
    def opening(self) -> Decimal:
        """What they paid."""
        return self.now.opening if self.now else Decimal(0)


def compare_page(
    start: dt.date, end: dt.date, *, accounts: list[int] | None, by: str, measure: str, link: Link
) -> ComparePage:
    """Read a period and the one before it by segment, for some accounts; `link` leads from a segment to them."""
    found = retention(start, end, by=by, accounts=accounts)
    before = _before(start, end, by, accounts)
    marks = RevenueSettings.load()
    pairs = _pairs(found, before)
    split = mix_and_rate(parts_of(before, measure), parts_of(found, measure)) if before else None
    rows = _rows(pairs, split, measure, link, marks.too_few)
    placed = _placed(pairs, marks)
    ground = [
        Spot(pair.label, link(pair.value), spot.grr, spot.nrr, pair.accounts)
        for pair, spot in placed
        if spot.ground == Ground.EXPANSION and pair.accounts >= marks.too_few
    ]
    return ComparePage(
        found=found,
        before=before,
        currency=Organisation.load().reporting_currency,
        dimension=check_dimension(by).label,
        measure=measure,
        title=_title(found, before, pairs, by, measure, marks.too_few),
        split=split,
        rows=rows,
        foot=_foot(found, before, split, measure),
        bars=_bars(pairs, measure, by, marks, link),
        mix=_mix(rows),
        mix_title=_mix_title(rows, measure),
        field=_field(placed, marks, link),
        field_title=_field_title(ground),
        ground=ground,
        lines=(marks.quadrant_grr, marks.quadrant_nrr),
        warnings=_findings(found, before, by, measure),
        segments=len([pair for pair in pairs if pair.now]),
        too_few=marks.too_few,
        small=sum(0 < pair.accounts < marks.too_few for pair in pairs),
    )


def _before(start: dt.date, end: dt.date, by: str, accounts: list[int] | None) -> Retention | None:
    """The period of the same length before; none where nothing was or no rate is known."""
    try:
        found = retention(*previous_span(start, end), by=by, accounts=accounts)
    except RateMissing:
        return None
    return found if found.accounts else None


def _pairs(found: Retention, before: Retention | None) -> list[_Pair]:
    """Every segment of either period, in the order of the later one."""
    now = {one.value: one for one in found.segments}
    was: dict[str, Segment] = {one.value: one for one in before.segments} if before else {}
    return [
        _Pair(
            value,
            (now.get(value) or was[value]).label,
            now[value].retention if value in now else None,
            was[value].retention if value in was else None,
        )
        for value in dict.fromkeys([*now, *was])
    ]


def _rows(pairs: Sequence[_Pair], split: Split | None, measure: str, link: Link, too_few: int) -> list[Row]:
    """A row a segment; beyond the largest ones, a single row for all the others."""
    effects = {effect.segment: effect for effect in split.effects} if split else {}
    largest = sorted(pairs, key=lambda pair: -pair.opening)[:MOST_ROWS]
    kept = {pair.value for pair in (largest if len(pairs) > MOST_ROWS else pairs)}
    rows = [
        _row([pair], [effects.get(pair.value)], measure, pair.label, link(pair.value), too_few)
        for pair in pairs
        if pair.value in kept
    ]
    others = [pair for pair in pairs if pair.value not in kept]
    if others:
        text = ngettext("%(num)s other segment", "%(num)s other segments", len(others)) % {"num": number(len(others))}
        rows.append(_row(others, [effects.get(pair.value) for pair in others], measure, text, "", 0))
    return rows


def _row(
    pairs: Sequence[_Pair], effects: Sequence[Effect | None], measure: str, label: str, href: str, too_few: int
) -> Row:
    """Tell one segment, or several as one."""
    known = [effect for effect in effects if effect is not None]
    rates = {
        rate: (
            _together(rate, (pair.before for pair in pairs)),
            _together(rate, (pair.now for pair in pairs)),
        )
        for rate in PARTS
    }
    accounts = sum(pair.accounts for pair in pairs)

    def summed(name: str) -> Fraction | None:
        return sum((getattr(effect, name) for effect in known), Fraction(0)) if known else None

    return Row(
        label=label,
        href=href,
        accounts=accounts,
        opening=sum((pair.opening for pair in pairs), Decimal(0)),
        closing=sum((pair.now.closing for pair in pairs if pair.now), Decimal(0)),
        rates=rates,
        change=_change(rates[measure]),
        share_before=summed("share_before"),
        share_now=summed("share_after"),
        rate_effect=summed("rate_effect"),
        mix_effect=summed("mix_effect"),
        is_small=0 < accounts < too_few,
    )


def _together(rate: str, found: Iterable[Retention | None]) -> Fraction | None:
    """A rate of several segments as one."""
    return overall({str(index): PARTS[rate](one) for index, one in enumerate(found) if one is not None}).rate


def _change(rates: tuple[Fraction | None, Fraction | None]) -> Fraction | None:
    return None if rates[0] is None or rates[1] is None else rates[1] - rates[0]


def _foot(found: Retention, before: Retention | None, split: Split | None, measure: str) -> Row:
    """All segments together: the effects are the sums of the rows, and add up to the change."""
    rates = {rate: (getattr(before, rate) if before else None, getattr(found, rate)) for rate in PARTS}
    whole = Fraction(1) if split else None
    return Row(
        label=_("All"),
        href="",
        accounts=found.accounts,
        opening=found.opening,
        closing=found.closing,
        rates=rates,
        change=_change(rates[measure]),
        share_before=whole,
        share_now=whole,
        rate_effect=split.rate_effect if split else None,
        mix_effect=split.mix_effect if split else None,
    )


def _judged(pairs: Iterable[_Pair], measure: str, too_few: int) -> list[tuple[Fraction, str]]:
    """Rates and names of the segments that are large enough to be judged, the lowest first."""
    rates = [(getattr(pair.now, measure), pair.label) for pair in pairs if pair.now and pair.accounts >= too_few]
    return sorted((rate, label) for rate, label in rates if rate is not None)


def _title(
    found: Retention, before: Retention | None, pairs: Sequence[_Pair], by: str, measure: str, too_few: int
) -> str:
    """The finding: a reversal, the span from the worst to the best, or that there is nothing to compare."""
    rate = str(RATE_LABELS[measure])
    now = getattr(found, measure)
    for one in rate_reversals(before, found) if before else []:
        if one.rate == measure:
            return {
                True: _("%(rate)s fell in every segment but rose overall"),
                False: _("%(rate)s rose in every segment but fell overall"),
            }[one.found.rose] % {"rate": rate}
    if now is None:
        return _("No %(rate)s: nobody paid at the opening") % {"rate": rate}
    judged = _judged(pairs, measure, too_few)
    if len(judged) < 2 or judged[0][0] == judged[-1][0]:
        return _("%(rate)s is %(value)s") % {"rate": rate, "value": percent(now, 1)}
    words = {"rate": rate, "low": percent(judged[0][0]), "worst": judged[0][1], "high": percent(judged[-1][0])}
    return _("%(rate)s: from %(low)s (%(worst)s) to %(high)s (%(best)s)") % {**words, "best": judged[-1][1]}


def _bars(pairs: Sequence[_Pair], measure: str, by: str, marks: RevenueSettings, link: Link) -> Chart:
    """Draw a bar a segment against the period before and its mark; a small one has no mark and is not judged."""
    levels = marks.logo_benchmarks() if by == "purchase_level" else {}

    def mark(pair: _Pair) -> Decimal | None:
        if pair.accounts < marks.too_few or measure == "grr_revenue":
            return None
        return marks.nrr_healthy if measure == "nrr" else levels.get(pair.value, marks.logo_grr_healthy)

    groups = [
        charts.Group(
            pair.label,
            getattr(pair.now, measure),
            getattr(pair.before, measure) if pair.before else None,
            mark(pair),
            note=_customers(pair.accounts, marks.too_few),
            href=link(pair.value),
            small=pair.accounts < marks.too_few,
        )
        for pair in _drawn(pairs)
        if pair.now
    ]
    heads = (_("Segment"), str(RATE_LABELS[measure]), _("The period before"), _("Mark"), _("Customers"))
    return charts.comparison(groups, heads=heads, formatted=_rate)


def _customers(count: int, too_few: int) -> str:
    text = ngettext("%(num)s customer", "%(num)s customers", count) % {"num": number(count)}
    return _("%(customers)s, too few to judge") % {"customers": text} if count < too_few else text


def _drawn(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The segments that a chart has room for: the largest, in their order."""
    paying = [pair for pair in pairs if pair.accounts]
    largest = {pair.value for pair in sorted(paying, key=lambda pair: -pair.opening)[:MOST_DRAWN]}
    return [pair for pair in paying if pair.value in largest]


def _rate(value: Number) -> str:
    return percent(value, 1)


def _mix(rows: Sequence[Row]) -> Chart:
    """Draw each segment's share of the base: the bar now, the ring in the period before."""
    shown = [row for row in rows if row.share_before or row.share_now]
    shown = sorted(shown, key=lambda row: -max(row.share_before or 0, row.share_now or 0))[:MOST_DRAWN]
    groups = [charts.Group(row.label, row.share_now, row.share_before) for row in rows if row in shown]
    heads = (_("Segment"), _("Share of the base"), _("The period before"), _("Mark"), _("Note"))
    return charts.comparison(groups, heads=heads, formatted=_rate)


def _mix_title(rows: Sequence[Row], measure: str) -> str:
    """Say whose share moved most."""
    moved = [(row.share_now - row.share_before, row) for row in rows if row.share_now is not None
             and row.share_before is not None]  # fmt: skip
    if not moved:
        return _("No period before to compare the mix with")
    most, row = max(moved, key=lambda one: abs(one[0]))
    if abs(most) < Fraction(1, 200):
        return _("The mix stayed as it was")
    words = {"segment": row.label, "before": percent(row.share_before), "now": percent(row.share_now)}
    if measure == "grr_logo":
        return _("%(segment)s went from %(before)s to %(now)s of the customers") % words
    return _("%(segment)s went from %(before)s to %(now)s of the opening ARR") % words


def _placed(pairs: Sequence[_Pair], marks: RevenueSettings) -> list[tuple[_Pair, Placed]]:
    """The drawn segments with their place in the quadrant, expansion ground first."""
    by_value = {pair.value: pair for pair in _drawn(pairs)}
    groups = ((value, pair.now.grr_revenue, pair.now.nrr) for value, pair in by_value.items() if pair.now)
    return [(by_value[one.segment], one) for one in quadrant(groups, marks.quadrant_grr, marks.quadrant_nrr)]


def _field(placed: Sequence[tuple[_Pair, Placed]], marks: RevenueSettings, link: Link) -> Chart:
    """Draw the quadrant of GRR and NRR; a circle is as large as the segment's opening."""
    top = max((pair.opening for pair, _spot in placed), default=Decimal(1)) or Decimal(1)
    spots = [
        charts.Spot(
            pair.label,
            spot.grr,
            spot.nrr,
            size=float(pair.opening / top),
            tone="none" if pair.accounts < marks.too_few else TONES[spot.ground],
            text=_customers(pair.accounts, marks.too_few)
            if pair.accounts < marks.too_few
            else str(GROUND_WORDS[spot.ground]),
            href=link(pair.value),
        )
        for pair, spot in placed
    ]
    heads = (_("Segment"), _("GRR, revenue"), _("NRR"), _("Place"))
    across, up = float(marks.quadrant_grr), float(marks.quadrant_nrr)
    return charts.quadrant(spots, x_line=across, y_line=up, heads=heads, formatted=percent)


def _field_title(ground: Sequence[Spot]) -> str:
    count = len(ground)
    if not count:
        return _("No segment is expansion ground")
    return ngettext("%(num)s segment is expansion ground", "%(num)s segments are expansion ground", count) % {
        "num": number(count)
    }


def _findings(found: Retention, before: Retention | None, by: str, measure: str) -> list[Finding]:
    """What the guards say; where no full reversal of the chosen rate is found, the weaker one."""
    reversals = rate_reversals(before, found) if before else []
    hidden = masked_segments(found)
    rates = [*(one.rate for one in reversals), *(one.rate for one in hidden)]
    told = [Finding(*one) for one in zip(guard_words(Warnings(hidden, reversals)), rates, strict=True)]
    if before is None or any(one.rate == measure for one in reversals):
        return told
    weaker = mix_reversal(parts_of(before, measure), parts_of(found, measure))
    if weaker is None:
        return told
    labels = {one.value: one.label for one in [*before.segments, *found.segments]}
    title = _("The mix of customers moved the overall rate")
    return [Finding(GuardWord("mix_reversal", title, _turned(weaker, labels, measure), by), measure), *told]


def _turned(weaker: Reversal, labels: Mapping[str, str], measure: str) -> str:
    """Say that the mix turned the overall rate round, with the rate as it is and as it would be."""
    split, cause = weaker.split, weaker.cause
    text = {
        True: _(
            "%(rate)s rose overall, from %(before)s to %(after)s, but at the mix of the period before it would have "
            "fallen to %(held)s: %(cause)s went from %(was)s to %(now)s of the base."
        ),
        False: _(
            "%(rate)s fell overall, from %(before)s to %(after)s, but at the mix of the period before it would have "
            "risen to %(held)s: %(cause)s went from %(was)s to %(now)s of the base."
        ),
    }[weaker.rose]
    return text % {
        "rate": RATE_LABELS[measure],
        "before": percent(split.before, 1),
        "after": percent(split.after, 1),
        "held": percent(split.at_former_mix, 1),
        "cause": labels[cause.segment],
        "was": percent(cause.share_before),
        "now": percent(cause.share_after),
    }
