"""For which accounts is there, or was there, a cause that starts a playbook?

A cause has a key, like "warning:silent_7d:412:0", by which it is known for good: what was judged once is not judged
again. Some causes happen (a signing, a change of stage); they count for a week, so that a worker who was away for a
weekend misses none and a playbook that is switched on does not start for what happened last year. Others stand
(an open warning, a renewal ahead, being in a view) and count as long as they do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from accounts.models import Account, Handoff, Organisation, TimelineEntry
from common.columns import only_ids
from common.periods import day_of, days, start_of_day
from health.models import EarlyWarning
from playbooks.queries.views import accounts_in_view
from playbooks.rules.definition import CUSTOM, Trigger, TriggerKind
from revenue.models import Renewal

# So many days an event counts.
EVENT_DAYS = 7
ONE_DAY = dt.timedelta(days=1)
# Causes that have to stand on the day of the start.
STANDING = (TriggerKind.WARNING, TriggerKind.RENEWAL_AHEAD, TriggerKind.SAVED_VIEW)


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing about one account that starts a playbook, and the day on which it came about."""

    account_id: int
    kind: str
    key: str
    on: dt.date


@dataclass(frozen=True)
class Span:
    """Which days are looked at: their causes (`standing`: also older ones that still hold), of which accounts."""

    first: dt.date
    last: dt.date
    zone: ZoneInfo
    account_ids: frozenset[int] | None = None
    standing: bool = True

    def of(self, rows: QuerySet[Any], field: str = "account_id") -> QuerySet[Any]:
        """Restrict rows to the accounts; a long list is left to `keep`."""
        return only_ids(rows, field, self.account_ids)

    def keep(self, causes: Iterable[Cause]) -> list[Cause]:
        """Drop the causes of other accounts."""
        wanted = self.account_ids
        return [cause for cause in causes if wanted is None or cause.account_id in wanted]

    @property
    def instants(self) -> tuple[dt.datetime, dt.datetime]:
        """The instants between which the days lie, the end exclusive."""
        return start_of_day(self.first, self.zone), start_of_day(self.last + ONE_DAY, self.zone)


def causes_on(triggers: Iterable[Trigger], on: dt.date, account_ids: Collection[int] | None = None) -> list[Cause]:
    """The causes that count on a day, oldest first."""
    ids = None if account_ids is None else frozenset(account_ids)
    first = on - dt.timedelta(days=EVENT_DAYS - 1)
    return _causes(triggers, Span(first, on, Organisation.load().zone, ids))


def causes_between(triggers: Iterable[Trigger], first: dt.date, last: dt.date) -> list[Cause]:
    """The causes that came about in a past period, as far as history tells; oldest first."""
    return _causes(triggers, Span(first, last, Organisation.load().zone, standing=False))


def _causes(triggers: Iterable[Trigger], span: Span) -> list[Cause]:
    found = {
        (cause.account_id, cause.key): cause for trigger in triggers for cause in FINDERS[trigger.kind](trigger, span)
    }
    return sorted(span.keep(found.values()), key=lambda cause: (cause.on, cause.account_id, cause.key))


def _warnings(trigger: Trigger, span: Span) -> Iterator[Cause]:
    rows = EarlyWarning.objects.filter(opened_on__lte=span.last)
    if span.standing:
        asleep = Q(state=EarlyWarning.State.SNOOZED, snoozed_until__gte=span.last)
        rows = rows.filter(Q(resolved_on=None) | Q(resolved_on__gt=span.last)).exclude(asleep)
    else:
        rows = rows.filter(opened_on__gte=span.first)
    if trigger.keys:
        rows = rows.filter(rule__key__in=trigger.keys)
    fields = ("pk", "account_id", "rule__key", "reopened", "opened_on")
    for pk, account, rule, reopened, on in span.of(rows).values_list(*fields).iterator():
        yield Cause(account, trigger.kind, f"warning:{rule}:{pk}:{reopened}", on)


def _stages(trigger: Trigger, span: Span) -> Iterator[Cause]:
    start, end = span.instants
    rows = TimelineEntry.objects.filter(
        kind=TimelineEntry.Kind.STAGE, at__gte=start, at__lt=end, details__new__in=list(trigger.keys)
    )
    for account, new, at in span.of(rows).values_list("account_id", "details__new", "at").iterator():
        on = day_of(at, span.zone)
        yield Cause(account, trigger.kind, f"stage:{new}:{on}", on)


