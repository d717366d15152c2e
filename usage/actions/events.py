"""How is a product event taken in exactly once, whatever its sender repeats, loses or shuffles?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db import connection, transaction

from accounts.models import Account, Organisation
from common.bulk import rows_as_table, upsert_columns
from common.jobs import enqueue, enqueue_many
from usage.actions.rollups import add_uses
from usage.models import Feature, UsageEvent, WaitingEvent
from usage.rules.events import Event, fault_of

BATCH = 50_000
# Beyond this many accounts one job scores all of them.
MANY_ACCOUNTS = 200


class Outcome(StrEnum):
    """What became of one event; everything else is a reason for which it was refused."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    # It waits, and is taken in once its account is known.
    UNKNOWN_ACCOUNT = "unknown_account"
    CONFLICT = "conflict"
    UNKNOWN_FEATURE = "unknown_feature"


REFUSALS = frozenset(
    {
        *("conflict", "unknown_feature", "bad_id", "bad_account", "bad_person", "unstorable"),
        *("bad_quantity", "no_offset", "in_future", "too_old"),
    }
)


@dataclass
class Recorded:
    """What became of the events of a batch, one word for each, in the order given."""

    outcomes: list[str]
    account_ids: set[int] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        """How often each outcome came."""
        return dict(Counter(self.outcomes))

    @property
    def refused(self) -> list[tuple[int, str]]:
        """Position and reason of the events that were not taken."""
        return [(number, word) for number, word in enumerate(self.outcomes) if word in REFUSALS]


@dataclass(frozen=True, slots=True)
class _Row:
    """An event as it is stored."""

    message_id: str
    account_id: int
    feature_id: int
    person: str
    at: dt.datetime
    day: dt.date
    quantity: int

    def content(self) -> tuple[int, int, str, dt.datetime, int]:
        """What makes two events with one id the same event."""
        return self.account_id, self.feature_id, self.person, self.at, self.quantity


@transaction.atomic
def record_events(rows: Sequence[Event], *, source: str, at: dt.datetime, rescore: bool = True) -> Recorded:
    """Store a batch of events and add them to the daily figures, all in one transaction.

    Idempotent by (source, message id) for the whole retention time: the same event again is a duplicate, another one
    under the same id a conflict. An event of an unknown account is kept waiting; one that is wrong by itself is
    refused without harm to the others. Give at most some ten thousand rows; for more, `record_events_in_batches`.
    """
    zone = Organisation.load().zone
    accounts = _ids(Account, {event.account for event in rows})
    features = _ids(Feature, {event.feature for event in rows})
    outcomes: list[str] = [""] * len(rows)
    known: dict[str, tuple[int, _Row]] = {}
    unknown: dict[str, tuple[int, Event]] = {}
    for number, event in enumerate(rows):
        fault = fault_of(event, at)
        if fault is None and event.feature not in features:
            fault = Outcome.UNKNOWN_FEATURE
        if fault is not None:
            outcomes[number] = str(fault)
        elif event.account not in accounts:
            outcomes[number] = _first_or(unknown, event.message_id, number, event)
        else:
            row = _Row(
                event.message_id,
                accounts[event.account],
                features[event.feature],
                event.person,
                event.at.astimezone(dt.UTC),
                event.at.astimezone(zone).date(),
                event.quantity,
            )
            outcomes[number] = _first_or(known, event.message_id, number, row)
    for message_id in unknown.keys() & known.keys():
        outcomes[unknown.pop(message_id)[0]] = Outcome.CONFLICT
    _store(known, outcomes, source)
    _keep_waiting(unknown, outcomes, source, at)
    accepted = [row for number, row in known.values() if outcomes[number] == Outcome.ACCEPTED]
    add_uses((row.account_id, row.day, row.feature_id, row.person, row.quantity) for row in accepted)
    touched = {row.account_id for row in accepted}
    if rescore:
        ask_for_scores(touched)
    return Recorded(outcomes, touched)


def record_events_in_batches(
    rows: Iterable[Event], *, source: str, at: dt.datetime, batch: int = BATCH
) -> Iterator[Recorded]:
    """Store any number of events with bounded memory: one transaction per batch, whose outcome is given as it is done.

    Scores are left to the caller, who knows when everything is in.
    """
    remaining = iter(rows)
    while part := list(islice(remaining, batch)):
        yield record_events(part, source=source, at=at, rescore=False)


def ask_for_scores(account_ids: Iterable[int]) -> None:
    """Ask for new scores: a job for each of a few accounts, one for all when there are many."""
    ids = sorted(set(account_ids))
    if len(ids) > MANY_ACCOUNTS:
        ask_for_all_scores()
    elif ids:
        enqueue_many("health.score_accounts", [(f"score:{number}", {"account_ids": [number]}) for number in ids])


def ask_for_all_scores() -> None:
    """Ask for new scores of all accounts."""
    enqueue("health.score_accounts", key="score:all")


def _first_or(seen: dict[str, tuple[int, Any]], message_id: str, number: int, content: Any) -> str:
    """Keep the first event of an id within a batch; say of a later one whether it repeats or contradicts it."""
    first = seen.setdefault(message_id, (number, content))
    if first[0] == number:
        return ""
    return Outcome.DUPLICATE if first[1] == content else Outcome.CONFLICT


