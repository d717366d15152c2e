"""Which accounts are measured, on which day, and what do all their indicators share?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import BigIntegerField, Case, F, Func, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast
from numpy.typing import NDArray

from accounts.models import Account
from common.columns import NO_DAY, read_columns
from common.periods import start_of_day
from health.rules.score import Flags, Floats
from usage.models import AccountUsageDay, Feature, Milestone, Scenario

Ints = NDArray[np.int64]
Read = TypeVar("Read")

# Up to so many accounts are named in a query; more are read as a span of ids.
NAMED = 500
WORD = 60


@dataclass(frozen=True, slots=True)
class Measure:
    """The values of one indicator, and how many days ago they were last known (None: they do not age)."""

    values: Floats
    age: Floats | None = None


@dataclass(frozen=True)
class Catalogue:
    """What there is to use, read once for a whole run."""

    features: Ints
    product_of: Ints
    kinds: NDArray[np.str_]
    retired: Ints
    scenarios: tuple[Flags, ...]
    milestones: Ints
    due_after: Ints

    @classmethod
    def load(cls) -> Catalogue:
        """Read the catalogue: four small queries."""
        rows = list(Feature.objects.order_by("pk").values_list("pk", "module__product", "kind", "retired_on"))
        features = np.array([row[0] for row in rows], dtype=np.int64)
        members: dict[int, list[int]] = {}
        for scenario, feature in Scenario.features.through.objects.order_by("pk").values_list("scenario", "feature"):
            members.setdefault(scenario, []).append(feature)
        milestones = list(Milestone.objects.order_by("pk").values_list("pk", "due_after_days"))
        return cls(
            features=features,
            product_of=np.array([row[1] for row in rows], dtype=np.int64),
            kinds=np.array([row[2] for row in rows], dtype="U10"),
            retired=np.array([NO_DAY if row[3] is None else day_number(row[3]) for row in rows], dtype=np.int64),
            scenarios=tuple(np.isin(features, members[scenario]) for scenario in sorted(members)),
            milestones=np.array([row[0] for row in milestones], dtype=np.int64),
            due_after=np.array([row[1] for row in milestones], dtype=np.int64),
        )


@dataclass(frozen=True)
class Book:
    """Some accounts on one day; what several indicators need is read once."""

    on: dt.date
    zone: ZoneInfo
    catalogue: Catalogue
    ids: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    # Count from every single use instead of from what is kept of them: slower, the same, and so a check.
    from_days: bool = False

    def of(self, ids: Ints) -> Book:
        """The same day and catalogue for these accounts (sorted ids)."""
        return replace(self, ids=ids)

    @property
    def day(self) -> int:
        """The day as a number."""
        return day_number(self.on)

    def window(self, days: int) -> tuple[dt.date, dt.date]:
        """First and last day of the window up to and including the day."""
        return self.on - dt.timedelta(days=days - 1), self.on

    def instants(self, days: int) -> tuple[dt.datetime, dt.datetime]:
        """The instants between which the window lies in the organisation's time zone (end exclusive)."""
        first, last = self.window(days)
        return start_of_day(first, self.zone), start_of_day(last + dt.timedelta(days=1), self.zone)

    def only(self, rows: QuerySet[Any], name: str = "account_id", *, named: int = NAMED) -> QuerySet[Any]:
        """Restrict rows to these accounts, or, when they are more than may be named, to the span in which they lie."""
        if len(self.ids) <= named:
            return rows.filter(**{f"{name}__in": self.ids.tolist()})
        return rows.filter(**{f"{name}__gte": int(self.ids[0]), f"{name}__lte": int(self.ids[-1])})

    def columns(self, rows: QuerySet[Any], **kinds: str) -> dict[str, Ints]:
        """Read whole numbers per row; `at` is the row's account as a position here. Rows of others are dropped."""
        found = read_columns(rows.order_by(), account_id="int", **kinds)
        at, known = self.positions(found.pop("account_id"))
        return {"at": at[known], **{name: values[known] for name, values in found.items()}}

    def positions(self, accounts: Ints) -> tuple[Ints, Flags]:
        """Where accounts stand here, and which of them do."""
        if not len(self.ids):
            return np.zeros(len(accounts), dtype=np.int64), np.zeros(len(accounts), dtype=bool)
        at = np.minimum(np.searchsorted(self.ids, accounts), len(self.ids) - 1)
        return at, self.ids[at] == accounts

    def per_account(self, rows: QuerySet[Any], *, empty: int = 0, **kinds: str) -> dict[str, Ints]:
        """Read at most one row per account as full columns, `empty` where there is none; `known` says where."""
        found = self.columns(rows, **kinds)
        at = found.pop("at")
        full = {"known": np.zeros(len(self.ids), dtype=np.int64)}
        full["known"][at] = 1
        for name, values in found.items():
            full[name] = np.full(len(self.ids), empty, dtype=np.int64)
            full[name][at] = values
        return full

    def flags(self, rows: QuerySet[Any], name: str, members: Ints, when: Q | None = None) -> tuple[Flags, Flags]:
        """Read sets of ids per account as accounts × members, and which accounts have any row.

        The sets come as bits in whole numbers, a few per account, instead of one row per account and member.
        """
        words = words_of(members)
        found = self.per_account(
            rows.values("account_id").annotate(**{f"word{n}": _bits(name, word, when) for n, word in enumerate(words)}),
            empty=0,
            **{f"word{n}": "int" for n in range(len(words))},
        )
        flags = np.zeros((len(self.ids), len(members)), dtype=bool)
        begin = 0
        for n, word in enumerate(words):
            for offset, member in enumerate(word.tolist()):
                flags[:, begin + offset] = (found[f"word{n}"] >> (member - int(word[0]))) & 1
            begin += len(word)
        return flags, found["known"].astype(bool)

    def once(self, name: Any, read: Callable[[], Read]) -> Read:
        """Read something that several indicators need, once."""
        if name not in self._read:
            self._read[name] = read()
        kept: Read = self._read[name]
        return kept

    @cached_property
    def _read(self) -> dict[Any, Any]:
        return {}

    @cached_property
    def newest_usage(self) -> tuple[int | None, int | None]:
        """The last days with usage of anybody: up to the day, and at all."""
        upto = AccountUsageDay.objects.filter(day__lte=self.on).aggregate(last=Max("day"))
        return _number(upto["last"]), _number(AccountUsageDay.objects.aggregate(last=Max("day"))["last"])

    @cached_property
    def feed_age(self) -> Floats:
        """How many days ago the usage feed last said anything of anybody.

        An account that fell silent while others are heard scores 0; when nobody is heard, the feed itself is silent.
        """
        last = self.newest_usage[0]
        return np.full(len(self.ids), np.inf if last is None else self.day - last)

    @cached_property
    def signed(self) -> Ints:
        """The day on which each account signed, `NO_DAY` where it is not known."""
        rows = self.only(Account.objects.all(), "pk").values(account_id=F("pk"))
        return self.per_account(rows, empty=NO_DAY, signed_on="day")["signed_on"]


def day_number(day: dt.date) -> int:
    """Count a day from 1970, as `read_columns` gives days."""
    return int(np.datetime64(day, "D").astype(np.int64))


def words_of(members: Ints) -> list[Ints]:
    """Cut sorted ids into spans that fit the bits of a whole number."""
    words: list[list[int]] = []
    for member in members.tolist():
        if words and member - words[-1][0] < WORD:
            words[-1].append(member)
        else:
            words.append([member])
    return [np.array(word, dtype=np.int64) for word in words]


def _bits(name: str, word: Ints, when: Q | None) -> Cast:
    """Sum the bits of a span of ids; each id comes at most once per account."""
    first, last = int(word[0]), int(word[-1])
    bit = Func(
        F(name) - first,
        template="(CAST(1 AS bigint) << CAST((%(expressions)s) AS integer))",
        output_field=BigIntegerField(),
    )
    here = Q(**{f"{name}__gte": first, f"{name}__lte": last})
    case = Case(When(here & when if when else here, then=bit), default=Value(0), output_field=BigIntegerField())
    return Cast(Sum(case), BigIntegerField())


def _number(day: dt.date | None) -> int | None:
    return None if day is None else day_number(day)
