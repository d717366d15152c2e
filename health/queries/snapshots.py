"""What was known of the accounts on past days, and who left within so many days after?

A few queries read the facts of some accounts once; every day is then made from them in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from accounts.models import Account, ChurnRecord, Contact, Organisation, TimelineEntry
from common.columns import NO_DAY, TenThousandths, codes, masked, only_ids, read_columns
from health.models import ChurnSettings, HealthScore
from health.queries.indicators.book import day_number
from health.rules import features
from health.rules.features import Facts, Floats, Ints, Rows, Source
from revenue.models import ContractLine, Movement
from revenue.queries import load_rates
from revenue.rules.movements import day_of
from revenue.rules.rates import MissingRate, Rates, rate_on
from usage.models import AccountUsageDay, Metric, Milestone, MilestoneReached, Reading, SurveyAnswer, Ticket

LEVELS = [str(level) for level in Account.PurchaseLevel.values]
TOUCHES = [
    TimelineEntry.Kind.CALL, TimelineEntry.Kind.MEETING, TimelineEntry.Kind.EMAIL, TimelineEntry.Kind.TRAINING,
    TimelineEntry.Kind.BUSINESS_REVIEW,
]  # fmt: skip
CHAMPIONS = [Contact.Role.CHAMPION, Contact.Role.DECISION_MAKER]
# The metrics with the most readings are looked at, so that the table stays one that can be read.
MOST_METRICS = 8
# Accounts read at once: bounds the memory.
CHUNK = 10_000
# Looks at accounts in one training; of a larger book every n-th account is taken, so the share that leaves stays.
MOST_ROWS = 300_000
MONTHS = 36
# By so many of the newest ends, and by this share of them, a book is one of agreed terms.
MOST_ENDS, MOSTLY = 2_000, 0.5


@dataclass(frozen=True)
class Snapshots:
    """Looks at customers on days: whose, when, the figures (rows × names), and the days on which each left after."""

    accounts: Ints
    days: Ints
    figures: NDArray[np.float32]
    names: tuple[str, ...]
    left_on: Ints
    levels: Ints

    def left_within(self, days: int) -> NDArray[np.bool_]:
        """Who left within so many days after the look."""
        return self.left_on <= self.days + days

    def observed(self, days: int, on: dt.date) -> NDArray[np.bool_]:
        """Of which looks it is known by a day what came within so many days."""
        return self.days + days <= day_number(on)

    def only(self, keep: NDArray[np.bool_]) -> Snapshots:
        """Some of the looks."""
        return Snapshots(
            self.accounts[keep], self.days[keep], self.figures[keep], self.names, self.left_on[keep], self.levels[keep]
        )

    def columns(self) -> dict[str, Floats]:
        """The figures by name."""
        return {name: self.figures[:, place].astype(np.float64) for place, name in enumerate(self.names)}


class LeakFound(Exception):
    """A figure of a day changes with facts of later days; `names` says which."""

    def __init__(self, names: Sequence[str], on: dt.date) -> None:
        super().__init__(f"{', '.join(names)} on {on}")
        self.names, self.on = tuple(names), on


def month_ends(first: dt.date, last: dt.date, *, most: int = MONTHS) -> list[dt.date]:
    """The last days of the months from one day to another, the latest ones if there are many.

    What is measured by the month is known on these days.
    """
    ends: list[dt.date] = []
    month = last + dt.timedelta(days=1)
    while len(ends) < most:
        month = dt.date(month.year, month.month, 1)
        end = month - dt.timedelta(days=1)
        if end < first:
            break
        ends.append(end)
        month = end
    return ends[::-1]


def first_customer_day(on: dt.date) -> dt.date | None:
    """The day on which the first contract began, by a day."""
    first: dt.date | None = ContractLine.objects.filter(starts_on__lte=on).aggregate(first=Min("starts_on"))["first"]
    return first


def snapshots(
    days: Sequence[dt.date], *, on: dt.date, account_ids: Collection[int] | None = None, check: bool = False,
    sources: Sequence[Source] | None = None,
) -> Snapshots:  # fmt: skip
    """Look at those who were customers on each of some days, with what was known then; losses are those by `on`.

    With `check` every chunk is compared with the book cut off at one of the days; a difference is a `LeakFound`.
    """
    metrics = busiest_metrics(on)
    ids = np.array(sorted(account_ids), dtype=np.int64) if account_ids is not None else _thinned(len(days))
    parts: list[tuple[Any, ...]] = []
    names: tuple[str, ...] = ()
    for number, begin in enumerate(range(0, max(len(ids), 1), CHUNK)):
        chunk = ids[begin : begin + CHUNK]
        facts = read_facts(chunk, on=on, days=days, metrics=metrics)
        if check and days:
            assert_known_on(facts, [days[number % len(days)], days[-1]], sources)
        lost = _losses(chunk, on)
        for day in map(day_number, days):
            made = features.columns_on(facts, day, sources)
            names = tuple(made)
            here = np.flatnonzero(features.customers_on(facts, day))
            table = np.column_stack([made[name][here] for name in names]).astype(np.float32)
            parts.append((chunk[here], np.full(len(here), day), table, _next_loss(lost, here, day), facts.level[here]))
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Snapshots(empty, empty, np.empty((0, 0), dtype=np.float32), (), empty, empty)
    accounts, looked, tables, left, levels = zip(*parts, strict=True)
    joined = np.concatenate
    return Snapshots(joined(accounts), joined(looked), np.vstack(tables), names, joined(left), joined(levels))


def assert_known_on(facts: Facts, days: Sequence[dt.date], sources: Sequence[Source] | None = None) -> None:
    """Refuse figures that know the future: on each day they must be the same from the book cut off there."""
    for day in sorted(set(days)):
        found = features.leaks(facts, day_number(day), sources)
        if found:
            raise LeakFound(found, day)


def busiest_metrics(on: dt.date) -> tuple[str, ...]:
    """The metrics that most readings are of."""
    rows = Metric.objects.filter(readings__on__lte=on).annotate(times=Count("readings")).order_by("-times", "pk")
    return tuple(rows.values_list("external_id", flat=True)[:MOST_METRICS])


def _thinned(days: int) -> Ints:
    ids = np.fromiter(Account.objects.order_by("pk").values_list("pk", flat=True).iterator(), dtype=np.int64)
    step = max(1, -(-len(ids) * max(days, 1) // MOST_ROWS))
    return ids[::step]


def read_facts(ids: Ints, *, on: dt.date, days: Sequence[dt.date], metrics: Sequence[str]) -> Facts:
    """Read all facts of some accounts (sorted ids) that were known by a day."""
    organisation = Organisation.load()
    reader = _Reader(ids, on)
    zone = organisation.zone
    rows = {
        "usage": reader.rows(
            AccountUsageDay.objects.filter(events__gt=0), "day", events="int", core_events="int", people="int"
        ),
        **_ticket_rows(reader, zone),
        **_answer_rows(reader),
        **_line_rows(reader, organisation.reporting_currency, terms_are_agreed(on)),
        "milestones": reader.rows(
            MilestoneReached.objects.annotate(
                core=Case(When(milestone__is_core_process=True, then=1), default=0, output_field=IntegerField())
            ), "on", core="int",
        ),
        "departures": reader.rows(Contact.objects.filter(role__in=CHAMPIONS, left_on__isnull=False), "left_on"),
        "touches": reader.instants(TimelineEntry.objects.filter(kind__in=TOUCHES), "at", zone),
        "scores": _score_rows(reader, days),
        **{f"reading:{metric}": _reading_rows(reader, metric) for metric in metrics},
    }  # fmt: skip
    signed, level = _standing(reader)
    milestones = Milestone.objects.order_by("pk").values_list("due_after_days", flat=True)
    due = np.array(list(milestones), dtype=np.int64)
    return Facts(len(ids), signed, level, rows, tuple(metrics), due)


class _Reader:
    """Reads rows of some accounts that are known by a day, as positions, days and figures."""

    def __init__(self, ids: Ints, on: dt.date) -> None:
        self.ids, self.on, self.day = ids, on, day_number(on)

    def columns(self, rows: QuerySet[Any], name: str = "account_id", **kinds: str) -> dict[str, Any]:
        """Columns of these accounts' rows; `at` is the account's position."""
        wanted = self.ids.tolist()
        if len(wanted) > 2_000:
            rows = rows.filter(**{f"{name}__gte": wanted[0], f"{name}__lte": wanted[-1]})
        found = read_columns(only_ids(rows.order_by(), name, wanted), **{name: "int", **kinds})
        found = masked(found, name, wanted)
        found["at"] = np.searchsorted(self.ids, found.pop(name)).astype(np.int64)
        return found

    def rows(self, rows: QuerySet[Any], known: str, **kinds: str) -> Rows:
        """Facts with the day from which they are known."""
        found = self.columns(rows.filter(**{f"{known}__lte": self.on}), **{known: "day"}, **kinds)
        return Rows(found["at"], found[known], {name: found[name].astype(np.float64) for name in kinds})

    def instants(self, rows: QuerySet[Any], known: str, zone: Any) -> Rows:
        """Facts that are known from an instant: on its day in the organisation's time zone."""
        wanted = self.ids.tolist()
        found = only_ids(rows.order_by(), "account_id", wanted).values_list("account_id", known)
        return self.from_pairs([(account, at) for account, at in found.iterator(chunk_size=5_000)], zone)

    def from_pairs(self, pairs: Sequence[tuple[int, dt.datetime]], zone: Any) -> Rows:
        """Make rows of accounts and instants; other accounts and later days are dropped."""
        accounts = np.array([account for account, _ in pairs], dtype=np.int64)
        days = np.array([day_number(at.astimezone(zone).date()) for _, at in pairs], dtype=np.int64)
        keep = np.isin(accounts, self.ids) & (days <= self.day)
        return Rows(np.searchsorted(self.ids, accounts[keep]).astype(np.int64), days[keep])


