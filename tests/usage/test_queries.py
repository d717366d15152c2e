"""Do the figures of an account's use say what its days say?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import Contact
from tests.factories import AT, make_account, make_feature, make_module, make_product
from usage.actions import record_events
from usage.models import Metric, Milestone, MilestoneReached, Reading, SurveyAnswer, Ticket
from usage.queries import (
    active_people,
    answers_of,
    feature_heat_map,
    features_of,
    last_use_by_account,
    metrics_of,
    milestones_of,
    reading_series,
    ticket_summary,
    usage_by_day,
    usage_columns,
    usage_line,
)
from usage.rules.events import Event

pytestmark = pytest.mark.django_db
TODAY = AT.date()  # a Monday


def use(account, days_ago: int, feature: str = "run", person: str = "ann", quantity: int = 1) -> None:
    at = AT - dt.timedelta(days=days_ago)
    number = f"{account.pk}-{days_ago}-{feature}-{person}"
    record_events([Event(number, account.external_id, feature, at, person, quantity)], source="t", at=AT)


@pytest.fixture
def account():
    make_feature("core", external_id="run", name="Run")
    make_feature("basic", external_id="look", name="Look")
    return make_account(external_id="acme", signed_on=TODAY - dt.timedelta(days=20))


def test_days_without_use_are_zero(account):
    use(account, 1, quantity=3)
    days = usage_by_day(account, TODAY - dt.timedelta(days=2), TODAY)
    assert [(day.events, day.core_events, day.people) for day in days] == [(0, 0, 0), (3, 3, 1), (0, 0, 0)]


def test_weeks_count_each_person_once(account):
    for days_ago in (7, 6, 5):
        use(account, days_ago)
        use(account, days_ago, person="bob")
    week = usage_line(account, TODAY, weeks=3).weeks[1]
    assert (week.on, week.events, week.people) == (TODAY - dt.timedelta(days=7), 6, 2)


def test_the_last_whole_week_is_judged_by_the_weeks_before_it(account):
    for week in range(2, 9):
        use(account, 7 * week, quantity=100 + week)
    assert usage_line(account, TODAY).verdict == "below"
    use(account, 7, quantity=105)
    line = usage_line(account, TODAY)
    assert (line.verdict, line.last_whole_week.events) == ("within", 105)
    use(account, 6, quantity=500)
    assert usage_line(account, TODAY).verdict == "above"


def test_too_few_weeks_say_nothing(account):
    use(account, 7)
    use(account, 14)
    assert usage_line(account, TODAY).verdict is None


def test_the_heat_map_has_features_by_weeks_the_busiest_first(account):
    use(account, 0, quantity=2)
    use(account, 8, feature="look", quantity=9)
    heat = feature_heat_map(account, TODAY, weeks=3)
    assert [(row.feature.name, list(row.counts)) for row in heat.rows] == [("Look", [9, 0, 0]), ("Run", [0, 0, 2])]
    assert heat.largest == 9
    assert feature_heat_map(make_account(), TODAY).rows == []


def test_features_in_use_are_told_from_the_rest_of_what_is_paid_for(account):
    other = make_feature(module=make_module(product=make_product()), name="Else")
    make_feature(name="Gone", retired_on=TODAY)
    use(account, 29)
    use(account, 31, feature="look")
    states = {state.feature.name: state.is_used for state in features_of(account, TODAY)}
    assert states == {"Run": True, "Look": False, "Else": False}
    paid = features_of(account, TODAY, product_ids=[other.module.product_id])
    assert [state.feature.name for state in paid] == ["Else"]


def test_people_and_last_use_are_counted_over_their_window(account):
    use(account, 0)
    use(account, 29, person="bob")
    use(account, 30, person="eve")
    use(account, 2, person="")
    assert active_people(account, TODAY) == 2
    assert last_use_by_account(TODAY) == {account.pk: TODAY}
    assert last_use_by_account(TODAY - dt.timedelta(days=1), [account.pk]) == {account.pk: TODAY - dt.timedelta(days=2)}


def test_columns_hold_the_days_of_all_accounts(account):
    use(account, 0, quantity=4)
    use(account, 5)
    columns = usage_columns(TODAY - dt.timedelta(days=3), TODAY)
    assert columns["account_id"].tolist() == [account.pk]
    assert columns["events"].tolist() == [4]


def ticket(account, opened: int, target: int, resolved: int | None = None, **fields) -> Ticket:
    days = [None if days is None else AT - dt.timedelta(days=days) for days in (opened, target, resolved)]
    return Ticket.objects.create(account=account, opened_at=days[0], target_at=days[1], resolved_at=days[2], **fields)


def test_tickets_are_summed_up(account):
    ticket(account, 10, 9, 9.5)
    ticket(account, 10, 9, 8, is_complaint=True)
    ticket(account, 5, 4, is_escalated=True)
    ticket(account, 1, -1)
    ticket(account, 100, 99, 99.5)
    ticket(make_account(), 5, 4)
    found = ticket_summary(account, AT)
    assert (found.open, found.overdue, found.escalated) == (2, 1, 1)
    assert (found.opened_30_days, found.complaints_30_days) == (4, 1)
    assert (found.due_90_days, found.met_90_days) == (3, 1)
    assert found.met_rate == Decimal(1) / 3


def test_without_tickets_due_there_is_no_rate(account):
    assert ticket_summary(account, AT).met_rate is None


def test_answers_come_newest_first_with_their_contact(account, django_assert_num_queries):
    contact = Contact.objects.create(account=account, name="Ann")
    for days, score in ((9, 3), (1, 9)):
        SurveyAnswer.objects.create(
            account=account, contact=contact, score=score, answered_on=TODAY - dt.timedelta(days=days)
        )
    with django_assert_num_queries(1):
        assert [(answer.score, answer.contact.name) for answer in answers_of(account)] == [(9, "Ann"), (3, "Ann")]


def test_a_series_of_readings_is_oldest_first(account):
    metric = Metric.objects.create(external_id="x", name="X")
    Metric.objects.create(external_id="y", name="Y")
    for days, value in ((2, 5), (1, 7), (40, 9)):
        Reading.objects.create(account=account, metric=metric, on=TODAY - dt.timedelta(days=days), value=value)
    series = reading_series(account, metric, TODAY - dt.timedelta(days=30), TODAY)
    assert [value for _, value in series] == [5, 7]
    assert list(metrics_of(account)) == [metric]


def test_milestones_are_due_days_after_signing(account):
    late = Milestone.objects.create(external_id="a", name="A", due_after_days=10)
    early = Milestone.objects.create(external_id="b", name="B", due_after_days=15)
    Milestone.objects.create(external_id="c", name="C", due_after_days=60)
    MilestoneReached.objects.create(account=account, milestone=early, on=TODAY)
    states = {state.milestone.name: (state.is_overdue, state.reached_on) for state in milestones_of(account, TODAY)}
    assert states == {"A": (True, None), "B": (False, TODAY), "C": (False, None)}
    assert late.due_after_days == 10
    unsigned = make_account()
    assert all(state.due_on is None and not state.is_overdue for state in milestones_of(unsigned, TODAY))
