"""Does every measure of the vocabulary count what it says, over all accounts at once and as of its day?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, BusinessGoal, Contact, CustomField, GoalMeasurement, TimelineEntry
from health.queries.editor import gone
from health.queries.indicators import measure
from health.queries.sources import MEASURES, formula
from health.rules.formulas import parse_formula
from health.rules.scorecard import Indicator, Line, parse_scorecard
from health.rules.vocabulary import FIXED, NAMED, WHATS
from tests.health.book import (
    AT,
    ON,
    ago,
    answer,
    expand,
    make_account,
    make_feature,
    make_line,
    make_milestone,
    make_renewal,
    make_ticket,
    reach,
    use,
)
from tests.health.test_queries import book_of
from usage.models import Attendance, Integration, Metric, Reading, Ticket

pytestmark = pytest.mark.django_db


def value(body: dict[str, Any], days: int = 30, on: dt.date = ON) -> list[float | None]:
    """What a formula gives for each account, in the order in which they were made."""
    asked = Indicator("x", "", "formula", 0, Line(0, 1), days, params=body)
    found = np.round(formula(book_of(on), asked).values.astype(float), 6)
    return [None if np.isnan(one) else float(one) for one in found]


def of(what: str, **settings: Any) -> list[float | None]:
    return value({"of": {"what": what, **settings}})


def test_each_word_of_the_vocabulary_has_its_measure_and_its_filters():
    assert set(MEASURES) == set(WHATS)
    assert {name for what in WHATS.values() for name in what.filters} == {*FIXED, *NAMED}


def test_usage_counts_by_feature_and_kind_and_silence_is_0_only_for_whoever_was_heard():
    ada, bob = make_account("Ada"), make_account("Bob")
    core, basic = make_feature("core", "core"), make_feature("basic")
    for days, feature, person in ((0, core, "ann"), (0, basic, "ben"), (3, core, "ann"), (40, core, "ann")):
        use(ada, ago(days), feature, person, events=2)
    assert of("events") == [6, None]
    assert of("events", kind="core") == [4, None]
    assert of("events", feature="basic", days=1) == [2, None]
    assert of("events", module="P") == [6, None]
    assert (of("active_days"), of("active_users"), of("features_used")) == ([2, None], [2, None], [2, None])
    assert (of("modules_used"), of("days_since_use", feature="basic")) == ([1, None], [0, None])
    use(bob, ago(200), basic)
    assert (of("events"), of("days_since_use")) == ([6, 0], [0, 200])
    # Against the 30 days before (2 events), and against the mean of the known ones of the three before.
    assert value({"of": {"what": "events"}, "as": "change"}) == [2, None]
    assert value({"of": {"what": "events"}, "as": "usual"}) == [2, None]
    assert value({"of": {"what": "events"}}, on=ago(31)) == [2, 0]


def test_users_against_seats_is_a_ratio_and_no_seats_is_no_value():
    ada, bob = make_account("Ada"), make_account("Bob")
    feature = make_feature("f")
    make_line(ada, seats=4)
    make_line(bob)
    for person in ("ann", "ben"):
        use(ada, ON, feature, person)
    use(bob, ON, feature)
    assert value({"of": {"what": "active_users"}, "as": "ratio", "over": {"what": "seats"}}) == [0.5, None]
    assert value({"of": {"what": "seats"}, "as": "difference", "over": {"what": "active_users"}}) == [2, None]


def test_readings_give_level_and_trend():
    ada = make_account("Ada")
    make_account("Bob")
    metric = Metric.objects.create(external_id="calls", name="Calls")
    for days, number in ((1, "70.5"), (10, "9.5"), (35, "100")):
        Reading.objects.create(account=ada, metric=metric, on=ago(days), value=Decimal(number))
    found = [of("reading", metric="calls", how=how)[0] for how in ("latest", "mean", "sum", "count")]
    assert found == [70.5, 40, 80, 2]
    assert value({"of": {"what": "reading", "metric": "calls", "how": "sum"}, "as": "change"}) == [-0.2, None]
    assert of("days_since_reading", metric="calls") == [1, None]
    # 0.57 · 10,000 is a hair below 5,700 in floating numbers.
    Reading.objects.filter(on=ago(1)).update(value=Decimal("0.57"))
    assert of("reading", metric="calls") == [0.57, None]


def test_tickets_are_counted_by_severity_and_complaint_as_of_the_day():
    ada = make_account("Ada")
    make_account("Bob")
    make_ticket(ada, ago(5), 2, 1)
    make_ticket(ada, ago(10), 2, 4)
    Ticket.objects.filter(pk=make_ticket(ada, ago(20), 2).pk).update(severity="critical", is_complaint=True)
    Ticket.objects.filter(opened_at__date=ago(5)).update(satisfaction=5)
    assert (of("tickets_opened"), of("tickets_open")) == ([3, 0], [1, 0])
    assert of("tickets_opened", complaint="yes", severity="critical") == [1, 0]
    assert of("tickets_in_time") == [round(1 / 3, 6), None]
    assert of("ticket_satisfaction") == [5, None]
    assert value({"of": {"what": "tickets_open"}}, on=ago(8)) == [2, 0]


def test_answers_give_latest_mean_count_and_promoters():
    ada = make_account("Ada")
    make_account("Bob")
    for days, score in ((2, 10), (9, 3)):
        answer(ada, score, ago(days))
    found = [of("survey", survey="nps", how=how) for how in ("latest", "mean", "count", "nps")]
    assert found == [[10, None], [6.5, None], [2, 0], [0, None]]
    assert of("days_since_answer", survey="nps") == [2, None]


def test_contract_and_renewal_facts_are_those_of_the_day():
    ada, bob = make_account("Ada"), make_account("Bob", signed_on=None)
    make_line(ada, ends_on=ON + dt.timedelta(days=90))
    make_renewal(ada, ON + dt.timedelta(days=80), "committed", changed_on=ago(3))
    make_line(bob, ends_on=ON + dt.timedelta(days=40))
    expand(ada, ago(400))
    expand(ada, ago(10))
    assert of("days_to_renewal") == [80, 40]
    assert of("renewal_stage") == [0.8, None]
    assert of("tenure") == [(ON - dt.date(2025, 1, 1)).days, None]
    assert (of("arr"), value({"of": {"what": "arr"}, "as": "change"})) == ([200, 0], [1, None])
    assert value({"of": {"what": "renewal_stage"}}, on=ago(4)) == [None, None]


def test_people_touches_and_their_feelings():
    ada = make_account("Ada")
    make_account("Bob")
    for name, role, feeling in (
        ("A", "champion", "positive"),
        ("B", "end_user", "negative"),
        ("C", "blocker", "unknown"),
    ):
        Contact.objects.create(account=ada, name=name, role=role, sentiment=feeling, touched_on=ago(7))
    Contact.objects.create(account=ada, name="Gone", role="champion", left_on=ago(1))
    TimelineEntry.objects.create(account=ada, kind="call", at=AT - dt.timedelta(days=4), title="Call")
    TimelineEntry.objects.create(account=ada, kind="note", at=AT, title="Note")
    assert (of("contacts"), of("contacts", role="champion")) == ([3, 0], [1, 0])
    assert (of("sentiment"), of("sentiment", role="champion")) == ([0, None], [1, None])
    assert (of("touches"), of("touches", touch="meeting"), of("days_since_touch")) == ([1, 0], [0, 0], [4, None])


def test_outcomes_and_own_fields():
    ada = make_account("Ada", custom={"plan": 3, "checked": "2026-06-20"})
    make_account("Bob")
    reach(ada, make_milestone("first", 30), ago(3))
    make_milestone("second", 60)
    goal = BusinessGoal.objects.create(account=ada, name="Faster", baseline=10, target=2)
    GoalMeasurement.objects.create(goal=goal, on=ago(30), value=10)
    GoalMeasurement.objects.create(goal=goal, on=ago(2), value=4)
    Integration.objects.create(account=ada, name="CRM", connected_on=ago(9))
    Attendance.objects.create(account=ada, name="Day", on=ago(9))
    CustomField.objects.create(key="plan", label="Plan", kind="number")
    CustomField.objects.create(key="checked", label="Checked", kind="date")
    assert (of("milestones"), of("milestones", milestone="second")) == ([1, 0], [0, 0])
    assert (of("goals"), value({"of": {"what": "goals"}}, on=ago(5))) == ([0.75, None], [0, None])
    assert (of("integrations"), of("attendances")) == ([1, 0], [1, 0])
    assert (of("field", field="plan"), of("days_since_field", field="checked")) == ([3, None], [10, None])


@pytest.mark.parametrize(
    "term",
    [
        {"what": "events", "feature": "gone"},
        {"what": "reading", "metric": "gone"},
        {"what": "milestones", "milestone": "gone"},
        {"what": "field", "field": "gone"},
    ],
)
def test_a_source_that_is_gone_reads_missing_and_is_named(term: dict[str, Any]):
    make_account("Ada")
    assert value({"of": term}) == [None]
    row = {"key": "x", "name": "Mine", "source": "formula", "weight": 100, "red": 0, "green": 1, "params": {"of": term}}
    card = parse_scorecard({"groups": [{"key": "g", "indicators": [row]}]})
    assert [(lost.indicator, lost.name) for lost in gone(card)] == [("Mine", "gone")]


def test_a_measure_that_no_longer_exists_is_missing_and_no_crash():
    make_account("Ada")
    row = {"key": "moon", "weight": 100, "red": 0, "green": 1}
    values, expired = measure(parse_scorecard({"groups": [{"key": "g", "indicators": [row]}]}), book_of())
    assert np.isnan(values).all()
    assert not expired.any()


def test_more_accounts_take_no_more_queries():
    make_account("Ada")
    CustomField.objects.create(key="plan", label="Plan", kind="number")
    Metric.objects.create(external_id="calls", name="Calls")
    given = {"metric": "calls", "field": "plan", "survey": "nps"}
    terms = [{"what": name, **{need: given[need] for need in what.needs}} for name, what in WHATS.items()]

    def queries() -> int:
        book = book_of()
        with CaptureQueriesContext(connection) as made:
            for term in terms:
                formula(book, Indicator("x", "", "formula", 0, Line(0, 1), 30, params={"of": term}))
        return len(made)

    few = queries()
    for number in range(5):
        make_line(make_account(f"B{number}"), seats=3)
    assert queries() == few <= 50
    assert Account.objects.count() == 6


def test_a_formula_says_for_which_days_it_is_known():
    assert parse_formula({"of": {"what": "events"}}).is_dated
    assert not parse_formula({"of": {"what": "contacts"}, "as": "ratio", "over": {"what": "seats"}}).is_dated
