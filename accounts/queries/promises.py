"""Which promises stand, which are overdue, and which were broken?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Account, ExpectationGap, ImplementationRecord, Promise
from accounts.rules import promises as rules


@dataclass(frozen=True)
class PromiseLine:
    """One promise, and whether it is past its day."""

    promise: Promise
    is_overdue: bool


@dataclass(frozen=True)
class Ledger:
    """All promises of an account, open ones first."""

    lines: tuple[PromiseLine, ...]

    @property
    def overdue(self) -> int:
        """How many open promises are past their day."""
        return sum(line.is_overdue for line in self.lines)

    @property
    def broken(self) -> int:
        """How many promises were broken."""
        return sum(line.promise.state == Promise.State.BROKEN for line in self.lines)


def promise_ledger(account: Account, on: dt.date) -> Ledger:
    """Read the promises of an account: open ones by their day, then the settled, newest first."""
    rows = list(Promise.objects.filter(account=account).select_related("made_to"))
    still_open = [row for row in rows if row.state == Promise.State.OPEN]
    settled = sorted(
        (row for row in rows if row.state != Promise.State.OPEN),
        key=lambda row: (row.settled_on or dt.date.min, row.pk),
        reverse=True,
    )
    return Ledger(
        tuple(PromiseLine(row, rules.is_overdue(row.state, row.due_on, on)) for row in [*still_open, *settled])
    )


@dataclass(frozen=True)
class Archive:
    """What the product does not do yet for this customer, and how it was put to work."""

    gaps: tuple[ExpectationGap, ...]
    records: tuple[ImplementationRecord, ...]


def archive_of(account: Account) -> Archive:
    """Read the expectation gaps and the implementation records with their files."""
    return Archive(
        gaps=tuple(ExpectationGap.objects.filter(account=account)),
        records=tuple(ImplementationRecord.objects.filter(account=account).prefetch_related("attachments")),
    )
