"""What stands beside the money of a book: health, touches, handoffs, answers, and what such accounts usually keep?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from django.db.models import Count, F, OuterRef, Q, Subquery

from accounts.models import Account, Handoff, Organisation, ServiceAssignment, TimelineEntry
from accounts.queries.handoff import holidays, hours_worked
from accounts.rules.handoff import Clock
from common.columns import read_columns
from common.periods import add_months, month_start, start_of_day
from health.models import EarlyWarning, HealthScore
from playbooks.models import WorkloadSettings
from playbooks.queries.listing import ON_TIME, due_tasks
from revenue.models import RevenueSettings
from revenue.queries import Hands, RateMissing, periods_between
from revenue.rules.credit import NOBODY, keep_rate
from revenue.rules.movements import day_number
from revenue.rules.periods import Period
from usage.models import SurveyAnswer

Ints = npt.NDArray[np.int64]
WEEK = dt.timedelta(days=7)
LOOKED_BACK = 8  # quarters
# The bands of which it is known how much they keep; what has no colour is the last.
BANDS = ("green", "yellow", "red", "unknown")
UNKNOWN = len(BANDS) - 1
PROMOTER, DETRACTOR = 9, 6


@dataclass
class Tally:
    """What is counted for one owner; tallies add up."""

    held: int = 0
    handoffs: int = 0
    handoffs_in_time: int = 0
    # By tier: how many accounts are to be spoken with, and how many were within the days of the tier.
    touch_due: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    touched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    moved: Decimal = Decimal(0)
    moved_accounts: int = 0
    # Accounts of which was warned while they were in these hands, and those of them that still pay.
    warned: int = 0
    saved: int = 0
    promoters: int = 0
    detractors: int = 0
    answers: int = 0
    # Tasks whose first day lay in the period, and those of them that were done by it.
    tasks_due: int = 0
    tasks_on_time: int = 0
    # What the accounts held on the last day weigh by their tiers.
    load: float = 0.0

    def add(self, other: Tally) -> None:
        """Count another's with one's own."""
        for name in ("held", "handoffs", "handoffs_in_time", "moved", "moved_accounts", "warned", "saved", "promoters",
                     "detractors", "answers", "tasks_due", "tasks_on_time", "load"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.touch_due, other.touch_due), (self.touched, other.touched)):
            for tier, count in theirs.items():
                mine[tier] += count


@dataclass(frozen=True)
class KeepRate:
    """What accounts of a band keep of their ARR in a year, and whether the company's own past says so."""

    band: str
    rate: Decimal
    # Accounts times quarters that were looked at.
    seen: int
    is_own: bool


@dataclass(frozen=True)
class Kept:
    """By band: accounts times quarters, what they opened with and what was left of it, in quarters of so many days."""

    days: int
    seen: Sequence[int]
    base: Sequence[int]
    kept: Sequence[int]


def tallies(hands: Hands, last: dt.date, marks: RevenueSettings) -> dict[int, Tally]:
    """Count for every owner: accounts held on the last day, touches, health, handoffs and answers of the period."""
    found: dict[int, Tally] = defaultdict(Tally)
    held = _held(hands, last)
    for owner in held.values():
        found[owner].held += 1
    _touches(found, held, last, marks)
    _health(found, held, hands.period.start, last)
    _handoffs(found, hands.period)
    _saves(found, hands, held, last)
    _answers(found, hands)
    _tasks(found, hands.period.start, last)
    _load(found, held, last)
    return dict(found)


def _held(hands: Hands, last: dt.date) -> dict[int, int]:
    """The paying accounts of the last day with their owners."""
    period = hands.period
    every = np.arange(period.account.size)
    if not every.size:
        return {}
    day = np.full(every.size, day_number(last))
    paying = period.worth_before(every, day + 1) > 0
    owners = hands.owner_on(period.account, day)
    return dict(zip(period.account[paying].tolist(), owners[paying].tolist(), strict=True))


def _touches(found: dict[int, Tally], held: Mapping[int, int], last: dt.date, marks: RevenueSettings) -> None:
    """Whether each account was spoken with within the days of its tier."""
    end = start_of_day(last + dt.timedelta(days=1), Organisation.load().zone)
    due = marks.touch_days()
    in_time = Q(pk__in=[])
    for tier, days in due.items():
        in_time |= Q(account__tier=tier, at__gte=end - dt.timedelta(days=days))
    oldest = end - dt.timedelta(days=max(due.values()))
    touches = TimelineEntry.objects.filter(kind__in=TimelineEntry.TOUCHES, at__gte=oldest, at__lt=end, is_private=False)
    # The accounts alone: the instants of thousands would be made into objects one by one.
    touched = set(touches.filter(in_time).order_by().values_list("account", flat=True).distinct())
    for account, tier in Account.objects.order_by().values_list("pk", "tier"):
        if account not in held or tier not in due:
            continue
        tally = found[held[account]]
        tally.touch_due[tier] += 1
        tally.touched[tier] += account in touched


