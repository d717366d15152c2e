"""Are the ten indicators right on whole books, on past days, and at the same number of queries for any size?"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Tag
from health.models import Scorecard, ScorecardVersion
from health.queries.indicators import SOURCES, Book, measure
from health.queries.indicators.book import Catalogue, words_of
from health.queries.scorecards import NO_CARD, cards_on, choose_cards
from health.queries.standing import is_scored
from health.rules.default import DEFAULT_DEFINITION
from health.rules.score import score_columns, score_one
from health.rules.scorecard import parse_scorecard
from tests.health import reference
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
    make_product,
    make_renewal,
    make_scenario,
    make_ticket,
    reach,
    use,
)
from usage.models import Metric, Reading, UsageEvent

pytestmark = pytest.mark.django_db
DEFAULT = parse_scorecard(DEFAULT_DEFINITION)
UTC = ZoneInfo("UTC")


def book_of(on: dt.date = ON, zone: ZoneInfo = UTC) -> Book:
    ids = np.array(sorted(Account.objects.values_list("pk", flat=True)), dtype=np.int64)
    return Book(on=on, zone=zone, catalogue=Catalogue.load(), ids=ids)


def values_of(account: Account, on: dt.date = ON, zone: ZoneInfo = UTC) -> dict[str, float | None]:
    """The default scorecard's values of one account, expired ones left out."""
    values, expired = measure(DEFAULT, book_of(on, zone))
    row = sorted(Account.objects.values_list("pk", flat=True)).index(account.pk)
    return {
        indicator.key: None if np.isnan(values[row, n]) or expired[row, n] else float(round(values[row, n], 8))
        for n, indicator in enumerate(DEFAULT.indicators)
    }


def little_book() -> Account:
    """Ada's facts, all of which the test below works out on paper."""
    ada = make_account("Ada", signed_on=ago(400))
    product = make_product()
    list_, search, flow = make_feature("list"), make_feature("search"), make_feature("flow", "core")
    model = make_feature("model", "advanced")
    make_feature("old", "core", retired_on=ago(10))
    make_feature("elsewhere", product=make_product("Q"))
    make_scenario("find", list_, search)
    make_scenario("plan", flow, model)
    make_scenario("unsold", flow, make_feature("other", product=make_product("R")))
    make_line(ada, ago(400), product=product, ends_on=ON + dt.timedelta(days=60))
    for number in range(12):  # twelve days: ann on the flow, five events each
        use(ada, ago(number * 2), flow, "ann", events=5)
    use(ada, ago(2), list_, "bob")  # a second person on a day that was active already
    use(ada, ago(4), search, "bob")
    use(ada, ago(29), list_, "cid", events=3)  # the window's first day
    use(ada, ago(30), model, "dee", events=99)  # one day too early
    for name, due in (("m1", 10), ("m2", 30), ("m3", 90), ("m4", 401)):
        make_milestone(name, due)
    reach(ada, _milestone("m1"), ago(395))
    reach(ada, _milestone("m2"), ago(100))
    reach(ada, _milestone("m4"), ago(5))  # reached, but not due yet
    ann, bob = (Contact.objects.create(account=ada, name=name) for name in ("Ann", "Bob"))
    answer(ada, 3, ago(100), ann)
    answer(ada, 9, ago(20), ann)  # her latest
    answer(ada, 7, ago(179), bob)
    answer(ada, 10, ago(180), Contact.objects.create(account=ada, name="Cid"))  # too long ago
    answer(ada, 8, ago(1))  # nobody's, counts for itself
    make_ticket(ada, ago(80), 3, 2)
    make_ticket(ada, ago(40), 3, 5)
    make_ticket(ada, ago(10), 3)
    make_ticket(ada, ago(1), 3)  # open and not due yet
    make_ticket(ada, ago(1), 3, 1)  # resolved before its target
    make_ticket(ada, ago(95), 3, 1)  # too long ago
    make_renewal(ada, ON + dt.timedelta(days=60), "in_talks", ago(20))
    expand(ada, ago(100))
    expand(ada, ago(100), currency="EUR")  # the same day, so the same event
    expand(ada, ago(364))
    expand(ada, ago(365))  # too long ago
    return ada


def _milestone(name: str) -> Any:
    from usage.models import Milestone

    return Milestone.objects.get(external_id=name)


