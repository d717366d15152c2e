"""How are segments drawn: against the period before and their marks, by their shares, in the field of GRR and NRR?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from common import charts
from common.charts import Chart
from common.formats import Number, number, percent
from portfolio.queries.compare_rows import Link, Pair, Row
from revenue.models import RevenueSettings
from revenue.queries.words import RATE_LABELS
from revenue.rules.guards import Ground, Placed, quadrant

MOST_DRAWN = 16
TONES = {Ground.EXPANSION: "healthy", Ground.STEADY: "info", Ground.LEAKING: "watch", Ground.AT_RISK: "risk"}
GROUND_WORDS = {
    Ground.EXPANSION: _lazy("stays and grows"),
    Ground.STEADY: _lazy("stays, grows little"),
    Ground.LEAKING: _lazy("grows, but loses much on the way"),
    Ground.AT_RISK: _lazy("neither stays nor grows"),
}


def bars(pairs: Sequence[Pair], measure: str, by: str, marks: RevenueSettings, link: Link) -> Chart:
    """Draw a bar a segment against the period before and its mark; a small one has no mark and is not judged."""
    levels = marks.logo_benchmarks() if by == "purchase_level" else {}

    def mark(pair: Pair) -> Decimal | None:
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


def _drawn(pairs: Sequence[Pair]) -> list[Pair]:
    """The segments that a chart has room for: the largest, in their order."""
    paying = [pair for pair in pairs if pair.accounts]
    largest = {pair.value for pair in sorted(paying, key=lambda pair: -pair.opening)[:MOST_DRAWN]}
    return [pair for pair in paying if pair.value in largest]


def _rate(value: Number) -> str:
    return percent(value, 1)


def mix(rows: Sequence[Row]) -> Chart:
    """Draw each segment's share of the base: the bar now, the ring in the period before."""
    shown = [row for row in rows if row.share_before or row.share_now]
    shown = sorted(shown, key=lambda row: -max(row.share_before or 0, row.share_now or 0))[:MOST_DRAWN]
    groups = [charts.Group(row.label, row.share_now, row.share_before) for row in rows if row in shown]
    heads = (_("Segment"), _("Share of the base"), _("The period before"), _("Mark"), _("Note"))
    return charts.comparison(groups, heads=heads, formatted=_rate)


def placed_of(pairs: Sequence[Pair], marks: RevenueSettings) -> list[tuple[Pair, Placed]]:
    """The drawn segments with their place in the quadrant, expansion ground first."""
    by_value = {pair.value: pair for pair in _drawn(pairs)}
    groups = ((value, pair.now.grr_revenue, pair.now.nrr) for value, pair in by_value.items() if pair.now)
    return [(by_value[one.segment], one) for one in quadrant(groups, marks.quadrant_grr, marks.quadrant_nrr)]


def field(placed: Sequence[tuple[Pair, Placed]], marks: RevenueSettings, link: Link) -> Chart:
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
