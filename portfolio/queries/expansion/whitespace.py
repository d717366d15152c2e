"""Which modules does each account own, use, or not have yet?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Product
from portfolio.models import AccountRow
from portfolio.queries.expansion.ground import Ground
from revenue.queries import (
    RateMissing,
    product_arr_by_tier,
    products_of,
)
from usage.models import AccountFeatureUse, Module

USE_DAYS = 30


@dataclass(frozen=True)
class Cell:
    """One product of one account: in use by module, or not owned and then what it might bring."""

    product: Product
    modules: Sequence[tuple[Module, bool]]
    is_owned: bool
    potential: Decimal | None = None
    owners: int = 0


@dataclass(frozen=True)
class WhiteRow:
    """One account with all products."""

    row: AccountRow
    cells: Sequence[Cell]

    @property
    def potential(self) -> Decimal:
        """What all products that it lacks might bring."""
        return sum((cell.potential for cell in self.cells if cell.potential is not None), Decimal(0))


@dataclass(frozen=True)
class Whitespace:
    """Accounts by products; the products have their modules under them."""

    products: Sequence[tuple[Product, Sequence[Module]]]
    rows: Sequence[WhiteRow]
    missing: str = ""


def catalogue() -> list[tuple[Product, list[Module]]]:
    """Products with their modules; one without modules has none under it."""
    modules: dict[int, list[Module]] = {}
    for module in Module.objects.order_by("name", "pk"):
        modules.setdefault(module.product_id, []).append(module)
    return [(product, modules.get(product.pk, [])) for product in Product.objects.all()]


def whitespace(rows: Sequence[AccountRow], ground: Ground) -> Whitespace:
    """Which modules some accounts own and use, and what the products that they lack are worth to others like them."""
    products = catalogue()
    ids = [row.pk for row in rows]
    owned = products_of(ground.on, ids)
    since = ground.on - dt.timedelta(days=USE_DAYS - 1)
    used = set(
        AccountFeatureUse.objects.filter(account__in=ids, last_on__gte=since)
        .order_by()
        .values_list("account_id", "feature__module")
        .distinct()
    )
    missing = ""
    try:
        medians = product_arr_by_tier(ground.on)
    except RateMissing as refusal:
        medians, missing = {}, str(refusal)
    return Whitespace(products, [_white_row(row, products, owned.get(row.pk, set()), used, medians) for row in rows],
                      missing)  # fmt: skip


def _white_row(
    row: AccountRow,
    products: Sequence[tuple[Product, Sequence[Module]]],
    owned: set[int],
    used: set[tuple[int, int]],
    medians: Mapping[tuple[int, str], tuple[Decimal, int]],
) -> WhiteRow:
    cells = []
    for product, modules in products:
        if product.pk in owned:
            cells.append(Cell(product, [(module, (row.pk, module.pk) in used) for module in modules], is_owned=True))
        else:
            potential, owners = medians.get((product.pk, row.tier), (None, 0))
            cells.append(Cell(product, [], is_owned=False, potential=potential, owners=owners))
    return WhiteRow(row, cells)
