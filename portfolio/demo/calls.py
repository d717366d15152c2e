"""What was called of the demo book's renewals, then and now?"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.random import Generator

from accounts.models import ServiceAssignment, User
from accounts.rules.roles import Role
from portfolio.demo.load import Plan
from revenue.actions import call_renewals, make_call
from revenue.models import Renewal, RenewalCall
from revenue.rules.calls import CHURN, DOWNGRADE, RENEW, amount_of_call, outcome

WORDS = {
    RENEW: ["Budget is approved.", "Sponsor said yes in the last review.", ""],
    DOWNGRADE: ["One department moves to another tool.", "Fewer seats next year.", ""],
    CHURN: ["New leadership looks at a rival.", "No answer for weeks.", ""],
}
# How often a call of each kind came true, by days before the end: people see more as the day nears.
RIGHT = {("computed", 120): 0.66, ("computed", 60): 0.74, ("csm", 110): 0.7, ("csm", 40): 0.86}
DISPUTES, SETTLED = 6, 2


def add_calls(plan: Plan) -> None:
    """Keep what was called of past renewals, then let people call those ahead."""
    rng = np.random.default_rng([plan.seed, 10**9 + 5])
    call_renewals(on=plan.on)
    owners = dict(ServiceAssignment.objects.current().owners().values_list("account_id", "user_id"))
    _remember(plan, owners, rng)
    _call_ahead(plan, owners, rng)


def _remember(plan: Plan, owners: dict[int, int], rng: Generator) -> None:
    """Calls on what has been settled, as they stood before it was."""
    settled = Renewal.objects.filter(stage__in=[Renewal.Stage.WON, Renewal.Stage.LOST], due_on__lt=plan.on)
    kept = []
    for renewal in settled.order_by("account_id", "due_on"):
        came = outcome(renewal.stage, renewal.arr, renewal.expected_arr)
        for (kind, days), share in RIGHT.items():
            call = came if rng.random() < share else str(rng.choice([RENEW, RENEW, DOWNGRADE, CHURN]))
            kept.append(
                RenewalCall(
                    renewal=renewal,
                    kind=kind,
                    on=renewal.due_on - dt.timedelta(days=days),
                    call=call,
                    amount=amount_of_call(call, renewal.arr, (renewal.arr and renewal.expected_arr / renewal.arr)),
                    by_id=owners.get(renewal.account_id) if kind == "csm" else None,
                    reasons=["on_track"] if kind == "computed" and call == RENEW else [],
                )
            )
    RenewalCall.objects.bulk_create(kept, batch_size=500)


def _call_ahead(plan: Plan, owners: dict[int, int], rng: Generator) -> None:
    """Owners call what ends soon; some see it otherwise than the rule, and a manager has settled a few."""
    ahead = Renewal.objects.open().filter(due_on__lte=plan.on + dt.timedelta(days=120), due_on__gte=plan.on, arr__gt=0)
    people = User.objects.in_bulk(set(owners.values()))
    manager = User.objects.filter(role=Role.CS_MANAGER).order_by("pk").first()
    disputes = 0
    for renewal in ahead.order_by("-arr", "pk")[:60]:
        by = people.get(owners.get(renewal.account_id, 0))
        if by is None or rng.random() > 0.7:
            continue
        call = renewal.computed_call
        if disputes < DISPUTES and rng.random() < 0.3:
            call = RENEW if call != RENEW else DOWNGRADE
            disputes += 1
        saved = make_call(renewal=renewal, call=call, reason=str(rng.choice(WORDS[call])), by=by, at=plan.at)
        if saved.is_disputed and disputes <= SETTLED and manager is not None:
            reason = "We plan with the careful figure."
            make_call(renewal=saved, kind="final", call=DOWNGRADE, reason=reason, by=manager, at=plan.at)
