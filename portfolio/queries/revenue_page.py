"""What does an account pay, since when, until when, and what could it still buy?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from accounts.models import Product
from common import charts
from common.charts import Chart, Event
from common.formats import date, money
from portfolio.queries.account_head import AccountHead
from portfolio.queries.risks import RiskView, risks_of
from revenue.models import ContractLine, Movement, Opportunity, Renewal
from revenue.queries import arr_steps, months_between, opportunities_of

MONTHS = 24
SHOWN_MOVEMENTS = 20
TONE_OF_KIND = {
    Movement.Kind.NEW: "healthy",
    Movement.Kind.REACTIVATION: "healthy",
    Movement.Kind.EXPANSION: "healthy",
    Movement.Kind.CONTRACTION: "risk",
    Movement.Kind.CHURN: "risk",
}


@dataclass(frozen=True)
class LineView:
    """One contract line and whether it pays now, later or no more."""

    line: ContractLine
    state: str


@dataclass(frozen=True)
class ProductView:
    """One product that the company sells, and what the account pays for it today, by currency."""

    product: Product
    paid: Sequence[tuple[str, Decimal]]
    seats: int | None


@dataclass(frozen=True)
class RevenuePage:
    """Everything on the revenue tab."""

    chart: Chart
    title: str
    desc: str
    note: str
    lines: Sequence[LineView]
    movements: Sequence[Movement]
    renewals: Sequence[Renewal]
    products: Sequence[ProductView]
    opportunities: Sequence[Opportunity] = ()
    risks: Sequence[RiskView] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever sold."""
        return not self.lines

    @property
    def owned(self) -> list[ProductView]:
        """The products that the account pays for."""
        return [one for one in self.products if one.paid]

    @property
    def whitespace(self) -> list[ProductView]:
        """The products that it does not have yet."""
        return [one for one in self.products if not one.paid]


def revenue_page(head: AccountHead) -> RevenuePage:
    """Read the revenue tab of an account on a day."""
    lines = list(ContractLine.objects.filter(account=head.account).select_related("product"))
    active = [line for line in lines if _state(line, head.on) == "active"]
    movements = list(Movement.objects.filter(account=head.account).order_by("-on", "-pk"))
    currency, steps = _steps(head, movements)
    return RevenuePage(
        chart=_chart(head.on, currency, steps, movements),
        title=_title(head.on, currency, steps),
        desc=_("Annual recurring revenue at the end of each month, with the reasons of its changes."),
        note=_note(head, currency, movements),
        lines=[LineView(line, _state(line, head.on)) for line in _ordered(lines, head.on)],
        movements=movements[:SHOWN_MOVEMENTS],
        renewals=list(head.account.renewals.select_related("changed_by").order_by("-due_on", "-pk")),
        products=_products(active),
        opportunities=list(opportunities_of(head.account)[:SHOWN_MOVEMENTS]),
        risks=risks_of(head.account.pk, head.on),
    )


def _steps(head: AccountHead, movements: Sequence[Movement]) -> tuple[str, list[tuple[dt.date, Decimal]]]:
    """The steps of the chart: in the contract's own currency if it has but one, so that no rate moves them."""
    currencies = {one.currency for one in movements}
    if len(currencies) > 1:
        return head.currency, arr_steps(head.account)
    own = currencies.pop() if currencies else head.currency
    return own, [(one.on, one.arr_after) for one in reversed(movements)]


def _note(head: AccountHead, currency: str, movements: Sequence[Movement]) -> str:
    """Say which rates the chart's figures rest on."""
    if len({one.currency for one in movements}) > 1:
        return _("Several currencies, each converted to %(currency)s at the rate of the day on which it changed.") % {
            "currency": currency
        }
    if currency != head.currency:
        return _("In the currency of the contract; the head shows %(currency)s at today’s rate.") % {
            "currency": head.currency
        }
    return ""