def _health(found: dict[int, Tally], held: Mapping[int, int], start: dt.date, last: dt.date) -> None:
    """How far the scores of the accounts went from the opening, or the first scores after it, to the last day."""
    first = HealthScore.objects.filter(on__gte=start - WEEK, on__lte=last).order_by("on").values_list("on", flat=True)
    begin = first.first()
    ends: list[dict[int, int]] = []
    for day in (max(start - dt.timedelta(days=1), begin or start), last):
        rows = HealthScore.objects.filter(on__gt=day - WEEK, on__lte=day, score__isnull=False)
        known = rows.exclude(band=HealthScore.Band.UNKNOWN).order_by("on")
        columns = read_columns(known, account_id="int", score="cents")
        # The later day of an account stands in for its earlier ones.
        ends.append(dict(zip(columns["account_id"].tolist(), columns["score"].tolist(), strict=True)))
    for account in ends[0].keys() & ends[1].keys() & held.keys():
        tally = found[held[account]]
        tally.moved += Decimal(ends[1][account] - ends[0][account]) / 100
        tally.moved_accounts += 1


def _handoffs(found: dict[int, Tally], period: Period) -> None:
    """Who accepted which file of the period, and whether in time."""
    organisation, free = Organisation.load(), frozenset(holidays())
    target = Decimal(organisation.handoff_target_hours)
    begin, end = (start_of_day(day, organisation.zone) for day in (period.start, period.end))
    accepted = Handoff.objects.filter(
        state=Handoff.State.ACCEPTED, decided_at__gte=begin, decided_at__lt=end, decided_by__isnull=False
    )
    for owner, submitted, decided in accepted.order_by().values_list("decided_by", "submitted_at", "decided_at"):
        if submitted and decided:  # the database sees to it
            taken = Clock(hours_worked(submitted, decided, organisation, free), target, is_running=False)
            found[owner].handoffs += 1
            found[owner].handoffs_in_time += not taken.is_late


def _saves(found: dict[int, Tally], hands: Hands, held: Mapping[int, int], last: dt.date) -> None:
    """Of which accounts was warned within the period, who owned them that day, and which still pay on the last day."""
    warned = EarlyWarning.objects.filter(opened_on__gte=hands.period.start, opened_on__lte=last)
    columns = read_columns(warned.order_by(), account_id="int", opened_on="day")
    owners = hands.owner_on(columns["account_id"], columns["opened_on"])
    known = np.isin(columns["account_id"], hands.period.account)
    for owner, account in {*zip(owners[known].tolist(), columns["account_id"][known].tolist(), strict=True)}:
        found[owner].warned += 1
        found[owner].saved += account in held


def _answers(found: dict[int, Tally], hands: Hands) -> None:
    """What customers answered, counted for whoever owned the account that day."""
    period = hands.period
    answers = SurveyAnswer.objects.filter(
        kind=SurveyAnswer.Kind.NPS, answered_on__gte=period.start, answered_on__lt=period.end
    )
    columns = read_columns(answers.order_by(), account_id="int", answered_on="day", score="int")
    known = np.isin(columns["account_id"], period.account)
    owners = hands.owner_on(columns["account_id"], columns["answered_on"])
    for owner, score in zip(owners[known].tolist(), columns["score"][known].tolist(), strict=True):
        tally = found[owner]
        tally.answers += 1
        tally.promoters += score >= PROMOTER
        tally.detractors += score <= DETRACTOR


def _tasks(found: dict[int, Tally], start: dt.date, last: dt.date) -> None:
    """Whose tasks were due within the period, and done by the day that they had at first."""
    rows = due_tasks(start, last + dt.timedelta(days=1)).order_by()
    counted = rows.values("assignee").annotate(due=Count("pk"), on_time=Count("pk", filter=ON_TIME))
    for owner, due, on_time in counted.values_list("assignee", "due", "on_time"):
        tally = found[owner or NOBODY]
        tally.tasks_due += due
        tally.tasks_on_time += on_time


