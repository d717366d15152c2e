"""How does an account use the product, and what does it say of it: the pictures of the usage tab?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from common import charts
from common.charts import Chart, Zone
from common.formats import compact, date, number
from portfolio.queries.account_head import AccountHead
from portfolio.queries.usage_reach import Reach, reach_of
from revenue.models import ContractLine
from usage.models import Feature, Reading, SurveyAnswer, Ticket
from usage.queries import (
    Day,
    FeatureState,
    MilestoneState,
    TicketSummary,
    UsageLine,
    answers_of,
    feature_heat_map,
    features_of,
    milestones_of,
    ticket_summary,
    usage_line,
    volume_line,
)

WEEKS = 12
SHOWN_FEATURES = 16
SHOWN_TICKETS = 20
SHOWN_ANSWERS = 12
READING_DAYS = 180


@dataclass(frozen=True)
class Volume:
    """Events week by week beside what is normal for the customer."""

    chart: Chart
    title: str
    normal_text: str


@dataclass(frozen=True)
class Use:
    """How much and by how many the product is used, week by week."""

    is_empty: bool
    seats: int | None
    people: Chart
    people_title: str
    volume: Chart
    volume_title: str
    normal_text: str
    heat: Chart
    heat_title: str
    left_out: int
    reach: Reach | None


@dataclass(frozen=True)
class ModuleUse:
    """One module with its features, those in use first."""

    name: str
    features: Sequence[FeatureState]

    @property
    def used(self) -> int:
        """How many of its features are in use."""
        return sum(one.is_used for one in self.features)


@dataclass(frozen=True)
class Series:
    """One metric and how it went."""

    name: str
    unit: str
    latest: Decimal
    on: dt.date
    chart: Chart
    label: str


@dataclass(frozen=True)
class Depth:
    """What is used of what is paid for, what was reached, and other numbers that arrive."""

    modules: Sequence[ModuleUse]
    used: int
    entitled: int
    milestones: Sequence[MilestoneState]
    readings: Sequence[Series]


@dataclass(frozen=True)
class Voice:
    """What the customer asks for help with, and what it answers when asked."""

    at: dt.datetime
    summary: TicketSummary
    tickets: Sequence[Ticket]
    answers: Sequence[SurveyAnswer]

    @property
    def has_tickets(self) -> bool:
        """Whether any ticket is known."""
        return bool(self.tickets)


def use_of(head: AccountHead) -> Use:
    """Read and draw the weeks of an account's use."""
    line = usage_line(head.account, head.on, weeks=WEEKS + 1)
    whole, volume = _whole(line, head.on), _volume(line, head.on)
    seats = _seats(head.account, head.on)
    labels = [date(week.on, "day") for week in whole]
    people = [week.people for week in whole]
    heat = feature_heat_map(head.account, head.on, weeks=WEEKS + 1)
    # Like the lines: the last twelve whole weeks, for a week that has just begun looks like a fall.
    columns = [index for index, week in enumerate(heat.weeks) if week in {one.on for one in whole}]
    shown = [row for row in heat.rows if any(row.counts[index] for index in columns)]
    pictured = shown[:SHOWN_FEATURES]
    return Use(
        is_empty=not any(week.events for week in line.weeks),
        seats=seats,
        people=charts.line(
            labels, people, zones=_seat_zones(seats, people), heads=(_("Week from"), _("People")),
            floor=0, ceiling=None, least=_least(people, seats),
        ),
        people_title=_people_title(people[-1] if people else 0, seats),
        volume=volume.chart,
        volume_title=volume.title,
        normal_text=volume.normal_text,
        heat=charts.heat_map(
            [row.feature.name for row in pictured],
            [date(heat.weeks[index], "day") for index in columns],
            [[row.counts[index] or None for index in columns] for row in pictured],
            corner=_("Feature"), formatted=compact, low=0,
        ),
        heat_title=_heat_title([row.feature for row in shown]),
        left_out=len(shown) - len(pictured),
        reach=reach_of(head),
    )  # fmt: skip


def volume_of(head: AccountHead) -> Volume | None:
    """Read and draw the weeks of an account's events alone; None where there were none."""
    line = volume_line(head.account, head.on, weeks=WEEKS + 1)
    return _volume(line, head.on) if any(week.events for week in line.weeks) else None


def _whole(line: UsageLine, on: dt.date) -> list[Day]:
    """The last twelve weeks that are over: one that has just begun looks like a fall."""
    return [week for week in line.weeks if week.on + dt.timedelta(days=6) <= on][-WEEKS:]


def _volume(line: UsageLine, on: dt.date) -> Volume:
    whole = _whole(line, on)
    events = [week.events for week in whole]
    chart = charts.line(
        [date(week.on, "day") for week in whole], events, zones=_normal_zones(line, events), formatted=compact,
        heads=(_("Week from"), _("Events")), floor=0, ceiling=None, least=_least(events),
    )  # fmt: skip
    return Volume(chart, _volume_title(line), _normal_text(line))


