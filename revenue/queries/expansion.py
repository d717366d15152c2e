"""What is in the pipeline, who brought expansion in, and what is a product worth to those who have it?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account, Organisation, ServiceAssignment, User
from common.columns import NO_DAY, codes, masked, only_ids, read_columns
from revenue.models import ContractLine, ExpansionSettings, Movement, Opportunity
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.rules.expansion import Ints, median_cents, weighted_arr
from revenue.rules.rates import converted, from_cents, rate_on

FEW_IDS = 200


@dataclass(frozen=True)
class Credit:
    """One expansion of an account on a day, in the reporting currency, and who owned the account that day."""

    account_id: int
    on: dt.date
    owner_id: int | None
    amount: Decimal


@dataclass(frozen=True)
class StageSum:
    """How many opportunities are in a stage (or with an owner), what they would bring, and weighted what that is."""

    count: int = 0
    arr: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)


def credits_between(start: dt.date, end: dt.date, account_ids: Iterable[int] | None = None) -> list[Credit]:
    """The expansions of a period (end exclusive), each with the CSM of its day, at the rates of the day before it.

    At the opening's rates throughout, so that no exchange rate makes a target reached or missed.
    """
    ids = None if account_ids is None else list(account_ids)
    moved = Movement.objects.between(start, end).filter(kind=Movement.Kind.EXPANSION).order_by("on", "pk")
    columns = masked(
        read_columns(only_ids(moved, "account_id", ids), account_id="int", on="day", currency="text", amount="cents"),
        "account_id",
        ids,
    )
    cents = _in_reporting(columns["currency"], columns["amount"], start - dt.timedelta(days=1))
    owners = _owners_on(columns["account_id"], columns["on"])
    epoch = dt.date(1970, 1, 1)
    return [
        Credit(int(account), epoch + dt.timedelta(days=int(day)), int(owner) or None, from_cents(int(amount)))
        for account, day, owner, amount in zip(columns["account_id"], columns["on"], owners, cents, strict=True)
    ]


def expansion_credited(
    start: dt.date, end: dt.date, account_ids: Iterable[int] | None = None
) -> dict[int | None, Decimal]:
    """What each owner brought in by expansion in a period (end exclusive): {owner or None: amount}.

    A movement counts for whoever owned the account on its day, in the reporting currency at the opening's rates.
    """
    sums: dict[int | None, Decimal] = defaultdict(Decimal)
    for credit in credits_between(start, end, account_ids):
        sums[credit.owner_id] += credit.amount
    return dict(sums)


def with_probability(rows: QuerySet[Opportunity], settings: ExpansionSettings) -> Any:
    """Add `percent` to each opportunity: its own probability, else that of its stage."""
    of_stage = Case(
        *(When(stage=stage, then=Value(percent)) for stage, percent in settings.percent_of.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
    own = Case(When(stage__in=Opportunity.OPEN, then=F("probability")), output_field=IntegerField())
    return rows.annotate(percent=Coalesce(own, of_stage))


def pipeline_by(
    field: str, rows: QuerySet[Opportunity], on: dt.date, settings: ExpansionSettings
) -> dict[Any, StageSum]:
    """Sum opportunities by their stage or owner, in the reporting currency at a day's rates: {value: sums}."""
    kind = "text" if field == "stage" else "int"
    known = with_probability(rows.order_by(), settings).annotate(
        by=Coalesce(F(field), Value(0 if kind == "int" else ""))
    )
    columns = read_columns(known, by=kind, currency="text", arr="cents", percent="int")
    cents = _in_reporting(columns["currency"], columns["arr"], on)
    shares = weighted_arr(cents, columns["percent"])
    keys = columns["by"] if kind == "text" else [int(key) or None for key in columns["by"]]
    counts: dict[Any, list[int]] = {}
    for key, amount, share in zip(keys, cents.tolist(), shares.tolist(), strict=True):
        found = counts.setdefault(key, [0, 0, 0])
        found[0] += 1
        found[1] += amount
        found[2] += share
    return {key: StageSum(n, from_cents(arr), from_cents(share)) for key, (n, arr, share) in counts.items()}


def worth_of(opportunities: Sequence[Opportunity], on: dt.date) -> list[Decimal]:
    """What some opportunities would bring, each in the reporting currency at a day's rates."""
    cents = np.array([int(one.arr.scaleb(2)) for one in opportunities], dtype=np.int64)
    return [from_cents(int(amount)) for amount in _in_reporting([one.currency for one in opportunities], cents, on)]


