"""What does the demo book say of who will leave, and was it right?"""

from __future__ import annotations

from health.actions.churn import score_churn_risk, train_churn_model
from health.actions.track_record import store_track_record
from portfolio.demo.load import Plan


def foresee(plan: Plan) -> None:
    """Train, write every customer's risk, and judge the past, as the nightly job does."""
    train_churn_model(on=plan.on, at=plan.at)
    score_churn_risk(on=plan.on, at=plan.at)
    store_track_record(on=plan.on)
