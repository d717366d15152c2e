"""What is on the pages about expansion: pipeline, board, targets, profile, whitespace?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Organisation, Product, User
from common import charts
from common.charts import Chart, Item, Part
from common.formats import money, number, percent
from common.periods import add_months
from health.models import HealthScore
from portfolio.models import AccountRow, ExpansionFit, ExpansionTrait
from revenue.models import ExpansionSettings, ExpansionTarget, Opportunity
from revenue.queries import (
    Credit,
    RateMissing,
    StageSum,
    accounts_with_notice,
    accounts_with_open_opportunity,
    credits_between,
    expansion_credited,
    people_to_target,
    pipeline_by,
    product_arr_by_tier,
    products_of,
    rate_for,
    with_probability,
    worth_of,
)
from revenue.rules.expansion import pipeline_coverage, quarter_start, target_rate, weighted_arr
from revenue.rules.rates import convert, from_cents, to_cents
from usage.models import AccountFeatureUse, Module

Stage = Opportunity.Stage
USE_DAYS = 30
ON_BOARD = 30
STAGE_TONES = {Stage.IDENTIFIED: "none", Stage.QUALIFIED: "info", Stage.PROPOSED: "info", Stage.WON: "healthy",
               Stage.LOST: "risk"}  # fmt: skip
LEFT_OUT = ("red", "notice", "open")


@dataclass(frozen=True)
class Ground:
    """What every page here stands on: who looks, on which day, in which currency, with which settings."""

    user: User
    on: dt.date
    currency: str
    settings: ExpansionSettings

    @classmethod
    def of(cls, user: User, on: dt.date) -> Ground:
        """Read the settings."""
        return cls(user, on, Organisation.load().reporting_currency, ExpansionSettings.load())

    @property
    def yesterday(self) -> str:
        """The day before, as an address names it."""
        return (self.on - dt.timedelta(days=1)).isoformat()

    @property
    def opportunities(self) -> QuerySet[Opportunity]:
        """The opportunities that the person may see."""
        rows: QuerySet[Opportunity] = Opportunity.objects.visible_to(self.user)
        return rows


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


def trait_label(key: str, settings: ExpansionSettings, tiers: Mapping[str, str]) -> str:
    """Say in words what a trait is."""
    kind, _colon, value = key.partition(":")
    if kind == "tier":
        return tiers.get(value) or str(dict(Account.Tier.choices).get(value, value))
    words = {
        "seats_full": _("Seats full: at least %(percent)s%% of them in use") % {"percent": settings.seats_full_percent},
        "features_full": _("Features at their limit: at least %(percent)s%% of them in use")
        % {"percent": settings.features_full_percent},
        "goal_attained": _("A goal of theirs is attained"),
        "long_tenure": _("Customer for at least %(days)s days") % {"days": number(settings.tenure_days)},
        "band": _("Health is green"),
        "industry": _("Industry: %(name)s") % {"name": value},
    }
    return words.get(kind, key)


def evidence_text(key: str, part: int | None, whole: int | None) -> str:
    """Say on what an account's trait rests."""
    if part is None or whole is None:
        return ""
    words = {"part": number(part), "whole": number(whole)}
    if key == "seats_full":
        return _("%(part)s of %(whole)s seats") % words
    if key == "features_full":
        return _("%(part)s of %(whole)s features") % words
    if key == "goal_attained":
        return ngettext("%(part)s of %(whole)s goal", "%(part)s of %(whole)s goals", whole) % words
    return ngettext("%(part)s day", "%(part)s days", part) % words


@dataclass(frozen=True)
class TraitView:
    """One trait in words, with its counts and what it weighs in points."""

    trait: ExpansionTrait
    label: str

    @property
    def points(self) -> Decimal:
        """What an account gets for having it."""
        return 100 * self.trait.weight


@dataclass(frozen=True)
class FitView:
    """One account that looks like those that expanded, and why: (trait in words, evidence, points)."""

    row: AccountRow
    points: Decimal
    why: Sequence[tuple[str, str, Decimal]]
    left_out: str = ""


def traits_in_words(settings: ExpansionSettings) -> list[TraitView]:
    """All traits, those that speak most for expansion first, those with too few cases last."""
    tiers = Organisation.load().tier_labels()
    views = [TraitView(trait, trait_label(trait.key, settings, tiers)) for trait in ExpansionTrait.objects.all()]
    return sorted(views, key=lambda view: (view.trait.is_few, -view.trait.weight, view.trait.position))


