"""Does each scheduled job run exactly once a period, whatever clocks and schedulers do?"""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import jobs, schedule
from common.jobs import registry
from common.models import Job


def task(**kwargs: object) -> registry.Task:
    values = {"name": "t", "function": print, "atomic": True, "limit": 1, "lease": 1, "takes_job": False}
    return registry.Task(**{**values, "daily_at": None, "every": None, **kwargs})


def test_nothing_is_scheduled_in_the_last_hour_of_the_day():
    assert all(task.daily_at is None or task.daily_at.hour != 23 for task in registry.all_tasks())
    with pytest.raises(ValueError, match="23:00"):
        jobs.task("tests.late", daily_at="23:15")


def test_a_daily_job_has_one_period_a_utc_day_for_400_days():
    daily = task(daily_at=dt.time(1, 30))
    start = dt.datetime(2026, 1, 1, 1, 30, tzinfo=dt.UTC)
    seen = Counter(schedule.period_of(daily, start + dt.timedelta(minutes=10 * step)) for step in range(400 * 144))
    assert len(seen) == 400
    assert set(seen.values()) == {144}


@given(st.lists(st.integers(min_value=-4000, max_value=4000), min_size=1, max_size=60))
def test_a_clock_that_jumps_to_and_fro_names_no_period_twice(jumps):
    daily, hourly = task(daily_at=dt.time(2, 0)), task(every=dt.timedelta(hours=1))
    start = dt.datetime(2026, 3, 29, 0, 55, tzinfo=dt.UTC)
    for jump in jumps:
        at = start + dt.timedelta(minutes=jump)
        day, hour = schedule.period_of(daily, at), schedule.period_of(hourly, at)
        assert day == (at - dt.timedelta(hours=2)).date().isoformat()
        assert hour == at.strftime("%Y-%m-%dT%H:00Z")


@pytest.mark.django_db
def test_two_schedulers_and_a_clock_set_back_add_no_second_run():
    at = dt.datetime(2026, 10, 25, 3, 41, tzinfo=dt.UTC)
    assert schedule.tick(at) >= 2
    assert schedule.tick(at) == 0
    assert schedule.tick(at + dt.timedelta(seconds=10)) == 0
    schedule.tick(at + dt.timedelta(minutes=5))
    assert schedule.tick(at) == 0
    assert Job.objects.filter(task="common.purge_jobs").count() == 1


@pytest.mark.django_db
def test_a_scheduler_that_was_down_catches_up_by_one_run():
    schedule.tick(dt.datetime(2026, 10, 1, 4, tzinfo=dt.UTC))
    schedule.tick(dt.datetime(2026, 10, 20, 0, 10, tzinfo=dt.UTC))
    periods = set(Job.objects.filter(task="common.purge_jobs").values_list("once", flat=True))
    assert periods == {"common.purge_jobs@2026-10-01", "common.purge_jobs@2026-10-19"}
