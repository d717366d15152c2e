"""How does each CSM's book fare, with what they took over in mind?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account, Organisation, User
from common.charts import Chart
from common.periods import add_months
from health.models import HealthScore
from playbooks.models import WorkloadSettings
from playbooks.rules.work import used_share
from portfolio.queries.performance_chart import performance_chart, performance_title
from portfolio.queries.performance_facts import (
    KeepRate,
    Kept,
    Tally,
    bands_at_taking,
    keep_rates,
    kept_by_band,
    tallies,
)
from portfolio.queries.retention_page import period_words
from revenue.models import ExpansionTarget, RevenueSettings
from revenue.queries import Hands, hands_between, rate_for
from revenue.queries.expansion import credits_between
from revenue.rules.credit import NOBODY, Credit, expected_losses, handed_over
from revenue.rules.expansion import quarter_start
from revenue.rules.movements import day_number
from revenue.rules.rates import convert

QUARTER_MONTHS = 3
NOTHING = Decimal(0)
# What a list of lines can be sorted by, the line's property of that name.
SORTS = (
    "name", "accounts", "base", "taken_over", "expansion", "contraction", "churn", "nrr", "grr", "expected",
    "difference", "target_rate", "handoff_rate", "touch_rate", "save_rate", "health_change", "nps",
    "task_rate", "load",
)  # fmt: skip
# Rates of a small book rank nobody: they stand last.
RATES = SORTS[7:11]


@dataclass(frozen=True)
class Line:
    """One person's figures, or those of several together."""

    name: str
    kind: str  # person | unassigned | handover | total
    user: User | None = None
    accounts: int = 0
    base: Decimal = NOTHING
    taken_over: Decimal = NOTHING
    expansion: Decimal = NOTHING
    contraction: Decimal = NOTHING
    churn: Decimal = NOTHING
    expected_loss: Decimal = NOTHING
    credited: Decimal = NOTHING
    target: Decimal | None = None
    # What of the credited expansion fell into quarters that have a target.
    met: Decimal = NOTHING
    tally: Tally = field(default_factory=Tally)
    too_few: int = 0
    capacity: float = 0.0
    tier_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The segment's value on the page of the accounts behind."""
        return str(self.user.pk) if self.user else ""

    @property
    def is_few(self) -> bool:
        """Whether the book is too small to be judged."""
        return self.accounts < self.too_few

    @property
    def own(self) -> Decimal:
        """What was in their hands at the opening."""
        return self.base - self.taken_over

    @cached_property
    def nrr(self) -> Fraction | None:
        """What they kept and won of what came into their hands."""
        return self._of_base(self.base + self.expansion - self.contraction - self.churn)

    @cached_property
    def grr(self) -> Fraction | None:
        """What they kept of it."""
        return self._of_base(self.base - self.contraction - self.churn)

    @cached_property
    def expected(self) -> Fraction | None:
        """What accounts of the bands that they took over usually keep."""
        return self._of_base(self.base - self.expected_loss)

    @cached_property
    def difference(self) -> Fraction | None:
        """What they kept beyond what was to be expected."""
        return None if self.grr is None or self.expected is None else self.grr - self.expected

    @property
    def target_rate(self) -> Decimal | None:
        """What they brought in of what they were to bring in."""
        return self.met / self.target if self.target else None

    @property
    def handoff_rate(self) -> Fraction | None:
        """The share of handoffs that were accepted in time."""
        return _share(self.tally.handoffs_in_time, self.tally.handoffs)

    @property
    def save_rate(self) -> Fraction | None:
        """The share of accounts that still pay, of those of which was warned."""
        return _share(self.tally.saved, self.tally.warned)

    @property
    def touch_rate(self) -> Fraction | None:
        """The share of accounts that were spoken with within the days of their tier."""
        return _share(sum(self.tally.touched.values()), sum(self.tally.touch_due.values()))

    @property
    def touch_tiers(self) -> list[tuple[str, int, int]]:
        """The same by tier: its name, how many were, of how many."""
        due = self.tally.touch_due
        return [(name, self.tally.touched[tier], due[tier]) for tier, name in self.tier_names.items() if due.get(tier)]

    @property
    def health_change(self) -> Decimal | None:
        """By how many points the scores of the accounts moved on average."""
        return self.tally.moved / self.tally.moved_accounts if self.tally.moved_accounts else None

    @property
    def task_rate(self) -> Fraction | None:
        """The share of tasks that were done by their first day."""
        return _share(self.tally.tasks_on_time, self.tally.tasks_due)

    @property
    def load(self) -> float:
        """What the accounts held on the last day weigh."""
        return self.tally.load

    @property
    def load_share(self) -> float | None:
        """Of what one person can carry."""
        return used_share(self.tally.load, self.capacity) if self.kind == "person" else None

    @property
    def nps(self) -> Fraction | None:
        """Promoters less detractors, in hundredths of the answers."""
        tally = self.tally
        return Fraction(100 * (tally.promoters - tally.detractors), tally.answers) if tally.answers else None

    def _of_base(self, part: Decimal) -> Fraction | None:
        return Fraction(part) / Fraction(self.base) if self.base > 0 else None


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