def _ticket_rows(reader: _Reader, zone: Any) -> dict[str, Rows]:
    """Tickets opened, resolved, past their target and resolved after it: four kinds of facts, each with its day."""
    wanted = only_ids(Ticket.objects.order_by(), "account_id", reader.ids.tolist())
    opened, complaint, resolved, late, late_ended = [], [], [], [], []
    for account, at, target, done, is_complaint in wanted.values_list(
        "account_id", "opened_at", "target_at", "resolved_at", "is_complaint"
    ).iterator(chunk_size=5_000):
        opened.append((account, at))
        complaint.append(float(is_complaint))
        if done is not None:
            resolved.append((account, max(done, at)))
        # Overdue from the day after the target on, unless it was resolved by then.
        passed = max(target, at) + dt.timedelta(days=1)
        if done is None or done > passed:
            late.append((account, passed))
            if done is not None:
                late_ended.append((account, done))
    accounts = np.array([account for account, _ in opened], dtype=np.int64)
    days = np.array([day_number(at.astimezone(zone).date()) for _, at in opened], dtype=np.int64)
    keep = np.isin(accounts, reader.ids) & (days <= reader.day)
    at_ = np.searchsorted(reader.ids, accounts[keep]).astype(np.int64)
    return {
        "tickets": Rows(at_, days[keep], {"complaint": np.array(complaint, dtype=np.float64)[keep]}),
        "resolved": reader.from_pairs(resolved, zone),
        "overdue": reader.from_pairs(late, zone),
        "overdue_ended": reader.from_pairs(late_ended, zone),
    }


