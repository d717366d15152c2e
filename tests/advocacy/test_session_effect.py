"""Is what is said of a session's effect true of the days that were used, and is nothing said of too few?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from accounts.models import Account, User
from advocacy.models import SessionInvitation, SharingSession
from advocacy.queries.session_effect import effect_lines, effect_of_sessions, effect_title
from advocacy.rules.sessions import difference_of_changes, mean_change
from common.intervals import student_quantile
from tests.factories import AT, make_account, make_line, make_session, make_user
from usage.models import AccountUsageDay, Attendance

TODAY = AT.date()
DAY = dt.timedelta(days=1)
HELD_ON = TODAY - 40 * DAY


@pytest.mark.parametrize("degrees", [19, 25.5, 60, 500])
def test_the_quantile_is_that_of_the_library(degrees: float) -> None:
    assert student_quantile(0.975, degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=1e-3)


@given(
    st.lists(st.integers(-30, 30), min_size=20, max_size=60), st.lists(st.integers(-30, 30), min_size=20, max_size=60)
)
def test_the_intervals_are_those_of_the_library(one: list[int], other: list[int]) -> None:
    mine = mean_change(one)
    if np.std(one):
        low, high = stats.t.interval(0.95, len(one) - 1, loc=np.mean(one), scale=stats.sem(one))
        assert (mine.low, mine.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))
    apart = difference_of_changes(one, other)
    if np.std(one) or np.std(other):
        welch = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
        assert (apart.low, apart.high) == (pytest.approx(welch.low, abs=0.05), pytest.approx(welch.high, abs=0.05))
    assert apart.mean == pytest.approx(np.mean(one) - np.mean(other))


def use(account: Account, before: int, after: int, on: dt.date = HELD_ON) -> None:
    """Let an account use the product on some days before a session and on some after; on the day itself always."""
    days = [on - step * DAY for step in range(1, before + 1)] + [on + step * DAY for step in range(1, after + 1)] + [on]
    AccountUsageDay.objects.bulk_create(AccountUsageDay(account=account, day=day, events=3) for day in days)


def guests(
    session: SharingSession, count: int, before: int, after: int, *, came: bool, owner: User | None = None
) -> None:
    for number in range(count):
        account = make_account(owner)
        make_line(account, starts_on=session.on - 200 * DAY)
        # Not all alike, else there is no interval.
        use(account, before, after + number % 2, session.on)
        fact = Attendance.objects.create(account=account, name=session.name, on=session.on) if came else None
        SessionInvitation.objects.create(session=session, account=account, invited_on=session.on, attendance=fact)


@pytest.mark.django_db
def test_who_came_is_held_against_themselves_before_and_against_who_did_not() -> None:
    session, admin = make_session(on=HELD_ON, state="held"), make_user("admin")
    guests(session, 20, before=4, after=10, came=True)
    guests(session, 24, before=4, after=4, came=False)

    effect = effect_of_sessions([session], admin, TODAY)
    assert (effect.came.count, effect.came.mean) == (20, 6.5)
    assert (effect.stayed.count, effect.stayed.mean) == (24, 0.5)
    assert effect.difference.mean == 6.0
    assert effect.difference.low is not None
    assert effect.difference.low > 5
    assert effect_title(effect) == "Who came used it on 6.0 days more than who did not"
    line = effect_lines(effect)[0]
    assert (line.change, line.interval, line.customers) == ("+6.5", "+6.3 to +6.7", "20")


@pytest.mark.django_db
def test_of_19_nothing_is_said() -> None:
    session, admin = make_session(on=HELD_ON, state="held"), make_user("admin")
    guests(session, 19, before=1, after=20, came=True)
    guests(session, 30, before=4, after=4, came=False)

    effect = effect_of_sessions([session], admin, TODAY)
    assert (effect.came.mean, effect.difference.mean) == (None, None)
    assert effect_title(effect) == "Too few customers to say whether use changed"
    line = effect_lines(effect)[2]
    assert (line.change, line.interval, line.customers) == ("–", "Too few to say: 20 are needed", "19 / 30")


@pytest.mark.django_db
def test_a_session_is_judged_when_its_30_days_are_over_and_new_and_gone_customers_are_left_out() -> None:
    admin, young = make_user("admin"), make_session(on=TODAY - 30 * DAY, state="held")
    guests(young, 20, before=1, after=2, came=True)
    assert effect_of_sessions([young], admin, TODAY).open_sessions == 1
    assert effect_of_sessions([young], admin, TODAY + DAY).came.count == 20

    session = make_session(on=HELD_ON, state="held")
    guests(session, 20, before=1, after=2, came=True)
    new, gone, never = make_account(), make_account(), make_account()
    make_line(new, starts_on=HELD_ON - 10 * DAY)
    make_line(gone, starts_on=HELD_ON - 100 * DAY, ends_on=HELD_ON)
    for account in (new, gone, never):
        SessionInvitation.objects.create(session=session, account=account, invited_on=HELD_ON)
    effect = effect_of_sessions([session], admin, TODAY)
    assert (effect.came.count, effect.stayed.count, effect.left_out) == (20, 0, 3)


@pytest.mark.django_db
def test_a_customer_of_several_sessions_counts_once_and_each_sees_their_own() -> None:
    me, other = make_user(), make_user()
    first, second = make_session(on=HELD_ON, state="held"), make_session(on=HELD_ON - DAY, state="held")
    guests(first, 20, before=3, after=5, came=True, owner=me)
    guests(first, 25, before=3, after=5, came=True, owner=other)
    for row in list(SessionInvitation.objects.visible_to(me).filter(session=first)):
        fact = Attendance.objects.create(account=row.account, name=second.name, on=second.on)
        SessionInvitation.objects.create(session=second, account=row.account, attendance=fact)

    assert effect_of_sessions([first, second], me, TODAY).came.count == 20
    assert effect_of_sessions([first], make_user("admin"), TODAY).came.count == 45


@pytest.mark.django_db
def test_many_customers_ask_no_more_queries_than_one(django_assert_max_num_queries: Any) -> None:
    admin, session = make_user("admin"), make_session(on=HELD_ON, state="held")
    guests(session, 1, before=1, after=2, came=True)
    with django_assert_max_num_queries(5):
        effect_of_sessions([session], admin, TODAY)
    guests(session, 30, before=1, after=2, came=True)
    with django_assert_max_num_queries(5):
        effect_of_sessions([session], admin, TODAY)