def fits(ground: Ground, left_out: str = "") -> QuerySet[ExpansionFit]:
    """Accounts by their points: those to talk to, or those left out for one reason."""
    rows: QuerySet[ExpansionFit] = ExpansionFit.objects.visible_to(ground.user)
    red = Q(account__row__band=HealthScore.Band.RED)
    notice = Q(account__in=accounts_with_notice(ground.on))
    talking = Q(account__in=accounts_with_open_opportunity())
    reasons = {"red": red, "notice": notice & ~red, "open": talking & ~red & ~notice}
    if left_out in reasons:
        return rows.filter(reasons[left_out])
    return rows.filter(points__gt=0).exclude(red).exclude(notice).exclude(talking)


@dataclass(frozen=True)
class LeftOut:
    """Why accounts are not among those to talk to, and how many: (key, words, accounts); `now` is the one shown."""

    now: str
    counts: Sequence[tuple[str, str, int]]

    @property
    def words(self) -> str:
        """The reason that is shown."""
        return next((words for key, words, _count in self.counts if key == self.now), "")


def left_out(ground: Ground, asked: str) -> LeftOut:
    """Count the accounts that are left out, by reason."""
    words = {
        "red": _("at risk: health is red"),
        "notice": _("notice given"),
        "open": _("an opportunity is open already"),
    }
    counts = [(key, words[key], fits(ground, key).count()) for key in LEFT_OUT]
    return LeftOut(asked if asked in words else "", counts)


def fits_in_words(rows: Sequence[ExpansionFit], traits: Sequence[TraitView]) -> list[FitView]:
    """Say of each account why it is there."""
    known = {view.trait.key: view for view in traits}
    of_account = AccountRow.objects.in_bulk([row.pk for row in rows])
    made = []
    for fit in rows:
        if fit.pk not in of_account:
            continue
        why = [
            (known[key].label, evidence_text(key, part, whole), known[key].points)
            for key, part, whole in fit.traits
            if key in known and known[key].trait.weight
        ]
        made.append(FitView(of_account[fit.pk], fit.points, sorted(why, key=lambda one: -one[2])))
    return made


@dataclass(frozen=True)
class Cell:
    """One product of one account: in use by module, or not owned and then what it might bring."""

    product: Product
    modules: Sequence[tuple[Module, bool]]
    is_owned: bool
    potential: Decimal | None = None
    owners: int = 0


@dataclass(frozen=True)
class WhiteRow:
    """One account with all products."""

    row: AccountRow
    cells: Sequence[Cell]

    @property
    def potential(self) -> Decimal:
        """What all products that it lacks might bring."""
        return sum((cell.potential for cell in self.cells if cell.potential is not None), Decimal(0))


@dataclass(frozen=True)
class Whitespace:
    """Accounts by products; the products have their modules under them."""

    products: Sequence[tuple[Product, Sequence[Module]]]
    rows: Sequence[WhiteRow]
    missing: str = ""


def catalogue() -> list[tuple[Product, list[Module]]]:
    """Products with their modules; one without modules has none under it."""
    modules: dict[int, list[Module]] = {}
    for module in Module.objects.order_by("name", "pk"):
        modules.setdefault(module.product_id, []).append(module)
    return [(product, modules.get(product.pk, [])) for product in Product.objects.all()]


def whitespace(rows: Sequence[AccountRow], ground: Ground) -> Whitespace:
    """Which modules some accounts own and use, and what the products that they lack are worth to others like them."""
    products = catalogue()
    ids = [row.pk for row in rows]
    owned = products_of(ground.on, ids)
    since = ground.on - dt.timedelta(days=USE_DAYS - 1)
    used = set(
        AccountFeatureUse.objects.filter(account__in=ids, last_on__gte=since)
        .order_by()
        .values_list("account_id", "feature__module")
        .distinct()
    )
    missing = ""
    try:
        medians = product_arr_by_tier(ground.on)
    except RateMissing as refusal:
        medians, missing = {}, str(refusal)
    return Whitespace(products, [_white_row(row, products, owned.get(row.pk, set()), used, medians) for row in rows],
                      missing)  # fmt: skip


def _white_row(
    row: AccountRow,
    products: Sequence[tuple[Product, Sequence[Module]]],
    owned: set[int],
    used: set[tuple[int, int]],
    medians: Mapping[tuple[int, str], tuple[Decimal, int]],
) -> WhiteRow:
    cells = []
    for product, modules in products:
        if product.pk in owned:
            cells.append(Cell(product, [(module, (row.pk, module.pk) in used) for module in modules], is_owned=True))
        else:
            potential, owners = medians.get((product.pk, row.tier), (None, 0))
            cells.append(Cell(product, [], is_owned=False, potential=potential, owners=owners))
    return WhiteRow(row, cells)
