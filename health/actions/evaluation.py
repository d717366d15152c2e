"""How do warnings open, stay, close and return from day to day?"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.notifications import Notice, notify_each
from accounts.actions.traces import judge_triggers
from accounts.models import Account, Organisation, ServiceAssignment, TimelineEntry, User
from common.bulk import JSONText, upsert_columns
from common.columns import only_ids
from common.errors import Refused
from common.periods import start_of_day
from health.models import EarlyWarning, WarningRule, sentence
from health.queries.warnings import Judged, chosen_rules, customers_on, judge_rule
from health.rules.warnings import hold_back_limit, settle_warning, warning_rank
from revenue.queries import arr_columns
from revenue.rules.rates import from_cents

State, Cause = EarlyWarning.State, EarlyWarning.Cause
Told = Callable[[int, int], object]
ONE_SECOND = dt.timedelta(seconds=1)
BATCH = 1_000
# Up to so many warnings of one rule are told to their owner one by one.
TOLD_APART = 5
# What an evaluation may change of a warning.
CHANGED = (
    *("state", "severity", "owner_id", "opened_on", "last_seen_on", "evidence", "arr_at_risk", "rank", "reopened"),
    *("snoozed_until", "snooze_reason", "resolved_on", "resolved_cause", "resolved_reason", "is_gone"),
)
FIXED = ("id", "account_id", "rule_id", "changed_by_id")


@dataclass
class Outcome:
    """What became of one rule's warnings in an evaluation."""

    rule: str
    warned: int = 0
    opened: int = 0
    reopened: int = 0
    closed: int = 0
    woken: int = 0
    held: int = 0
    is_written: bool = True


@dataclass
class Found:
    """What one rule says of all accounts: the evidence of those it warns of, and whom it judged and does not."""

    evidence: dict[int, str] = field(default_factory=dict)
    cleared: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Day:
    """The day of an evaluation: who is a customer on it, who serves whom, what each pays."""

    on: dt.date
    moment: dt.datetime
    customers: frozenset[int]
    owners: Mapping[int, int]
    cents: Mapping[int, int]
    # None: all accounts were looked at.
    asked: frozenset[int] | None
    # Of a day that is over nobody is told.
    is_today: bool


def evaluate_warnings(
    *,
    on: dt.date,
    at: dt.datetime,
    account_ids: Iterable[int] | None = None,
    rule: WarningRule | None = None,
    release: bool = False,
    told: Told | None = None,
) -> list[Outcome]:
    """Judge the book of a day by the rules in use, and open, refresh, wake, reopen and close their warnings.

    Twice on a day changes nothing. A rule that was evaluated for a later day is judged and not written. A rule that
    would open too many at once opens none, and keeps how many, until somebody says that all shall (`release`).
    """
    asked = None if account_ids is None else frozenset(account_ids)
    rules = [rule] if rule is not None else chosen_rules(None)
    found: dict[int, Found] = {one.pk: Found() for one in rules}
    customers: set[int] = set()
    for book in customers_on(on, asked):
        ids = book.ids.tolist()
        customers.update(ids)
        for one in rules:
            _keep(found[one.pk], judge_rule(book, one), ids)
    day = _day(on, at, customers, found.values(), asked)
    outcomes = []
    for number, one in enumerate(rules, start=1):
        outcomes.append(_settle_rule(one.pk, found[one.pk], day, release=release))
        if told:
            told(number, len(rules))
    if any(one.opened or one.reopened for one in outcomes):
        judge_triggers()
    return outcomes


@transaction.atomic
def wake_warnings(*, on: dt.date) -> int:
    """Open the warnings whose snooze ended with the day before; return how many."""
    over = EarlyWarning.objects.filter(state=State.SNOOZED, snoozed_until__lt=on)
    return over.update(state=State.OPEN, snoozed_until=None, snooze_reason="")


def _keep(found: Found, judged: Judged, ids: Sequence[int]) -> None:
    """Keep what a rule says of some accounts."""
    for row in np.flatnonzero(judged.fires).tolist():
        found.evidence[ids[row]] = json.dumps(judged.evidence(row))
    found.cleared.update(ids[row] for row in np.flatnonzero(judged.judged & ~judged.fires).tolist())


