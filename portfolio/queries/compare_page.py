"""Which segments keep and grow what they pay, which do not, and did the mix or the segments move the whole?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounts.models import Organisation
from common.charts import Chart
from common.periods import add_months, previous_span
from portfolio.queries import compare_charts as drawn
from portfolio.queries.compare_rows import Link, Row, foot_of, pairs_of, rows_of
from portfolio.queries.compare_words import Finding, field_title, findings, mix_title, title_of
from portfolio.queries.retention_page import period_words
from revenue.models import RevenueSettings
from revenue.queries import check_dimension, retention_report
from revenue.queries.guards import parts_of
from revenue.rules.guards import Ground, Split, mix_and_rate
from revenue.rules.retention import Retention


@dataclass(frozen=True)
class Spot:
    """A segment that stays and grows: where to look for more."""

    label: str
    href: str
    grr: Fraction
    nrr: Fraction
    accounts: int


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


def compare_page(
    start: dt.date, end: dt.date, *, accounts: list[int] | None, by: str, measure: str, link: Link
) -> ComparePage:
    """Read a period and the one before it by segment, for some accounts; `link` leads from a segment to them."""
    report = retention_report(start, end, by=[by], accounts=accounts, readings=())
    found, earlier = report.split[by], report.split_before.get(by)
    before = earlier if earlier and earlier.accounts else None
    marks = RevenueSettings.load()
    pairs = pairs_of(found, before)
    split = mix_and_rate(parts_of(before, measure), parts_of(found, measure)) if before else None
    rows = rows_of(pairs, split, measure, link, marks.too_few)
    placed = drawn.placed_of(pairs, marks)
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
        title=title_of(found, before, pairs, by, measure, marks.too_few),
        split=split,
        rows=rows,
        foot=foot_of(found, before, split, measure),
        bars=drawn.bars(pairs, measure, by, marks, link),
        mix=drawn.mix(rows),
        mix_title=mix_title(rows, measure),
        field=drawn.field(placed, marks, link),
        field_title=field_title(len(ground)),
        ground=ground,
        lines=(marks.quadrant_grr, marks.quadrant_nrr),
        warnings=findings(found, before, by, measure),
        segments=len([pair for pair in pairs if pair.now]),
        too_few=marks.too_few,
        small=sum(0 < pair.accounts < marks.too_few for pair in pairs),
    )