def test_the_score_of_one_account_is_what_paper_says():
    """On paper, for 30 June 2026 (windows count that day as their last):

    login_frequency      12 flow days (0, 2, … 22 days ago) + day 29 = 13 active days of 30 = 0.43333333
                         → (0.43333333 − 0.1) / (0.6 − 0.1) = 66.67
    feature_coverage     used of P in the window: list, search, flow = 3; entitled: list, search, flow, model
                         (old is retired, Q's and R's are not on the contract) = 4 → 0.75 → over 0.6 → 100
    core_intensity       flow events 12 × 5 = 60; user-days: ann 12, bob 2, cid 1 = 15 → 4 → (4 − 0.5) / 4.5 = 77.78
    advanced_penetration ann, bob, cid; none of them used model in the window → 0 / 3 = 0 → 0
    milestone_rate       due: m1, m2, m3 (m4 is due tomorrow); reached of them 2 → 0.66666667 → (… − 0.4) / 0.6 = 44.44
    scenario_coverage    entitled: find, plan; with use of all its features: find → 0.5 → (0.5 − 0.2) / 0.6 = 50
    nps                  Ann 9, Bob 7, nobody 8 → (1 − 0) / 3 × 100 = 33.33333333 → (33.33… + 50) / 100 = 83.33
    issue_resolution     due: 80, 40, 10 days ago and the one resolved early = 4; in time: 2 → 0.5 → 0
    renewal_progress     60 days left: 0.65 expected, in talks is 0.5 → 1 − 0.15 = 0.85 → 85
    expansion_density    two days within 365 → 2 a year → 100

    Nothing is missing, so each gives weight × score / 100:
    8.0000 + 10 + 7.7778 + 0 + 5.3333 + 4 + 8.3333 + 0 + 11.9 + 6 = 61.3444 → 61.34, yellow.
    """
    values = values_of(little_book())
    assert values == {
        "login_frequency": 0.43333333,
        "feature_coverage": 0.75,
        "core_intensity": 4,
        "advanced_penetration": 0,
        "milestone_rate": 0.66666667,
        "scenario_coverage": 0.5,
        "nps": 33.33333333,
        "issue_resolution": 0.5,
        "renewal_progress": 0.85,
        "expansion_density": 2,
    }
    result = score_one(DEFAULT, values)
    assert (result.score, result.coverage) == (Decimal("61.34"), Decimal(1))
    assert {part.key: str(part.contribution) for part in result.components} == {
        "login_frequency": "8.00",
        "feature_coverage": "10.00",
        "core_intensity": "7.78",
        "advanced_penetration": "0.00",
        "milestone_rate": "5.33",
        "scenario_coverage": "4.00",
        "nps": "8.33",
        "issue_resolution": "0.00",
        "renewal_progress": "11.90",
        "expansion_density": "6.00",
    }


def test_the_slow_reference_says_the_same():
    ada = little_book()
    slow = reference.values_of(ada, ON)
    assert {key: None if v is None else round(float(v), 8) for key, v in slow.items()} == values_of(ada)
    assert reference.score_of(DEFAULT_DEFINITION, slow) == (Decimal("61.34"), Decimal(1))


def test_an_account_of_which_nothing_is_known_has_no_values():
    make_feature("list")
    bare = make_account("Bare", signed_on=None)
    assert set(values_of(bare).values()) == {None}


def test_silence_scores_0_while_others_are_heard_and_nothing_when_the_feed_is_silent():
    flow, _ = make_feature("flow", "core"), make_feature("model", "advanced")
    silent, other = make_account("Silent"), make_account("Other")
    make_line(silent)
    use(silent, ago(60), flow)
    quiet = values_of(silent)
    use(other, ago(3), flow)
    heard = values_of(silent)
    keys = ("login_frequency", "feature_coverage", "core_intensity", "advanced_penetration")
    assert [quiet[key] for key in keys] == [None] * 4
    assert [heard[key] for key in keys] == [0] * 4


def test_use_without_named_people_has_no_rate_per_person():
    flow = make_feature("flow", "core")
    make_feature("model", "advanced")
    ada = make_account()
    use(ada, ago(1), flow, person="")
    values = values_of(ada)
    assert values["login_frequency"] == pytest.approx(1 / 30, abs=1e-8)
    assert (values["core_intensity"], values["advanced_penetration"]) == (None, None)


@pytest.mark.parametrize(
    ("days", "stage", "changed", "value"),
    [
        (181, "not_started", None, 1),
        (180, "not_started", None, 1),
        (119, "not_started", None, 0.75),
        (90, "not_started", None, 0.5),
        (45, "committed", 10, 1),
        (20, "in_talks", 10, 0.7),
        (-5, "in_talks", 10, 0.5),
        (-5, "won", 10, 1),
        (30, "won", 10, 1),
        (30, "lost", 10, 0),
        (30, "won", -1, None),  # entered tomorrow: today's stage is not known
        (-91, "not_started", None, 1),
    ],
)
def test_a_renewal_is_read_against_the_days_left(days: int, stage: str, changed: int | None, value: float | None):
    ada = make_account()
    make_line(ada)
    make_renewal(ada, ON + dt.timedelta(days=days), stage, None if changed is None else ago(changed))
    assert values_of(ada)["renewal_progress"] == value