def _load(found: dict[int, Tally], held: Mapping[int, int], last: dt.date) -> None:
    """What the accounts of the last day weigh, those that do not pay yet included: they are work too."""
    weights = WorkloadSettings.load().weights()
    owned = ServiceAssignment.objects.owners().active_on(last).order_by()
    rows = owned.values_list("account", "user", "account__tier", "account__stage").distinct()
    for account, owner, tier, stage in rows:
        if account in held or stage != Account.Stage.CHURNED:
            found[owner].load += weights.get(tier, 1)
    alone = {account for account, owner in held.items() if owner == NOBODY}
    for account, tier in Account.objects.order_by().values_list("pk", "tier") if alone else ():
        if account in alone:
            found[NOBODY].load += weights.get(tier, 1)


def bands_at_taking(hands: Hands) -> Ints:
    """The place in `BANDS` of each span's account on the day before it came into its owner's hands."""
    period, spans = hands.period, hands.spans
    first = _bands_by([period.start])[0]
    bands = np.array([first.get(account, UNKNOWN) for account in period.account.tolist()], dtype=np.int64)
    found = bands[spans.account] if bands.size else np.zeros(0, dtype=np.int64)
    later = spans.start > day_number(period.start)
    taken = _bands_taken(period)
    for index in np.flatnonzero(later & (spans.owner != NOBODY)).tolist():
        key = int(period.account[spans.account[index]]), int(spans.start[index])
        found[index] = taken.get(key, found[index])
    return found


def _bands_taken(period: Period) -> dict[tuple[int, int], int]:
    """The band of each account that got a new owner within the period, on the day before."""
    newest = HealthScore.objects.filter(account=OuterRef("account"), on__lt=OuterRef("started_on")).order_by("-on")
    starts = ServiceAssignment.objects.owners().filter(started_on__gt=period.start, started_on__lt=period.end)
    rows = starts.order_by().annotate(band=Subquery(newest.values("band")[:1]))
    read = rows.values_list("account", "started_on", "band")
    return {(account, day_number(on)): _band(band) for account, on, band in read if band}


def _band(name: str) -> int:
    return BANDS.index(name) if name in BANDS else UNKNOWN


def _bands_by(days: Sequence[dt.date]) -> list[dict[int, int]]:
    """The band of each account in the week before each of some days, from one reading."""
    within = Q(pk__in=[])
    for day in days:
        within |= Q(on__gte=day - WEEK, on__lt=day)
    rows = HealthScore.objects.filter(within).order_by("on")
    columns = read_columns(rows.annotate(name=F("band")), account_id="int", on="day", name="text")
    found: list[dict[int, int]] = [{} for _day in days]
    edges = [(day_number(day - WEEK), day_number(day), place) for day, place in zip(days, found, strict=True)]
    for account, on, name in zip(columns["account_id"].tolist(), columns["on"].tolist(), columns["name"], strict=True):
        for low, high, place in edges:
            if low <= on < high:
                place[account] = _band(name)
    return found


def kept_by_band(on: dt.date) -> Kept:
    """What each band opened with and kept in the quarters of the last two years; nothing where a rate is missing."""
    bounds = [add_months(month_start(on), 3 * number - 3 * LOOKED_BACK) for number in range(LOOKED_BACK + 1)]
    seen, base, kept = (np.zeros(len(BANDS), dtype=np.int64) for _ in range(3))
    try:
        periods: Iterable[Period] = periods_between(bounds)
    except RateMissing:
        periods = []
    for period, known in zip(periods, _bands_by(bounds[:-1]), strict=False):
        band = np.array([known.get(account, UNKNOWN) for account in period.account.tolist()], dtype=np.int64)
        here = period.cohort
        np.add.at(seen, band[here], 1)
        np.add.at(base, band[here], period.opening[here])
        np.add.at(kept, band[here], np.minimum(period.opening, period.closing)[here])
    days = (bounds[-1] - bounds[0]).days // LOOKED_BACK
    return Kept(days, seen.tolist(), base.tolist(), kept.tolist())


def keep_rates(past: Kept, marks: RevenueSettings) -> list[KeepRate]:
    """What each band keeps in a year by the company's own past; else what the settings say.

    A band's own past counts from so many accounts on as make a cohort that is not small, in each of four quarters.
    """
    given, rates = marks.keep_rates(), []
    for name, seen, base, kept in zip(BANDS, past.seen, past.base, past.kept, strict=True):
        own = keep_rate(kept, base, past.days) if seen >= 4 * marks.small_cohort else None
        # People who see a part of the company are told its rate from enough accounts on, and no count before.
        rates.append(KeepRate(name, given[name] if own is None else own, 0 if own is None else seen, own is not None))
    return rates
