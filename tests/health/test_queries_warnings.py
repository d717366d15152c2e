"""Of whom does each of the twelve rules warn on a day?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from accounts.models import Account, Contact, ExpectationGap, Product
from common.columns import NO_DAY
from health.models import WarningRule
from health.queries import warnings_on
from health.queries.measures import MEASURES, measure_test
from health.queries.warnings import customers_on, judge_rule
from health.rules.warnings import Test
from revenue.models import Movement
from tests.health.book import (
    ON,
    ago,
    answer,
    expand,
    make_account,
    make_line,
    make_product,
    make_renewal,
    make_ticket,
    reach,
    use,
)
from usage.models import Feature, Milestone, Module

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(shipped_rules: None) -> None:
    """Have the shipped rules."""


def customer(name: str = "Ada", **given: Any) -> Account:
    """An account with a contract that has no end."""
    account = make_account(name, **given)
    make_line(account)
    return account


def feature(name: str, kind: str = "core") -> Feature:
    """A feature in a module of its own."""
    product = Product.objects.first() or make_product()
    module = Module.objects.create(external_id=f"M-{name}", name=name, product=product)
    return Feature.objects.create(external_id=name, name=name, kind=kind, module=module)


def heard() -> Account:
    """An account that uses the product to this day, so that the feed lives."""
    other = customer("Heard")
    use(other, ON, Feature.objects.first() or feature("alive"))
    return other


def warned(rule: str, on: dt.date = ON) -> set[str]:
    """The names of the accounts of which a rule warns."""
    found = warnings_on(on, rule).accounts_of(rule)
    return set(Account.objects.filter(pk__in=found.tolist()).values_list("name", flat=True))


def evidence(rule: str, account: Account) -> list[dict[str, Any]]:
    book = next(customers_on(ON, [account.pk]))
    return judge_rule(book, WarningRule.objects.get(key=rule)).evidence(0)


@pytest.mark.parametrize(("last", "is_warned"), [(6, False), (7, True), (40, True)])
def test_a_week_without_a_login_is_silence(last: int, is_warned: bool) -> None:
    heard()
    account = customer()
    use(account, ago(last), feature("f"))

    assert ("Ada" in warned("silent_7d")) == is_warned


def test_who_never_sent_any_use_is_not_silent() -> None:
    heard()
    customer()

    assert warned("silent_7d") == set()
    assert not warnings_on(ON, "silent_7d").judged.all()


def test_a_feed_that_stopped_makes_nobody_silent() -> None:
    for name in ("Ada", "Ben"):
        use(customer(name), ago(30), feature(name))

    assert warned("silent_7d") == set()


@pytest.mark.parametrize(("now", "is_warned"), [(71, False), (70, True), (0, True)])
def test_core_use_that_fell_by_thirty_percent_is_a_drop(now: int, is_warned: bool) -> None:
    heard()
    account, core = customer(), feature("f")
    use(account, ago(40), core, events=100)
    if now:
        use(account, ago(5), core, events=now)

    assert ("Ada" in warned("core_drop_30")) == is_warned


def test_a_fall_from_very_little_is_no_drop() -> None:
    heard()
    account, core = customer(), feature("f")
    use(account, ago(40), core, events=9)

    assert warned("core_drop_30") == set()


def test_a_drop_shows_what_was_and_what_is() -> None:
    heard()
    account, core = customer(), feature("f")
    use(account, ago(40), core, events=1204)
    use(account, ago(5), core, events=712)

    (line,) = evidence("core_drop_30", account)
    assert (line["before"], line["now"], line["days"], round(line["value"])) == (1204, 712, 30, -41)


@pytest.mark.parametrize(("tickets", "is_warned"), [(5, False), (6, True)])
def test_more_than_five_tickets_in_a_month_are_many(tickets: int, is_warned: bool) -> None:
    account = customer()
    for number in range(tickets):
        make_ticket(account, ago(number), 3)
    make_ticket(account, ago(30), 3)

    assert ("Ada" in warned("complaints_5")) == is_warned


@pytest.mark.parametrize(
    ("signed", "reached", "is_warned"), [(29, None, False), (30, None, True), (90, 10, False), (90, -1, True)]
)
def test_a_core_process_is_due_a_month_after_signing(signed: int, reached: int | None, is_warned: bool) -> None:
    core = Milestone.objects.create(external_id="m", name="m", is_core_process=True)
    account = make_account(signed_on=ago(signed))
    if reached is not None:
        reach(account, core, ago(reached))

    assert ("Ada" in warned("milestone_30d")) == is_warned


def test_without_a_milestone_for_the_core_process_nothing_is_late() -> None:
    make_account(signed_on=ago(90))

    assert warned("milestone_30d") == set()


@pytest.mark.parametrize(
    ("basic", "core", "is_warned"), [(2, 0, True), (1, 4, True), (3, 3, False), (0, 0, False), (7, 0, True)]
)
def test_few_modules_or_only_basic_features_are_shallow(basic: int, core: int, is_warned: bool) -> None:
    heard()
    account = customer()
    kinds = ["basic"] * 7 + ["core"] * 4
    features = [feature(f"f{number}", kind) for number, kind in enumerate(kinds)]
    for one in features[:basic] + features[7 : 7 + core]:
        use(account, ago(3), one)

    assert ("Ada" in warned("shallow_use")) == is_warned


def test_who_uses_all_that_there_is_or_has_only_begun_is_not_shallow() -> None:
    one = feature("f")
    for name, signed in (("Ada", 300), ("New", 10)):
        use(customer(name, signed_on=ago(signed)), ago(1), one)
    Module.objects.filter(features=None).delete()
    assert warned("shallow_use") == set()

    feature("g", "basic")
    assert warned("shallow_use") == {"Ada"}


@pytest.mark.parametrize(
    ("left", "stage", "is_warned"),
    [(91, None, False), (90, None, True), (60, "not_started", True), (60, "in_talks", False), (60, "won", False)],
)
def test_a_contract_that_ends_with_no_talks_is_quiet(left: int, stage: str | None, is_warned: bool) -> None:
    account = make_account()
    make_line(account, ends_on=ago(-left))
    if stage:
        make_renewal(account, ago(-left), stage, ago(10))

    assert ("Ada" in warned("renewal_quiet_90d")) == is_warned


def test_talks_that_began_later_are_not_known_on_the_day() -> None:
    account = make_account()
    make_line(account, ends_on=ago(-60))
    make_renewal(account, ago(-60), "in_talks", ago(-1))

    columns = warnings_on(ON, "renewal_quiet_90d")
    assert not columns.fires.any()
    assert not columns.judged.any()


@pytest.mark.parametrize(
    ("tier", "started", "expanded", "is_warned"),
    [
        ("elephant", 500, None, True),
        ("elephant", 500, 364, False),
        ("elephant", 500, 400, True),
        ("elephant", 300, None, False),
        ("rabbit", 500, None, False),
    ],
)
def test_a_key_account_should_expand_in_a_year(tier: str, started: int, expanded: int | None, is_warned: bool) -> None:
    account = make_account(tier=tier, signed_on=ago(started))
    make_line(account, ago(started))
    if expanded is not None:
        expand(account, ago(expanded))

    assert ("Ada" in warned("ka_no_expansion")) == is_warned


@pytest.mark.parametrize(
    ("scores", "is_warned"),
    [([(120, 9), (10, 6)], True), ([(120, 9), (10, 9)], False), ([(120, 5)], False), ([(10, 2)], False)],
)
def test_nps_falls_only_where_somebody_answered_again(scores: list[tuple[int, int]], is_warned: bool) -> None:
    account = customer()
    contact = Contact.objects.create(account=account, name="Ann")
    for back, score in scores:
        answer(account, score, ago(back), contact)

    assert ("Ada" in warned("nps_falling")) == is_warned


@pytest.mark.parametrize(("still", "is_warned"), [(2, False), (1, True)])
def test_a_module_that_is_no_longer_used_is_lost(still: int, is_warned: bool) -> None:
    heard()
    account, modules = customer(), [feature("f"), feature("g")]
    for one in modules:
        use(account, ago(45), one)
        use(account, ago(80), one)
    for one in modules[:still]:
        use(account, ago(2), one)

    assert ("Ada" in warned("module_loss")) == is_warned


def test_a_past_day_is_judged_by_the_use_of_its_own_days() -> None:
    heard()
    account, modules = customer(), [feature("f"), feature("g")]
    for one in modules:
        use(account, ago(145), one)
        use(account, ago(2), one)
    use(account, ago(110), modules[0])

    assert warned("module_loss", ago(100)) == {"Ada"}
    assert warned("module_loss") == set()


@pytest.mark.parametrize(("days", "is_warned"), [(0, True), (179, True), (180, False), (-1, False)])
def test_a_contraction_of_half_a_year_is_a_downgrade(days: int, is_warned: bool) -> None:
    account = customer()
    Movement.objects.create(
        account=account, on=ago(days), kind="contraction", currency="USD", amount=Decimal(-1), arr_after=Decimal(1)
    )

    assert ("Ada" in warned("downgraded")) == is_warned


@pytest.mark.parametrize(
    ("role", "left", "is_warned"),
    [("champion", 5, True), ("decision_maker", 5, True), ("end_user", 5, False), ("champion", -5, False),
     ("champion", 180, False)],
)  # fmt: skip
def test_a_champion_or_decision_maker_who_left_is_missed(role: str, left: int, is_warned: bool) -> None:
    Contact.objects.create(account=customer(), name="Ann", role=role, left_on=ago(left))

    assert ("Ada" in warned("champion_left")) == is_warned


@pytest.mark.parametrize(
    ("found", "closed", "is_warned"), [(5, None, True), (5, 1, False), (5, -1, True), (-1, None, False)]
)
def test_an_expectation_gap_warns_until_it_is_closed(found: int, closed: int | None, is_warned: bool) -> None:
    ExpectationGap.objects.create(
        account=customer(), text="Gap", found_on=ago(found), closed_on=None if closed is None else ago(closed)
    )

    assert ("Ada" in warned("expectation_gap")) == is_warned


def test_customers_who_left_are_out() -> None:
    account = make_account()
    make_line(account, ends_on=ago(1))
    ExpectationGap.objects.create(account=account, text="Gap", found_on=ago(5))

    assert len(warnings_on(ON).accounts) == 0
    assert warned("expectation_gap", ago(2)) == {"Ada"}


def test_all_rules_come_as_columns_and_twice_the_book_asks_no_more(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    heard()
    customer()
    with django_assert_max_num_queries(40) as first:
        columns = warnings_on(ON)
    for number in range(5):
        customer(f"More {number}")
    with django_assert_max_num_queries(len(first.captured_queries)):
        more = warnings_on(ON)

    assert columns.fires.shape == (2, 12)
    assert len(more.accounts) == 7
    assert NO_DAY not in np.asarray(more.accounts)


def test_every_measure_can_be_read() -> None:
    customer()
    book = next(customers_on(ON))
    for name in MEASURES:
        assert len(measure_test(book, Test(name, "at_least", 1)).values) == 1
