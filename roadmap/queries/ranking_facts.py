"""What does each paying account count for in the ranking, who said what, and who really uses what?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Coalesce

from accounts.models import Account
from common.columns import DayNumber, codes, masked, only_ids, read_columns
from revenue.models import Renewal
from revenue.queries import arr_columns
from roadmap.models import AccountWeight, FeatureRequest, ModuleUse, RankingSettings, RequestEvidence
from roadmap.rules.support import (
    IMPORTANCES,
    NO_SEGMENT,
    VOICES,
    Customers,
    Flags,
    Ints,
    Voices,
    arr_cap,
    weighted_arr,
)
from usage.models import AccountFeatureUse, AccountPersonUse, AccountUsageDay, FeatureUsageDay

# Room for an account's id beside a request's.
IDS = 1 << 32
# Of these is nothing to be built any more.
DONE = (FeatureRequest.State.SHIPPED, FeatureRequest.State.DECLINED)


@dataclass(frozen=True)
class Book:
    """The paying accounts of a day as columns, with the names of the segments that they are in."""

    customers: Customers
    segments: Sequence[str]

    def only(self, account_ids: Any) -> Book:
        """The part of the book that some accounts make up; segments are those that are left in it."""
        kept = self.customers.only(np.isin(self.customers.account, account_ids))
        held, code = np.unique(kept.segment[kept.segment != NO_SEGMENT], return_inverse=True)
        segment = np.full(kept.segment.size, NO_SEGMENT, dtype=np.int64)
        segment[kept.segment != NO_SEGMENT] = code
        parts = {name: getattr(kept, name) for name in Customers.__slots__} | {"segment": segment}
        return Book(Customers(**parts), [self.segments[number] for number in held.tolist()])


def open_requests() -> QuerySet[FeatureRequest]:
    """The requests that are ranked: those still to be built."""
    return FeatureRequest.objects.standing().exclude(state__in=DONE)


def read_book(on: dt.date, settings: RankingSettings, *, from_days: bool = False) -> Book:
    """Work out every paying account of a day from contracts, renewals and use.

    With `from_days`, use is counted from its single days instead of from what is kept of them: that gives the same
    today, and what was so on a day of the past.
    """
    account, arr = arr_columns(on)
    account, arr = account[arr > 0], arr[arr > 0]
    renewing = _renewing(on, settings.renewal_days, account)
    active, daily = _active(on, settings.usage_days, account)
    segment, names = _segments(settings.spread_by, account)
    customers = Customers(
        account=account,
        arr=arr,
        renewing=renewing,
        weighted=weighted_arr(arr, renewing, arr_cap(arr, settings.cap_percentile)),
        users=np.maximum(_people(on, settings.usage_days, account, from_days=from_days), daily),
        segment=segment,
        is_active=active,
    )
    return Book(customers, names)


def stored_book(account_ids: Sequence[int] | None = None) -> Book:
    """The paying accounts, or those of them that are named, as of the last night, from the columns."""
    rows = only_ids(AccountWeight.objects.order_by("account_id"), "account_id", account_ids)
    columns = read_columns(
        rows, account_id="int", arr="cents", renewing_arr="cents", weighted_arr="cents", users="int", is_active="int",
        segment="text",
    )  # fmt: skip
    segment, names = _coded(columns["segment"])
    customers = Customers(
        columns["account_id"], columns["arr"], columns["renewing_arr"], columns["weighted_arr"], columns["users"],
        segment, columns["is_active"].astype(bool),
    )  # fmt: skip
    return Book(customers, names)


def read_voices(until: dt.date, request_ids: Sequence[int] | None = None) -> Voices:
    """Everything that was asked for up to a day; a contact of 0 is nobody named."""
    rows: Any = RequestEvidence.objects.filter(asked_on__lte=until)
    if request_ids is not None:
        rows = rows.filter(request__in=request_ids)
    blocks = Case(When(is_blocker=True, then=1), default=0, output_field=IntegerField())
    # Seven numbers travel in three: reading them one by one takes longer than ranking.
    rows = rows.annotate(
        asked=F("request_id") * _large(IDS) + F("account_id"),
        said=(DayNumber("asked_on") * _large(VOICES) + F("id")) * _large(IMPORTANCES) + F("importance") * 2 + blocks,
        named=Coalesce("contact_id", 0),
    ).order_by()
    columns = read_columns(rows, asked="int", said="int", named="int")
    voice = columns["said"] // IMPORTANCES
    return Voices(
        voice=voice % VOICES,
        request=columns["asked"] // IDS,
        account=columns["asked"] % IDS,
        contact=columns["named"],
        day=voice // VOICES,
        importance=columns["said"] % IMPORTANCES // 2,
        blocks=columns["said"] % 2 == 1,
    )


def _large(number: int) -> Value:
    """A number that is sent to PostgreSQL with 64 bits; as a plain one its upper half would silently be cut off."""
    return Value(number, output_field=BigIntegerField())


def module_users(
    on: dt.date, days: int, *, account_ids: Collection[int] | None = None, from_days: bool = False
) -> tuple[Ints, Ints]:
    """Accounts and the modules that they used in the days up to one, each pair once, where they ask about that module.

    Of all accounts, or of those that are named.
    """
    first = on - dt.timedelta(days=days - 1)
    modules = open_requests().exclude(module=None).order_by().values("module")
    rows: Any = (
        FeatureUsageDay.objects.filter(day__range=(first, on))
        if from_days
        else AccountFeatureUse.objects.filter(last_on__gte=first)
    )
    rows = rows.filter(feature__module__in=modules).annotate(module=F("feature__module")).order_by()
    if account_ids is not None:
        rows = rows.filter(account__in=list(account_ids))
    asked = RequestEvidence.objects.filter(account=OuterRef("account"), request__module=OuterRef("feature__module"))
    rows = rows.filter(Exists(asked))
    columns = read_columns(rows.values("account_id", "module").distinct(), account_id="int", module="int")
    return columns["account_id"], columns["module"]


def stored_module_users() -> tuple[Ints, Ints]:
    """The same as of the last night, from the column."""
    columns = read_columns(ModuleUse.objects.order_by(), account_id="int", module_id="int")
    return columns["account_id"], columns["module_id"]


def accounts_matching(**chosen: Collection[str]) -> Any:
    """Ids of the accounts in a segment: any of the values of a field, and so for each field that is chosen."""
    wanted = {f"{field}__in": list(values) for field, values in chosen.items() if values}
    return read_columns(Account.objects.filter(**wanted).order_by(), id="int")["id"]


def _renewing(on: dt.date, days: int, account: Ints) -> Ints:
    """What of each account's ARR was up for renewal on a day: due by the end of the window, and not settled."""
    open_then = Q(stage__in=Renewal.OPEN) | Q(stage_changed_on__gt=on)
    due = Renewal.objects.filter(open_then, due_on__lte=on + dt.timedelta(days=days)).order_by()
    columns = read_columns(due, account_id="int", arr="cents")
    return _at(account, columns["account_id"], columns["arr"])


