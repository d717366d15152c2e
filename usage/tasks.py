"""Which work on usage is done in the background?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from common.jobs import task
from usage import actions


@task("usage.replay_waiting", atomic=False, lease=300, every=dt.timedelta(minutes=10))
def replay_waiting(account_external_ids: list[str] | None = None) -> dict[str, int]:
    """Take in the events that waited for their account."""
    return actions.replay_waiting(account_external_ids, at=timezone.now())


@task("usage.rebuild_rollups", atomic=False, lease=1800)
def rebuild_rollups(account_ids: list[int] | None = None) -> dict[str, int]:
    """Make the daily figures anew from the events."""
    return actions.rebuild_rollups(account_ids=account_ids)


@task("usage.refresh_days_of_feature", atomic=False, lease=600)
def refresh_days_of_feature(feature_id: int) -> dict[str, int]:
    """Count the days on which a feature was used anew, and score everybody: its kind has changed."""
    changed = actions.refresh_days_of_feature(feature_id=feature_id)
    actions.ask_for_all_scores()
    return {"account_days": changed}