def _answer_rows(reader: _Reader) -> dict[str, Rows]:
    return {
        kind: reader.rows(SurveyAnswer.objects.filter(kind=kind), "answered_on", score="int")
        for kind in (SurveyAnswer.Kind.NPS.value, SurveyAnswer.Kind.CSAT.value)
    }


def _reading_rows(reader: _Reader, metric: str) -> Rows:
    """A metric's readings; what is measured by the week or month is known on its last day."""
    rows = Reading.objects.filter(metric__external_id=metric, on__lte=reader.on)
    number = Case(When(period="month", then=Value(2)), When(period="week", then=Value(1)), default=Value(0))
    found = reader.columns(
        rows.annotate(
            ten=TenThousandths("value"),
            length=Cast(number, IntegerField()),
        ), on="day", ten="int", length="int",
    )  # fmt: skip
    starts = found["on"].astype("datetime64[D]")
    month_end = (starts.astype("datetime64[M]") + 1).astype("datetime64[D]").astype(np.int64) - 1
    known = np.where(found["length"] == 2, month_end, np.where(found["length"] == 1, found["on"] + 6, found["on"]))
    keep = known <= reader.day
    return Rows(found["at"][keep], known[keep], {"value": found["ten"][keep].astype(np.float64)})


def terms_are_agreed(on: dt.date) -> bool:
    """Whether contracts of this book end as agreed from the start: most of the newest ends are whole months after it.

    Where ends come on any day, one that falls on a whole month does so by chance, and was not known before.
    """
    ended = ContractLine.objects.filter(ends_on__lte=on).order_by("-ends_on", "-pk")
    found = read_columns(ended[:MOST_ENDS], starts_on="day", ends_on="day")
    agreed = features.is_agreed_term(found["starts_on"], found["ends_on"])
    return bool(len(agreed) and agreed.mean() >= MOSTLY)


