"""Who pays less than before, and what came of it?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from accounts.models import Organisation
from common.columns import only_ids
from revenue.models import Movement
from revenue.queries.ledger import stored_movements
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.queries.renewals import next_renewal
from revenue.rules.downgrades import FollowThrough, share_lost, since_downgrade, year_before
from revenue.rules.movements import CHURN, CONTRACTION, Movements, day_number
from revenue.rules.rates import Rates, converted, from_cents, rate_on


@dataclass(frozen=True)
class Downgrade:
    """One day on which an account came to pay less: all figures at the rates of its eve, in the reporting currency."""

    account_id: int
    on: dt.date
    before: Decimal
    after: Decimal
    now: Decimal
    since: str
    renewal_on: dt.date | None

    @property
    def lost(self) -> Decimal:
        """By how much it fell."""
        return self.before - self.after

    @property
    def share(self) -> Decimal | None:
        """How much of what it paid that was."""
        return share_lost(self.before, self.after)


def downgrades(start: dt.date, end: dt.date, on: dt.date, account_ids: Iterable[int] | None = None) -> list[Downgrade]:
    """The contractions of a period (end not included), the newest first; a few queries however many there are."""
    ids = None if account_ids is None else set(account_ids)
    moved = Movement.objects.between(start, end).filter(kind=Movement.Kind.CONTRACTION)
    found = only_ids(moved, "account_id", ids).order_by("-on", "account_id").values_list("account_id", "on").distinct()
    days = [(account, day) for account, day in found if ids is None or account in ids]
    if not days:
        return []
    paid = _Paid.of({account for account, _day in days}, on)
    ends = next_renewal(on, {account for account, _day in days})
    listed = []
    for account, day in days:
        eve = day - dt.timedelta(days=1)
        before, after, now = (paid.at(account, then, eve) for then in (eve, day, on))
        listed.append(Downgrade(account, day, before, after, now, since_downgrade(after, now), ends.get(account)))
    return listed


@dataclass(frozen=True)
class _Paid:
    """What some accounts paid: their movements in order, and the rates to convert them."""

    held: dict[int, list[tuple[int, str, int]]]
    rates: Rates
    reporting: str

    @classmethod
    def of(cls, ids: set[int], on: dt.date) -> _Paid:
        """Read the movements of accounts."""
        movements, _ = stored_movements(sorted(ids))
        reporting = Organisation.load().reporting_currency
        return cls(_by_account(movements), load_rates(movements.currencies, reporting, until=on), reporting)

    def at(self, account: int, day: dt.date, rates_of: dt.date) -> Decimal:
        """What an account paid at the end of a day, at the rates of another."""
        last = day_number(day)
        balance = {currency: after for number, currency, after in self.held[account] if number <= last}
        with refuse_missing_rate():
            worth = [
                int(converted(np.array([cents]), rate_on(self.rates, name, self.reporting, rates_of))[0])
                for name, cents in balance.items()
                if cents
            ]
        return from_cents(sum(worth))


def _by_account(movements: Movements) -> dict[int, list[tuple[int, str, int]]]:
    kept: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for position in np.argsort(movements.day, kind="stable").tolist():
        name = movements.currencies[int(movements.currency[position])]
        kept[int(movements.account[position])].append(
            (int(movements.day[position]), name, int(movements.after[position]))
        )
    return kept


def follow_through(on: dt.date, account_ids: Sequence[int] | None = None) -> FollowThrough:
    """Of the accounts that paid a year ago: how many of those that had downgraded in the year before, and of the
    others, have left in the twelve months since. A customer who left and came back counts as left.
    """
    movements, _ = stored_movements(account_ids)
    then, before, today = (day_number(day) for day in (year_before(on), year_before(year_before(on)), on))
    order = np.argsort(movements.day, kind="stable")
    account, day, kind = (column[order] for column in (movements.account, movements.day, movements.kind))
    known, position = np.unique(account, return_inverse=True)
    shrank, left = np.zeros(known.size, dtype=np.int64), np.zeros(known.size, dtype=np.int64)
    # A customer is who did not churn last; a day has one kind of movement for all currencies of an account.
    last_kind = np.full(known.size, -1, dtype=np.int64)
    past = day <= then
    last_kind[position[past]] = kind[past]
    customers = (last_kind != -1) & (last_kind != CHURN)
    np.add.at(shrank, position, (kind == CONTRACTION) & (day > before) & past)
    np.add.at(left, position, (kind == CHURN) & (day > then) & (day <= today))
    down = customers & (shrank > 0)
    rest = customers & (shrank == 0)
    return FollowThrough(int(down.sum()), int((left[down] > 0).sum()), int(rest.sum()), int((left[rest] > 0).sum()))
