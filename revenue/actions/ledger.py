"""How does the stored ledger follow the contract lines, and how is it caught if it does not?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import transaction

from accounts.models import Account
from common.bulk import insert_columns
from common.columns import MANY_IDS
from revenue.actions.kept_months import ledger_changed
from revenue.models import Movement
from revenue.queries import derived_movements, ledger_by_month, stored_movements
from revenue.rules.movements import KINDS, SPAN, Movements, day_of
from revenue.rules.rates import from_cents

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
BATCH = 1_000


@dataclass(frozen=True)
class Derived:
    """How many movements were written, taken away and found unchanged."""

    inserted: int
    deleted: int
    unchanged: int


@dataclass(frozen=True)
class LedgerFault:
    """One way in which the stored ledger is wrong."""

    what: str
    count: int


@transaction.atomic
def derive_movements(*, account_ids: Iterable[int] | None = None) -> Derived:
    """Bring the stored movements in line with the contract lines, of all accounts or some; twice changes nothing.

    Two savers of one account wait for each other here, so neither misses the other's line.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    if ids is not None and len(ids) <= MANY_IDS:
        list(Account.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    wanted = derived_movements(ids)
    stored, stored_ids = stored_movements(ids)
    new, gone = _difference(wanted, stored)
    _delete(stored_ids[gone])
    _insert(wanted, new)
    changed = np.concatenate([wanted.day[new], stored.day[gone]])
    if changed.size:
        ledger_changed(since=day_of(changed.min()))
    return Derived(int(new.sum()), int(gone.sum()), int((~gone).sum()))


def audit_ledger(*, first: dt.date, last: dt.date) -> list[LedgerFault]:
    """Compare the stored ledger with what the lines say, and add every month up; an empty list means it is right."""
    wanted = derived_movements()
    stored, _ = stored_movements()
    new, gone = _difference(wanted, stored)
    unbalanced = [month for month in ledger_by_month(first, last) if not month.is_balanced]
    found = [
        LedgerFault("movements missing", int(new.sum())),
        LedgerFault("movements that no contract line explains", int(gone.sum())),
        LedgerFault("months that do not add up", len(unbalanced)),
    ]
    return [fault for fault in found if fault.count]


def _difference(wanted: Movements, stored: Movements) -> tuple[Mask, Mask]:
    """Which wanted movements are not stored just so, and which stored ones are not wanted."""
    names = [*wanted.currencies, *(name for name in stored.currencies if name not in wanted.currencies)]
    accounts = np.unique(np.concatenate([wanted.account, stored.account]))
    wanted_rows, stored_rows = (_comparable(movements, accounts, names) for movements in (wanted, stored))
    return ~_contained(wanted_rows, stored_rows), ~_contained(stored_rows, wanted_rows)


def _comparable(movements: Movements, accounts: Ints, names: Sequence[str]) -> Ints:
    """Movements as rows of (account, day and currency; kind and amount; ARR after)."""
    numbers = np.array([names.index(name) for name in movements.currencies] or [0], dtype=np.int64)
    account = np.searchsorted(accounts, movements.account)
    currency = numbers[movements.currency] if movements.currency.size else movements.currency
    key = (account * len(names) + currency) * SPAN + movements.day
    return np.stack([key, movements.cents * len(KINDS) + movements.kind, movements.after], axis=1)


def _contained(rows: Ints, others: Ints) -> Mask:
    """Which rows are among others; a key is unique on either side."""
    if not len(rows) or not len(others):
        return np.zeros(len(rows), dtype=bool)
    others = others[np.argsort(others[:, 0], kind="stable")]
    position = np.minimum(np.searchsorted(others[:, 0], rows[:, 0]), len(others) - 1)
    same: Mask = (others[position] == rows).all(axis=1)
    return same


def _delete(ids: Ints) -> None:
    """Delete movements by id."""
    for start in range(0, ids.size, BATCH):
        Movement.objects.filter(pk__in=ids[start : start + BATCH].tolist()).delete()


def _insert(movements: Movements, new: Mask) -> None:
    """Write movements."""
    days = {day: day_of(day) for day in np.unique(movements.day[new]).tolist()}
    insert_columns(
        Movement,
        {
            "account_id": movements.account[new].tolist(),
            "on": [days[day] for day in movements.day[new].tolist()],
            "kind": [KINDS[kind] for kind in movements.kind[new].tolist()],
            "currency": [movements.currencies[number] for number in movements.currency[new].tolist()],
            "amount": [from_cents(cents) for cents in movements.cents[new].tolist()],
            "arr_after": [from_cents(cents) for cents in movements.after[new].tolist()],
        },
    )
