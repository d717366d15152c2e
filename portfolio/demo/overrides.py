"""Which bands of the demo book did somebody set by hand?"""

from __future__ import annotations

import datetime as dt

from accounts.models import ServiceAssignment
from health.actions import end_override, set_override
from health.models import HealthScore
from portfolio.demo.load import Plan

# Band computed, band set, days ago, days that it lasts, and why.
SET_BY_HAND = [
    (
        "red",
        "yellow",
        12,
        45,
        "The new director presented the rollout plan to us; use starts again after the holidays.",
    ),
    ("yellow", "red", 5, 30, "Their buyer told me in confidence that a competitor is being tried out."),
    ("yellow", "green", 28, 30, "Migration to the new region: events were not sent for ten days, people did work."),
]


def set_bands_by_hand(plan: Plan) -> None:
    """Have the owners of a few accounts set a band, and one of them take it back."""
    taken: set[int] = set()
    for computed, band, days, lasts, reason in SET_BY_HAND:
        scores = HealthScore.objects.filter(on=plan.on, band=computed).exclude(account__in=taken)
        score = scores.select_related("account").order_by("score", "pk").first()
        if score is None:
            continue
        taken.add(score.account_id)
        owner = (
            ServiceAssignment.objects.current().owners().filter(account=score.account_id).select_related("user").first()
        )
        if owner is None:
            continue
        at = plan.at - dt.timedelta(days=days)
        ends_on = plan.on + dt.timedelta(days=lasts - days)
        made = set_override(account=score.account, band=band, reason=reason, ends_on=ends_on, by=owner.user, at=at)
        if days == 5:
            end_override(override=made, by=owner.user, at=plan.at - dt.timedelta(days=1))
            set_override(account=score.account, band=band, reason=reason, ends_on=ends_on, by=owner.user, at=plan.at)
