"""Does a simulation tell for which accounts a playbook would have started in a past period, and why for no others?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import TimelineEntry
from health.models import EarlyWarning, WarningRule
from playbooks.models import Run, TriggerFiring
from playbooks.queries.simulation import Simulation, simulate
from tests.factories import AT, make_account, make_playbook, make_step

pytestmark = pytest.mark.django_db
ON = AT.date()
DAY = dt.timedelta(days=1)
FIRST = ON - 90 * DAY


def run(**says: Any) -> Simulation:
    steps = says.pop("steps", [make_step("a", offset=10, landing="keep")])
    return simulate(make_playbook(*steps, **says).versions.get(), FIRST, ON)


def told(simulation: Simulation) -> list[tuple[int, int]]:
    return [(start.account_id, (ON - start.on).days) for start in simulation.starts]


def enter_red(account: Any, days_ago: int) -> None:
    on = ON - days_ago * DAY
    TimelineEntry.objects.create(
        account=account, kind="health", external_id=f"health:{on}:{account.pk}", at=AT - days_ago * DAY, title="Told",
        details={"before": "yellow", "after": "red"},
    )  # fmt: skip


RED = [{"kind": "band_entered", "keys": ["red"]}]


def test_what_happened_in_the_period_would_have_started_it_and_nothing_is_written() -> None:
    inside, before = make_account(), make_account()
    enter_red(inside, 30)
    enter_red(before, 91)
    simulation = run(triggers=RED)
    assert told(simulation) == [(inside.pk, 30)]
    assert simulation.starts[0].until == ON - 20 * DAY
    assert not Run.objects.exists()
    assert not TriggerFiring.objects.exists()


def test_a_cause_within_a_run_is_a_repeat_and_one_too_soon_after_it_is_skipped() -> None:
    account = make_account()
    for days in (60, 55, 45, 20):
        enter_red(account, days)
    simulation = run(triggers=RED, limits={"again_after_days": 20})
    assert told(simulation) == [(account.pk, 60), (account.pk, 20)]
    assert simulation.skipped == {"repeat": 1, "too_soon": 1}


def test_the_limit_of_starts_holds() -> None:
    for days in (40, 39, 38, 30):
        enter_red(make_account(), days)
    simulation = run(triggers=RED, limits={"most_starts": 2, "within_days": 7})
    assert [days for _account, days in told(simulation)] == [40, 39, 30]
    assert simulation.skipped == {"limited": 1}


def test_customers_who_left_and_those_it_is_not_for_are_counted() -> None:
    enter_red(make_account(stage="churned", tier="elephant"), 10)
    enter_red(make_account(tier="rabbit"), 10)
    enter_red(make_account(tier="elephant"), 10)
    simulation = run(
        triggers=RED, entry={"conditions": [{"field": "tier", "operator": "in", "value": ["elephant", "cheetah"]}]}
    )
    assert len(simulation.starts) == 1
    assert simulation.skipped == {"not_meant": 1, "churned": 1}


def test_warnings_count_by_the_day_on_which_they_opened_whether_resolved_or_not() -> None:
    rule = WarningRule.objects.get(key="silent_7d")
    for days, state in ((80, "resolved"), (10, "open"), (100, "open")):
        day = ON - days * DAY
        resolved = {"resolved_on": day + DAY} if state == "resolved" else {}
        EarlyWarning.objects.create(
            account=make_account(), rule=rule, state=state, opened_on=day, last_seen_on=day, **resolved
        )
    assert [days for _account, days in told(run(triggers=[{"kind": "warning"}]))] == [80, 10]


def test_of_saved_views_history_says_nothing() -> None:
    assert run(triggers=[{"kind": "saved_view", "view": 1}]).untold == ["saved_view"]


def test_a_simulation_takes_as_many_queries_for_many_as_for_one(django_assert_max_num_queries: Any) -> None:
    for number in range(40):
        enter_red(make_account(), 1 + number % 5)
    version = make_playbook(triggers=RED).versions.get()
    with django_assert_max_num_queries(12):
        assert len(simulate(version, FIRST, ON).starts) == 40
