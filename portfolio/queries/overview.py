"""What does somebody who opens an account have to know first?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts.models import Account, BusinessGoal, CustomField, GoalMeasurement, Promise, TimelineEntry, User
from accounts.rules.goals import attainment
from accounts.rules.promises import is_overdue
from common import charts
from common.charts import Chart, Event, Item
from common.formats import date, number, signed
from health.models import EarlyWarning, HealthScore
from health.queries.open_warnings import warnings_of
from health.queries.scores import explain_change, indicator_name
from health.rules.scorecard import Scorecard, parse_scorecard
from health.rules.trend import Family, family_health
from portfolio.models import AccountRow
from portfolio.queries.account_head import WEEK, WEEKS, AccountHead, Reading, weekly, zones
from portfolio.queries.entry_titles import entry_title
from portfolio.queries.usage_page import Volume, volume_of
from usage.models import Ticket

SHOWN_ENTRIES = 6
# A score that moved less within half a year has held.
STEADY_POINTS = 5
SHOWN_EVENTS = 8
SHOWN_CHILDREN = 8
# Touches that change how an account stands, not the weekly call.
IMPORTANT = (TimelineEntry.Kind.BUSINESS_REVIEW, TimelineEntry.Kind.TRAINING, TimelineEntry.Kind.MEETING)
# A family is looked through so many levels deep.
LEVELS = ("account__parent", "account__parent__parent", "account__parent__parent__parent")


@dataclass(frozen=True)
class MovesSince:
    """What moved the score since an earlier reading; the lines add up to the change exactly."""

    before: Reading
    after: Reading
    total: Decimal
    chart: Chart

    @property
    def sum_text(self) -> str:
        """Both scores with their days, so that the change can be checked."""
        words = {
            "before": number(self.before.score, 2),
            "after": number(self.after.score, 2),
            "first": date(self.before.on, "day"),
            "last": date(self.after.on, "day"),
        }
        return _("%(before)s on %(first)s, %(after)s on %(last)s") % words


@dataclass(frozen=True)
class GoalLine:
    """One goal and the share of it that is reached; None before the first measurement."""

    goal: BusinessGoal
    share: Decimal | None


@dataclass(frozen=True)
class NextSteps:
    """What waits to be done: follow-ups and promises, most urgent first."""

    follow_ups: tuple[TimelineEntry, ...]
    promises: tuple[tuple[Promise, bool], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.follow_ups or self.promises)


@dataclass(frozen=True)
class FamilyView:
    """How the accounts below this one fare, as far as the person sees them."""

    children: tuple[AccountRow, ...]
    more: int
    worst: AccountRow | None
    figures: Family


@dataclass(frozen=True)
class Overview:
    """Everything on the first tab of an account."""

    chart: Chart | None
    finding: str
    chart_desc: str
    week: MovesSince | None
    month: MovesSince | None
    next_steps: NextSteps
    goals: tuple[GoalLine, ...]
    entries: tuple[TimelineEntry, ...]
    facts: tuple[tuple[str, Any], ...]
    family: FamilyView | None
    warnings: tuple[EarlyWarning, ...]
    volume: Volume | None = None


def overview(head: AccountHead, user: User) -> Overview:
    """Read the first tab of an account for a person."""
    scores = _scores(head)
    card = parse_scorecard(scores[head.latest.pk].version.definition) if head.latest else None
    entries = _entries(head, user)
    chart = _chart(head, card, _events(head, entries)) if head.latest else None
    return Overview(
        chart=chart,
        finding=finding(head),
        chart_desc=_describe(head),
        week=_moves(head, scores, WEEK),
        month=_moves(head, scores, 4 * WEEK),
        next_steps=NextSteps(
            tuple(sorted((one for one in entries if _waits(one)), key=lambda one: (one.follow_up_on, one.pk)))[:5],
            _promises(head),
        ),
        goals=_goals(head.account, head.on),
        # The warnings that stand have a place of their own.
        entries=tuple([one for one in entries if "warning" not in one.details][:SHOWN_ENTRIES]),
        facts=_facts(head),
        family=family_view(head, user) if head.children else None,
        warnings=tuple(warnings_of(head.account)) if head.warning_count else (),
        volume=volume_of(head),
    )


def _scores(head: AccountHead) -> dict[int, HealthScore]:
    """The newest reading and the two it is compared with, with what they were made of."""
    wanted = (head.latest, head.week_before, head.reading_before(4 * WEEK))
    pks = {reading.pk for reading in wanted if reading}
    return HealthScore.objects.select_related("version__scorecard").in_bulk(pks) if pks else {}


def moves_between(old: HealthScore, new: HealthScore, before: Reading, after: Reading) -> MovesSince:
    """Draw what moved a score between two readings."""
    card = parse_scorecard(new.version.definition)
    earlier = parse_scorecard(old.version.definition)
    names = {indicator.key: indicator_name(indicator) for indicator in (*earlier.indicators, *card.indicators)}
    names["scorecard"] = _("Changed scorecard")
    moves = explain_change(old, new)
    items = [Item(names.get(one.key, one.key), float(one.points), signed(one.points, 2)) for one in moves]
    chart = charts.drivers(items, heads=(_("Indicator"), _("Points")))
    return MovesSince(before, after, sum((one.points for one in moves), Decimal(0)), chart)


def _moves(head: AccountHead, scores: dict[int, HealthScore], span: dt.timedelta) -> MovesSince | None:
    before, after = head.reading_before(span), head.latest
    if before is None or after is None or before.shown is None or after.shown is None:
        return None
    return moves_between(scores[before.pk], scores[after.pk], before, after)


def finding(head: AccountHead) -> str:
    """Say in one line what the score did over half a year: how far it is from its high or its low."""
    known = [(week, score) for week, score in enumerate(weekly(head.readings, head.on)) if score is not None]
    if head.latest is None or not known:
        return _("No score yet")
    last = known[-1][1]
    high, low = max(known, key=lambda one: (one[1], one[0])), min(known, key=lambda one: (one[1], -one[0]))
    fall, rise = round(high[1]) - round(last), round(last) - round(low[1])
    if max(fall, rise) < STEADY_POINTS:
        return _("Health has held at %(score)s") % {"score": number(last)}
    since = head.on - (WEEKS - 1 - (high if fall >= rise else low)[0]) * WEEK
    words = {"points": number(max(fall, rise)), "day": date(since, "day"), "score": number(last)}
    if fall >= rise:
        return _("Health fell %(points)s points since %(day)s, to %(score)s") % words
    return _("Health rose %(points)s points since %(day)s, to %(score)s") % words


def _describe(head: AccountHead) -> str:
    known = [score for score in weekly(head.readings, head.on) if score is not None]
    if not known:
        return ""
    words = {"low": number(min(known)), "high": number(max(known)), "last": number(known[-1])}
    return _("Weekly score over 26 weeks, between %(low)s and %(high)s, now %(last)s.") % words


def _chart(head: AccountHead, card: Scorecard | None, events: Sequence[Event]) -> Chart:
    days = [head.on - (WEEKS - 1 - index) * WEEK for index in range(WEEKS)]
    edges = zones(card.yellow, card.green) if card else zones()
    return charts.line(
        [date(day, "day") for day in days],
        weekly(head.readings, head.on),
        zones=edges,
        events=events,
        heads=(_("Week up to"), _("Score")),
        least=22,
        height=240,
    )


def _events(head: AccountHead, entries: Sequence[TimelineEntry]) -> list[Event]:
    """What happened beside the score: at most eight, the gravest kept."""
    found = [*_band_changes(head), *_escalations(head), *_playbooks(head, entries), *_touches(head, entries)]
    if head.lost_champion:
        on, name = head.lost_champion
        found.append((0, on, Event(_week(head, on), _said(on, _("%(name)s left") % {"name": name}), "risk")))
    found.sort(key=lambda one: (one[0], -one[1].toordinal()))
    kept = sorted(found[:SHOWN_EVENTS], key=lambda one: one[1])
    return [event for _rank, _on, event in kept if 0 <= event.at < WEEKS]


def _week(head: AccountHead, on: dt.date) -> int:
    return WEEKS - 1 - (head.on - on).days // 7


def _said(on: dt.date, what: str) -> str:
    return _("%(label)s: %(text)s") % {"label": date(on, "day"), "text": what}


Found = tuple[int, dt.date, Event]


def _band_changes(head: AccountHead) -> Iterable[Found]:
    for before, after in zip(head.readings, head.readings[1:], strict=False):
        if before.band != after.band:
            words = f"{before.label} → {after.label}"
            yield 1, after.on, Event(_week(head, after.on), _said(after.on, words), after.tone)


def _escalations(head: AccountHead) -> Iterable[Found]:
    since = head.on - WEEKS * WEEK
    grave = Q(is_escalated=True) | Q(severity=Ticket.Severity.CRITICAL)
    rows = Ticket.objects.filter(grave, account=head.account, opened_at__date__gt=since).order_by("-opened_at", "-pk")
    for opened_at, subject in rows.values_list("opened_at", "subject")[:3]:
        on = head.organisation.day_of(opened_at)
        words = _("Ticket: %(subject)s") % {"subject": subject} if subject else _("Ticket escalated")
        yield 0, on, Event(_week(head, on), _said(on, words), "risk")


def _playbooks(head: AccountHead, entries: Sequence[TimelineEntry]) -> Iterable[Found]:
    started = [one for one in entries if one.kind == TimelineEntry.Kind.PLAYBOOK and one.details.get("run")
               and one.details.get("event") == "started"]  # fmt: skip
    for entry in started[:3]:
        on = head.organisation.day_of(entry.at)
        yield 1, on, Event(_week(head, on), _said(on, entry_title(entry)), "info")


def _touches(head: AccountHead, entries: Sequence[TimelineEntry]) -> Iterable[Found]:
    for entry in [one for one in entries if one.kind in IMPORTANT][:4]:
        on = head.organisation.day_of(entry.at)
        rank = 2 if entry.kind == TimelineEntry.Kind.BUSINESS_REVIEW else 3
        yield rank, on, Event(_week(head, on), _said(on, str(entry.get_kind_display())), "info")


def _entries(head: AccountHead, user: User) -> list[TimelineEntry]:
    """The last half year on the timeline and every open follow-up, newest first."""
    since = dt.datetime.combine(head.on - WEEKS * WEEK, dt.time(0), tzinfo=head.organisation.zone)
    rows = TimelineEntry.objects.visible_to(user).filter(account=head.account)
    rows = rows.filter(Q(at__gte=since) | Q(follow_up_on__isnull=False, follow_up_done_at=None))
    return list(rows.select_related("author").order_by("-at", "-pk")[:150])


def _waits(entry: TimelineEntry) -> bool:
    return entry.follow_up_on is not None and entry.follow_up_done_at is None


def _promises(head: AccountHead) -> tuple[tuple[Promise, bool], ...]:
    rows = Promise.objects.filter(account=head.account, state__in=[Promise.State.OPEN, Promise.State.BROKEN])
    marked = ((row, is_overdue(row.state, row.due_on, head.on)) for row in rows.order_by("due_on", "pk")[:20])
    return tuple(one for one in marked if one[1] or one[0].state == Promise.State.BROKEN)[:5]


def _goals(account: Account, on: dt.date) -> tuple[GoalLine, ...]:
    """Each goal with what its newest measurement says, in one query."""
    newest = GoalMeasurement.objects.filter(goal=OuterRef("pk"), on__lte=on).order_by("-on").values("value")[:1]
    goals = BusinessGoal.objects.filter(account=account).annotate(current=Subquery(newest))
    return tuple(GoalLine(goal, attainment(goal.baseline, goal.current, goal.target)) for goal in goals[:6])


def _facts(head: AccountHead) -> tuple[tuple[str, Any], ...]:
    account = head.account
    own = CustomField.objects.all() if account.custom else ()
    yes_no = {True: _("Yes"), False: _("No")}
    values = ((one.label, account.custom.get(one.key)) for one in own)
    return (
        (_("Tier"), head.tier),
        (_("Purchase level"), account.get_purchase_level_display()),
        (_("Industry"), account.industry),
        (_("Region"), account.region),
        (_("Employees"), number(account.employees) if account.employees is not None else None),
        (_("Domain"), account.domain),
        (_("Signed"), date(account.signed_on) if account.signed_on else None),
        (_("Live since"), date(account.live_on) if account.live_on else None),
        *((label, yes_no.get(value, value)) for label, value in values if value not in (None, "")),
    )


def family_view(head: AccountHead, user: User) -> FamilyView:
    """The accounts below, worst first, and the family's figures."""
    mine = Q(account=head.account)
    below = Q()
    for level in LEVELS:
        below |= Q(**{level: head.account})
    rows = list(
        AccountRow.objects.visible_to(user).filter(mine | below)
        .order_by("unscored", F("score").asc(nulls_last=True), "name", "pk")[:200]
    )  # fmt: skip
    children = [row for row in rows if row.pk != head.account.pk]
    shown = {row.pk: None if row.band == HealthScore.Band.UNKNOWN else row.score for row in rows}
    return FamilyView(
        children=tuple(children[:SHOWN_CHILDREN]),
        more=max(len(children) - SHOWN_CHILDREN, 0),
        worst=next((row for row in children if shown[row.pk] is not None), None),
        figures=family_health((shown[row.pk], row.arr) for row in rows),
    )
