"""Is every customer scored by percentile from its facts, with ties, alone, and without any use?"""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import BusinessGoal, GoalMeasurement
from advocacy import actions
from advocacy.actions.settings import change_advocacy_settings
from advocacy.models import Advocate, AdvocateRow, AdvocateScore, Ask, PublicMention, Referral
from advocacy.rules.high_value import is_at_the_top, login_order
from advocacy.rules.score import Measures, Weights, advocate_score, percentile_scores, ranks, weighted_mean
from common.errors import Refused
from common.models import Job
from portfolio.actions import rank_advocates
from revenue.actions import derive_movements
from tests.factories import (
    AT,
    make_account,
    make_advocate,
    make_contact,
    make_evidence,
    make_feature,
    make_line,
    make_module,
    make_request,
    make_user,
)
from usage.models import AccountFeatureUse, AccountUsageDay, Integration, SurveyAnswer

TODAY = AT.date()
DAY = dt.timedelta(days=1)
database = pytest.mark.django_db


def customer(**fields):
    account = make_account(**fields)
    make_line(account)
    return account


def used(account, days: int, *, core: int = 0, people: int = 1):
    for ago in range(days):
        AccountUsageDay.objects.create(
            account=account, day=TODAY - ago * DAY, events=5, core_events=2 if ago < core else 0, people=people
        )


def score_of(account) -> AdvocateScore:
    return AdvocateScore.objects.get(account=account)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_percentiles_keep_the_order_share_ties_and_stay_within_bounds(values):
    found = percentile_scores(np.array(values, dtype=float))
    assert ((found >= 0) & (found <= 100)).all()
    for one, points in zip(values, found, strict=True):
        for other, others in zip(values, found, strict=True):
            assert (points == others) if one == other else (points < others) == (one < other)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_percentiles_of_a_portfolio_that_all_do_something_are_50_on_average(values):
    assert percentile_scores(np.array(values, dtype=float)).mean() == pytest.approx(50)


