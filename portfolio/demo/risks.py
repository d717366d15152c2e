"""Which risks stand in the demo book's register?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np

from portfolio.demo.load import Plan
from portfolio.models import AccountRow
from revenue.models import Renewal, Risk, RiskUpdate
from revenue.rules.risks import next_update

REASONS = {
    "value": "The sponsor cannot say what it brought them.",
    "price": "Procurement asks for a fifth less.",
    "defects": "Three open tickets on the ERP connector.",
    "competition": "A rival’s pilot runs in two teams.",
    "sponsor": "The champion has moved to another company.",
    "usage": "Half of the seats have not been used for a month.",
}
NOTES = ["Call with operations: they want a plan by Friday.", "Executive review is set.", "No answer to two mails."]
SHARES = (Decimal(1), Decimal("0.5"), Decimal("0.3"))
OPEN, CLOSED = 16, 8
# Whose update is late.
LATE = (1, 6, 9)


def add_risks(plan: Plan) -> None:
    """Note risks of the accounts that need somebody first: a few with late updates, some closed with their outcome."""
    rng = np.random.default_rng([plan.seed, 10**9 + 6])
    rows = AccountRow.objects.filter(arr__gt=0, band__in=["red", "yellow"]).select_related("owner")
    chosen = list(rows.order_by("-priority", "pk")[: OPEN + CLOSED])
    renewals = {
        one.account_id: one
        for one in Renewal.objects.open().filter(account__in=[row.pk for row in chosen]).order_by("-due_on")
    }
    updates = []
    for number, row in enumerate(chosen):
        renewal, opened = renewals.get(row.pk), plan.on - dt.timedelta(days=int(rng.integers(9, 60)))
        said = plan.on - dt.timedelta(days=int(rng.integers(1, 9)))
        due = next_update(said, renewal.due_on if renewal else None)
        due = plan.on - dt.timedelta(days=3) if number in LATE else due
        kind = list(REASONS)[int(rng.integers(len(REASONS)))]
        is_open = number % 3 != 2
        risk = Risk.objects.create(
            account_id=row.pk,
            renewal=renewal,
            kind=kind,
            reason=REASONS[kind],
            arr_at_risk=max((row.arr * SHARES[number % len(SHARES)]).quantize(Decimal("0.01")), Decimal("0.01")),
            owner=row.owner,
            opened_on=opened,
            update_due_on=due,
            state=Risk.State.OPEN if is_open else Risk.State.CLOSED,
            outcome="" if is_open else ("saved", "reduced", "mistaken")[number % 7 % 3],
            closed_on=None if is_open else said,
        )
        updates.append(RiskUpdate(risk=risk, on=said, by=row.owner, note=str(rng.choice(NOTES))))
    RiskUpdate.objects.bulk_create(updates)
