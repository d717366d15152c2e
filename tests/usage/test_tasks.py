"""Do the background jobs about use do their work through the outbox?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from common.jobs import enqueue, names, run_due
from common.models import Job
from tests.factories import AT, make_account, make_feature
from usage.actions import record_events
from usage.models import AccountUsageDay, Feature, WaitingEvent
from usage.rules.events import Event

pytestmark = pytest.mark.django_db(transaction=True)


def run(task: str, **kwargs) -> Job:
    job = enqueue(task, **kwargs)
    run_due(timezone.now() + dt.timedelta(seconds=1))
    job.refresh_from_db()
    return job


def test_waiting_events_are_taken_in_once_their_account_is_known():
    make_feature(external_id="run")
    record_events([Event("1", "late", "run", AT)], source="app", at=AT)
    make_account(external_id="late")
    job = run("usage.replay_waiting")
    assert (job.state, job.result) == ("done", {"accepted": 1})
    assert not WaitingEvent.objects.exists()


def test_rollups_are_rebuilt_on_request():
    account = make_account(external_id="acme")
    make_feature(external_id="run")
    record_events([Event("1", "acme", "run", AT)], source="app", at=AT)
    AccountUsageDay.objects.update(events=99)
    assert run("usage.rebuild_rollups", account_ids=[account.pk]).result["account_days"] == 1
    assert AccountUsageDay.objects.get().events == 1


def test_a_change_of_kind_is_counted_back_and_everybody_scored():
    make_account(external_id="acme")
    feature = make_feature(external_id="run")
    record_events([Event("1", "acme", "run", AT)], source="app", at=AT, rescore=False)
    Feature.objects.update(kind="core")
    assert run("usage.refresh_days_of_feature", feature_id=feature.pk).result == {"account_days": 1}
    assert AccountUsageDay.objects.get().core_events == 1
    assert Job.objects.filter(key="score:all").exists()


def test_the_tasks_are_registered():
    assert {"usage.replay_waiting", "usage.rebuild_rollups", "usage.refresh_days_of_feature"} <= set(names())