def _seats(account: Account, on: dt.date) -> int | None:
    """The seats paid for on a day; None when no line names any."""
    total: int | None = ContractLine.objects.active_on(on).filter(account=account).aggregate(n=Sum(F("seats")))["n"]
    return total


def _least(values: Iterable[int], seats: int | None = None) -> float:
    """Half the height of a chart, so that it begins at zero and leaves some air on top."""
    return max([*values, seats or 0, 2]) * 0.56


def _seat_zones(seats: int | None, people: Sequence[int]) -> tuple[Zone, ...]:
    if not seats:
        return ()
    top = max([*people, seats]) * 10.0
    return (Zone(0, seats, "info", _("Seats")), Zone(seats, top, "none"))


def _normal_zones(line: UsageLine, events: Sequence[int]) -> tuple[Zone, ...]:
    if line.normal is None:
        return ()
    top = max([*events, line.normal.high, 1]) * 10.0
    low, high = line.normal.low, line.normal.high
    return (Zone(0, low, "none"), Zone(low, high, "healthy"), Zone(high, top, "none"))


def _people_title(last: int, seats: int | None) -> str:
    if seats:
        return _("%(people)s of %(seats)s seats were used last week") % {"people": number(last), "seats": number(seats)}
    said = ngettext("%(people)s person was active last week", "%(people)s people were active last week", last)
    return said % {"people": number(last)}


def _volume_title(line: UsageLine) -> str:
    return {
        "below": _("Use is below what is normal for this customer"),
        "within": _("Use is normal for this customer"),
        "above": _("Use is above what is normal for this customer"),
        None: _("Too few weeks to say what is normal"),
    }[line.verdict]


def _normal_text(line: UsageLine) -> str:
    if line.normal is None:
        return ""
    words = {"low": compact(line.normal.low), "high": compact(line.normal.high)}
    return _("Shaded: %(low)s to %(high)s events, where 8 of 10 earlier weeks lay.") % words


def _heat_title(used: Sequence[Feature]) -> str:
    if not used:
        return _("No feature was used in 12 weeks")
    return _("Most used: %(names)s") % {"names": ", ".join(feature.name for feature in used[:2])}


def depth_of(head: AccountHead) -> Depth:
    """Read what an account uses of what it pays for."""
    lines = ContractLine.objects.active_on(head.on).filter(account=head.account)
    products = set(lines.order_by().values_list("product", flat=True))
    features = features_of(head.account, head.on, product_ids=products or None)
    ordered = sorted(features, key=lambda one: (one.feature.module.name, not one.is_used, one.feature.name))
    modules = [ModuleUse(name, list(rows)) for name, rows in groupby(ordered, key=lambda one: one.feature.module.name)]
    return Depth(
        modules=modules,
        used=sum(one.is_used for one in features),
        entitled=len(features),
        milestones=milestones_of(head.account, head.on),
        readings=_series(head.account, head.on),
    )


def _series(account: Account, on: dt.date) -> list[Series]:
    """The metrics of half a year, each in its finest period, in one query."""
    since = on - dt.timedelta(days=READING_DAYS)
    rows = Reading.objects.filter(account=account, on__range=(since, on)).select_related("metric")
    found = []
    by_series = groupby(
        rows.order_by("metric__name", "metric", "period", "on", "pk"), key=lambda row: (row.metric, row.period)
    )
    for (metric, _period), group in by_series:
        points = [(row.on, row.value) for row in group]
        values = [value for _on, value in points]
        words = {"first": number(values[0]), "last": number(values[-1])}
        found.append(
            Series(
                name=metric.name,
                unit=metric.unit,
                latest=values[-1],
                on=points[-1][0],
                chart=charts.sparkline(values, width=120, height=28, floor=None, ceiling=None, bounds=_bounds(values)),
                label=_("from %(first)s to %(last)s in half a year") % words,
            )
        )
    return found


def _bounds(values: Sequence[Decimal]) -> tuple[float, float]:
    """A scale from 0, so that a small wobble stays small."""
    low, high = min(0.0, float(min(values))), float(max(values))
    return low, high if high > low else low + 1


def voice_of(head: AccountHead, at: dt.datetime) -> Voice:
    """Read tickets and answers: open tickets first, then the newest."""
    tickets = Ticket.objects.filter(account=head.account, opened_at__lte=at).select_related("contact")
    ordered = tickets.annotate(is_open=Q(resolved_at=None)).order_by("-is_open", "-opened_at", "-pk")
    return Voice(at, ticket_summary(head.account, at), list(ordered[:SHOWN_TICKETS]),
                 list(answers_of(head.account, limit=SHOWN_ANSWERS)))  # fmt: skip