def _day(
    on: dt.date, at: dt.datetime, customers: set[int], found: Iterable[Found], asked: frozenset[int] | None
) -> Day:
    warned = {account for one in found for account in one.evidence}
    end = start_of_day(on + dt.timedelta(days=1), Organisation.load().zone)
    owners = ServiceAssignment.objects.owners().active_on(on).order_by("started_on", "pk")
    return Day(
        on=on,
        moment=min(at, end - ONE_SECOND),
        customers=frozenset(customers),
        owners=dict(owners.values_list("account_id", "user_id")),
        cents=_cents(on, warned),
        asked=asked,
        is_today=Organisation.load().day_of(at) == on,
    )


def _cents(on: dt.date, accounts: Collection[int]) -> dict[int, int]:
    """What each account pays; a missing exchange rate leaves the order of the list, not the warning, without money."""
    try:
        ids, cents = arr_columns(on, sorted(accounts))
    except Refused:
        return {}
    return dict(zip(ids.tolist(), cents.tolist(), strict=True))


@transaction.atomic
def _settle_rule(pk: int, found: Found, day: Day, *, release: bool) -> Outcome:
    """Bring the warnings of one rule up to the day; two evaluations of a rule wait for each other here."""
    rule = WarningRule.objects.select_for_update().get(pk=pk)
    outcome = Outcome(rule.key, warned=len(found.evidence))
    if not rule.is_enabled or (rule.evaluated_on is not None and rule.evaluated_on > day.on):
        outcome.is_written = False
        return outcome
    steps = _Steps(rule, found, day)
    limit = hold_back_limit(len(day.customers) if day.asked is None else 0, rule.hold_percent, rule.hold_count)
    opening = len(steps.new) + len(steps.reopening)
    too_many = opening > limit if day.asked is None else bool(rule.held_count)
    if too_many and not release:
        outcome.held = opening
        steps.hold_back()
    steps.write()
    if day.is_today:
        tell_owners([*steps.new, *steps.reopening], rule, day.on, day.moment)
    outcome.opened, outcome.reopened = len(steps.new), len(steps.reopening)
    outcome.closed, outcome.woken = len(steps.closing), steps.woken
    if day.asked is None:
        rule.evaluated_on, rule.held_count = day.on, outcome.held
        rule.save(update_fields=["evaluated_on", "held_count"])
    return outcome


class _Steps:
    """What happens to each warning of a rule on a day."""

    def __init__(self, rule: WarningRule, found: Found, day: Day) -> None:
        self.rule, self.found, self.day = rule, found, day
        self.changed: list[EarlyWarning] = []
        self.reopening: list[EarlyWarning] = []
        self.closing: list[EarlyWarning] = []
        self.woken = 0
        known = {row.account_id: row for row in self._rows()}
        for row in known.values():
            self._step(row)
        fresh = sorted(set(found.evidence) - set(known))
        self.new = [self._refreshed(EarlyWarning(account_id=account, rule=rule, opened_on=day.on)) for account in fresh]

    def hold_back(self) -> None:
        """Open nothing."""
        self.new, self.reopening = [], []

    def write(self) -> None:
        """Write all of it, and tell it on the timelines."""
        for row in self.reopening:
            row.state, row.opened_on, row.reopened = State.OPEN, self.day.on, row.reopened + 1
            row.resolved_on, row.resolved_cause, row.resolved_reason, row.is_gone = None, "", "", False
        EarlyWarning.objects.bulk_create(self.new, ignore_conflicts=True, batch_size=BATCH)
        changed = [*self.changed, *self.reopening, *self.closing]
        if changed:
            columns = {name: [getattr(row, name) for row in changed] for name in (*FIXED, *CHANGED)}
            columns["evidence"] = [JSONText(json.dumps(row.evidence)) for row in changed]
            upsert_columns(EarlyWarning, columns, unique=["id"], update={name: f"new.{name}" for name in CHANGED})
        announce("opened", self.new, self.rule, self.day.on, self.day.moment)
        announce("reopened", self.reopening, self.rule, self.day.on, self.day.moment)
        announce("resolved", self.closing, self.rule, self.day.on, self.day.moment)

    def _rows(self) -> list[EarlyWarning]:
        """The warnings that the day may change; of several of one account the newest comes last."""
        lately = Q(resolved_on__gte=self.day.on - dt.timedelta(days=self.rule.reopen_days))
        rows = EarlyWarning.objects.filter(~Q(state=State.RESOLVED) | Q(is_gone=False) | lately, rule=self.rule)
        asked = self.day.asked
        wanted = only_ids(rows.select_for_update(of=("self",)).order_by("pk"), "account_id", asked)
        return [row for row in wanted if asked is None or row.account_id in asked]

    def _step(self, row: EarlyWarning) -> None:
        on, account = self.day.on, row.account_id
        has_left = account not in self.day.customers
        step = settle_warning(
            row.state,
            fires=account in self.found.evidence,
            is_judged=has_left or account in self.found.cleared,
            is_asleep=row.snoozed_until is not None and row.snoozed_until >= on,
            was_gone=row.is_gone,
        )
        if step == "reopen":
            self.reopening.append(self._refreshed(row))
        elif step == "close":
            row.state, row.resolved_on, row.is_gone = State.RESOLVED, on, True
            row.resolved_cause = Cause.LEFT if has_left else Cause.GONE
            row.snoozed_until, row.snooze_reason = None, ""
            self.closing.append(row)
        elif step == "note_gone":
            row.is_gone = True
            self.changed.append(row)
        elif account in self.found.evidence:
            if step == "wake":
                row.state, row.snoozed_until, row.snooze_reason = State.OPEN, None, ""
                self.woken += 1
            self.changed.append(self._refreshed(row))

    def _refreshed(self, row: EarlyWarning) -> EarlyWarning:
        """Put in what is known today."""
        cents = self.day.cents.get(row.account_id, 0)
        row.severity, row.last_seen_on = self.rule.severity, self.day.on
        row.owner_id = self.day.owners.get(row.account_id)
        row.evidence = json.loads(self.found.evidence[row.account_id])
        row.arr_at_risk = from_cents(cents) if cents else Decimal(0)
        row.rank = warning_rank(cents, self.rule.severity)
        return row


