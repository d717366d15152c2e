"""What was each CSM to win this quarter, and what was credited to them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, User
from common import charts
from common.charts import Chart, Item, Part
from common.formats import money, number, percent
from common.periods import add_months
from portfolio.queries.expansion.ground import Ground
from revenue.models import ExpansionTarget, Opportunity
from revenue.queries import (
    Credit,
    RateMissing,
    StageSum,
    credits_between,
    expansion_credited,
    people_to_target,
    pipeline_by,
    rate_for,
)
from revenue.rules.expansion import pipeline_coverage, quarter_start, target_rate
from revenue.rules.rates import convert


@dataclass(frozen=True)
class TargetLine:
    """One person's quarter: what they are to bring in, what they did, and what is on its way."""

    user: User | None
    target: Decimal | None
    credited: Decimal
    pipeline: StageSum

    @property
    def rate(self) -> Decimal | None:
        """The share of the target that is reached."""
        return target_rate(self.credited, self.target)

    @property
    def gap(self) -> Decimal | None:
        """What is still missing; nothing once the target is reached."""
        return None if self.target is None else max(self.target - self.credited, Decimal(0))

    @property
    def coverage(self) -> Decimal | None:
        """How often the weighted pipeline covers what is missing."""
        return pipeline_coverage(self.pipeline.weighted, self.credited, self.target)

    @property
    def tone(self) -> str:
        """Reached, within reach of the pipeline, or neither."""
        if self.rate is None:
            return "none"
        return "healthy" if self.rate >= 1 else "watch" if (self.coverage or 0) >= 1 else "risk"


@dataclass(frozen=True)
class Targets:
    """A quarter's lines and their sum; `unowned` was brought in by accounts without an owner."""

    start: dt.date
    end: dt.date
    lines: Sequence[TargetLine]
    total: TargetLine
    unowned: Decimal
    is_running: bool
    missing: str = ""

    @property
    def name(self) -> str:
        """The quarter as people say it."""
        return _("Q%(quarter)s %(year)s") % {"quarter": (self.start.month + 2) // 3, "year": self.start.year}

    @property
    def last(self) -> dt.date:
        """The last day of the quarter."""
        return self.end - dt.timedelta(days=1)

    @property
    def finding(self) -> str:
        """Who has reached the target, in words."""
        with_target = [line for line in self.lines if line.rate is not None]
        reached = sum(line.rate is not None and line.rate >= 1 for line in with_target)
        if not with_target:
            return _("What was brought in")
        return ngettext(
            "%(reached)s of %(count)s target is reached", "%(reached)s of %(count)s targets are reached",
            len(with_target),
        ) % {"reached": number(reached), "count": number(len(with_target))}  # fmt: skip

    @property
    def desc(self) -> str:
        """What the chart draws."""
        return _("For each CSM: expansion credited, weighted pipeline until the quarter ends, and what neither covers.")

    @property
    def legend(self) -> list[Part]:
        """The parts of the bars."""
        return [
            Part(0, "healthy", _("Credited")),
            Part(0, "info", _("Weighted pipeline"), hatched=True),
            Part(0, "none", _("Not covered")),
        ]

    @property
    def has_target(self) -> bool:
        """Whether anybody has a target."""
        return any(line.target is not None for line in self.lines)

    @property
    def previous(self) -> str:
        """The quarter before, as an address names it."""
        return quarter_start(self.start, -1).isoformat()

    @property
    def next(self) -> str:
        """The quarter after."""
        return self.end.isoformat()


def targets(ground: Ground, start: dt.date) -> Targets:
    """Set what each person brought in within a quarter against their target and what is still open.

    The pipeline is what is open today and expected before the quarter ends.
    """
    end = add_months(start, 3)
    people = list(people_to_target(ground.user))
    goals, currencies = {}, {}
    for row in ExpansionTarget.objects.visible_to(ground.user).filter(starts_on=start).select_related("user"):
        goals[row.user_id], currencies[row.user_id] = row.amount, row.currency
        if row.user not in people:
            people.append(row.user)
    running = start <= ground.on < end
    try:
        opening = start - dt.timedelta(days=1)
        goals = {
            pk: convert(amount, rate_for(currencies[pk], ground.currency, opening)) for pk, amount in goals.items()
        }
        credited = expansion_credited(start, end)
        ahead = Opportunity.objects.open().filter(expected_on__lt=end)
        coming = pipeline_by("owner_id", ahead, ground.on, ground.settings) if ground.on < end else {}
    except RateMissing as missing:
        nothing = TargetLine(None, None, Decimal(0), StageSum())
        return Targets(start, end, [], nothing, Decimal(0), running, str(missing))
    lines = [
        TargetLine(user, goals.get(user.pk), credited.get(user.pk, Decimal(0)), coming.get(user.pk, StageSum()))
        for user in people
    ]
    unowned = credited.get(None, Decimal(0)) if ground.user.visibility == User.Visibility.ALL else Decimal(0)
    return Targets(start, end, lines, _sum_of(lines), unowned, running)


def _sum_of(lines: Sequence[TargetLine]) -> TargetLine:
    with_target = [line.target for line in lines if line.target is not None]
    return TargetLine(
        None,
        sum(with_target, Decimal(0)) if with_target else None,
        sum((line.credited for line in lines), Decimal(0)),
        StageSum(
            sum(line.pipeline.count for line in lines),
            sum((line.pipeline.arr for line in lines), Decimal(0)),
            sum((line.pipeline.weighted for line in lines), Decimal(0)),
        ),
    )


def target_chart(found: Targets, currency: str) -> Chart:
    """What each person brought in, what is weighted on its way, and what is missing beyond."""
    items = []
    for line in found.lines:
        if line.target is None and not line.credited:
            continue
        missing = max((line.gap or Decimal(0)) - line.pipeline.weighted, Decimal(0))
        parts = [
            (line.credited, "healthy", _("Credited"), False),
            (line.pipeline.weighted, "info", _("Weighted pipeline"), True),
            (missing, "none", _("Not covered"), False),
        ]
        items.append(
            Item(
                label=line.user.name if line.user else "",
                value=None,
                text=percent(line.rate) if line.rate is not None else "",
                parts=tuple(
                    Part(float(value), tone, label, text=money(value, currency), hatched=hatched)
                    for value, tone, label, hatched in parts
                ),
            )
        )
    heads = (_("CSM"), _("Credited"), _("Weighted pipeline"), _("Not covered"), _("Attained"))
    return charts.bars(items, heads=heads, formatted=lambda value: money(value, currency))


@dataclass(frozen=True)
class Credits:
    """The expansions of a quarter that count for one person, and what lies on accounts that the reader cannot see."""

    lines: Sequence[tuple[Account, Credit]]
    total: Decimal
    hidden: Decimal


def credits_of(ground: Ground, owner: User, start: dt.date) -> Credits:
    """List what was credited to a person within a quarter, at the rates of the day before it."""
    mine = [one for one in credits_between(start, add_months(start, 3)) if one.owner_id == owner.pk]
    seen = Account.objects.visible_to(ground.user).in_bulk(list({one.account_id for one in mine}))
    lines = [(seen[one.account_id], one) for one in mine if one.account_id in seen]
    total = sum((one.amount for one in mine), Decimal(0))
    return Credits(lines, total, total - sum((one.amount for _account, one in lines), Decimal(0)))