@dataclass(frozen=True)
class PerformancePage:
    """Everything the page shows of a period."""

    start: dt.date
    end: dt.date
    last: dt.date
    currency: str
    lines: Sequence[Line]
    # What stands below the people, and the sum of all.
    below: Sequence[Line]
    total: Line | None
    keeps: Sequence[tuple[str, KeepRate]]
    too_few: int
    has_targets: bool
    chart: Chart
    title: str

    @property
    def period(self) -> str:
        """The period in words, both days included."""
        return period_words(self.start, self.end)

    @property
    def is_empty(self) -> bool:
        """Whether nobody had anything in their hands."""
        return not any(line.base or line.tally.held for line in [*self.lines, *self.below])


@dataclass(frozen=True)
class _Read:
    """What was read of a period, by owner."""

    hands: Hands
    credits: Mapping[int, Credit]
    losses: Mapping[int, Decimal]
    tallies: Mapping[int, Tally]
    credited: Mapping[int, Decimal]
    targets: Mapping[int, Decimal]
    met: Mapping[int, Decimal]
    too_few: int
    capacity: float
    tier_names: Mapping[str, str]


def performance_page(
    start: dt.date, end: dt.date, *, on: dt.date, user: User, sort: str = "", past: Kept | None = None
) -> PerformancePage:
    """Read a period as a person may see it: their own line and their team's, their team, or everybody.

    `past` saves reading what each band kept, where that was read already.
    """
    marks, organisation = RevenueSettings.load(), Organisation.load()
    currency = organisation.reporting_currency
    keeps = keep_rates(past or kept_by_band(on), marks)
    read = _read(start, end, on, marks, keeps, organisation)
    people = _people(read, user)
    lines = _sorted([_line(read, person) for person in people if _is_shown(user, person)], sort)
    below, total = _below(read, user, people)
    labels = dict(HealthScore.Band.choices)
    return PerformancePage(
        start=start,
        end=end,
        last=_last(end, on),
        currency=currency,
        lines=lines,
        below=below,
        total=total,
        keeps=[(str(labels[keep.band]), keep) for keep in keeps],
        too_few=marks.too_few,
        has_targets=any(line.target for line in lines),
        chart=performance_chart(lines),
        title=performance_title(lines),
    )


def _last(end: dt.date, on: dt.date) -> dt.date:
    """The last day of a period that is over."""
    return min(end - dt.timedelta(days=1), on)


def _read(
    start: dt.date, end: dt.date, on: dt.date, marks: RevenueSettings, keeps: Sequence[KeepRate],
    organisation: Organisation,
) -> _Read:  # fmt: skip
    hands = hands_between(start, end)
    last = max(_last(end, on), start)
    until = day_number(last) + 1
    rates = [keep.rate for keep in keeps]
    won = credits_between(start, end)
    targets = _targets(start, end, organisation.reporting_currency)
    return _Read(
        hands=hands,
        credits=hands.credits,
        losses=expected_losses(hands.spans, bands_at_taking(hands), rates, until),
        tallies=tallies(hands, last, marks),
        credited=_added((one.owner_id, one.amount) for one in won),
        targets=_added((user, amount) for (user, _quarter), amount in targets.items()),
        met=_added((one.owner_id, one.amount) for one in won if (one.owner_id, quarter_start(one.on)) in targets),
        too_few=marks.too_few,
        capacity=float(WorkloadSettings.load().capacity),
        tier_names={tier: str(name) for tier, name in Account.Tier.choices} | organisation.tier_labels(),
    )