def _ids(model: Any, external_ids: Iterable[str]) -> dict[str, int]:
    """Look up ids by external ids, in one query whatever their number."""
    wanted = [(text,) for text in sorted(external_ids) if text and "\x00" not in text]
    field = model._meta.get_field("external_id")
    table, parameters = rows_as_table([field], wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_id, id FROM {model._meta.db_table} WHERE external_id IN (SELECT c0 FROM {table})",
            parameters,
        )
        return dict(cursor.fetchall())


def _store(known: dict[str, tuple[int, _Row]], outcomes: list[str], source: str) -> None:
    """Insert what is new; find out of the rest whether it is the same as stored."""
    rows = [row for _, (_, row) in sorted(known.items())]
    new = _insert(rows, source)
    old = [row for row in rows if row.message_id not in new]
    stored = _stored([row.message_id for row in old], source)
    for message_id, (number, row) in known.items():
        if message_id in new:
            outcomes[number] = Outcome.ACCEPTED
        else:
            outcomes[number] = Outcome.DUPLICATE if stored[message_id] == row.content() else Outcome.CONFLICT


COLUMNS = ("source", "message_id", "account", "person", "feature", "at", "day", "quantity")


def _insert(rows: Sequence[_Row], source: str) -> set[str]:
    """Insert events whose id is not stored; return the ids of those that are new.

    Sorted by id, so that two senders of the same events wait for each other instead of locking each other out.
    """
    fields: list[Any] = [UsageEvent._meta.get_field(name) for name in COLUMNS]
    listed = ", ".join(str(field.column) for field in fields)
    new: set[str] = set()
    instant, days = connection.ops.adapt_datetimefield_value, _days({row.day for row in rows})
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 10_000):
            values = [
                (
                    source,
                    row.message_id,
                    row.account_id,
                    row.person,
                    row.feature_id,
                    instant(row.at),
                    days[row.day],
                    row.quantity,
                )
                for row in rows[start : start + 10_000]
            ]
            table, parameters = rows_as_table(fields, values)
            cursor.execute(
                f"""INSERT INTO {UsageEvent._meta.db_table} ({listed}) SELECT * FROM {table} WHERE true
                ON CONFLICT (source, message_id) DO NOTHING RETURNING message_id""",
                parameters,
            )
            new.update(message_id for (message_id,) in cursor.fetchall())
    return new


def _days(days: Iterable[dt.date]) -> dict[dt.date, Any]:
    """Days as the database driver takes them, each made once."""
    return {day: connection.ops.adapt_datefield_value(day) for day in days}


def _stored(message_ids: Sequence[str], source: str) -> dict[str, tuple[int, int, str, dt.datetime, int]]:
    """Read the content of stored events by id."""
    found: dict[str, tuple[int, int, str, dt.datetime, int]] = {}
    for start in range(0, len(message_ids), 10_000):
        table, parameters = rows_as_table(
            [UsageEvent._meta.get_field("message_id")], [(text,) for text in message_ids[start : start + 10_000]]
        )
        rows = UsageEvent.objects.raw(
            # Not a join: SQLite would read the given ids once for every stored event.
            f"""SELECT event.* FROM {UsageEvent._meta.db_table} event
            WHERE event.source = %s AND event.message_id IN (SELECT c0 FROM {table})""",
            [source, *parameters],
        )
        for event in rows:
            content = (event.account_id, event.feature_id, event.person, event.at, event.quantity)
            found[event.message_id] = content
    return found


def _keep_waiting(unknown: dict[str, tuple[int, Event]], outcomes: list[str], source: str, at: dt.datetime) -> None:
    """Keep events whose account is not known yet; what is kept already is a duplicate or a conflict."""
    if not unknown:
        return
    ids = sorted(unknown)
    taken = _stored(ids, source)
    waiting = {
        event.message_id: (event.account_external_id, event.payload)
        for start in range(0, len(ids), 500)
        for event in WaitingEvent.objects.filter(source=source, message_id__in=ids[start : start + 500])
    }
    new = []
    for message_id in ids:
        number, event = unknown[message_id]
        if message_id in taken:
            outcomes[number] = Outcome.CONFLICT
        elif message_id in waiting:
            same = waiting[message_id] == (event.account, payload_of(event))
            outcomes[number] = Outcome.DUPLICATE if same else Outcome.CONFLICT
        else:
            outcomes[number] = Outcome.UNKNOWN_ACCOUNT
            new.append(event)
    columns: dict[str, Sequence[Any]] = {
        "source": [source] * len(new),
        "message_id": [event.message_id for event in new],
        "account_external_id": [event.account for event in new],
        "payload": [payload_of(event) for event in new],
        "received_at": [at] * len(new),
    }
    upsert_columns(WaitingEvent, columns, unique=["source", "message_id"])


def payload_of(event: Event) -> dict[str, Any]:
    """What is kept of an event that waits."""
    return {
        "feature": event.feature,
        "person": event.person,
        "at": event.at.astimezone(dt.UTC).isoformat(),
        "quantity": event.quantity,
    }