def _handoffs(trigger: Trigger, span: Span) -> Iterator[Cause]:
    start, end = span.instants
    rows = Handoff.objects.filter(state=Handoff.State.ACCEPTED, decided_at__gte=start, decided_at__lt=end)
    for pk, account, at in span.of(rows).values_list("pk", "account_id", "decided_at").iterator():
        yield Cause(account, trigger.kind, f"handoff:accepted:{pk}", day_of(at, span.zone))


def _signings(trigger: Trigger, span: Span) -> Iterator[Cause]:
    rows = Account.objects.filter(signed_on__gte=span.first, signed_on__lte=span.last).order_by()
    for pk, on in span.of(rows, "pk").values_list("pk", "signed_on").iterator():
        yield Cause(pk, trigger.kind, f"signing:{on}", on)


def _renewals(trigger: Trigger, span: Span) -> Iterator[Cause]:
    ahead = dt.timedelta(days=abs(trigger.days))
    if span.standing:
        rows = Renewal.objects.open().filter(due_on__gte=span.last, due_on__lte=span.last + ahead)
    else:
        rows = Renewal.objects.filter(due_on__gte=span.first + ahead, due_on__lte=span.last + ahead)
    for pk, account, due in span.of(rows.order_by()).values_list("pk", "account_id", "due_on").iterator():
        yield Cause(account, trigger.kind, f"renewal:{pk}", due - ahead)


def _bands(trigger: Trigger, span: Span) -> Iterator[Cause]:
    """Changes of band, told on the timeline under an id that begins with the day; on a day only the last one counts."""
    rows = TimelineEntry.objects.filter(
        external_id__gte=f"health:{span.first}", external_id__lt=f"health:{span.last + ONE_DAY}"
    ).order_by("external_id")
    fields = ("account_id", "external_id", "details__before", "details__after")
    last: dict[int, Cause | None] = {}
    for account, key, before, after in span.of(rows).values_list(*fields).iterator():
        on = dt.date.fromisoformat(key.split(":")[1])
        entered = trigger.kind == TriggerKind.BAND_ENTERED
        meant = after in trigger.keys if entered else before in trigger.keys and after not in trigger.keys
        band, verb = (after, "band") if entered else (before, "band_left")
        cause = Cause(account, trigger.kind, f"{verb}:{band}:{on}", on) if meant else None
        if span.standing:
            last[account] = cause
        elif cause is not None:
            yield cause
    yield from (cause for cause in last.values() if cause is not None)


def _views(trigger: Trigger, span: Span) -> Iterator[Cause]:
    """Being in a view; since when is known from its firings (`playbooks.queries.judging`), of the past nothing is."""
    if span.standing and trigger.view is not None:
        for account in accounts_in_view(trigger.view, span.last):
            yield Cause(account, trigger.kind, f"view:{trigger.view}:{span.last}", span.last)


def _dates(trigger: Trigger, span: Span) -> Iterator[Cause]:
    """So many days after (before) a date of the account or of its renewals."""
    shift = dt.timedelta(days=trigger.days)
    first, last = span.first - shift, span.last - shift
    for name in trigger.keys:
        for account, day in _dated(name, first, last, span):
            yield Cause(account, trigger.kind, f"date:{name}:{day}", day + shift)


def _dated(name: str, first: dt.date, last: dt.date, span: Span) -> Iterator[tuple[int, dt.date]]:
    if name.startswith(CUSTOM):
        field = f"custom__{name.removeprefix(CUSTOM)}"
        wanted = [day.isoformat() for day in days(first, last + ONE_DAY)]
        rows = Account.objects.filter(**{f"{field}__in": wanted}).order_by()
        for pk, day in span.of(rows, "pk").values_list("pk", field).iterator():
            yield pk, dt.date.fromisoformat(day)
    elif name == "renewal_on":
        renewals = Renewal.objects.filter(due_on__gte=first, due_on__lte=last).order_by()
        yield from span.of(renewals).values_list("account_id", "due_on").iterator()
    else:
        accounts = Account.objects.filter(**{f"{name}__gte": first, f"{name}__lte": last}).order_by()
        yield from span.of(accounts, "pk").values_list("pk", name).iterator()


FINDERS: dict[TriggerKind, Callable[[Trigger, Span], Iterator[Cause]]] = {
    TriggerKind.WARNING: _warnings,
    TriggerKind.STAGE: _stages,
    TriggerKind.HANDOFF_ACCEPTED: _handoffs,
    TriggerKind.SIGNING: _signings,
    TriggerKind.RENEWAL_AHEAD: _renewals,
    TriggerKind.BAND_ENTERED: _bands,
    TriggerKind.BAND_LEFT: _bands,
    TriggerKind.SAVED_VIEW: _views,
    TriggerKind.DATE: _dates,
}