def test_an_end_of_contract_without_a_renewal_counts_as_not_started():
    ada = make_account()
    make_line(ada, ends_on=ON + dt.timedelta(days=30))
    assert values_of(ada)["renewal_progress"] == 0.2


def test_an_end_that_a_later_notice_brought_is_not_known_before_it():
    ada = make_account()
    make_line(ada, ends_on=ON + dt.timedelta(days=30), notice_on=ON + dt.timedelta(days=1))
    assert values_of(ada)["renewal_progress"] == 1
    assert values_of(ada, ON + dt.timedelta(days=1))["renewal_progress"] == 0.2


def test_a_line_that_goes_on_keeps_the_contract_running():
    ada = make_account()
    make_line(ada, ends_on=ON + dt.timedelta(days=30))
    make_line(ada, ends_on=ON + dt.timedelta(days=300))
    assert values_of(ada)["renewal_progress"] == 1


def test_a_past_day_knows_only_what_was_known_by_then():
    """Everything that happens after a day leaves its values as they are."""
    ada = little_book()
    before = values_of(ada, ago(1))
    flow = ada.usage_days.get(day=ago(0)).feature
    tomorrow = ON + dt.timedelta(days=1)
    for day in (ON, tomorrow, ON + dt.timedelta(days=40)):
        use(ada, day, flow, "zoe", events=7)
        use(ada, day, flow.module.features.get(external_id="model"), "zoe")
    reach(ada, _milestone("m3"), ON)
    answer(ada, 0, ON, Contact.objects.filter(account=ada, name="Ann").get())
    make_ticket(ada, ON, 1, 0)
    ada.tickets.filter(resolved_at=None).update(resolved_at=dt.datetime(2026, 7, 2, tzinfo=dt.UTC))
    expand(ada, ON)
    make_line(ada, ON)
    assert values_of(ada, ago(1)) == before


def test_a_feature_used_before_and_after_a_past_window_was_not_used_in_it():
    ada = make_account()
    make_line(ada)
    list_ = make_feature("list")
    use(ada, ago(100), list_)
    use(ada, ago(1), list_)
    use(make_account("Other"), ago(45), make_feature("other"))
    assert values_of(ada, ago(40))["feature_coverage"] == 0
    assert values_of(ada, ago(80))["feature_coverage"] == 0.5
    assert values_of(ada)["feature_coverage"] == 0.5


def test_a_day_is_a_day_of_the_organisation():
    """A ticket opened at 23:30 UTC belongs to the next day in Shanghai."""
    ada = make_account()
    at = dt.datetime.combine(ago(0), dt.time(23, 30), tzinfo=dt.UTC)
    ticket = make_ticket(ada, ago(0), 0, 0)
    type(ticket).objects.update(opened_at=at, target_at=at, resolved_at=at)
    assert values_of(ada)["issue_resolution"] == 1
    assert values_of(ada, zone=ZoneInfo("Asia/Shanghai"))["issue_resolution"] is None


def test_a_scenario_can_be_told_to_need_any_of_its_features():
    ada = little_book()
    body = {"key": "scenario_coverage", "weight": 100, "red": 0, "green": 1, "params": {"needs": "any"}}
    values, _ = measure(parse_scorecard({"groups": [{"key": "g", "indicators": [body]}]}), book_of())
    # find by list and search, plan by flow, unsold by flow: of each the contract gives at least one feature.
    assert (ada.pk, values.tolist()) == (ada.pk, [[1.0]])


def test_readings_and_own_fields_can_be_indicators():
    ada, bob = (
        make_account("Ada", custom={"seats_used": 40, "happy": True}),
        make_account("Bob", custom={"seats_used": "x"}),
    )
    calls = Metric.objects.create(external_id="api_calls", name="API calls")
    for days, value in ((40, 9), (20, 100), (10, Decimal("200.5"))):
        Reading.objects.create(account=ada, metric=calls, on=ago(days), value=value)
    rows: list[dict[str, Any]] = [
        {"key": "mean", "source": "reading", "params": {"metric": "api_calls"}},
        {"key": "sum", "source": "reading", "params": {"metric": "api_calls", "how": "sum"}},
        {"key": "latest", "source": "reading", "shelf_days": 9, "params": {"metric": "api_calls", "how": "latest"}},
        {"key": "seats", "source": "custom_field", "params": {"key": "seats_used"}},
    ]
    card = parse_scorecard(
        {"groups": [{"key": "g", "indicators": [{"weight": 25, "red": 0, "green": 1, **row} for row in rows]}]}
    )
    values, expired = measure(card, book_of())
    assert values[0].tolist() == [150.25, 300.5, 200.5, 40.0]
    assert expired[0].tolist() == [False, False, True, False]
    assert np.isnan(values[1]).all()
    assert bob.pk > ada.pk


