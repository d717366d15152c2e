"""How do products, contract lines, exchange rates and renewals come in?"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Product
from portfolio.importing.targets.base import (
    Context,
    Flaw,
    Target,
    Values,
    amount,
    choice,
    currency,
    day,
    decimal,
    identifier,
    in_order,
    link,
    marks_fit,
    text,
    whole,
    yes_no,
)
from revenue.models import ContractLine, ExchangeRate, Renewal


def _check_line(row: Values, _context: Context) -> Iterable[Flaw]:
    yield from marks_fit(row, "arr")
    yield from in_order(row, "starts_on", "ends_on", _("ends on or before the day it starts"))


def _check_rate(row: Values, _context: Context) -> Iterable[Flaw]:
    if row.get("base") == row.get("quote"):
        yield "quote", _("is the same currency")
    if row.get("rate") is not None and row["rate"] <= 0:
        yield "rate", _("must be above 0")


def _keep_settled(stored: Values, row: Values) -> None:
    """A renewal that was won or lost is not opened again by a file that does not know it yet."""
    if stored["stage"] not in Renewal.OPEN and row.get("stage") in Renewal.OPEN:
        for name in ("stage", "stage_changed_on", "changed_by"):
            row.pop(name, None)


def _name_renewal(row: Values, _context: Context) -> None:
    """A renewal from a file has an id, by which it is known as somebody's word and left alone."""
    row["external_id"] = f"{row['account']}:{row['due_on']}"[:128]


TARGETS = (
    Target(
        "products",
        Product,
        ("external_id",),
        (identifier(null=False), text("name", 200, required=True)),
        link="external_id",
    ),
    Target(
        "exchange_rates",
        ExchangeRate,
        ("base", "quote", "on"),
        (
            currency("base"),
            currency("quote"),
            day("on", required=True),
            decimal("rate", 8, required=True),
        ),
        check=_check_rate,
        feeds="revenue",
    ),
    Target(
        "contract_lines",
        ContractLine,
        ("external_id",),
        (
            identifier(),
            link("account", "accounts", required=True),
            link("product", "products", required=True),
            whole("seats"),
            amount("arr", required=True),
            currency(),
            day("starts_on", required=True),
            day("ends_on"),
            day("notice_on"),
            yes_no("is_payment_failed"),
        ),
        check=_check_line,
        feeds="revenue",
    ),
    Target(
        "renewals",
        Renewal,
        ("account", "due_on"),
        (
            link("account", "accounts", required=True),
            day("due_on", required=True),
            choice("stage", Renewal.Stage, blank=Renewal.Stage.NOT_STARTED.value),
            day("stage_changed_on"),
            link("changed_by", "people", says="the e-mail of a colleague"),
        ),
        fill=_name_renewal,
        keeps=_keep_settled,
        needs=("stage",),
        feeds="facts",
    ),
)
