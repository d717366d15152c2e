"""Does the track record tell what came, say so in plain words, and change nothing by itself?"""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from health.actions.track_record import store_track_record
from health.models import ChurnSettings, HealthScore, LossReview, Scorecard, ScorecardVersion, TrackRecord
from health.queries.track_record import HORIZONS, review_losses, track_record, warning_records
from health.queries.track_record_page import ahead_of, losses_of, track_record_page
from revenue.actions import derive_movements
from tests.factories import make_user
from tests.health.book import ON, ago, make_account, make_feature, make_line, use
from tests.health.churn_book import make_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_rules")]


def score_history(ids: list[int], *, tells: bool) -> None:
    """Scores at the ends of months: red in the quarter before a loss, if they tell."""
    from health.queries.snapshots import month_ends

    version = ScorecardVersion.objects.first()
    lost = {account.pk: account for account in Account.objects.prefetch_related("contract_lines")}
    rows = []
    for number, pk in enumerate(ids):
        end = lost[pk].contract_lines.all()[0].ends_on
        for day in month_ends(dt.date(2025, 1, 1), ON):
            near = end is not None and day < end <= day + dt.timedelta(days=92)
            if end is None or day < end:
                low = near if tells else (number * 7 + day.month * 5) % 10 == 0
                band = "red" if low else "green"
                score = Decimal(30 if low else 80)
                rows.append(
                    HealthScore(
                        account_id=pk, on=day, score=score, band=band, coverage=1, version=version, components={}
                    )
                )
    HealthScore.objects.bulk_create(rows, batch_size=900)


def line_of(subject: str, horizon: int = 90):
    return next(line for line in track_record(ON) if (line.subject, line.horizon) == (subject, horizon))


def test_a_score_that_tells_is_said_to_predict_with_its_interval_and_lead():
    score_history(make_history(60, 40), tells=True)
    line = line_of("score")
    assert line.verdict == "good"
    low, high = line.measures["auc"][1:]
    assert 0.9 < low <= high <= 1
    assert line.measures["red"]["precision"] > 0.9
    assert 30 <= line.measures["red"]["lead_days"] <= 92
    assert line.measures["lift"] > 3


def test_a_score_that_tells_nothing_is_said_to_be_chance_in_plain_words():
    score_history(make_history(60, 40), tells=False)
    store_track_record(on=ON)
    page = track_record_page(make_user("admin"), 90)
    assert page is not None
    assert page.finding == "The health score does not tell who will leave: it is no better than chance."
    score = page.figures[0]
    assert score.words.startswith("Does not predict: no better than chance, AUC 0.")


def test_too_few_losses_are_said_to_be_too_few():
    make_history(12, 4)
    assert line_of("prior").verdict == "too_few"
    ChurnSettings.objects.create(pk=1, least_events=5)
    assert line_of("prior").verdict != "too_few"


def test_each_warning_has_precision_recall_and_lead():
    core = make_feature("core", "core")
    silent, busy = make_account("Ada"), make_account("Bob")
    make_line(silent, ends_on=ago(100))
    make_line(busy)
    for back in range(170, 400, 3):
        use(silent, ago(back), core)
    for back in range(0, 400, 3):
        use(busy, ago(back), core)
    derive_movements()
    store_track_record(on=ON)
    record = warning_records(90)["silent_7d"]
    assert (record.measures["right"], record.measures["flagged"]) == (2, 2)
    assert record.measures["precision"] == 1.0
    assert record.measures["recall"] == pytest.approx(2 / 3, abs=0.01)
    assert record.measures["lead_days"] in range(30, 75)
    assert warning_records(90)["champion_left"].verdict == "never"


def test_losses_are_shown_with_their_bands_before_and_counted_by_who_looks():
    ada, bob = make_account("Ada"), make_account("Bob")
    version = ScorecardVersion.objects.first()
    for account, band in ((ada, "green"), (bob, "red")):
        make_line(account, ends_on=ago(10))
        HealthScore.objects.create(
            account=account, on=ago(102), score=Decimal(80), band=band, coverage=1, version=version
        )
    derive_movements()
    found = {loss.account: loss for loss in review_losses(ON)}
    assert found[ada.pk].bands == {30: "", 60: "", 90: "green", 180: ""}
    assert found[ada.pk].arr == Decimal(1200)
    store_track_record(on=ON)
    seen = losses_of(LossReview.objects.visible_to(make_user("admin")), 90)
    assert (seen.count, seen.green, seen.green_arr, seen.share) == (2, 1, Decimal(1200), Decimal("0.5"))
    assert [row.account for row in seen.rows] == [ada]
    assert losses_of(LossReview.objects.visible_to(make_user("csm")), 90).count == 0


def test_weights_are_suggested_and_never_changed():
    score_history(make_history(60, 40), tells=True)
    for row in HealthScore.objects.all():
        part = [0.5, float(row.score), 100.0, float(row.score)]
        row.components = {"nps": part}
        row.save()
    before = list(Scorecard.objects.values()), list(ScorecardVersion.objects.values())
    line = line_of("indicators")
    table = {key: (area, weight, suggested) for key, area, weight, suggested in line.measures["indicators"]}
    assert table["nps"][0] > 0.9
    assert table["nps"][2] == 100
    assert table["login_frequency"][2] is None
    assert any(key.startswith("reading:calls") for key, _area, _rows in line.measures["figures"])
    assert (list(Scorecard.objects.values()), list(ScorecardVersion.objects.values())) == before


def test_judging_a_day_again_writes_the_same_lines():
    make_history(12, 4)
    count = store_track_record(on=ON)
    assert store_track_record(on=ON) == count == TrackRecord.objects.count()
    assert {row.horizon_days for row in TrackRecord.objects.all()} == set(HORIZONS)


def test_an_empty_book_has_no_track_record():
    assert track_record(ON) == []
    assert review_losses(ON) == []
    assert track_record_page(make_user("admin"), 90) is None


@pytest.mark.parametrize(("asked", "given"), [("30", 30), ("", 90), ("31", 90), ("-1", 90), ("٣٠", 90), ("9" * 50, 90)])
def test_days_ahead_are_one_of_four(asked: str, given: int):
    assert ahead_of(asked) == given


def test_an_operator_reads_it_as_json_or_words():
    make_history(12, 4)
    out = io.StringIO()
    call_command("track_record", "--on", "2026-06-30", "--format", "json", stdout=out)
    said = json.loads(out.getvalue())
    assert said["on"] == "2026-06-30"
    assert {row["subject"] for row in said["records"]} >= {"score", "prior", "warning"}
    out = io.StringIO()
    call_command("track_record", "--on", "2026-06-30", stdout=out)
    assert "prior, 90 days ahead: too_few" in out.getvalue()
    with pytest.raises(CommandError, match="--on must be a date"):
        call_command("track_record", "--on", "then")