def test_every_shipped_indicator_has_a_source():
    assert {indicator.source for indicator in DEFAULT.indicators} <= set(SOURCES)


def test_ids_far_apart_fit_into_words():
    assert [word.tolist() for word in words_of(np.array([1, 2, 61, 62, 500]))] == [[1, 2], [61, 62], [500]]


def make_random_book(seed: int, accounts: int = 12) -> None:
    """A book in which everything happens at random, also what is odd."""
    draw = random.Random(seed)
    products = [make_product(name) for name in "PQ"]
    kinds = ["basic", "core", "advanced", "retention"]
    features = [
        make_feature(f"f{n}", draw.choice(kinds), draw.choice(products), retired_on=draw.choice([None, None, ago(20)]))
        for n in range(8)
    ]
    for n in range(4):
        make_scenario(f"s{n}", *draw.sample(features, draw.randint(0, 3)))
    milestones = [make_milestone(f"m{n}", draw.choice([10, 30, 90])) for n in range(3)]
    for n in range(accounts):
        account = make_account(f"A{n}", signed_on=draw.choice([None, ago(draw.randint(1, 500))]))
        people = [Contact.objects.create(account=account, name=f"C{k}") for k in range(2)]
        for _ in range(draw.randint(0, 3)):
            start = ago(draw.randint(-30, 500))
            end = draw.choice([None, start + dt.timedelta(days=draw.randint(1, 700))])
            notice = draw.choice([None, ago(draw.randint(-20, 60))])
            make_line(account, start, product=draw.choice(products), ends_on=end, notice_on=notice)
        for k in {draw.randint(-100, 200) for _ in range(draw.randint(0, 2))}:
            changed = draw.choice([None, ago(draw.randint(-30, 60))])
            make_renewal(account, ON + dt.timedelta(days=k), draw.choice([*list(reference.STAGE), "lost"]), changed)
        for _ in range(draw.choice([0, 0, 5, 30])):
            row = (ago(draw.randint(-40, 90)), draw.choice(features), draw.choice(["", "ann", "bob", "cid"]))
            if not account.usage_days.filter(day=row[0], feature=row[1], person=row[2]).exists():
                use(account, *row, events=draw.randint(1, 9))
        for milestone in draw.sample(milestones, draw.randint(0, 3)):
            reach(account, milestone, ago(draw.randint(-10, 400)))
        for _ in range(draw.randint(0, 5)):
            answer(account, draw.randint(0, 10), ago(draw.randint(-10, 250)), draw.choice([None, *people]))
            make_ticket(
                account, ago(draw.randint(-5, 120)), draw.randint(0, 9), draw.choice([None, draw.randint(0, 9)])
            )
        for k in {draw.randint(-10, 500) for _ in range(draw.randint(0, 3))}:
            expand(account, ago(k), kind=draw.choice(["expansion", "contraction", "new"]))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("days_ago", [0, 35])
def test_whole_columns_say_what_each_account_says_by_itself(seed: int, days_ago: int):
    make_random_book(seed)
    on = ago(days_ago)
    book = book_of(on)
    values, expired = measure(DEFAULT, book)
    done = score_columns(DEFAULT, values, expired)
    for row, account in enumerate(Account.objects.order_by("pk")):
        slow = reference.values_of(account, on)
        fast = {
            indicator.key: None if np.isnan(values[row, n]) or expired[row, n] else round(float(values[row, n]), 8)
            for n, indicator in enumerate(DEFAULT.indicators)
        }
        assert fast == {key: None if value is None else round(float(value), 8) for key, value in slow.items()}
        score, coverage = reference.score_of(DEFAULT_DEFINITION, slow)
        assert (Decimal(int(done.score[row])) / 100, round(done.coverage[row], 4)) == (score or 0, float(coverage))


def test_the_number_of_queries_does_not_grow_with_the_book():
    make_random_book(1, accounts=2)
    make_account("Silent")
    with CaptureQueriesContext(connection) as few:
        measure(DEFAULT, book_of())
    for n in range(30):
        make_line(make_account(f"B{n}"))
    with CaptureQueriesContext(connection) as many:
        measure(DEFAULT, book_of())
    assert len(many) == len(few) <= 25
    assert not UsageEvent.objects.exists()