def _state(line: ContractLine, on: dt.date) -> str:
    if line.starts_on > on:
        return "ahead"
    return "ended" if line.ends_on is not None and line.ends_on <= on else "active"


def _ordered(lines: Sequence[ContractLine], on: dt.date) -> list[ContractLine]:
    """Lines that pay now first, then those ahead, then the ended ones; the newest of each first."""
    rank = {"active": 0, "ahead": 1, "ended": 2}
    return sorted(lines, key=lambda line: (rank[_state(line, on)], -line.starts_on.toordinal(), line.pk))


def _months(on: dt.date, steps: Sequence[tuple[dt.date, Decimal]]) -> list[dt.date]:
    """The last days of the months that the chart shows, the newest being today."""
    first = max(steps[0][0], on - dt.timedelta(days=31 * MONTHS)) if steps else on
    starts = months_between(min(first, on), on)
    ends = [start - dt.timedelta(days=1) for start in starts[1:-1]]
    return [*[end for end in ends if end < on], on][-MONTHS:]


def _chart(
    on: dt.date, currency: str, steps: Sequence[tuple[dt.date, Decimal]], movements: Sequence[Movement]
) -> Chart:
    days = _months(on, steps)
    values = []
    for day in days:
        known = [amount for changed_on, amount in steps if changed_on <= day]
        values.append(known[-1] if known else None)
    return charts.step_chart(
        [date(day, "month") for day in days],
        values,
        events=_events(days, movements),
        formatted=lambda amount: money(amount, currency),
        heads=(_("Month"), _("ARR")),
        height=220,
    )


def _events(days: Sequence[dt.date], movements: Sequence[Movement]) -> list[Event]:
    """The changes within the chart, one for a month and kind, at most eight."""
    found: list[Event] = []
    inside = sorted((one for one in movements if days and one.on <= days[-1]), key=lambda one: (one.on, one.kind))
    for (on, kind), group in groupby(inside, key=lambda one: (one.on, one.kind)):
        at = next(index for index, day in enumerate(days) if on <= day)
        if at == 0 and on < days[0].replace(day=1):
            continue
        amounts: dict[str, Decimal] = {}
        for one in group:
            amounts[one.currency] = amounts.get(one.currency, Decimal(0)) + one.amount
        told = ", ".join(("+" if amount > 0 else "") + money(amount, code) for code, amount in amounts.items())
        label = f"{Movement.Kind(kind).label} {told}"
        found.append(
            Event(
                at,
                _("%(label)s: %(text)s") % {"label": date(on, "day"), "text": label},
                TONE_OF_KIND[Movement.Kind(kind)],
            )
        )
    return found[-8:]


def _title(today: dt.date, currency: str, steps: Sequence[tuple[dt.date, Decimal]]) -> str:
    """Say what a year did to the account's ARR."""
    now = [amount for on, amount in steps if on <= today]
    before = [amount for on, amount in steps if on <= today - dt.timedelta(days=365)]
    if not now:
        return _("No ARR yet")
    words = {"now": money(now[-1], currency), "before": money(before[-1] if before else None, currency)}
    if not before or before[-1] == 0:
        return _("ARR is %(now)s") % words
    if now[-1] > before[-1]:
        return _("ARR grew from %(before)s to %(now)s in a year") % words
    if now[-1] < before[-1]:
        return _("ARR shrank from %(before)s to %(now)s in a year") % words
    return _("ARR has stayed at %(now)s for a year") % words


def _products(active: Sequence[ContractLine]) -> list[ProductView]:
    """All products with what is paid for each, owned ones first."""
    views = []
    for product in Product.objects.all():
        mine = [line for line in active if line.product_id == product.pk]
        paid: dict[str, Decimal] = {}
        for line in mine:
            paid[line.currency] = paid.get(line.currency, Decimal(0)) + line.arr
        seats = [line.seats for line in mine if line.seats is not None]
        views.append(ProductView(product, tuple(paid.items()), sum(seats) if seats else None))
    return sorted(views, key=lambda one: (not one.paid, one.product.name))
