"""Is background work asked for, done, retried and given up as promised?"""

import datetime as dt
import threading
import time

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from common import jobs
from common.errors import Refused
from common.jobs.running import ATTEMPTS, stopping
from common.models import Job

pytestmark = pytest.mark.django_db
done: list[object] = []


@jobs.task("tests.note")
def note(what: object = None) -> dict[str, object]:
    done.append(what)
    return {"noted": what}


@jobs.task("tests.write_then_fail")
def write_then_fail() -> None:
    Job.objects.create(task="tests.half_done")
    raise ValueError("half way")


@jobs.task("tests.refuse")
def refuse() -> None:
    raise Refused("The file has a header but no rows.")


@jobs.task("tests.ask_again")
def ask_again() -> None:
    """A fact changes while its score is computed."""
    done.append(jobs.enqueue("tests.ask_again", key="score:1"))


@jobs.task("tests.slow", limit=1)
def slow() -> None:
    time.sleep(5)


@jobs.task("tests.long", atomic=False, lease=60)
def long(job: jobs.Running, rows: int) -> int:
    for row in range(rows):
        job.progress(row + 1, rows)
    return rows


@jobs.task("tests.hour_passes", atomic=False, limit=1)
def hour_passes(job: jobs.Running) -> None:
    time.sleep(1.1)
    job.progress(1)


@pytest.fixture(autouse=True)
def nothing_done():
    done.clear()
    yield
    stopping.clear()


def now() -> dt.datetime:
    return timezone.now()


def later(**kwargs: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(**kwargs)


def run_all() -> int:
    return jobs.run_due(now())


def test_a_job_is_done_once_and_keeps_its_result():
    job = jobs.enqueue("tests.note", what="a")
    assert run_all() == 1
    assert run_all() == 0
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.last_error) == ("done", {"noted": "a"}, 1, "")
    assert job.finished_at
    assert job.started_at
    assert done == ["a"]


def test_a_job_vanishes_with_the_transaction_of_its_cause():
    with transaction.atomic():
        jobs.enqueue("tests.note")
        transaction.set_rollback(True)
    assert Job.objects.count() == 0


def test_a_burst_of_facts_gives_one_job():
    assert len({jobs.enqueue("tests.note", key="score:1").pk for _ in range(10)}) == 1
    jobs.enqueue("tests.note", key="score:2")
    assert run_all() == 2


def test_a_request_while_the_job_runs_is_not_swallowed():
    jobs.enqueue("tests.ask_again", key="score:1")
    assert jobs.run_due(now(), limit=1) == 1
    assert Job.objects.queued().filter(key="score:1").count() == 1


def test_a_request_is_not_put_off_by_an_earlier_failure():
    first = jobs.enqueue("tests.write_then_fail", key="score:1")
    run_all()
    assert jobs.enqueue("tests.write_then_fail", key="score:1").pk != first.pk


def test_a_request_for_now_does_not_join_one_for_tomorrow():
    tomorrow = jobs.enqueue("tests.note", key="k", run_after=later(days=1))
    at_once = jobs.enqueue("tests.note", key="k")
    assert at_once.pk != tomorrow.pk
    assert jobs.enqueue("tests.note", key="k", run_after=later(days=2)).pk == tomorrow.pk
    assert run_all() == 1
    tomorrow.refresh_from_db()
    assert tomorrow.state == "queued"


def test_two_rows_for_the_same_work_are_done_by_one_run():
    one, two = (Job.objects.create(task="tests.note", key="k", kwargs={"what": 1}) for _ in range(2))
    assert jobs.run(two.pk, now())
    one.refresh_from_db()
    assert (one.state, one.result) == ("done", {"done_by_job": two.pk})
    assert done == [1]


def test_once_means_once_even_after_it_is_done():
    first = jobs.enqueue("tests.note", once="mail:7")
    run_all()
    assert jobs.enqueue("tests.note", once="mail:7").pk == first.pk
    assert run_all() == 0


def test_many_jobs_are_asked_for_in_a_few_queries(django_assert_max_num_queries):
    jobs.enqueue("tests.note", key="score:3", what=3)
    with django_assert_max_num_queries(6):  # a savepoint and its release, what waits, inserts in batches
        new = jobs.enqueue_many("tests.note", [(f"score:{number}", {"what": number}) for number in range(100)])
    assert new == 99
    assert run_all() == 100


def test_a_failed_job_leaves_nothing_half_done_and_comes_again_later():
    job = jobs.enqueue("tests.write_then_fail")
    run_all()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("queued", 1, "ValueError: half way")
    assert not Job.objects.filter(task="tests.half_done").exists()
    assert run_all() == 0
    assert jobs.run_due(later(seconds=6)) == 1


def test_after_five_attempts_a_job_is_parked_with_the_reason_and_can_be_retried():
    job = jobs.enqueue("tests.write_then_fail")
    for _ in range(ATTEMPTS):
        assert jobs.run_due(later(hours=1)) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("parked", 5)
    assert job.last_error == "ValueError: half way"
    assert jobs.run_due(later(days=9)) == 0
    jobs.retry(job)
    assert (job.state, job.attempts) == ("queued", 0)
    assert run_all() == 1


def test_only_a_parked_job_can_be_retried():
    with pytest.raises(Refused, match="not parked"):
        jobs.retry(jobs.enqueue("tests.note"))