def make_card(
    name: str, position: int, conditions: list[Any], effective_on: dt.date = dt.date(2020, 1, 1)
) -> Scorecard:
    card = Scorecard.objects.create(name=name, position=position)
    ScorecardVersion.objects.create(
        scorecard=card,
        number=1,
        effective_on=effective_on,
        definition=DEFAULT_DEFINITION,
        conditions=conditions,
        published_at=AT,
    )
    return card


def test_the_first_scorecard_whose_conditions_hold_applies_else_the_default():
    make_card("Key", 1, [{"field": "tier", "operator": "is", "value": "elephant"}])
    make_card("Many seats", 2, [{"field": "custom.seats", "operator": "at_least", "value": 100}])
    make_card("Not in Europe", 3, [{"field": "region", "operator": "not_in", "value": ["EU", ""]}])
    make_card("Later", 0, [], effective_on=ON + dt.timedelta(days=1))
    make_account("A", tier="elephant", custom={"seats": 500})
    make_account("B", custom={"seats": 100})
    make_account("C", custom={"seats": 99}, region="EU")
    make_account("D", region="Asia")
    cards = cards_on(ON)
    assert [card.version.scorecard.name for card in cards] == ["Key", "Many seats", "Not in Europe", "Default"]
    assert choose_cards(cards, book_of()).tolist() == [0, 1, 3, 2]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"field": "tag", "operator": "is", "value": "vip"}, "A"),
        ({"field": "tag", "operator": "is_not", "value": "vip"}, "BC"),
        ({"field": "tag", "operator": "is_set"}, "AB"),
        ({"field": "employees", "operator": "at_least", "value": 50}, "A"),
        ({"field": "employees", "operator": "is_not", "value": 50}, "BC"),
        ({"field": "employees", "operator": "is_set"}, "AB"),
        ({"field": "custom.plan", "operator": "is", "value": "pro"}, "A"),
        ({"field": "custom.plan", "operator": "is_not", "value": "pro"}, "BC"),
        ({"field": "custom.plan", "operator": "in", "value": ["pro", "basic"]}, "AB"),
        ({"field": "custom.plan", "operator": "is_set"}, "AB"),
        ({"field": "custom.plan", "operator": "is_not_set"}, "C"),
        ({"field": "industry", "operator": "is_not_set"}, "BC"),
    ],
)
def test_a_condition_reads_any_field(condition: dict[str, Any], names: str):
    a = make_account("A", employees=50, custom={"plan": "pro"}, industry="Banking")
    b = make_account("B", employees=49, custom={"plan": "basic"})
    make_account("C", custom={"plan": ""} if condition["operator"] == "is_not_set" else {})
    a.tags.add(Tag.objects.create(name="vip"))
    b.tags.add(Tag.objects.create(name="new"))
    make_card("Some", 1, [condition])
    chosen = choose_cards(cards_on(ON), book_of())
    assert (
        "".join(account.name for account, card in zip(Account.objects.order_by("pk"), chosen, strict=True) if card == 0)
        == names
    )


def test_without_a_scorecard_nobody_has_one():
    Scorecard.objects.update(is_active=False)
    make_account()
    assert choose_cards(cards_on(ON), book_of()).tolist() == [NO_CARD]


@pytest.mark.parametrize(
    ("signed", "lines", "stage", "scored"),
    [
        (None, [], "mature", True),
        (ago(0), [], "mature", True),
        (ago(-1), [], "mature", False),
        (ago(-1), [(100, None)], "mature", True),
        (None, [(-1, None)], "mature", False),
        (ago(400), [(400, 0)], "mature", False),  # ends are exclusive: today they no longer pay
        (ago(400), [(400, -1)], "mature", True),
        (ago(400), [(400, 0), (10, None)], "mature", True),
        (ago(400), [], "churned", False),
        (ago(400), [(400, None)], "churned", True),
    ],
)
def test_only_customers_of_the_day_are_scored(signed: Any, lines: list[Any], stage: str, scored: bool):
    account = make_account(signed_on=signed, stage=stage)
    for start, end in lines:
        make_line(account, ago(start), ends_on=None if end is None else ago(end))
    assert is_scored(book_of(), 0).tolist() == [scored]


def test_a_pause_that_is_bridged_is_no_leaving():
    make_line(make_account(), ago(400), ends_on=ago(5))
    assert [is_scored(book_of(), gap).tolist() for gap in (5, 6)] == [[False], [True]]