def product_arr_by_tier(on: dt.date) -> dict[tuple[int, str], tuple[Decimal, int]]:
    """What accounts of a tier pay for a product: {(product, tier): (median in the reporting currency, owners)}."""
    lines = ContractLine.objects.active_on(on).filter(arr__gt=0).order_by().annotate(tier=F("account__tier"))
    columns = read_columns(lines, account_id="int", product_id="int", tier="text", currency="text", arr="cents")
    cents = _in_reporting(columns["currency"], columns["arr"], on)
    paid: dict[tuple[int, str, int], int] = defaultdict(int)
    keys = zip(columns["product_id"].tolist(), columns["tier"], columns["account_id"].tolist(), strict=True)
    for key, amount in zip(keys, cents.tolist(), strict=True):
        paid[key] += amount
    of_all: dict[tuple[int, str], list[int]] = defaultdict(list)
    for (product, tier, _account), amount in paid.items():
        of_all[product, tier].append(amount)
    return {key: (from_cents(median_cents(amounts) or 0), len(amounts)) for key, amounts in of_all.items()}


def products_of(on: dt.date, account_ids: Iterable[int]) -> dict[int, set[int]]:
    """The products that accounts pay for on a day: {account: {product}}."""
    owned: dict[int, set[int]] = defaultdict(set)
    lines = ContractLine.objects.active_on(on).filter(account__in=list(account_ids)).order_by()
    for account, product in lines.values_list("account", "product").distinct():
        owned[account].add(product)
    return dict(owned)


def seats_on(on: dt.date) -> dict[int, int]:
    """Seats of the product of which an account has most, on a day: the same person may have a seat in each product."""
    lines = ContractLine.objects.active_on(on).filter(seats__gt=0).order_by()
    columns = read_columns(lines, account_id="int", product_id="int", seats="int")
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for account, product, seats in zip(*(columns[key].tolist() for key in columns), strict=True):
        sums[account, product] += seats
    most: dict[int, int] = {}
    for (account, _product), seats in sums.items():
        most[account] = max(seats, most.get(account, 0))
    return most


def expanded_between(start: dt.date, end: dt.date) -> set[int]:
    """The accounts that expanded in a period (end exclusive)."""
    moved = Movement.objects.between(start, end).filter(kind=Movement.Kind.EXPANSION).order_by()
    return set(moved.values_list("account_id", flat=True).distinct())


def accounts_with_open_opportunity() -> QuerySet[Any, Any]:
    """The ids of the accounts with whom somebody talks about more already, as a subquery."""
    return Opportunity.objects.open().order_by().values("account")


def accounts_with_notice(on: dt.date) -> QuerySet[Any, Any]:
    """The ids of the accounts that have given notice of something they still pay for, as a subquery."""
    lines = ContractLine.objects.active_on(on).filter(notice_on__isnull=False, notice_on__lte=on)
    return lines.order_by().values("account")


def opportunities_of(account: Account) -> QuerySet[Opportunity]:
    """An account's opportunities: open ones by their day, then those that are over, the newest first."""
    over = Case(When(stage__in=Opportunity.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Opportunity.objects.filter(account=account).select_related("product", "owner")
    return rows.annotate(over=over).order_by("over", "expected_on", "pk")


def people_to_target(user: User) -> QuerySet[User]:
    """The CSMs whose targets a person may look at: all, those of the team and oneself, or oneself."""
    people: QuerySet[User] = User.objects.active().filter(role=User.Role.CSM).order_by("name", "pk")
    if user.visibility == User.Visibility.ALL:
        return people
    if user.visibility == User.Visibility.TEAM and user.team_id:
        return people.filter(Q(team=user.team_id) | Q(pk=user.pk))
    return people.filter(pk=user.pk)


def _in_reporting(currencies: Sequence[str], cents: Ints, on: dt.date) -> Ints:
    """Convert amounts at a day's rates; refuses where one is missing."""
    reporting = Organisation.load().reporting_currency
    numbers, names = codes(currencies)
    worth = np.zeros(len(cents), dtype=np.int64)
    with refuse_missing_rate():
        rates = load_rates(names, reporting, until=on)
        for number, name in enumerate(names):
            here = numbers == number
            worth[here] = converted(cents[here], rate_on(rates, name, reporting, on))
    return worth


def _owners_on(accounts: Ints, days: Ints) -> Ints:
    """The CSM of each account on each day, 0 where there was none."""
    if not len(accounts):
        return np.zeros(0, dtype=np.int64)
    ids = np.unique(accounts).tolist()
    # To name more accounts takes longer than to read what is not needed.
    spans = only_ids(ServiceAssignment.objects.owners(), "account_id", ids if len(ids) <= FEW_IDS else None)
    spans = spans.order_by("account_id", "started_on", "pk")
    found = read_columns(spans, account_id="int", user_id="int", started_on="day", ended_on="day")
    # One whole number per (account, day), so that the span in force is the last that began by then.
    starts = found["account_id"] * (NO_DAY + 1) + found["started_on"]
    at = np.searchsorted(starts, accounts * (NO_DAY + 1) + days, side="right") - 1
    held = (at >= 0) & (len(starts) > 0)
    at = np.maximum(at, 0)
    owners = np.zeros(len(accounts), dtype=np.int64)
    if len(starts):
        held &= (found["account_id"][at] == accounts) & (found["ended_on"][at] > days)
        owners[held] = found["user_id"][at[held]]
    return owners
