"""Which scores are made in the background, and when?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from common.jobs import Running, enqueue, task
from health import actions
from health.actions.churn import score_churn_risk, train_churn_model
from health.actions.track_record import store_track_record
from health.models import ChurnModel, WarningRule

# More accounts than this are a job of the long lane, so that on SQLite nobody waits for the write lock.
FEW = 500
# The churn model is trained anew after so many days.
RETRAIN_DAYS = 7


def _now() -> tuple[dt.date, dt.datetime]:
    at = timezone.now()
    return Organisation.load().day_of(at), at


@task("health.score_accounts")
def score_accounts(account_ids: list[int] | None = None) -> dict[str, int]:
    """Score some accounts for today because their facts changed; many, or all, become a long job of their own."""
    if account_ids is None or len(account_ids) > FEW:
        enqueue("health.score_book", key="all")
        return {"scored": 0}
    on, at = _now()
    return actions.score_accounts(on=on, at=at, account_ids=account_ids)


@task("health.score_book", atomic=False, lease=600)
def score_book(job: Running) -> dict[str, int]:
    """Score all accounts for today, some thousands at a time."""
    on, at = _now()
    return actions.score_accounts(on=on, at=at, told=job.progress)


@task("health.score_nightly", atomic=False, lease=600, daily_at="01:30")
def score_nightly(job: Running) -> dict[str, int]:
    """Score all accounts for the organisation's day, whether facts came in or not: windows move on by themselves.

    Warnings follow, for a rule may ask for the score.
    """
    on, at = _now()
    counts = actions.score_accounts(on=on, at=at, told=job.progress)
    enqueue("health.evaluate_warnings", key="all")
    return counts


@task("health.evaluate_warnings", atomic=False, lease=600)
def evaluate_warnings(job: Running, rule_id: int | None = None, release: bool = False) -> dict[str, int]:
    """Bring the warnings of all rules, or of one, up to the organisation's day."""
    on, at = _now()
    rule = None if rule_id is None else WarningRule.objects.filter(pk=rule_id).first()
    if rule_id is not None and rule is None:
        return {}
    outcomes = actions.evaluate_warnings(on=on, at=at, rule=rule, release=release, told=job.progress)
    return {name: sum(getattr(one, name) for one in outcomes) for name in ("opened", "reopened", "closed", "held")}


@task("health.wake_warnings", every=dt.timedelta(hours=1))
def wake_warnings() -> dict[str, int]:
    """Open the warnings whose snooze ended: within the hour after midnight in the organisation's time zone."""
    on, _at = _now()
    return {"woken": actions.wake_warnings(on=on)}


@task("health.follow_overrides", daily_at="01:10")
def follow_overrides() -> dict[str, int]:
    """Tell owners whose override of health ends soon, and note those that have ended."""
    on, at = _now()
    return actions.follow_overrides(on=on, at=at)


@task("health.predict_churn", atomic=False, lease=1800, daily_at="02:30")
def predict_churn(job: Running, train: bool = False) -> dict[str, int]:
    """Train the churn model once a week (or now), write every customer's risk, and judge the past anew."""
    on, at = _now()
    last = ChurnModel.objects.order_by("-number").values_list("on", flat=True).first()
    trained = train or last is None or last <= on - dt.timedelta(days=RETRAIN_DAYS)
    if trained:
        train_churn_model(on=on, at=at)
    job.progress(1, 3)
    scored = score_churn_risk(on=on, at=at)
    job.progress(2, 3)
    judged = store_track_record(on=on)
    job.progress(3, 3)
    return {"trained": int(trained), "scored": scored, "judged": judged}