def test_a_refusal_is_parked_at_once_in_its_own_words():
    job = jobs.enqueue("tests.refuse")
    run_all()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("parked", 1, "The file has a header but no rows.")


def test_a_job_for_an_unknown_task_is_parked():
    job = jobs.enqueue("tests.gone")
    run_all()
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("parked", "No task is called tests.gone.")


def test_the_job_of_a_dead_worker_is_taken_over_but_not_while_it_may_live():
    job = jobs.enqueue("tests.note")
    Job.objects.update(state="running", attempts=1, claim=1, lease_until=later(seconds=5))
    assert jobs.reclaim(now()) == 0
    assert jobs.reclaim(later(seconds=6)) == 1
    assert run_all() == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_that_kills_each_worker_is_parked():
    job = jobs.enqueue("tests.note")
    Job.objects.update(attempts=ATTEMPTS)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("parked", "The worker stopped 5 times while doing this.")
    assert done == []


def test_a_worker_that_lost_its_claim_applies_nothing():
    @jobs.task("tests.loses_claim", atomic=False)
    def loses_claim(job: jobs.Running) -> None:
        Job.objects.filter(pk=job.id).update(claim=9)

    job = jobs.enqueue("tests.loses_claim")
    run_all()
    job.refresh_from_db()
    assert (job.state, job.claim, job.result) == ("running", 9, None)


def test_a_job_over_its_time_limit_is_stopped():
    job = jobs.enqueue("tests.slow")
    run_all()
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("queued", "TimeLimitExceeded: took longer than 1 seconds")


def test_a_long_job_over_its_time_limit_is_stopped_at_its_next_sign_of_life():
    job = jobs.enqueue("tests.hour_passes")
    run_all()
    job.refresh_from_db()
    assert job.last_error == "TimeLimitExceeded: took longer than 1 seconds"


def test_a_long_job_shows_its_progress():
    job = jobs.enqueue("tests.long", rows=7, owner_id=3)
    assert jobs.run_due(now(), long=False) == 0
    assert jobs.run_due(now(), long=True) == 1
    job.refresh_from_db()
    assert (job.progress, job.total, job.percent, job.result, job.owner_id) == (7, 7, 100, 7, 3)


def test_a_long_job_goes_back_to_the_queue_when_the_worker_stops():
    job = jobs.enqueue("tests.long", rows=7)
    stopping.set()
    jobs.run(job.pk, now())
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_lost_hints_are_sent_again_until_the_job_is_done(monkeypatch):
    sent: list[int] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args, retry: sent.append(args[0]))
    job = jobs.enqueue("tests.note")
    assert jobs.sweep(later(seconds=10)) == 0
    assert jobs.sweep(later(seconds=16)) == 1
    assert jobs.sweep(later(seconds=30)) == 0, "not each time"
    assert jobs.sweep(later(seconds=80)) == 1
    run_all()
    assert jobs.sweep(later(seconds=200)) == 0
    assert sent == [job.pk, job.pk]


def test_a_hint_goes_out_after_the_commit(monkeypatch, django_capture_on_commit_callbacks):
    sent: list[object] = []
    monkeypatch.setattr(settings, "EMBEDDED_BROKER", False)
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args, retry: sent.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("tests.note")
        assert sent == []
    assert sent == [("common.run_job", [job.pk])]


def test_a_broker_that_is_away_loses_nothing(monkeypatch, django_capture_on_commit_callbacks):
    def refuse_connection(*_args, **_kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(settings, "EMBEDDED_BROKER", False)
    monkeypatch.setattr("celery.current_app.send_task", refuse_connection)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("tests.note")
    assert run_all() == 1


def test_background_work_is_paused_without_a_heartbeat():
    assert not jobs.is_working(now())
    jobs.enqueue("common.heartbeat")
    run_all()
    assert jobs.is_working(now())
    assert not jobs.is_working(later(minutes=4))


def test_a_clock_that_was_set_back_is_noticed():
    jobs.enqueue("common.heartbeat")
    run_all()
    assert not jobs.clock_moved_back(now())
    assert jobs.clock_moved_back(later(hours=-1))


def test_old_done_jobs_are_deleted_but_never_the_last_periods():
    jobs.enqueue("tests.note")
    for number in range(120):
        jobs.enqueue("tests.note", once=f"tests.note@{number}")
    jobs.run_due(now(), limit=200)
    waiting = jobs.enqueue("tests.note")
    assert jobs.purge(later(days=365)) == 21
    left = set(Job.objects.values_list("once", flat=True))
    assert left == {None, *(f"tests.note@{number}" for number in range(20, 120))}
    assert Job.objects.filter(pk=waiting.pk).exists()


def test_two_functions_cannot_share_a_name():
    def other() -> None:
        pass

    other.__module__ = "somewhere.else"
    with pytest.raises(ValueError, match="registered twice"):
        jobs.task("tests.note")(other)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(settings.ON_SQLITE, reason="SQLite lets one write at a time")
def test_no_worker_starts_a_job_before_the_facts_that_joined_it_are_committed():
    jobs.enqueue("tests.note", key="score:1")
    counts: list[int] = []

    def work() -> None:
        counts.append(run_all())
        connection.close()

    with transaction.atomic():
        jobs.enqueue("tests.note", key="score:1")
        worker = threading.Thread(target=work)
        worker.start()
        worker.join(10)
    work()
    assert counts == [0, 1]
    assert Job.objects.count() == 1