def _active(on: dt.date, days: int, account: Ints) -> tuple[Flags, Ints]:
    """Who used anything in the days up to one, and the most people on one of them: some feeds name no people."""
    window = (on - dt.timedelta(days=days - 1), on)
    rows = AccountUsageDay.objects.filter(day__range=window, events__gt=0).order_by()
    columns = read_columns(rows.values("account_id").annotate(most=Max("people")), account_id="int", most="int")
    return np.isin(account, columns["account_id"]), _at(account, columns["account_id"], columns["most"])


def _people(on: dt.date, days: int, account: Ints, *, from_days: bool) -> Ints:
    """How many named people of each account used anything in the days up to one."""
    first = on - dt.timedelta(days=days - 1)
    if from_days:
        used: Any = FeatureUsageDay.objects.filter(day__range=(first, on)).exclude(person="").order_by()
        rows = used.values("account_id").annotate(number=Count("person", distinct=True))
    else:
        kept = AccountPersonUse.objects.filter(last_on__gte=first).order_by()
        rows = kept.values("account_id").annotate(number=Count("pk"))
    columns = read_columns(rows, account_id="int", number="int")
    return _at(account, columns["account_id"], columns["number"])


def _segments(field: str, account: Ints) -> tuple[Ints, list[str]]:
    """To which segment each account belongs; an account of which that is not known belongs to none."""
    ids = account.tolist()
    rows = only_ids(Account.objects.order_by("pk"), "pk", ids)
    columns = masked(read_columns(rows, id="int", **{field: "text"}), "id", ids)
    return _coded(columns[field])


def _coded(texts: Sequence[str]) -> tuple[Ints, list[str]]:
    numbers, names = codes(texts)
    if "" not in names:
        return numbers, names
    empty = names.index("")
    kept = np.where(numbers > empty, numbers - 1, numbers)
    return np.where(numbers == empty, NO_SEGMENT, kept), [name for name in names if name]


def _at(account: Ints, given: Ints, values: Ints) -> Ints:
    """Add values up at the accounts' places; those of other accounts are left out."""
    found = np.zeros(account.size, dtype=np.int64)
    if account.size and given.size:
        place = np.minimum(np.searchsorted(account, given), account.size - 1)
        here = account[place] == given
        np.add.at(found, place[here], values[here])
    return found