def _line_rows(reader: _Reader, reporting: str, agreed: bool) -> dict[str, Rows]:
    """Contract lines that begin and end. An end, and the notice before it, are known on their day and not before.

    Where terms are agreed, their end is known from the line's start.
    """
    lines = ContractLine.objects.filter(arr__gt=0, starts_on__lte=reader.on)
    found = reader.columns(
        lines.annotate(places=Coalesce("seats", Value(0))),
        starts_on="day", ends_on="day", notice_on="day", arr="cents", places="int", currency="text",
    )  # fmt: skip
    numbers, names = codes(found["currency"])
    worth = _worth(numbers, names, found["starts_on"], reporting)
    unpriced = np.isnan(worth)
    figures = {
        "arr": np.round(found["arr"] * np.nan_to_num(worth)),
        "seats": found["places"].astype(np.float64),
        "unpriced": unpriced.astype(np.float64),
    }
    ended, told = found["ends_on"] <= reader.day, found["notice_on"] <= reader.day
    ends = np.maximum(found["ends_on"], found["starts_on"])
    # A notice counts while its line runs: one that comes after the end counts for nothing.
    told &= found["notice_on"] < ends
    termed = (found["ends_on"] < NO_DAY) & features.is_agreed_term(found["starts_on"], found["ends_on"]) & agreed
    return {
        "begun": Rows(found["at"], found["starts_on"], figures),
        "agreed": Rows(
            found["at"][termed], found["starts_on"][termed], {"end": found["ends_on"][termed].astype(np.float64)}
        ),
        "ended": Rows(found["at"][ended], ends[ended], {name: values[ended] for name, values in figures.items()}),
        "notices": Rows(found["at"][told], found["notice_on"][told]),
        "notices_ended": Rows(found["at"][told & ended], ends[told & ended]),
    }


def _worth(numbers: Ints, names: Sequence[str], starts: Ints, reporting: str) -> Floats:
    """What one unit of each line's currency was worth when the line began; nan where no rate was known by then."""
    rates = load_rates(names, reporting)
    worth = np.ones(len(numbers))
    for number, name in enumerate(names):
        mine = numbers == number
        if name == reporting:
            continue
        days, inverse = np.unique(starts[mine], return_inverse=True)
        worth[mine] = np.array([_rate(rates, name, reporting, int(day)) for day in days])[inverse]
    return worth


def _rate(rates: Rates, name: str, reporting: str, day: int) -> float:
    try:
        return float(rate_on(rates, name, reporting, day_of(day)))
    except MissingRate:
        return float("nan")


def _score_rows(reader: _Reader, days: Sequence[dt.date]) -> Rows:
    """The scores that the looks need: of the week before each of them, and of the week four weeks earlier."""
    near = Q(pk__in=[])
    for day in days:
        for back in (0, 28):
            last = day - dt.timedelta(days=back)
            near |= Q(on__gt=last - dt.timedelta(days=7), on__lte=last)
    rows = HealthScore.objects.filter(near, score__isnull=False).exclude(band=HealthScore.Band.UNKNOWN)
    found = reader.rows(rows, "on", score="cents")
    return Rows(found.at, found.known, {"score": found.figures["score"] / 100})


def _standing(reader: _Reader) -> tuple[Ints, Ints]:
    """The day on which each account signed (`NO_DAY` if unknown), and its purchase level as a number."""
    level = Case(*(When(purchase_level=name, then=Value(place)) for place, name in enumerate(LEVELS)), default=Value(1))
    rows = Account.objects.annotate(place=Cast(level, IntegerField()))
    found = reader.columns(rows, "id", signed_on="day", place="int")
    signed = np.full(len(reader.ids), NO_DAY, dtype=np.int64)
    levels = np.ones(len(reader.ids), dtype=np.int64)
    signed[found["at"]], levels[found["at"]] = found["signed_on"], found["place"]
    return signed, levels


def losses(on: dt.date) -> QuerySet[Any]:
    """What counts as a loss by a day, as the settings say: churn in the ledger, or what people recorded."""
    if ChurnSettings.load().counts_records:
        return ChurnRecord.objects.filter(on__lte=on)
    return Movement.objects.filter(kind=Movement.Kind.CHURN, on__lte=on)


def _losses(ids: Ints, on: dt.date) -> tuple[Ints, Ints]:
    """When accounts left by a day, in order: positions and days."""
    found = _Reader(ids, on).columns(losses(on), on="day")
    order = np.lexsort((found["on"], found["at"]))
    return found["at"][order], found["on"][order]


def _next_loss(losses: tuple[Ints, Ints], here: Ints, day: int) -> Ints:
    """The first loss of each of some accounts after a day; `NO_DAY` where none was seen."""
    keys = losses[0] * features.SPAN + losses[1]
    place = np.searchsorted(keys, here * features.SPAN + day, side="right")
    if not len(keys):
        return np.full(len(here), NO_DAY, dtype=np.int64)
    inside = np.minimum(place, len(keys) - 1)
    mine = (place < len(keys)) & (losses[0][inside] == here)
    return np.where(mine, losses[1][inside], NO_DAY)
