"""By what can customers be grouped, and to which segment did each belong at the opening of a period?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Min, Q
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, CustomField, Organisation, Product, ServiceAssignment, Team, User
from common.columns import NO_DAY, codes, masked, only_ids, read_columns
from common.errors import Refused
from revenue.models import ContractLine, Movement
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.rules.movements import day_number, day_of
from revenue.rules.periods import Period, valued
from revenue.rules.rates import rate_on

Ints = npt.NDArray[np.int64]
Columns = dict[str, Any]
FIELD = "field:"
# To these an account belongs for a time; facts of the account itself are kept without dates.
DATED = frozenset({"product", "csm", "team"})
LABELS = {
    "tier": gettext_lazy("Tier"),
    "purchase_level": gettext_lazy("Purchase level"),
    "industry": gettext_lazy("Industry"),
    "region": gettext_lazy("Region"),
    "product": gettext_lazy("Product"),
    "csm": gettext_lazy("CSM"),
    "team": gettext_lazy("Team"),
    "cohort": gettext_lazy("Signing quarter"),
}


@dataclass(frozen=True)
class Dimension:
    """Something by which accounts are grouped; the key is what addresses and the API call it."""

    key: str
    label: str


@dataclass(frozen=True)
class Segments:
    """The segments of a dimension in the order in which they are shown, and to which each account belongs."""

    dimension: str
    # The place in `values` for each account of the period.
    code: Ints
    values: Sequence[str]
    labels: Sequence[str]


def dimensions() -> list[Dimension]:
    """Everything by which figures can be split, with the organisation's own fields last."""
    own = CustomField.objects.order_by("position", "label").values_list("key", "label")
    built_in = [Dimension(key, str(label)) for key, label in LABELS.items()]
    return built_in + [Dimension(f"{FIELD}{key}", label) for key, label in own]


def check_dimension(key: str) -> Dimension:
    """Give a known dimension back, refuse another."""
    known = dimensions()
    for dimension in known:
        if dimension.key == key:
            return dimension
    message = _("%(key)s is nothing to group by. Choose one of %(keys)s.")
    names = ", ".join(dimension.key for dimension in known)
    raise Refused(message % {"key": key[:80], "keys": names}, field="by", code="unknown_dimension")


def segments(dimension: str, period: Period) -> Segments:
    """To which segment each account of a period belongs, as at the opening.

    Facts of the account are taken as they stand, for they are kept without dates. A CSM is the owner on the day before
    the period starts, and the team is that person's; an account that came later belongs to its first owner in the
    period. A product is the one of the largest contract line at the opening (largest ARR, tie by name) or, for an
    account that came later, on the first day of its lines: so an account is in one segment, and segments add up.
    """
    check_dimension(dimension)
    found, labels = _values(dimension, period)
    numbers, names = codes(found.get(account, "") for account in period.account.tolist())
    known = list(labels)
    order = sorted(names, key=lambda name: (name == "", known.index(name) if name in labels else -1, name))
    place = np.array([order.index(name) for name in names], dtype=np.int64)
    shown = [str(labels.get(name, name)) if name else _("Not set") for name in order]
    return Segments(dimension, place[numbers] if numbers.size else numbers, order, shown)


def _values(dimension: str, period: Period) -> tuple[Mapping[int, str], Mapping[str, Any]]:
    """The value of each account that has one, and the words for the values in the order to show them."""
    if dimension.startswith(FIELD):
        return _custom(dimension.removeprefix(FIELD), period)
    return READ[dimension](period)


