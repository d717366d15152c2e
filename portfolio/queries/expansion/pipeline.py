"""Which opportunities are there, at which stage, and what are they worth?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from portfolio.queries.expansion.ground import Ground
from revenue.models import Opportunity
from revenue.queries import (
    RateMissing,
    StageSum,
    pipeline_by,
    rate_for,
    with_probability,
    worth_of,
)
from revenue.rules.expansion import quarter_start, weighted_arr
from revenue.rules.rates import convert, from_cents, to_cents

Stage = Opportunity.Stage
ON_BOARD = 30
STAGE_TONES = {Stage.IDENTIFIED: "none", Stage.QUALIFIED: "info", Stage.PROPOSED: "info", Stage.WON: "healthy",
               Stage.LOST: "risk"}  # fmt: skip


@dataclass(frozen=True)
class Deal:
    """One opportunity as a list shows it; amounts in the reporting currency are None where a rate is missing."""

    row: Opportunity
    percent: int
    worth: Decimal | None
    weighted: Decimal | None
    is_late: bool

    @property
    def tone(self) -> str:
        """The colour of its stage."""
        return STAGE_TONES[Stage(self.row.stage)]


@dataclass(frozen=True)
class Pipeline:
    """What is open, what was won this quarter, and what is late; `missing` says which rate is not known."""

    open: StageSum
    won: StageSum
    late: int
    by_stage: Mapping[str, StageSum]
    missing: str = ""


def deals(rows: Iterable[Opportunity], ground: Ground) -> list[Deal]:
    """Say what each opportunity of a page is worth and how likely it is."""
    found = list(rows)
    of_stage = ground.settings.percent_of
    try:
        worth: Sequence[Decimal | None] = worth_of(found, ground.on)
    except RateMissing:
        worth = [_worth(one, ground) for one in found]
    made = []
    for row, amount in zip(found, worth, strict=True):
        share = row.probability if row.is_open and row.probability is not None else of_stage[Stage(row.stage)]
        late = row.is_open and row.expected_on < ground.on
        made.append(Deal(row, share, amount, _weighted(amount, share), late))
    return made


def _worth(row: Opportunity, ground: Ground) -> Decimal | None:
    """What one opportunity is worth; None where its currency has no rate."""
    try:
        return convert(row.arr, rate_for(row.currency, ground.currency, ground.on))
    except RateMissing:
        return None


def _weighted(amount: Decimal | None, share: int) -> Decimal | None:
    return None if amount is None else from_cents(int(weighted_arr(to_cents(amount), share)))  # type: ignore[arg-type]


def pipeline(ground: Ground) -> Pipeline:
    """Add up the pipeline of the accounts that the person may see, at today's rates."""
    rows, start = ground.opportunities, quarter_start(ground.on)
    late = rows.filter(stage__in=Opportunity.OPEN, expected_on__lt=ground.on).count()
    within = Q(stage__in=Opportunity.OPEN) | Q(won_on__gte=start, won_on__lt=quarter_start(ground.on, 1))
    within |= Q(lost_on__gte=start, lost_on__lt=quarter_start(ground.on, 1))
    try:
        sums = pipeline_by("stage", rows.filter(within), ground.on, ground.settings)
    except RateMissing as missing:
        return Pipeline(StageSum(), StageSum(), late, {}, str(missing))
    stages = [sums.get(stage, StageSum()) for stage in Opportunity.OPEN]
    total = StageSum(
        sum(one.count for one in stages),
        sum((one.arr for one in stages), Decimal(0)),
        sum((one.weighted for one in stages), Decimal(0)),
    )
    return Pipeline(total, sums.get(Stage.WON, StageSum()), late, sums)


@dataclass(frozen=True)
class BoardColumn:
    """One stage of the board: its sums, and its opportunities with the nearest day first."""

    stage: str
    label: str
    sums: StageSum
    deals: Sequence[Deal]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(self.sums.count - len(self.deals), 0)


def board(ground: Ground, found: Pipeline) -> list[BoardColumn]:
    """The open stages, and what was won and lost this quarter."""
    start = quarter_start(ground.on)
    columns = []
    for stage in Stage:
        rows = ground.opportunities.filter(stage=stage).select_related("account", "owner", "product")
        if stage == Stage.WON:
            rows = rows.filter(won_on__gte=start).order_by("-won_on", "-pk")
        elif stage == Stage.LOST:
            rows = rows.filter(lost_on__gte=start).order_by("-lost_on", "-pk")
        else:
            rows = rows.order_by("expected_on", "pk")
        shown = deals(rows[:ON_BOARD], ground)
        sums = found.by_stage.get(stage, StageSum(count=len(shown)))
        columns.append(BoardColumn(stage, str(stage.label), sums, shown))
    return columns


EXPORTED = (
    *("external_id", "account", "account_external_id", "kind", "stage", "product", "arr", "currency", "percent"),
    *("expected_on", "owner", "won_on", "lost_on", "lost_reason", "stage_changed_on", "note"),
)


def export_rows(rows: QuerySet[Opportunity], ground: Ground) -> Iterable[list[Any]]:
    """The opportunities row by row, each in its own currency."""
    known = with_probability(rows, ground.settings).select_related("account", "product", "owner")
    for row in known.order_by("expected_on", "pk").iterator(chunk_size=2000):
        yield [
            row.external_id, row.account.name, row.account.external_id, row.kind, row.stage,
            row.product.name if row.product else None, row.arr, row.currency, row.percent, row.expected_on,
            row.owner.name if row.owner else None, row.won_on, row.lost_on, row.lost_reason or None,
            row.stage_changed_on, row.note,
        ]  # fmt: skip
