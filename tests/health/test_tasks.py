"""Are scores made by themselves, when facts change and every night, and never from facts that are out of date?"""

from __future__ import annotations

import datetime as dt
import io
import threading

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Organisation
from common import jobs
from common.models import Job
from health.actions import score_accounts
from health.models import HealthScore
from tests.health.book import ON, ago, answer, make_account, make_line


def today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


def work() -> None:
    while jobs.run_due(timezone.now()):
        pass


@pytest.fixture(autouse=True)
def _list_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account list is above health and has its own tests."""
    if jobs.find("portfolio.refresh_rows") is None:
        jobs.task("portfolio.refresh_rows")(lambda account_ids=None: None)


@pytest.mark.django_db
def test_changed_facts_score_the_account_for_today():
    ada, bob = make_account("Ada"), make_account("Bob")
    jobs.enqueue("health.score_accounts", key=f"score:{ada.pk}", account_ids=[ada.pk])
    work()
    assert list(HealthScore.objects.values_list("account", "on")) == [(ada.pk, today())]
    assert bob.health_scores.count() == 0


@pytest.mark.django_db
def test_many_accounts_at_once_become_one_long_job():
    make_account("Ada")
    jobs.enqueue("health.score_accounts", key="score:all")
    jobs.enqueue("health.score_accounts", key="score:many", account_ids=list(range(1, 1000)))
    work()
    assert HealthScore.objects.count() == 1
    assert Job.objects.get(task="health.score_book").state == Job.State.DONE


@pytest.mark.django_db
def test_every_night_the_whole_book_is_scored():
    make_account("Ada")
    make_account("Bob")
    jobs.enqueue("health.score_nightly", once="health.score_nightly@test")
    work()
    assert HealthScore.objects.filter(on=today()).count() == 2
    found = jobs.find("health.score_nightly")
    assert found is not None
    assert found.daily_at == dt.time(1, 30)


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("score_accounts", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_an_operator_scores_a_day_or_a_span():
    make_account("Ada")
    assert said("--on", "2026-06-30") == "2026-06-30: 1 accounts scored (1 unknown).\n"
    assert said("--from", "2026-06-01", "--to", "2026-06-29", "--every", "7") == (
        "2026-06-01 to 2026-06-29: 5 scores on 5 days.\n"
    )
    assert said().startswith(f"{today()}: 1 accounts scored")
    assert HealthScore.objects.count() == 7


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--on", "2026-02-31"], "31 February 2026 is not a date."),
        (["--on", "yesterday"], "--on must be a date like 2026-03-31."),
        (["--on", "2026-06-30", "--from", "2026-06-01"], "Give either --on, or --from and --to."),
        (["--to", "2026-06-30"], "--to needs --from."),
        (["--from", "2026-06-30", "--to", "2026-06-29"], "--to is before --from."),
        (["--from", "2026-06-30", "--to", "2026-06-30", "--every", "0"], "--every must be at least 1."),
    ],
)
def test_a_day_that_makes_no_sense_is_refused_in_words(arguments: list[str], message: str):
    with pytest.raises(CommandError, match=message):
        call_command("score_accounts", *arguments)


@pytest.mark.skipif(settings.ON_SQLITE, reason="SQLite in memory has no writers side by side; a file has one at a time")
@pytest.mark.django_db(transaction=True)
def test_simultaneous_facts_never_leave_a_score_that_is_out_of_date():
    """Eight people answer at once, each scored at once; afterwards the score holds all answers."""
    ada = make_account()
    make_line(ada)

    def tell(number: int) -> None:
        try:
            with transaction.atomic():
                answer(ada, number % 11, ago(number))
            at = dt.datetime.combine(ON, dt.time(12), tzinfo=dt.UTC)
            score_accounts(on=ON, at=at, account_ids=[ada.pk], refresh=False)
        finally:
            connection.close()

    for round_ in range(3):
        threads = [threading.Thread(target=tell, args=(round_ * 8 + number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        scores = list(ada.survey_answers.values_list("score", flat=True))
        right = 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)) / len(scores)
        stored = HealthScore.objects.get(account=ada).components["nps"][0]
        assert (len(scores), stored) == (8 * (round_ + 1), round(right, 8))
