"""Which chances to expand does the demo book hold, and who is to bring in how much?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
from django.db.models import F
from numpy.random import Generator

from accounts.models import Product, ServiceAssignment, User
from common.periods import add_months
from portfolio.demo.load import Plan
from portfolio.models import AccountRow
from revenue.models import ContractLine, ExpansionTarget, Opportunity
from revenue.queries import expansion_credited
from revenue.rules.expansion import quarter_start

Stage, Kind = Opportunity.Stage, Opportunity.Kind
# How many of the demo's opportunities stand in each stage.
STAGES = {Stage.IDENTIFIED: 8, Stage.QUALIFIED: 6, Stage.PROPOSED: 5, Stage.WON: 4, Stage.LOST: 3}
PROBABILITY = {Stage.QUALIFIED: (20, 30, 45), Stage.PROPOSED: (50, 70, 85)}
NOTES = {
    Kind.SEATS: "A second department wants to join; the champion asks for a quote.",
    Kind.UPGRADE: "They hit the limit of the current plan every month.",
    Kind.MODULE: "Asked for a demo after the last business review.",
    Kind.PRICE: "List price applies from the renewal on.",
    Kind.OTHER: "Premium support for the roll-out in the next quarter.",
}


def add_expansion(plan: Plan) -> None:
    """Write some opportunities over all stages, and targets for this quarter and the last."""
    rng = np.random.default_rng([plan.seed, 11 * 10**8])
    rows = AccountRow.objects.filter(arr__gt=0).exclude(band="red").exclude(owner=None)
    wanted = [stage for stage, count in STAGES.items() for _ in range(count)]
    chosen = list(rows.order_by("-score", "pk").values_list("account_id", "account__currency", "owner", "arr")[:60])
    order = rng.permutation(len(chosen))[: len(wanted)]
    products = list(Product.objects.order_by("pk"))
    owned: dict[int, set[int]] = {}
    lines = ContractLine.objects.active_on(plan.on).filter(account__in=[row[0] for row in chosen])
    for (
        account,
        product,
    ) in lines.values_list("account", "product"):
        owned.setdefault(account, set()).add(product)
    prices = dict(lines.order_by("arr").values_list("account", F("arr")))
    Opportunity.objects.bulk_create(
        [
            _opportunity(plan, rng, stage, chosen[place], prices, [
                product for product in products if product.pk not in owned.get(chosen[place][0], set())
            ])
            for stage, place in zip(wanted, order.tolist(), strict=False)
        ]
    )  # fmt: skip
    _add_targets(plan)


def _opportunity(
    plan: Plan,
    rng: Generator,
    stage: str,
    row: tuple[int, str, int, Decimal],
    prices: dict[int, Decimal],
    open_products: list[Product],
) -> Opportunity:
    account, currency, owner, _arr = row
    kinds = [Kind.SEATS, Kind.UPGRADE, Kind.SEATS, Kind.PRICE, Kind.OTHER] if not open_products else [
        Kind.MODULE, Kind.SEATS, Kind.UPGRADE, Kind.MODULE]  # fmt: skip
    kind = kinds[int(rng.integers(len(kinds)))]
    since = plan.on - dt.timedelta(days=int(rng.integers(2, 40)))
    is_open = stage in Opportunity.OPEN
    # One in eight is late: nobody has moved its day.
    ahead = -int(rng.integers(3, 20)) if is_open and rng.random() < 0.12 else int(rng.integers(8, 110))
    amount = prices[account] * Decimal(int(rng.integers(12, 40))) / 100
    reasons = [Opportunity.LostReason.BUDGET, Opportunity.LostReason.TIMING, Opportunity.LostReason.COMPETITOR]
    return Opportunity(
        account_id=account,
        kind=kind,
        stage=stage,
        product=open_products[int(rng.integers(len(open_products)))] if kind == Kind.MODULE else None,
        arr=(amount / 10).quantize(Decimal(1)) * 10 + 10,
        currency=currency,
        probability=int(rng.choice(PROBABILITY[Stage(stage)])) if stage in PROBABILITY and rng.random() < 0.6 else None,
        expected_on=plan.on + dt.timedelta(days=ahead) if is_open else since + dt.timedelta(days=10),
        owner_id=owner,
        note=NOTES[kind] if rng.random() < 0.7 else "",
        won_on=since if stage == Stage.WON else None,
        lost_on=since if stage == Stage.LOST else None,
        lost_reason=reasons[int(rng.integers(3))] if stage == Stage.LOST else "",
        stage_changed_on=since,
        created_at=plan.at - dt.timedelta(days=60),
    )


def _add_targets(plan: Plan) -> None:
    """Give each CSM a target near what they bring in: some reach it, some do not."""
    owners = ServiceAssignment.objects.current().owners().values("user")
    people = list(User.objects.filter(pk__in=owners, role=User.Role.CSM).order_by("pk"))
    targets = []
    for start in (quarter_start(plan.on, -1), quarter_start(plan.on)):
        credited = expansion_credited(start, add_months(start, 3))
        for number, user in enumerate(people):
            brought = credited.get(user.pk, Decimal(0))
            factor = Decimal((85, 110, 95, 150)[(number + start.month) % 4]) / 100
            amount = max((brought * factor / 1000).quantize(Decimal(1)) * 1000, Decimal(5_000))
            targets.append(ExpansionTarget(user=user, starts_on=start, amount=amount, currency="USD"))
    ExpansionTarget.objects.bulk_create(targets)