def _added(amounts: Iterable[tuple[int | None, Decimal]]) -> dict[int, Decimal]:
    """Amounts added up by owner; without one, under `NOBODY`."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for owner, amount in amounts:
        found[owner or NOBODY] += amount
    return dict(found)


def _targets(start: dt.date, end: dt.date, currency: str) -> dict[tuple[int | None, dt.date], Decimal]:
    """What each person is to bring in: by quarter; of one that lies partly in the period, that part of its days."""
    rows = ExpansionTarget.objects.filter(starts_on__gte=quarter_start(start), starts_on__lt=end)
    found: dict[tuple[int | None, dt.date], Decimal] = {}
    for user, first, amount, held in rows.values_list("user", "starts_on", "amount", "currency"):
        after = add_months(first, QUARTER_MONTHS)
        inside = (min(after, end) - max(first, start)).days
        worth = convert(amount, rate_for(held, currency, first - dt.timedelta(days=1)))
        found[user, first] = (worth * inside / (after - first).days).quantize(Decimal("0.01"))
    return found


def _people(read: _Read, user: User) -> list[User]:
    """Whoever had something in their hands and is in the total that the person sees: all, or the team."""
    owners = {owner for owner, credit in read.credits.items() if credit.base} | set(read.tallies) | {user.pk}
    owners |= {owner for owner in read.targets if read.targets[owner]}
    found = User.objects.filter(pk__in=owners - {NOBODY}, role=User.Role.CSM)
    held = {owner for owner, credit in read.credits.items() if credit.base or credit.accounts}
    more = User.objects.filter(pk__in=held - {NOBODY}).exclude(role=User.Role.CSM)
    people = found | more
    if user.visibility != User.Visibility.ALL:
        mine = Q(pk=user.pk)
        people = people.filter(mine | Q(team=user.team_id) if user.team_id else mine)
    return list(people.order_by("name", "pk"))


def _is_shown(user: User, person: User) -> bool:
    """Whether somebody sees another's line: a CSM sees their own."""
    return user.visibility != User.Visibility.OWN or person.pk == user.pk


def _line(read: _Read, person: User) -> Line:
    return _of(read, person.pk, person.name, "person", person)


def _of(read: _Read, owner: int, name: str, kind: str, user: User | None = None) -> Line:
    """One owner's line; nobody's too."""
    credit = read.credits.get(owner)
    parts = ("accounts", "base", "taken_over", "expansion", "contraction", "churn")
    amounts: dict[str, Any] = {part: getattr(credit, part) for part in parts} if credit else {}
    return Line(
        name=name,
        kind=kind,
        user=user,
        **amounts,
        expected_loss=read.losses.get(owner, NOTHING),
        credited=read.credited.get(owner, NOTHING),
        target=read.targets.get(owner),
        met=read.met.get(owner, NOTHING),
        tally=read.tallies.get(owner, Tally()),
        too_few=read.too_few,
        capacity=read.capacity,
        tier_names=read.tier_names,
    )


def _below(read: _Read, user: User, people: Sequence[User]) -> tuple[list[Line], Line | None]:
    """The lines that make the people's add up, and the sum: of everybody, or of the team."""
    members = [_line(read, person) for person in people]
    owners = [person.pk for person in people]
    below: list[Line] = []
    if user.visibility == User.Visibility.ALL:
        known = {*owners}
        rest = [owner for owner in {*read.credits, *read.tallies} if owner not in known]
        below.append(_sum([_of(read, owner, "", "person") for owner in rest], _("Nobody’s"), "unassigned"))
        owners += rest
        name = _("All customers")
    else:
        if len(members) < 2 and user.visibility == User.Visibility.OWN:
            return [], None
        name = str(user.team) if user.team_id else _("Together")
    count, passed = handed_over(read.hands.spans.of(owners))
    handover = Line(_("Handed over among them"), "handover", accounts=-count, base=-passed, taken_over=-passed)
    total = _sum([*members, *below, handover], name, "total", read.too_few)
    if count and user.visibility != User.Visibility.OWN:
        below.append(handover)
    return below, total


def _sum(lines: Iterable[Line], name: str, kind: str, too_few: int = 0) -> Line:
    """Lines added up."""
    every, tally = list(lines), Tally()
    for line in every:
        tally.add(line.tally)
    targets = [line.target for line in every if line.target is not None]
    names = ("base", "taken_over", "expansion", "contraction", "churn", "expected_loss", "credited", "met")
    amounts: dict[str, Any] = {part: sum((getattr(line, part) for line in every), NOTHING) for part in names}
    return Line(
        name=name,
        kind=kind,
        accounts=sum(line.accounts for line in every),
        **amounts,
        target=sum(targets, NOTHING) if targets else None,
        tally=tally,
        too_few=too_few,
        tier_names=next((line.tier_names for line in every if line.tier_names), {}),
    )


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """By a column, without a value last; a small book does not rank by its rates."""
    key = sort.removeprefix("-")
    if key not in SORTS:
        return sorted(lines, key=lambda line: line.is_few)
    ranked = [line for line in lines if getattr(line, key) is not None and not (key in RATES and line.is_few)]
    ranked.sort(key=lambda line: getattr(line, key), reverse=sort.startswith("-"))
    return ranked + [line for line in lines if line not in ranked]
