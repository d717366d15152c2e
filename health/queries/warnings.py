"""Of which accounts does each rule warn on a day, and why?

Nothing is written, so any past day can be looked at as it would have been judged then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from accounts.models import Account, Organisation
from common.columns import NO_DAY
from health.models import WarningRule
from health.queries.indicators.book import Book, Catalogue, Ints
from health.queries.measures import MEASURES, measure_test
from health.queries.measures.measured import Measured
from health.queries.scorecards import condition_of
from health.queries.standing import is_scored
from health.rules.score import Flags
from health.rules.warnings import Definition, Test, can_judge, is_warned, parse_definition, passes

# So many accounts are judged at a time: memory stays the same for a book of any size.
CHUNK = 20_000
EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class Judged:
    """What one rule says of the accounts of a book: of whom it warns, of whom it can say so, and why."""

    fires: Flags
    judged: Flags
    tests: Sequence[Test]
    measured: Sequence[Measured]

    def evidence(self, row: int) -> list[dict[str, Any]]:
        """The numbers behind one account's warning: a line per test that passed."""
        return [
            _line(test, measured, row)
            for test, measured in zip(self.tests, self.measured, strict=True)
            if passes(test.comparison, measured.values[row : row + 1], test.threshold)[0]
        ]


@dataclass(frozen=True)
class WarningColumns:
    """Who is a customer on a day, and of whom each rule warns (accounts × rules); nothing known is no warning."""

    on: dt.date
    accounts: Ints
    rules: tuple[str, ...]
    fires: Flags
    judged: Flags

    def accounts_of(self, rule: str) -> Ints:
        """The ids of the accounts of which a rule warns."""
        return self.accounts[self.fires[:, self.rules.index(rule)]]

    def count_of(self, rule: str) -> int:
        """How many accounts a rule warns of."""
        return int(self.fires[:, self.rules.index(rule)].sum())


def warnings_on(
    on: dt.date, rule: WarningRule | str | None = None, account_ids: Iterable[int] | None = None
) -> WarningColumns:
    """Judge all customers of a day by one rule (by its key, or not even stored yet), or by all rules in use."""
    chosen = chosen_rules(rule)
    parts = [(book.ids, [judge_rule(book, one) for one in chosen]) for book in customers_on(on, account_ids)]
    empty = np.zeros((0, len(chosen)), dtype=bool)
    return WarningColumns(
        on=on,
        accounts=np.concatenate([ids for ids, _ in parts]) if parts else np.empty(0, dtype=np.int64),
        rules=tuple(one.key for one in chosen),
        fires=np.concatenate([np.stack([one.fires for one in said], axis=1) for _, said in parts if said] or [empty]),
        judged=np.concatenate([np.stack([one.judged for one in said], axis=1) for _, said in parts if said] or [empty]),
    )


def chosen_rules(rule: WarningRule | str | None) -> list[WarningRule]:
    """One rule, or all in use in their order."""
    if isinstance(rule, WarningRule):
        return [rule]
    rows = WarningRule.objects.order_by("position", "pk")
    return list(rows.filter(is_enabled=True) if rule is None else rows.filter(key=rule))


def customers_on(on: dt.date, account_ids: Iterable[int] | None = None) -> Iterator[Book]:
    """The customers of a day, some thousands at a time; who left, or has not signed yet, is not among them."""
    organisation = Organisation.load()
    book = Book(on=on, zone=organisation.zone, catalogue=Catalogue.load())
    ids = _ids(account_ids)
    for begin in range(0, len(ids), CHUNK):
        part = book.of(ids[begin : begin + CHUNK])
        part = part.of(part.ids[is_scored(part, organisation.renewal_gap_days)])
        if len(part.ids):
            yield part


def judge_rule(book: Book, rule: WarningRule) -> Judged:
    """Judge the accounts of a book by one rule."""
    definition = parse_definition(rule.definition)
    tests = [test for test in definition.tests if test.measure in MEASURES]
    if len(tests) < len(definition.tests):  # a measure that is gone is not known of anybody
        nobody = np.zeros(len(book.ids), dtype=bool)
        return Judged(nobody, nobody, (), ())
    measured = [measure_test(book, test) for test in tests]
    passed = [passes(test.comparison, one.values, test.threshold) for test, one in zip(tests, measured, strict=True)]
    known = [~np.isnan(one.values) for one in measured]
    meant = _is_meant(book, definition)
    return Judged(
        fires=is_warned(definition.match, passed) & meant,
        judged=can_judge(definition.match, passed, known) | ~meant,
        tests=tests,
        measured=measured,
    )


def _is_meant(book: Book, definition: Definition) -> Flags:
    """Which accounts a rule is for: those that meet its conditions and have signed long enough ago."""
    meant = np.ones(len(book.ids), dtype=bool)
    if definition.conditions:
        rows = book.only(Account.objects.filter(condition_of(definition.conditions, book.on)), "pk").order_by()
        meant = np.isin(book.ids, np.fromiter(rows.values_list("pk", flat=True), dtype=np.int64))
    if definition.after_days:
        young = (book.signed != NO_DAY) & (book.signed + definition.after_days > book.day)
        meant &= ~young
    return meant


def _line(test: Test, measured: Measured, row: int) -> dict[str, Any]:
    """One test of one account as it is kept."""
    line: dict[str, Any] = {
        "measure": test.measure,
        "value": _plain(measured.values[row]),
        "comparison": test.comparison,
        "threshold": _plain(test.threshold),
    }
    days = test.days or MEASURES[test.measure].days
    if days:
        line["days"] = days
    line |= {name: _plain(column[row]) for name, column in measured.counts.items()}
    line |= {name: str(EPOCH + int(column[row])) for name, column in measured.days.items()}
    return line


def _plain(value: Any) -> float | int | None:
    """A number as JSON keeps it, to two places."""
    number = float(value)
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() else round(number, 2)


def _ids(account_ids: Iterable[int] | None) -> Ints:
    if account_ids is not None:
        return np.unique(np.array(list(account_ids), dtype=np.int64))
    return np.fromiter(Account.objects.order_by("pk").values_list("pk", flat=True).iterator(), dtype=np.int64)
