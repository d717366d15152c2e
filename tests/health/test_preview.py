"""Does the preview say who changes band, and the look-back who would have been warned of, from what was known then?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, ChurnRecord, CustomField
from health.actions import change_draft, publish_version
from health.models import HealthScore, Scorecard, ScorecardDraft
from health.queries.editor import standing_of
from health.queries.preview import look_back, preview
from tests.factories import make_user
from tests.health.book import AT, ON, ago, answer, expand, make_account, make_line

pytestmark = pytest.mark.django_db


def card(*rows: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"groups": [{"key": "all", "name": "All", "indicators": list(rows)}], "grace_days": 0, **settings}


NPS = {"key": "nps", "weight": 100, "red": -100, "green": 100, "days": 365}
STRICT = {**NPS, "red": 0, "green": 200}


def in_force(definition: dict[str, Any]) -> Scorecard:
    scorecard = Scorecard.objects.get()
    publish_version(scorecard=scorecard, definition=definition, effective_on=dt.date(2020, 1, 1), by=None, at=AT)
    return scorecard


def draft(scorecard: Scorecard, definition: dict[str, Any]) -> None:
    change_draft(scorecard=scorecard, definition=definition, by=make_user("admin"), at=AT)


def test_the_preview_names_who_changes_band_with_what_they_pay_and_writes_nothing():
    happy, sad = make_account("Happy"), make_account("Sad")
    for account, score in ((happy, 10), (sad, 8)):
        make_line(account)
        expand(account, ago(30))
        answer(account, score, ago(5))
    scorecard = in_force(card(NPS))
    draft(scorecard, card(STRICT))
    found = preview(standing_of(scorecard), Account.objects.all(), on=ON, with_money=True)
    assert (found.looked_at, found.is_sample) == (2, False)
    assert [(row.before, row.after, row.accounts, row.arr) for row in found.passages] == [
        ("green", "yellow", 1, Decimal(100)),
        ("yellow", "red", 1, Decimal(100)),
    ]
    assert [(row.name, row.score_before, row.score_after) for row in found.movers] == [
        ("Happy", Decimal(100), Decimal(50)),
        ("Sad", Decimal(50), Decimal(0)),
    ]
    assert (found.before["green"], found.after["green"], found.arr) == (1, 0, Decimal(200))
    assert not HealthScore.objects.exists()
    poor = preview(standing_of(scorecard), Account.objects.all(), on=ON, with_money=False)
    assert {row.arr for row in poor.movers} == {None}


def test_a_new_scorecard_takes_only_those_who_meet_its_conditions():
    make_line(big := make_account("Big", tier="elephant"))
    make_line(small := make_account("Small"))
    for account in (big, small):
        answer(account, 8, ago(5))
    in_force(card(NPS))
    own = Scorecard.objects.create(name="Key", position=0)
    conditions = [{"field": "tier", "operator": "is", "value": "elephant"}]
    change_draft(scorecard=own, definition=card(STRICT), conditions=conditions, by=make_user("admin"), at=AT)
    found = preview(standing_of(own), Account.objects.all(), on=ON, with_money=False)
    assert [row.name for row in found.movers] == ["Big"]


def test_the_look_back_counts_hits_misses_and_false_alarms_from_what_was_known_then():
    gone, missed, stays = make_account("Gone"), make_account("Missed"), make_account("Stays")
    for account in (gone, missed):
        make_line(account, ends_on=ago(20))
        expand(account, ago(20), kind="churn")
    make_line(stays)
    answer(gone, 8, ago(100))
    answer(gone, 0, ago(55))  # known 30 days before it left (day 50), not 60 (day 80)
    answer(missed, 10, ago(100))
    answer(stays, 7, ago(200))
    scorecard = in_force(card(NPS))
    draft(scorecard, card(STRICT))
    found = look_back(standing_of(scorecard), Account.objects.all(), on=ON)
    assert [(row.days, row.accounts, row.red_now, row.red_draft) for row in found.warned] == [
        (30, 2, 1, 1),
        (60, 2, 0, 1),
    ]
    by_name = {row.name: row for row in found.departures}
    assert by_name["Gone"].bands == (("red", "red"), ("yellow", "red"))
    assert by_name["Missed"].left_on == ago(20)
    assert found.stayed is not None
    assert (found.stayed.accounts, found.stayed.red_now, found.stayed.red_draft) == (1, 0, 1)


def test_a_departure_that_people_recorded_counts_too_and_nobody_unseen():
    make_line(make_account("Seen"))
    seen = Account.objects.get()
    ChurnRecord.objects.create(account=seen, on=ago(10))
    ChurnRecord.objects.create(account=make_account("Unseen"), on=ago(10))
    scorecard = in_force(card(NPS))
    found = look_back(standing_of(scorecard), Account.objects.filter(pk=seen.pk), on=ON)
    assert [row.name for row in found.departures] == ["Seen"]


def test_what_is_only_known_today_is_left_out_of_the_past_and_named():
    gone = make_account("Gone", custom={"mood": 0})
    CustomField.objects.create(key="mood", label="Mood", kind="number")
    ChurnRecord.objects.create(account=gone, on=ago(10))
    mood = {"key": "mood", "name": "Mood", "source": "formula", "weight": 100, "red": 0, "green": 1}
    scorecard = in_force(card({**mood, "params": {"of": {"what": "field", "field": "mood"}}}))
    found = look_back(standing_of(scorecard), Account.objects.all(), on=ON)
    assert (found.left_out, found.warned[0].red_now) == (("Mood",), 0)
    assert found.departures[0].bands == (("unknown", "unknown"),) * 2


def test_many_departures_take_a_bounded_number_of_queries():
    scorecard = in_force(card(NPS))

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            look_back(standing_of(scorecard), Account.objects.all(), on=ON)
        return len(made)

    for number in range(40):
        ChurnRecord.objects.create(account=make_account(f"A{number}"), on=ago(number * 9))
    some = queries()
    ChurnRecord.objects.bulk_create([ChurnRecord(account=account, on=ago(3)) for account in Account.objects.all()])
    assert queries() <= some
    assert not ScorecardDraft.objects.exists()
