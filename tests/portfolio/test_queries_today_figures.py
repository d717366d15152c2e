"""Do the figures of a manager's team agree with what a person counts by hand?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, User
from health.models import HealthScore, ScorecardVersion
from playbooks.models import Run, Task
from portfolio.actions import refresh_rows
from portfolio.models import AccountRow
from portfolio.queries.risk_matrix import risk_matrix
from portfolio.queries.today_figures import band_moves, team_figures
from portfolio.queries.today_standing import standings
from portfolio.queries.today_work import TodayWork, work_of_today
from revenue.actions import derive_movements
from revenue.queries import retention
from revenue.rules.spans import span_of
from tests.factories import make_account, make_handoff, make_line, make_playbook, make_step, make_team, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
LONG_AGO, LAST_MONTH = TODAY - dt.timedelta(days=700), TODAY - dt.timedelta(days=30)


def team() -> tuple[User, User]:
    near = make_team()
    return make_user("cs_manager", team=near, visibility="team"), make_user("csm", team=near)


def pays(owner: User, name: str, arr: int, *, until: dt.date | None = None, then: int | None = None) -> Account:
    """A customer for long, who perhaps left on a day or pays another amount since last month."""
    account = make_account(owner, name=name)
    make_line(account, arr, starts_on=LONG_AGO, ends_on=until or (LAST_MONTH if then else None))
    if then:
        make_line(account, then, starts_on=LAST_MONTH)
    return account


def stands(account: Account, band: str, *, before: str = "", renewal_in: int | None = None) -> None:
    AccountRow.objects.filter(pk=account.pk).update(
        band=band, score=20 if band == "red" else 60 if band == "yellow" else 90,
        renewal_on=None if renewal_in is None else TODAY + dt.timedelta(days=renewal_in),
    )  # fmt: skip
    if before:
        HealthScore.objects.create(
            account=account, on=TODAY - dt.timedelta(days=30), score=50, band=before, coverage=1,
            version=ScorecardVersion.objects.first(),
        )  # fmt: skip


def figures(manager: User) -> dict[str, str]:
    rows = AccountRow.objects.visible_to(manager)
    kept = retention(*span_of("twelve_months", TODAY))
    return {one.label: one.value for one in team_figures(manager, standings(rows, TODAY), TODAY, "USD", kept)}


def test_the_teams_figures_are_those_that_one_counts_by_hand() -> None:
    manager, csm = team()
    # Opening 100 + 100 + 200 = 400. One grew by 50, one left with 100, one stays.
    grew, left, stays = pays(csm, "A", 100, then=150), pays(csm, "B", 100, until=LAST_MONTH), pays(csm, "C", 200)
    derive_movements()
    refresh_rows(on=TODAY, account_ids=[grew.pk, left.pk, stays.pk])
    stands(grew, "red", renewal_in=40)
    stands(stays, "green", renewal_in=91)
    make_handoff(stays, state="submitted", submitted_at=timezone.now(), submitted_by=csm)
    for late in (0, 0, 1, 3):
        due = TODAY - dt.timedelta(days=10)
        Task.objects.create(
            account=stays, title="t", assignee=csm, due_on=due, first_due_on=due, state=Task.State.DONE,
            done_on=due + dt.timedelta(days=late), created_at=timezone.now(),
        )  # fmt: skip

    found = figures(manager)

    assert found == {
        "NRR": "87.5%",  # (400 + 50 − 100) / 400
        "GRR, revenue": "75.0%",  # (100 + 0 + 200) / 400
        "GRR, customers": "66.7%",  # 2 of 3
        "Customers lost": "33.3%",
        "ARR at risk": "$150",
        "Due in 90 days": "$150",
        "Tasks on time": "50%",
        "Handoffs waiting": "1",
    }


def test_moves_between_bands_are_counted_from_four_weeks_ago() -> None:
    manager, csm = team()
    accounts = [pays(csm, name, 10) for name in "ABCDE"]
    derive_movements()
    refresh_rows(on=TODAY, account_ids=[account.pk for account in accounts])
    for account, before, now in zip(
        accounts, ("green", "green", "yellow", "red", "unknown"), ("green", "red", "red", "yellow", "green"),
        strict=True,
    ):  # fmt: skip
        stands(account, now, before=before)

    found = band_moves(AccountRow.objects.visible_to(manager), TODAY)

    assert found is not None
    assert found.title == "2 fell to a lower band in four weeks, 1 rose"
    assert [row[1:] for row in found.chart.figures.rows] == [
        ("1", "0", "1"), ("0", "0", "1"), ("0", "1", "0"),
    ]  # fmt: skip


def test_before_four_weeks_of_scores_nobody_moved() -> None:
    manager, csm = team()
    account = pays(csm, "A", 10)
    refresh_rows(on=TODAY, account_ids=[account.pk])
    assert band_moves(AccountRow.objects.visible_to(manager), TODAY) is None


def test_who_sees_a_part_is_told_the_figures_of_that_part() -> None:
    manager, csm = team()
    other = make_user("csm", team=make_team())
    mine, foreign = pays(csm, "Mine", 100), pays(other, "Foreign", 900)
    derive_movements()
    refresh_rows(on=TODAY, account_ids=[mine.pk, foreign.pk])
    stands(mine, "red", before="green")
    stands(foreign, "red", before="green")

    rows = AccountRow.objects.visible_to(manager)

    assert figures(manager)["ARR at risk"] == "$100"
    moves = band_moves(rows, TODAY)
    assert moves is not None
    assert moves.title == "1 fell to a lower band in four weeks, 0 rose"


def test_the_nearer_the_renewal_the_larger_the_circle() -> None:
    manager, csm = team()
    near, far = pays(csm, "Near", 500), pays(csm, "Far", 400)
    refresh_rows(on=TODAY, account_ids=[near.pk, far.pk])
    AccountRow.objects.filter(pk__in=[near.pk, far.pk]).update(arr=Decimal(500))
    stands(near, "red", renewal_in=10)
    stands(far, "green", renewal_in=400)

    found = risk_matrix(AccountRow.objects.visible_to(manager), "USD", TODAY)

    sizes = {mark.label.partition(":")[0]: mark.height for mark in found.chart.marks}
    assert sizes["Near"] == 14
    assert sizes["Far"] == 5.9
    assert "renewal in 10 days" in next(mark.label for mark in found.chart.marks if mark.label.startswith("Near"))


def test_the_bars_of_playbooks_say_how_many_did_what_they_were_for() -> None:
    work = TodayWork(on=TODAY, tasks=[], count=0, outcomes={"goal": 9, "completed": 6, "stopped": 0}, is_manager=True)

    assert work.finding == "9 of 15 playbooks reached their goal"
    assert [row[1] for row in work.chart.figures.rows] == ["9", "6"]


def test_a_playbook_without_a_goal_is_not_said_to_have_missed_it() -> None:
    manager, csm = team()
    claim = {"tests": [{"measure": "health_score", "comparison": "at_least", "threshold": 70}]}
    for goal, outcome in (({}, "completed"), (claim, "completed"), (claim, "goal")):
        playbook = make_playbook(make_step("a"), goal=goal)
        Run.objects.create(
            playbook=playbook, version=playbook.versions.get(), account=make_account(csm), cause="by_hand",
            started_on=LAST_MONTH, state="ended", ended_on=TODAY, outcome=outcome,
        )  # fmt: skip

    assert work_of_today(manager, TODAY).finding == "1 of 2 playbooks reached their goal"


def test_more_accounts_take_no_more_queries() -> None:
    manager, csm = team()

    def asked() -> int:
        rows = AccountRow.objects.visible_to(manager)
        with CaptureQueriesContext(connection) as queries:
            team_figures(manager, standings(rows, TODAY), TODAY, "USD", retention(*span_of("twelve_months", TODAY)))
            band_moves(rows, TODAY)
            risk_matrix(rows, "USD", TODAY)
        return len(queries)

    def grow(number: int) -> None:
        made = [pays(csm, f"{number}-{index}", 10) for index in range(number)]
        derive_movements()
        refresh_rows(on=TODAY, account_ids=[account.pk for account in made])
        for account in made:
            stands(account, "red", before="green")

    grow(1)
    first = asked()
    grow(12)
    assert asked() == first