def test_a_portfolio_without_anything_scores_nothing_and_shares_the_first_place():
    none = np.zeros(3, dtype=np.int64)
    found = advocate_score(Measures(none, none, none, none, np.full(3, np.nan), none), Weights())
    assert (found.score.tolist(), found.rank.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_what_is_not_known_gives_its_weight_to_the_others():
    nothing, some = np.array([np.nan]), np.array([40.0])
    assert weighted_mean([nothing, some], [60, 40]).tolist() == [40]
    assert np.isnan(weighted_mean([nothing, nothing], [60, 40])[0])
    assert np.isnan(weighted_mean([some, some], [0, 0])[0])


def test_equal_scores_share_the_better_place():
    assert ranks(np.array([5.0, 9.0, 9.0, 1.0])).tolist() == [3, 1, 1, 4]


def test_the_top_by_logins_is_no_larger_than_it_says_where_days_are_equal():
    days, logins = np.full(200, 20), np.arange(200) + 20
    assert is_at_the_top(login_order(days, logins), 2).sum() == 4
    assert is_at_the_top(days, 2).all()


@database
def test_one_account_alone_is_ranked():
    account = customer()
    used(account, 20, core=10, people=3)
    assert rank_advocates(on=TODAY) == 1
    found = score_of(account)
    assert (found.rank, found.of, found.core_days, found.active_days, found.logins) == (1, 1, 10, 20, 60)
    # 60 % of dependence is core use, where the only one stands in the middle of itself; it has nothing else.
    assert found.dependence == 30
    assert found.meets_login


@database
def test_an_empty_book_and_one_without_use_are_ranked():
    assert rank_advocates(on=TODAY) == 0
    accounts = [customer(), customer()]
    assert rank_advocates(on=TODAY) == 2
    assert {(score_of(one).score, score_of(one).rank, score_of(one).meets_login) for one in accounts} == {(0, 1, False)}


@database
def test_every_part_follows_from_its_facts():
    best, other, gone = customer(), customer(), customer(stage="churned")
    gone.contract_lines.update(ends_on=TODAY - DAY)
    used(best, 30, core=30, people=4)
    used(other, 10)
    for number in range(2):
        Integration.objects.create(account=best, name=f"ERP {number}", connected_on=TODAY - 90 * DAY)
    Integration.objects.create(account=other, name="Old", connected_on=TODAY - 90 * DAY, disconnected_on=TODAY - DAY)
    built = make_request(state="shipped")
    make_evidence(best, built)
    make_evidence(best, built)
    make_evidence(best)
    make_evidence(other)
    PublicMention.objects.create(account=best, title="Review", on=TODAY - DAY)
    PublicMention.objects.create(account=best, title="Later", on=TODAY + DAY)
    advocate = make_advocate(best)
    for company, signed in (("Signed", TODAY - DAY), ("Invited", None), ("Later", TODAY + DAY)):
        Referral.objects.create(
            referrer=best, company=company, state="signed" if signed else "invited", invited_on=TODAY - 60 * DAY,
            signed_on=signed, created_at=AT,
        )  # fmt: skip
    for kind in ("referral", "talk", "reference_call"):
        Ask.objects.create(
            advocate=advocate, kind=kind, asked_on=TODAY - 40 * DAY, answer="accepted", answered_on=TODAY - 30 * DAY,
            done_on=TODAY - 20 * DAY,
        )  # fmt: skip
    SurveyAnswer.objects.create(account=best, score=9, answered_on=TODAY - 3 * DAY)
    SurveyAnswer.objects.create(account=best, score=9, answered_on=TODAY - 400 * DAY)
    assert rank_advocates(on=TODAY) == 2
    row = score_of(best)
    assert (row.referred, row.mentions, row.core_days, row.integrations) == (1, 2, 30, 2)
    assert (row.requests, row.adopted, row.answers) == (2, 1, 1)
    assert (row.rank, score_of(other).rank) == (1, 2)
    assert score_of(other).integrations == 0
    assert not AdvocateScore.objects.filter(account=gone).exists()


@database
def test_the_four_criteria_stand_with_their_numbers():
    account = customer()
    modules = [make_module() for _ in range(5)]
    features = [make_feature(module=module) for module in modules]
    used(account, 22, people=2)
    for feature in features:
        AccountFeatureUse.objects.create(account=account, feature=feature, first_on=TODAY - 5 * DAY, last_on=TODAY)
    goal = BusinessGoal.objects.create(account=account, name="Fewer days", baseline=10, target=2)
    for on, value in ((TODAY - 60 * DAY, 1), (TODAY - 9 * DAY, 2)):
        GoalMeasurement.objects.create(goal=goal, on=on, value=value)
    make_line(account, 500, starts_on=TODAY - 100 * DAY)
    derive_movements()
    rank_advocates(on=TODAY)
    row = score_of(account)
    assert (row.active_days, row.modules_used, row.modules_entitled) == (22, 5, 5)
    assert (row.goals_attained, row.expansions, row.criteria_met) == (1, 1, 4)
    GoalMeasurement.objects.create(goal=goal, on=TODAY, value=7)
    AccountFeatureUse.objects.filter(feature=features[0]).delete()
    rank_advocates(on=TODAY)
    row = score_of(account)
    assert (row.goals_attained, row.modules_used, row.meets_modules, row.criteria_met) == (0, 4, False, 2)


@database
def test_partners_are_told_by_systems_and_referrals():
    account = customer()
    for number in range(3):
        Integration.objects.create(account=account, name=f"ERP {number}", connected_on=TODAY - DAY)
    rank_advocates(on=TODAY)
    row = score_of(account)
    assert (row.is_technology_partner, row.is_channel_partner) == (True, False)


@database
def test_settings_change_what_counts_and_rank_anew_in_the_background():
    admin = make_user("admin")
    spread, deep = customer(), customer()
    PublicMention.objects.create(account=spread, title="Review", on=TODAY)
    used(deep, 30, core=30)
    rank_advocates(on=TODAY)
    assert score_of(spread).rank == 2
    change_advocacy_settings(spread_weight=90, dependence_weight=5, feedback_weight=5, by=admin, at=AT)
    assert Job.objects.filter(task="portfolio.rank_advocates").count() == 1
    rank_advocates(on=TODAY)
    assert score_of(spread).rank == 1
    with pytest.raises(Refused, match="add up to 100"):
        change_advocacy_settings(spread_weight=50, by=admin, at=AT)
    with pytest.raises(Refused, match="reason"):
        change_advocacy_settings(soft_renewal_days=30, by=admin, at=AT)


@database
def test_months_are_kept_and_a_second_run_gives_the_same_rows():
    account = customer()
    used(account, 5, core=5)
    rank_advocates(on=TODAY - 40 * DAY)
    for _ in range(2):
        rank_advocates(on=TODAY)
    rows = list(AdvocateScore.objects.filter(account=account).order_by("month").values_list("month", "core_days"))
    assert rows == [(dt.date(2026, 5, 1), 0), (dt.date(2026, 6, 1), 5)]
    assert AdvocateScore.objects.current().get().month == dt.date(2026, 6, 1)


@database
def test_people_to_ask_are_promoters_and_advocates_with_what_stands_in_the_way():
    account = customer()
    promoter, old, passive, gone = (make_contact(account) for _ in range(4))
    gone.left_on = TODAY
    gone.save()
    for contact, points, days in ((promoter, 9, 5), (old, 10, 400), (passive, 8, 5), (gone, 10, 5)):
        SurveyAnswer.objects.create(account=account, contact=contact, score=points, answered_on=TODAY - days * DAY)
    resting = make_advocate(account, stage="asked")
    Ask.objects.create(advocate=resting, kind="talk", asked_on=TODAY - 3 * DAY)
    rank_advocates(on=TODAY)
    rows = {row.contact_id: row for row in AdvocateRow.objects.all()}
    assert set(rows) == {promoter.pk, resting.contact_id}
    assert (rows[promoter.pk].never_asked, rows[promoter.pk].is_free, rows[promoter.pk].nps) == (True, True, 9)
    assert (rows[resting.contact_id].limits, rows[resting.contact_id].asks) == (["rest"], 1)
    assert (score_of(account).promoters, score_of(account).never_asked) == (1, 1)


@database
def test_refreshing_some_accounts_leaves_the_others_alone():
    first, second = (make_advocate(customer()) for _ in range(2))
    actions.refresh_people(on=TODAY)
    Advocate.objects.update(stage="agreed")
    assert actions.refresh_people(on=TODAY, account_ids=[first.account_id]) == 1
    stages = dict(AdvocateRow.objects.values_list("contact", "stage"))
    assert stages == {first.contact_id: "agreed", second.contact_id: "identified"}
    assert actions.refresh_people(on=TODAY, account_ids=[]) == 0
    assert AdvocateRow.objects.count() == 2


@database
def test_ranking_asks_the_database_as_often_for_many_as_for_one(django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (1, 25):
        for _ in range(number):
            account = customer()
            used(account, 3)
            make_advocate(account)
            SurveyAnswer.objects.create(account=account, contact=make_contact(account), score=9, answered_on=TODAY)
        with CaptureQueriesContext(connection) as asked:
            rank_advocates(on=TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@database
def test_the_command_answers_in_json_with_parts_and_those_never_asked():
    account = customer(name="Harbour Tools")
    SurveyAnswer.objects.create(account=account, contact=make_contact(account, name="Ada"), score=10, answered_on=TODAY)
    said = StringIO()
    call_command("rank_advocates", "--format", "json", "--on", str(TODAY), stdout=said)
    found = json.loads(said.getvalue())
    assert found["customers"] == 1
    assert found["ranking"][0]["name"] == "Harbour Tools"
    assert found["ranking"][0]["feedback"]["answers"] == 1
    assert found["never_asked"][0]["name"] == "Ada"
    text = StringIO()
    call_command("rank_advocates", "--on", str(TODAY), stdout=text)
    assert "Harbour Tools" in text.getvalue()