def announce(event: str, rows: Sequence[EarlyWarning], rule: WarningRule, on: dt.date, moment: dt.datetime) -> None:
    """Tell on the timelines what happened; every opening comes by here, so what else follows from it begins here."""
    title = {
        "opened": _("Warning: %(name)s"),
        "reopened": _("Warning again: %(name)s"),
        "resolved": _("Warning over: %(name)s"),
    }[event] % {"name": rule.name}
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                account_id=row.account_id,
                external_id=f"warning:{rule.key}:{row.account_id}:{event}:{on.isoformat()}",
                kind=TimelineEntry.Kind.HEALTH,
                at=moment,
                title=title[:200],
                body="" if event == "resolved" else " · ".join(sentence(line) for line in row.evidence),
                details={"warning": rule.key, "event": event},
            )
            for row in rows
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def tell_owners(rows: Sequence[EarlyWarning], rule: WarningRule, on: dt.date, at: dt.datetime) -> None:
    """Tell the owners of accounts that a rule warns of; of many at once in one line, which leads to their list."""
    by_owner: dict[int, list[EarlyWarning]] = {}
    for row in rows:
        if row.owner_id is not None:
            by_owner.setdefault(row.owner_id, []).append(row)
    people = User.objects.active().in_bulk(list(by_owner))
    accounts = Account.objects.in_bulk([row.account_id for some in by_owner.values() for row in some])
    notices: list[Notice] = []
    for pk, person in people.items():
        mine = by_owner[pk]
        if len(mine) > TOLD_APART:
            notices.append(_of_many(person, rule, len(mine), on))
        else:
            notices += [_of_one(person, rule, row, accounts[row.account_id], on) for row in mine]
    notify_each(notices, at=at)


def _of_one(person: User, rule: WarningRule, row: EarlyWarning, account: Account, on: dt.date) -> Notice:
    return Notice(
        person=person,
        kind="warning_opened",
        title=lambda: f"{account.name}: {rule.shown_name}",
        body=lambda: " · ".join(sentence(line) for line in row.evidence),
        cause=f"warning:{rule.pk}:{account.pk}:{on.isoformat()}",
        url=f"{reverse('account_overview', args=[account.pk])}#warnings",
        account=account,
    )


def _of_many(person: User, rule: WarningRule, count: int, on: dt.date) -> Notice:
    def title() -> str:
        words = ngettext("%(count)s account of yours: %(rule)s", "%(count)s accounts of yours: %(rule)s", count)
        return words % {"count": count, "rule": rule.shown_name}

    return Notice(
        person=person,
        kind="warning_opened",
        title=title,
        cause=f"warning:{rule.pk}:many:{on.isoformat()}",
        url=f"{reverse('warnings')}?owner=me&rule={rule.key}",
    )