def _tier(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    labels = dict(Account.Tier.choices) | Organisation.load().tier_labels()
    return _text("tier", period), labels


def _purchase_level(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    return _text("purchase_level", period), dict(Account.PurchaseLevel.choices)


def _industry(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    return _text("industry", period), {}


def _region(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    return _text("region", period), {}


def _text(field: str, period: Period, accounts: Any = None) -> dict[int, str]:
    """A field of each account as text."""
    columns = _read(
        (Account.objects.all() if accounts is None else accounts).order_by(),
        "id",
        period,
        **{"id": "int", field: "text"},
    )
    texts = (("" if text is None else str(text)).strip() for text in columns[field])
    return {account: text for account, text in zip(columns["id"].tolist(), texts, strict=True) if text}


def _custom(key: str, period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    """A custom field of each account."""
    field = CustomField.objects.get(key=key)
    accounts = Account.objects.annotate(own=KeyTextTransform(key, "custom"))
    found = {account: _plain(text) for account, text in _text("own", period, accounts).items()}
    if field.kind == CustomField.Kind.YES_NO:
        return found, {"true": _("Yes"), "false": _("No")}
    if field.kind == CustomField.Kind.CHOICE:
        return found, {choice: choice for choice in field.choices}
    if field.kind == CustomField.Kind.NUMBER:
        return found, {value: value for value in sorted(set(found.values()), key=_size)}
    return found, {}


def _plain(text: str) -> str:
    """A stored number written alike by every database; anything else as it is."""
    return text.removesuffix(".0") if text.replace(".", "").replace("-", "").isdigit() else text


def _size(value: str) -> tuple[Decimal, str]:
    """Numbers by their size, what is no number first."""
    try:
        return Decimal(value), value
    except InvalidOperation:
        return Decimal("-Infinity"), value


def _cohort(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    """The quarter in which each account signed; where no day is noted, that of its first movement."""
    columns = _read(Account.objects.all(), "id", period, id="int", signed_on="day")
    noted = columns["signed_on"] != NO_DAY
    days = dict(zip(columns["id"][noted].tolist(), columns["signed_on"][noted].tolist(), strict=True))
    unsigned = columns["id"][~noted].tolist()
    if unsigned:
        moved = only_ids(Movement.objects.all(), "account_id", unsigned).order_by().values("account_id")
        first = masked(
            read_columns(moved.annotate(first=Min("on")), account_id="int", first="day"), "account_id", unsigned
        )
        days |= dict(zip(first["account_id"].tolist(), first["first"].tolist(), strict=True))
    names = {number: _quarter(day_of(number)) for number in set(days.values())}
    words = {name: _("%(year)s, quarter %(quarter)s") for name in sorted(set(names.values()))}
    labels = {name: text % {"year": name[:4], "quarter": name[-1]} for name, text in words.items()}
    return {account: names[day] for account, day in days.items()}, labels


def _quarter(day: dt.date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _csm(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    owners = _owners(period)
    people = User.objects.filter(pk__in=set(owners.values())).order_by("name", "pk").values_list("pk", "name")
    return {account: str(owner) for account, owner in owners.items()}, {str(pk): name for pk, name in people}


def _team(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    owners = _owners(period)
    people = User.objects.filter(pk__in=set(owners.values()), team__isnull=False)
    teams = dict(people.order_by().values_list("pk", "team_id"))
    labels = {str(pk): name for pk, name in Team.objects.order_by("name", "pk").values_list("pk", "name")}
    return {account: str(teams[owner]) for account, owner in owners.items() if owner in teams}, labels


def _owners(period: Period) -> dict[int, int]:
    """The CSM of each account at the opening; of one that came later, the first in the period."""
    before = period.start - dt.timedelta(days=1)
    spans = ServiceAssignment.objects.owners().filter(
        Q(started_on__lt=period.end), Q(ended_on__isnull=True) | Q(ended_on__gt=before)
    )
    columns = _read(
        spans.order_by("started_on", "pk"), "account_id", period, account_id="int", user_id="int", started_on="day"
    )
    paid = dict(zip(period.account.tolist(), period.cohort.tolist(), strict=True))
    opening = day_number(before)
    owners: dict[int, int] = {}
    for account, user, started in zip(
        *(columns[name].tolist() for name in ("account_id", "user_id", "started_on")), strict=True
    ):
        if started <= opening:
            owners[account] = user
        elif not paid.get(account, False):
            owners.setdefault(account, user)
    return owners


def _product(period: Period) -> tuple[dict[int, str], dict[str, Any]]:
    """The product of each account's largest line at the opening, or on the first day on which it came back or came."""
    before = period.start - dt.timedelta(days=1)
    lines = ContractLine.objects.filter(
        Q(arr__gt=0), Q(starts_on__lt=period.end), Q(ends_on__isnull=True) | Q(ends_on__gt=before)
    )
    kinds = {"account_id": "int", "product_id": "int", "currency": "text", "starts_on": "day", "arr": "cents"}
    columns = _read(lines.order_by(), "account_id", period, **kinds)
    names = dict(Product.objects.order_by("name", "pk").values_list("pk", "name"))
    rank = {pk: number for number, pk in enumerate(names)}
    day = np.maximum(columns["starts_on"], day_number(before))
    worth = _worth(columns, before)
    ranks = np.array([rank[pk] for pk in columns["product_id"].tolist()], dtype=np.int64)
    found: dict[int, str] = {}
    for account, product in _largest(columns["account_id"], columns["product_id"], day, worth, ranks):
        found.setdefault(account, str(product))
    return found, {str(pk): name for pk, name in names.items()}


def _largest(account: Ints, product: Ints, day: Ints, worth: Ints, rank: Ints) -> Iterable[tuple[int, int]]:
    """Accounts with their products: earliest day first, then the largest sum of the day, then by name."""
    order = np.lexsort((rank, day, account))
    columns = [column[order] for column in (account, day, rank)]
    first = np.ones(account.size, dtype=bool)
    first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    starts = np.flatnonzero(first)
    sums = np.add.reduceat(worth[order], starts) if starts.size else worth
    account, day, rank = (column[starts] for column in columns)
    best = np.lexsort((rank, -sums, day, account))
    return zip(account[best].tolist(), product[order][starts][best].tolist(), strict=True)


def _worth(columns: Columns, on: dt.date) -> Ints:
    """Lines in the reporting currency at a day's rates, to compare them; a currency without a rate is refused."""
    numbers, names = codes(columns["currency"])
    reporting = Organisation.load().reporting_currency
    rates = load_rates(names, reporting, until=on)
    with refuse_missing_rate():
        return valued(
            columns["arr"], numbers, {number: rate_on(rates, name, reporting, on) for number, name in enumerate(names)}
        )


def _read(rows: Any, field: str, period: Period, **kinds: str) -> Columns:
    """Read columns of the accounts of a period."""
    ids = period.account.tolist()
    return masked(read_columns(only_ids(rows, field, ids), **kinds), field, ids)


READ: Mapping[str, Callable[[Period], tuple[Mapping[int, str], Mapping[str, Any]]]] = {
    "tier": _tier,
    "purchase_level": _purchase_level,
    "industry": _industry,
    "region": _region,
    "product": _product,
    "csm": _csm,
    "team": _team,
    "cohort": _cohort,
}
