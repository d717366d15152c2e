"""Does scoring a book write the right rows, once, and the same ones again?"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, TimelineEntry
from common.errors import Refused
from common.models import Job
from health.actions import scoring
from health.actions.scorecards import check_conditions, publish_version
from health.actions.scoring import score_accounts, score_days
from health.models import HealthScore, Scorecard, ScorecardVersion
from health.rules.components import read_components
from health.rules.default import DEFAULT_DEFINITION
from health.rules.score import score_one
from health.rules.scorecard import parse_scorecard
from tests.health.book import (
    AT,
    ON,
    ago,
    answer,
    make_account,
    make_feature,
    make_line,
    make_renewal,
    make_ticket,
    use,
)
from tests.health.test_queries import little_book, make_random_book
from usage.actions import record_events
from usage.rules.events import Event

pytestmark = pytest.mark.django_db
NPS_ONLY = {
    "groups": [{"key": "g", "indicators": [{"key": "nps", "weight": 100, "red": 0, "green": 100, "days": 180}]}]
}


def rows() -> list[tuple[Any, ...]]:
    fields = ("pk", "account", "on", "score", "band", "coverage", "version", "components")
    return list(HealthScore.objects.order_by("on", "account").values_list(*fields))


def entries() -> list[tuple[Any, ...]]:
    return list(TimelineEntry.objects.order_by("account", "at").values_list("account", "title", "at", "details"))


def score(on: dt.date = ON, **given: Any) -> dict[str, int]:
    at = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
    return score_accounts(on=on, at=at, **given)


def only_nps() -> ScorecardVersion:
    """Make the default scorecard one of NPS alone."""
    return publish_version(
        scorecard=Scorecard.objects.get(), definition=NPS_ONLY, effective_on=dt.date(2000, 1, 1), by=None, at=AT
    )


def test_the_account_on_paper_gets_its_row():
    ada = little_book()
    assert score()["scored"] == 1
    row = HealthScore.objects.get()
    assert (row.account, row.on, row.score, row.band, row.coverage) == (ada, ON, Decimal("61.34"), "yellow", Decimal(1))
    parts = read_components(row.components)
    assert sum(part.contribution for part in parts) == row.score
    assert sum(part.weight for part in parts) == 100


def test_a_second_run_of_the_day_gives_the_same_rows():
    make_random_book(3)
    score(ago(1))
    score()
    first, told = rows(), entries()
    assert score()["scored"] == sum(row[2] == ON for row in first)
    assert (rows(), entries()) == (first, told)


def test_chunks_and_single_accounts_give_what_the_whole_book_gives(monkeypatch: pytest.MonkeyPatch):
    make_random_book(4)
    score()
    whole = [row[1:] for row in rows()]
    HealthScore.objects.all().delete()
    monkeypatch.setattr(scoring, "CHUNK", 5)
    score()
    assert [row[1:] for row in rows()] == whole
    HealthScore.objects.all().delete()
    for account in Account.objects.all():
        score(account_ids=[account.pk])
    assert [row[1:] for row in rows()] == whole


@pytest.mark.parametrize("seed", range(3))
def test_late_events_leave_the_scores_that_every_single_use_gives(seed: int):
    draw = random.Random(seed)
    features = [make_feature(f"f{n}", kind) for n, kind in enumerate(["basic", "core", "advanced"])]
    names = [make_line(make_account(f"A{n}")).account.external_id for n in range(5)]
    rows = [
        Event(
            str(n),
            draw.choice(names),
            draw.choice(features).external_id,
            person=draw.choice(["", "ann", "bob", "cid"]),
            at=AT - dt.timedelta(days=draw.randint(-3, 70)),
        )
        for n in range(60)
    ]
    later = AT + dt.timedelta(days=4)
    for begin in range(0, 60, 20):
        record_events(rows[begin : begin + 20], source="app", at=later, rescore=False)
        for on in (ON, ago(31)):
            score(on)
            kept = rows_of(on)
            score(on, from_days=True)
            assert rows_of(on) == kept
            assert any(row[-1]["advanced_penetration"] for row in kept)


def rows_of(on: dt.date) -> list[tuple[Any, ...]]:
    return [row for row in rows() if row[2] == on]


def test_any_stored_score_is_reproduced_from_its_inputs_and_version():
    make_random_book(5)
    score()
    for row in HealthScore.objects.select_related("version"):
        parts = row.parts
        expired = {part.key for part in parts if part.is_expired}
        again = score_one(parse_scorecard(row.version.definition), {part.key: part.value for part in parts}, expired)
        assert (again.score, again.coverage, again.components) == (row.score, row.coverage, parts)


def test_a_new_customer_reads_onboarding_and_shows_its_score():
    ada = little_book()
    Account.objects.update(signed_on=ago(29))
    score()
    row = HealthScore.objects.get(account=ada)
    assert row.band == "onboarding"
    assert row.score is not None
    Account.objects.update(signed_on=ago(30))
    score()
    assert HealthScore.objects.get(account=ada).band != "onboarding"


def test_too_little_measured_is_never_a_colour():
    account = make_account()
    make_line(account)
    answer(account, 10, ago(1))
    score()
    row = HealthScore.objects.get()
    assert (row.band, row.coverage) == ("unknown", Decimal("0.3000"))


def test_an_account_that_left_loses_the_row_of_the_day_and_keeps_its_history():
    ada = little_book()
    score(ago(1))
    score()
    ada.contract_lines.update(ends_on=ON)
    score()
    assert list(HealthScore.objects.values_list("on", flat=True)) == [ago(1)]


def test_a_band_holds_until_the_second_reading():
    only_nps()
    ada = make_account()
    for number in range(100):
        answer(ada, 10 if number < 76 else 8, ago(50))
    make_line(ada)
    score(ago(3))
    ada.survey_answers.filter(pk__in=list(ada.survey_answers.filter(score=10).values_list("pk", flat=True)[:2])).update(
        score=8
    )
    score(ago(2))
    score(ago(2))  # scoring the day again is no second reading
    score(ago(1))
    assert list(HealthScore.objects.order_by("on").values_list("score", "band")) == [
        (Decimal(76), "green"),
        (Decimal(74), "green"),
        (Decimal(74), "yellow"),
    ]
    assert [entry[1] for entry in entries()] == ["Health: Healthy → Watch"]


def test_the_timeline_tells_each_change_of_band_once_a_day():
    only_nps()
    ada = make_account()
    make_line(ada)
    last = answer(ada, 10, ago(50))
    score(ago(1))
    assert entries() == []
    type(last).objects.update(score=8)
    score()
    score()
    ((account, title, at, details),) = entries()
    assert (account, title) == (ada.pk, "Health: Healthy → At risk")
    assert (at, details["score"]) == (dt.datetime.combine(ON, dt.time(12), tzinfo=dt.UTC), "0.00")
    type(last).objects.update(score=10)
    score()
    assert entries() == []


def test_a_change_on_a_past_day_stands_on_that_day():
    only_nps()
    ada = make_account()
    make_line(ada)
    answer(ada, 10, ago(50))
    score_days(days=[ago(51), ago(40), ago(10)], at=AT)
    assert [entry[1] for entry in entries()] == ["Health: No data → Healthy"]
    assert entries()[0][2] == dt.datetime.combine(ago(40), dt.time(23, 59, 59), tzinfo=dt.UTC)


def test_scores_of_past_days_keep_the_version_that_held_on_them():
    ada = little_book()
    later = publish_version(scorecard=Scorecard.objects.get(), definition=NPS_ONLY, effective_on=ago(5), by=None, at=AT)
    score_days(days=[ago(6), ago(5)], at=AT)
    assert list(HealthScore.objects.order_by("on").values_list("version__number", flat=True)) == [1, 2]
    assert later.number == 2
    assert ada.health_scores.get(on=ago(5)).components.keys() == {"nps"}


def test_the_list_is_asked_to_catch_up():
    ada, bob = make_account("Ada"), make_account("Bob")
    score()
    score(account_ids=[bob.pk, ada.pk])
    score(account_ids=[])
    jobs = Job.objects.filter(task="portfolio.refresh_rows").order_by("pk")
    assert [job.kwargs for job in jobs] == [{"account_ids": None}, {"account_ids": [ada.pk, bob.pk]}]


def test_the_number_of_queries_does_not_grow_with_the_book():
    make_random_book(2, accounts=2)
    make_account("Silent")
    with CaptureQueriesContext(connection) as few:
        score()
    for n in range(40):
        account = make_account(f"B{n}")
        make_line(account)
        make_renewal(account, ago(-100), "in_talks")
        make_ticket(account, ago(10), 1)
    use(account, ago(1), make_feature("extra"))
    HealthScore.objects.all().delete()
    Job.objects.all().delete()
    with CaptureQueriesContext(connection) as many:
        score()
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"groups": []}, "Give at least one weight."),
        (
            {"groups": [{"key": "g", "indicators": [{"key": "mood", "weight": 100, "red": 0, "green": 1}]}]},
            "There is no measure “mood”.",
        ),
    ],
)
def test_a_definition_that_makes_no_sense_is_not_published(definition: Any, message: str):
    with pytest.raises(Refused, match=message):
        publish_version(scorecard=Scorecard.objects.get(), definition=definition, effective_on=ON, by=None, at=AT)
    assert ScorecardVersion.objects.count() == 1


def test_a_version_cannot_start_before_the_one_it_follows():
    publish_version(scorecard=Scorecard.objects.get(), definition=NPS_ONLY, effective_on=ON, by=None, at=AT)
    with pytest.raises(Refused, match="A later version is in force"):
        publish_version(scorecard=Scorecard.objects.get(), definition=NPS_ONLY, effective_on=ago(1), by=None, at=AT)


def test_conditions_that_make_no_sense_are_refused_in_words():
    with pytest.raises(Refused, match="Accounts have no field “colour”"):
        check_conditions([{"field": "colour", "value": "red"}])


def test_the_shipped_scorecard_comes_with_the_migrations():
    version = ScorecardVersion.objects.get()
    assert (version.conditions, version.number) == ([], 1)
    assert version.definition == DEFAULT_DEFINITION


def test_an_empty_installation_gets_the_shipped_scorecard_when_it_scores():
    ScorecardVersion.objects.all().delete()
    Scorecard.objects.all().delete()
    make_account()
    assert score()["scored"] == 1
    assert ScorecardVersion.objects.get().definition == DEFAULT_DEFINITION
